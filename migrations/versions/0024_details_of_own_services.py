"""Somebody limited to some services changes where these are reached, and neither others nor the organisation itself."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OWN_SERVICES = {
    "service": "(SELECT app_services()) IS NULL OR id = ANY ((SELECT app_services())::integer[])",
    "organisation": "(SELECT app_services()) IS NULL",
}


def upgrade() -> None:
    for table, rule in OWN_SERVICES.items():
        op.execute(
            f"CREATE POLICY own_services ON {table} AS RESTRICTIVE FOR UPDATE TO portal_web USING ({rule})"
        )


def downgrade() -> None:
    for table in OWN_SERVICES:
        op.execute(f"DROP POLICY own_services ON {table}")
