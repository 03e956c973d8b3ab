"""The largest tables lose the indexes that another index begins with: they were written with every row, and read rarely."""

from alembic import op

revision = "0062"
down_revision = "0057"
branch_labels = None
depends_on = None

ANOTHER_BEGINS_WITH = {
    "actual": "organisation_id",
    "invoice_line": "organisation_id invoice_id",
    "remittance_line": "remittance_id",
    "scheduled_payment_line": "organisation_id scheduled_payment_id",
}


def upgrade() -> None:
    """Unique keys that begin with the same column answer what these did."""
    for table, columns in ANOTHER_BEGINS_WITH.items():
        for column in columns.split():
            op.drop_index(f"ix_{table}_{column}", table)


def downgrade() -> None:
    """Make them again."""
    for table, columns in ANOTHER_BEGINS_WITH.items():
        for column in columns.split():
            op.create_index(f"ix_{table}_{column}", table, [column])
