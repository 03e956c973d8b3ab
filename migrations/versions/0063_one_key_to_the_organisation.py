"""The largest tables lose the foreign key to the organisation that the key to the line item holds as well.

Each row of them names its line by organisation and id, and a line names its organisation: the second check was paid
for with every row written, and could refuse none.
"""

from alembic import op

revision = "0063"
down_revision = "0059"
branch_labels = None
depends_on = None

HELD_BY_THE_LINE = ("actual", "invoice_line", "scheduled_payment_line")


def upgrade() -> None:
    """The key of organisation and line item stays."""
    for table in HELD_BY_THE_LINE:
        op.drop_constraint(f"fk_{table}_organisation_id", table, type_="foreignkey")


def downgrade() -> None:
    """Make them again."""
    for table in HELD_BY_THE_LINE:
        op.create_foreign_key(f"fk_{table}_organisation_id", table, "organisation", ["organisation_id"], ["id"])
