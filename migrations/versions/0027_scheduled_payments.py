"""Scheduled payments line by line: days, fine units, what is deducted, why it is kept back, what an adjustment adjusts.

Absences on scheduled lines are reported, what is deducted may change while a line goes on, and a conversation can be
about a scheduled payment. What was finalised stays.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

LINE = "scheduled_payment_line"
LINE_CHECKS = {
    "net": "net = amount - contribution - top_up",
    "amount": "abs(amount - units * rate) <= 0.01 + 0.000001 * rate",
    "monday": "extract(isodow from week_starting) = 1",
    "adjusts_what": "(kind IN ('UNITS_DIFF', 'RATE_DIFF')) = (adjusts_id IS NOT NULL)",
    "takes_back_what": "NOT takes_back OR adjusts_id IS NOT NULL",
    "priced": "rate_id IS NOT NULL OR kept_back <> ''",
}
FIGURES = ("amount", "contribution", "top_up")
SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}

FUNCTIONS = """
CREATE FUNCTION scheduled_line_stays() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM scheduled_payment WHERE id IN (OLD.scheduled_payment_id, NEW.scheduled_payment_id)
      AND state <> 'preview') THEN
    RAISE EXCEPTION 'the scheduled payment has been finalised' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER scheduled_payment_line_stays BEFORE INSERT OR UPDATE OR DELETE ON scheduled_payment_line
  FOR EACH ROW EXECUTE FUNCTION scheduled_line_stays();
CREATE TRIGGER scheduled_payment_stays BEFORE UPDATE ON scheduled_payment FOR EACH ROW
  WHEN (OLD.state <> 'preview' AND (NEW.state = 'preview'
    OR (OLD.organisation_id, OLD.period_id, OLD.number, OLD.net, OLD.vat, OLD.gross, OLD.finalised_at)
    IS DISTINCT FROM (NEW.organisation_id, NEW.period_id, NEW.number, NEW.net, NEW.vat, NEW.gross, NEW.finalised_at)))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER scheduled_payment_not_deleted BEFORE DELETE ON scheduled_payment FOR EACH ROW
  WHEN (OLD.state <> 'preview') EXECUTE FUNCTION stays_as_it_is();

CREATE FUNCTION absence_lowered_payment() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM scheduled_payment_line AS line
      JOIN scheduled_payment AS payment ON payment.id = line.scheduled_payment_id
      WHERE line.absence_report_id = OLD.id AND line.kept_back = '' AND payment.state <> 'preview') THEN
    RAISE EXCEPTION 'a payment that it lowers has been finalised' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER absence_report_stays BEFORE UPDATE ON absence_report FOR EACH ROW
  WHEN (to_jsonb(OLD) - ARRAY['last_day', 'withdrawn_at', 'withdrawn_by_id']
    IS DISTINCT FROM to_jsonb(NEW) - ARRAY['last_day', 'withdrawn_at', 'withdrawn_by_id']
    OR OLD.withdrawn_at IS NOT NULL)
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER absence_report_withdrawn BEFORE UPDATE ON absence_report FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION absence_lowered_payment();
"""
RIGHTS = """
ALTER TABLE absence_report ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON absence_report TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY own_services ON absence_report AS RESTRICTIVE TO portal_web
  USING ((SELECT app_services()) IS NULL OR EXISTS (SELECT FROM line_item WHERE line_item.id = line_item_id));
CREATE POLICY every_row ON absence_report TO portal_council USING (true);
GRANT SELECT, INSERT, UPDATE (last_day, withdrawn_at, withdrawn_by_id) ON absence_report TO portal_web;
GRANT SELECT, INSERT, UPDATE ON absence_report TO portal_council;
GRANT USAGE ON SEQUENCE absence_report_id_seq TO portal_web, portal_council;

ALTER TABLE deduction ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON deduction TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON deduction TO portal_council USING (true);
GRANT SELECT ON deduction TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON deduction TO portal_council;
GRANT USAGE ON SEQUENCE deduction_id_seq TO portal_council;
"""


def upgrade() -> None:
    """Tell scheduled payments apart by line."""
    _absence_reports()
    _deductions()
    _lines()
    op.execute("UPDATE scheduled_payment SET finalised_at = created_at WHERE state <> 'preview' AND finalised_at IS NULL")
    op.execute("UPDATE scheduled_payment SET finalised_at = NULL WHERE state = 'preview' AND finalised_at IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_scheduled_payment_finalised_when"), "scheduled_payment", "(state = 'preview') = (finalised_at IS NULL)"
    )
    op.add_column("conversation", sa.Column("scheduled_payment_id", sa.Integer()))
    _own_key("conversation", "scheduled_payment_id", "scheduled_payment")
    op.create_index(op.f("ix_conversation_scheduled_payment_id"), "conversation", ["scheduled_payment_id"])
    op.execute(FUNCTIONS)
    op.execute(RIGHTS)
    for table in ("absence_report", "deduction"):
        for change, rows in SEES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )
    for change in SEES:
        rows = "OLD TABLE AS changed_rows" if change == "delete" else "NEW TABLE AS changed_rows"
        op.execute(
            f"CREATE TRIGGER deduction_{change}_is_confirmed AFTER {change} ON deduction REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION price_is_confirmed()"
        )


def _own_key(table: str, column: str, other: str) -> None:
    op.create_foreign_key(
        op.f(f"fk_{table}_organisation_id_{column}"), table, other,
        ["organisation_id", column], ["organisation_id", "id"],
    )  # fmt: skip


def _absence_reports() -> None:
    table = "absence_report"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date()),
        sa.Column(
            "reason",
            sa.Enum("hospital", "respite", "holiday", "illness", "deceased", "other", name="absencereason",
                    native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("notified_on", sa.Date()),
        sa.Column("notified_to", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reported_by_id", sa.Integer()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by_id", sa.Integer()),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absence_report_days")),
        sa.CheckConstraint("char_length(notified_to) <= 500", name=op.f("ck_absence_report_notified_to_length")),
        sa.CheckConstraint("char_length(comment) <= 7500", name=op.f("ck_absence_report_comment_length")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_absence_report_organisation_id_line_item_id"),
        ),
        *(
            sa.ForeignKeyConstraint([column], ["ab_user.id"], name=op.f(f"fk_{table}_{column}"))
            for column in ("reported_by_id", "withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_report")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_absence_report_organisation_id_id")),
        postgresql.ExcludeConstraint(
            ("line_item_id", "="), (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            where=sa.text("withdrawn_at IS NULL"), using="gist", name="ex_absence_report_overlap",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_absence_report_line_item_id"), table, ["line_item_id"])


def _deductions() -> None:
    op.create_table(
        "deduction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("contribution", sa.Numeric(12, 2), nullable=False),
        sa.Column("top_up", sa.Numeric(12, 2), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("proposal_id", sa.Integer()),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("contribution >= 0 AND top_up >= 0", name=op.f("ck_deduction_not_negative")),
        sa.CheckConstraint("char_length(reason) <= 500", name=op.f("ck_deduction_reason_length")),
        *(
            sa.CheckConstraint(f"{name} <> 'NaN'", name=op.f(f"ck_deduction_{name}_is_a_number"))
            for name in ("contribution", "top_up")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_deduction_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_deduction_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deduction")),
        sa.UniqueConstraint("line_item_id", "start", name=op.f("uq_deduction_line_item_id_start")),
    )  # fmt: skip
    op.create_index(op.f("ix_deduction_proposal_id"), "deduction", ["proposal_id"])


def _lines() -> None:
    op.alter_column(LINE, "units", type_=sa.Numeric(14, 6))
    for name in FIGURES:
        op.add_column(LINE, sa.Column(name, sa.Numeric(12, 2), server_default="0", nullable=False))
    for name in ("days", "paid_days"):
        op.add_column(LINE, sa.Column(name, sa.Integer(), server_default="7", nullable=False))
    for name in ("explained", "rule", "kept_back"):
        op.add_column(LINE, sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("rate_id", "absence_report_id", "adjusts_id", "hold_id"):
        op.add_column(LINE, sa.Column(name, sa.Integer()))
        op.create_index(op.f(f"ix_{LINE}_{name}"), LINE, [name])
    op.add_column(LINE, sa.Column("takes_back", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    # What there is was net of one sum deducted, at the rate that was in force then.
    op.execute(f"UPDATE {LINE} SET amount = net + deducted, contribution = deducted")
    op.execute(
        f"UPDATE {LINE} AS line SET rate_id = (SELECT id FROM rate WHERE rate.line_item_id = line.line_item_id"
        " AND rate.start <= line.week_starting + 6 AND coalesce(rate.\"end\", 'infinity') >= line.week_starting"
        " ORDER BY rate.rate = line.rate DESC, rate.start LIMIT 1)"
    )
    op.execute(f"UPDATE {LINE} SET kept_back = 'The rate is not known any more.' WHERE rate_id IS NULL")
    op.alter_column(LINE, "amount", server_default=None)
    op.drop_column(LINE, "deducted")
    op.create_unique_constraint(op.f(f"uq_{LINE}_organisation_id_id"), LINE, ["organisation_id", "id"])
    for name in FIGURES:
        op.create_check_constraint(op.f(f"ck_{LINE}_{name}_is_a_number"), LINE, f"{name} <> 'NaN'")
    for name, promise in LINE_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{LINE}_{name}"), LINE, promise)
    for column, other in (("rate_id", "rate"), ("hold_id", "hold")):
        op.create_foreign_key(op.f(f"fk_{LINE}_{column}"), LINE, other, [column], ["id"])
    _own_key(LINE, "absence_report_id", "absence_report")
    _own_key(LINE, "adjusts_id", LINE)
    op.create_exclude_constraint(
        "ex_scheduled_payment_line_one_payment", LINE,
        ("line_item_id", "="), ("week_starting", "="), ("scheduled_payment_id", "<>"),
        where=sa.text("kept_back = '' AND kind IN ('SCHEDULED', 'LATE')"), using="gist",
    )  # fmt: skip
    op.create_index(
        "uq_scheduled_payment_line_taken_back", LINE, ["adjusts_id"], unique=True,
        postgresql_where=sa.text("takes_back AND kept_back = ''"),
    )  # fmt: skip


def downgrade() -> None:
    """Let one sum be deducted again; absences and what was kept back are forgotten."""
    for trigger, table in (
        ("scheduled_payment_line_stays", LINE), ("scheduled_payment_stays", "scheduled_payment"),
        ("scheduled_payment_not_deleted", "scheduled_payment"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.drop_column("conversation", "scheduled_payment_id")
    op.drop_constraint(op.f("ck_scheduled_payment_finalised_when"), "scheduled_payment")
    op.execute(f"DELETE FROM {LINE} WHERE kept_back <> ''")
    op.add_column(LINE, sa.Column("deducted", sa.Numeric(12, 2), server_default="0", nullable=False))
    op.execute(f"UPDATE {LINE} SET deducted = contribution + top_up")
    op.alter_column(LINE, "deducted", server_default=None)
    op.create_check_constraint(op.f(f"ck_{LINE}_deducted_is_a_number"), LINE, "deducted <> 'NaN'")
    for name in ("ex_scheduled_payment_line_one_payment", *(f"ck_{LINE}_{name}" for name in LINE_CHECKS)):
        op.drop_constraint(op.f(name), LINE)
    for name in (*FIGURES, "days", "paid_days", "explained", "rule", "kept_back", "takes_back", "rate_id", "hold_id",
                 "absence_report_id", "adjusts_id"):  # fmt: skip
        op.drop_column(LINE, name)
    op.drop_constraint(op.f(f"uq_{LINE}_organisation_id_id"), LINE)
    op.alter_column(LINE, "units", type_=sa.Numeric(10, 2))
    op.drop_table("deduction")
    op.drop_table("absence_report")
    op.execute("DROP FUNCTION absence_lowered_payment")
    op.execute("DROP FUNCTION scheduled_line_stays")
