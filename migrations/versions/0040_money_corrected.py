"""Approved absence claims are corrected; what is deducted of a scheduled line changes by a confirmed proposal.

That finalised payments stay is asked once for a statement: for each line it took a third of writing a county's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0035"
branch_labels = None
depends_on = None

KINDS = (
    "publishing", "rate change", "plan change", "line end", "new version", "uplift", "one-off payment", "policy value",
    "role", "recovery", "instalments",
)  # fmt: skip
NEW_KIND = "contribution change"
LINE = "scheduled_payment_line"
# An update may neither change a line of a finalised payment nor move one there.
SEES = {
    "insert": ("INSERT", "NEW"),
    "changed": ("UPDATE", "OLD"),
    "moved": ("UPDATE", "NEW"),
    "delete": ("DELETE", "OLD"),
}
CLAIM, CLAIM_LINE = "absence_claim", "absence_claim_line"
KINDS_OF_LINE = (
    "CURRENT", "LATE", "UNITS_DIFF", "RATE_DIFF", "ABSENCE", "SCHEDULED", "ONE_OFF", "RECOVERY",
)  # fmt: skip
OVERLAP = """
ALTER TABLE absence_claim DROP CONSTRAINT ex_absence_claim_overlap;
ALTER TABLE absence_claim ADD CONSTRAINT ex_absence_claim_overlap EXCLUDE USING gist
  (line_item_id WITH =, daterange(first_day, coalesce(approved_last_day, last_day), '[]') WITH &&) WHERE ({where});
"""
NET = "{sign} AND abs(net - units * rate) <= 0.01"
# A provider's session claims days, and corrects nothing.
NOT_BY_PROVIDERS = """
CREATE POLICY claims_{change} ON absence_claim AS RESTRICTIVE FOR {change} TO portal_web WITH CHECK (corrects_id IS NULL)
"""
LINES_STAY = """
CREATE FUNCTION scheduled_lines_stay() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM scheduled_payment WHERE state <> 'preview'
      AND id IN (SELECT scheduled_payment_id FROM changed_rows)) THEN
    RAISE EXCEPTION 'the scheduled payment has been finalised' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
EACH_LINE_STAYS = """
CREATE TRIGGER scheduled_payment_line_stays BEFORE INSERT OR UPDATE OR DELETE ON scheduled_payment_line
  FOR EACH ROW EXECUTE FUNCTION scheduled_line_stays();
"""


def _set_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_proposal_proposalkind"), "proposal", type_="check")
    op.create_check_constraint(
        op.f("ck_proposal_proposalkind"), "proposal", f"kind IN ({', '.join(map(repr, kinds))})"
    )


def _let_claims_be_corrected() -> None:
    op.add_column(CLAIM, sa.Column("corrects_id", sa.Integer()))
    op.create_index(op.f("ix_absence_claim_corrects_id"), CLAIM, ["corrects_id"])
    _own_key(CLAIM, "corrects_id")
    op.create_check_constraint(op.f("ck_absence_claim_corrects_another"), CLAIM, "corrects_id <> id")
    op.execute(OVERLAP.format(where="state <> 'refused' AND corrects_id IS NULL"))
    for change in ("INSERT", "UPDATE"):
        op.execute(NOT_BY_PROVIDERS.format(change=change))
    kinds = sa.Enum(*KINDS_OF_LINE, name="linekind", native_enum=False, create_constraint=True, length=40)
    op.add_column(CLAIM_LINE, sa.Column("kind", kinds, server_default="ABSENCE", nullable=False))
    op.add_column(CLAIM_LINE, sa.Column("adjusts_id", sa.Integer()))
    op.add_column(CLAIM_LINE, sa.Column("takes_back", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    _own_key(CLAIM_LINE, "adjusts_id")
    op.create_index("uq_absence_claim_line_taken_back", CLAIM_LINE, ["adjusts_id"], unique=True)
    op.drop_constraint(op.f("ck_absence_claim_line_net"), CLAIM_LINE)
    for name, promise in {
        "net": NET.format(sign="(units > 0) <> takes_back"),
        "takes_back_what": "takes_back = (adjusts_id IS NOT NULL)",
        "correction_takes_back": "kind <> 'ABSENCE' OR NOT takes_back",
    }.items():
        op.create_check_constraint(op.f(f"ck_absence_claim_line_{name}"), CLAIM_LINE, promise)


def _own_key(table: str, column: str) -> None:
    name = op.f(f"fk_{table}_organisation_id_{column}")
    op.create_foreign_key(name, table, table, ["organisation_id", column], ["organisation_id", "id"])


def upgrade() -> None:
    """Look at many lines at once, let a contribution change, and let claims be corrected."""
    _let_claims_be_corrected()
    _set_kinds((*KINDS, NEW_KIND))
    op.execute(f"DROP TRIGGER scheduled_payment_line_stays ON {LINE}")
    op.execute(LINES_STAY)
    for name, (change, rows) in SEES.items():
        op.execute(
            f"CREATE TRIGGER {LINE}_{name}_stays AFTER {change} ON {LINE} REFERENCING {rows} TABLE AS changed_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION scheduled_lines_stay()"
        )


def downgrade() -> None:
    """Look at each line; contributions stay as they are. Refused where there are corrections: they are money."""
    for change in ("INSERT", "UPDATE"):
        op.execute(f"DROP POLICY claims_{change} ON absence_claim")
    op.execute(OVERLAP.format(where="state <> 'refused'"))
    op.drop_column(CLAIM, "corrects_id")
    for name in ("net", "takes_back_what", "correction_takes_back"):
        op.drop_constraint(op.f(f"ck_absence_claim_line_{name}"), CLAIM_LINE)
    for name in ("kind", "adjusts_id", "takes_back"):
        op.drop_column(CLAIM_LINE, name)
    op.create_check_constraint(op.f("ck_absence_claim_line_net"), CLAIM_LINE, NET.format(sign="units > 0"))
    _set_kinds(KINDS)
    for name in SEES:
        op.execute(f"DROP TRIGGER {LINE}_{name}_stays ON {LINE}")
    op.execute("DROP FUNCTION scheduled_lines_stay")
    op.execute(EACH_LINE_STAYS)
