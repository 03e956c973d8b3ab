"""A session says from which network address and with which browser it was opened, for its owner to know it by."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of the sessions that are open now: each says so until it ends, within half a day."""
    for column in ("address", "browser"):
        op.add_column("user_session", sa.Column(column, sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Forget it."""
    for column in ("address", "browser"):
        op.drop_column("user_session", column)
