"""What is asked about an organisation is asked by who looks after all of it, as its own details are (0024)."""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

ALL_OF_IT = "(SELECT app_services()) IS NULL"


def upgrade() -> None:
    """Somebody limited to some services neither asks for another name or account, nor withdraws what was asked."""
    op.execute(
        "CREATE POLICY own_services_asked ON change_request AS RESTRICTIVE FOR INSERT TO portal_web"
        f" WITH CHECK ({ALL_OF_IT})"
    )
    op.execute(
        f"CREATE POLICY own_services ON change_request AS RESTRICTIVE FOR UPDATE TO portal_web USING ({ALL_OF_IT})"
    )


def downgrade() -> None:
    """The pages alone refuse it."""
    op.execute("DROP POLICY own_services ON change_request; DROP POLICY own_services_asked ON change_request")
