"""Remittance lines multiply, remittances keep the account they were paid into, and the ledger's columns are data.

Units of a remittance line were cut to two places, so that sevenths of a week times the rate gave another amount. Of
remittances released before, the account is the one that was confirmed last by then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

FIELDS = ("payment run", "pay date", "remittance", "line", "bank reference", "organisation ref", "organisation", "service",
          "source", "kind", "CPLI", "person ref", "element", "cost centre", "subjective code", "week starting", "units",
          "unit", "rate", "net", "VAT", "gross", "reason")  # fmt: skip
USUAL = ("payment run", "pay date", "remittance", "line", "organisation ref", "organisation", "cost centre",
         "subjective code", "element", "CPLI", "source", "kind", "week starting", "net", "VAT", "gross")  # fmt: skip
CODES = ("cost_centre", "subjective_code")
CODE_LENGTH = 40

PAID_INTO = """
ALTER TABLE remittance DISABLE TRIGGER USER;
UPDATE remittance SET account_id = (
  SELECT request.id FROM change_request AS request JOIN payment_run ON payment_run.id = remittance.run_id
  WHERE request.organisation_id = remittance.organisation_id AND request.kind = 'bank details'
    AND request.state IN ('confirmed', 'replaced') AND request.decided_at <= payment_run.released_at
  ORDER BY request.decided_at DESC, request.id DESC LIMIT 1);
ALTER TABLE remittance ENABLE TRIGGER USER;
"""
RIGHTS = """
ALTER TABLE ledger_column ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON ledger_column TO portal_council USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_column TO portal_council;
GRANT USAGE ON SEQUENCE ledger_column_id_seq TO portal_council;
"""
SEES = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    """Keep six places, the account and the codes."""
    op.alter_column("remittance_line", "units", type_=sa.Numeric(14, 6))
    op.add_column("remittance", sa.Column("account_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_remittance_organisation_id_account_id"), "remittance", "change_request",
        ["organisation_id", "account_id"], ["organisation_id", "id"],
    )  # fmt: skip
    op.execute(PAID_INTO)
    for column in CODES:
        op.add_column("element", sa.Column(column, sa.Text(), server_default="", nullable=False))
        op.create_check_constraint(op.f(f"ck_element_{column}_length"), "element", f"char_length({column}) <= {CODE_LENGTH}")
    _make_ledger_columns()


def _make_ledger_columns() -> None:
    table = op.create_table(
        "ledger_column",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(*FIELDS, name="ledgerfield", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("place > 0", name=op.f("ck_ledger_column_place")),
        sa.CheckConstraint("heading <> ''", name=op.f("ck_ledger_column_heading")),
        sa.CheckConstraint("char_length(heading) <= 200", name=op.f("ck_ledger_column_heading_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_column")),
        sa.UniqueConstraint("place", name=op.f("uq_ledger_column_place")),
        sa.UniqueConstraint("heading", name=op.f("uq_ledger_column_heading")),
    )
    op.bulk_insert(
        table,
        [
            {"place": place, "heading": field[0].upper() + field[1:], "field": field}
            for place, field in enumerate(USUAL, start=1)
        ],
    )
    op.execute(RIGHTS)
    for change, rows in SEES.items():
        op.execute(
            f"CREATE TRIGGER ledger_column_audit_{change.lower()} AFTER {change} ON ledger_column REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
        )


def downgrade() -> None:
    """Cut the units, forget the account and the codes."""
    op.drop_table("ledger_column")
    for column in CODES:
        op.drop_column("element", column)
    op.execute("ALTER TABLE remittance DISABLE TRIGGER USER")
    op.drop_column("remittance", "account_id")
    op.execute("ALTER TABLE remittance ENABLE TRIGGER USER")
    op.alter_column("remittance_line", "units", type_=sa.Numeric(10, 2))
