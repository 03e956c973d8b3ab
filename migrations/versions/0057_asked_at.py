"""An organisation's request for a change carries the portal's own time, as every other record that a provider makes."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The portal's clock writes the time, which a demonstration of past years sets back."""
    op.execute("GRANT INSERT (asked_at) ON change_request TO portal_web")


def downgrade() -> None:
    """The database writes the time again."""
    op.execute("REVOKE INSERT (asked_at) ON change_request FROM portal_web")
