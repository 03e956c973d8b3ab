"""An announcement's e-mails are written on its first day; those that went by e-mail before are not written again."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say when the e-mails of an announcement were written."""
    op.add_column("announcement", sa.Column("emailed_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE announcement SET emailed_at = now() WHERE by_email")
    op.create_check_constraint(op.f("ck_announcement_emailed"), "announcement", "emailed_at IS NULL OR by_email")


def downgrade() -> None:
    """Forget it."""
    op.drop_column("announcement", "emailed_at")
