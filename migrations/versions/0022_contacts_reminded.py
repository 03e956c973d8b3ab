"""An organisation is reminded by e-mail to check its contacts once a quarter; when that was last stands with it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("contacts_reminded_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("organisation", "contacts_reminded_on")
