"""No figure is NaN: PostgreSQL takes it for a number that fits every column and is greater than all others.

The two infinities are refused already, because every numeric column has a precision.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = (*DAYS, "delivered", "planned", "aborted", "aborted_payable", "payable")
SUM = ("net", "vat", "gross")

# table -> its numeric columns
FIGURES = {
    "aborted_visit": ("planned_units", "payable"),
    "absence_claim": ("units", "claimed_net", *SUM),
    "absence_claim_line": ("planned", "units", "rate", *SUM),
    "actual": (*WEEK, "missed", "extra"),
    "actual_version": WEEK,
    "exception_check": ("planned", "claimed", "percent", "least_units", "allowance", "decided_units"),
    "invoice": SUM,
    "invoice_line": (
        *("planned", "delivered", "aborted_payable", "units", "rate", "already_units", "already_net"),
        *SUM,
    ),
    "line_item": (*DAYS, "weekly_quantity", "contribution", "top_up"),
    "one_off_payment": ("net",),
    "paper_order": (*DAYS, "weekly_quantity", "rate"),
    "payment_run": ("total",),
    "payment_source": SUM,
    "rate": ("rate",),
    "recovery": ("amount",),
    "remittance": ("net", "vat", "adjustments", "recovered", "total", "carried_forward"),
    "remittance_line": ("units", "rate", *SUM),
    "scheduled_payment": SUM,
    "scheduled_payment_line": ("units", "rate", "deducted", *SUM),
    "upload": ("pounds_before", "pounds_after"),
}


def _each(change: str) -> None:
    """Change all constraints of a table in one statement: its rows are looked through once."""
    for table, columns in FIGURES.items():
        names = ((f"ck_{table}_{column}_is_a_number", column) for column in columns)
        op.execute(f"ALTER TABLE {table} " + ", ".join(change.format(name=name, column=column) for name, column in names))


def upgrade() -> None:
    _each("ADD CONSTRAINT {name} CHECK ({column} <> 'NaN')")


def downgrade() -> None:
    _each("DROP CONSTRAINT {name}")
