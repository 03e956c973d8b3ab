"""Absence claims are made, decided and paid: who, until when, and the priced lines an approval leaves behind.

A claim that was decided stays as it is, and so do its lines and the rates they were priced with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REASONS = ("hospital", "respite", "holiday", "illness", "deceased", "other")
UNITS = ("HOUR", "VISIT", "SESSION", "DAY", "NIGHT", "MEAL", "EACH", "WEEK")
VAT_CODES = ("EXEMPT", "STANDARD", "REDUCED", "ZERO", "OUTSIDE")

# name -> condition
CHECKS = {
    "absencereason": f"reason IN {REASONS}",
    "approved_days": "approved_last_day >= first_day AND approved_last_day < last_day",
    "in_part_until": "state <> 'approved in part' OR approved_last_day IS NOT NULL",
    "submitted_when": "state = 'draft' OR submitted_at IS NOT NULL",
    "decided_when": "state IN ('draft', 'submitted') OR decided_at IS NOT NULL",
    "gross": "gross = net + vat",
}

OVERLAP = """
ALTER TABLE absence_claim DROP CONSTRAINT ex_absence_claim_overlap;
ALTER TABLE absence_claim ADD CONSTRAINT ex_absence_claim_overlap
  EXCLUDE USING gist (line_item_id WITH =, daterange(first_day, {last}, '[]') WITH &&) WHERE (state <> 'refused');
"""

PROMISES = """
-- What was sent is decided about as it was sent; what was decided is paid as it was decided.
CREATE TRIGGER absence_claim_sent_stays BEFORE UPDATE ON absence_claim FOR EACH ROW
  WHEN (OLD.state <> 'draft' AND (OLD.organisation_id, OLD.line_item_id, OLD.number, OLD.first_day, OLD.last_day,
      OLD.reason, OLD.notified_on, OLD.notified_to, OLD.comment, OLD.claimed_net, OLD.submitted_at, OLD.submitted_by_id)
    IS DISTINCT FROM (NEW.organisation_id, NEW.line_item_id, NEW.number, NEW.first_day, NEW.last_day,
      NEW.reason, NEW.notified_on, NEW.notified_to, NEW.comment, NEW.claimed_net, NEW.submitted_at, NEW.submitted_by_id))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER absence_claim_decided_stays BEFORE UPDATE ON absence_claim FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'approved in part', 'refused', 'paid')
    AND (to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'
      OR NEW.state <> OLD.state AND (NEW.state <> 'paid' OR OLD.state = 'refused')))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER absence_claim_not_deleted BEFORE DELETE ON absence_claim FOR EACH ROW
  WHEN (OLD.state <> 'draft') EXECUTE FUNCTION stays_as_it_is();

CREATE TRIGGER absence_claim_line_stays BEFORE UPDATE OR DELETE ON absence_claim_line
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE FUNCTION claim_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM absence_claim WHERE id = NEW.absence_claim_id AND state = 'submitted') THEN
    RAISE EXCEPTION 'the absence claim is not waiting for a decision' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER absence_claim_line_written_once BEFORE INSERT ON absence_claim_line
  FOR EACH ROW EXECUTE FUNCTION claim_is_decided();

CREATE FUNCTION price_was_claimed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM absence_claim_line JOIN absence_claim ON absence_claim.id = absence_claim_id
             WHERE line_item_id = OLD.line_item_id AND rate = OLD.rate
             AND week_starting + 6 >= OLD.start AND week_starting <= coalesce(OLD."end", 'infinity')) THEN
    RAISE EXCEPTION 'an absence claim was approved at the rate' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER rate_claimed_stays BEFORE UPDATE OF rate, start, line_item_id ON rate FOR EACH ROW
  WHEN ((OLD.rate, OLD.start, OLD.line_item_id) IS DISTINCT FROM (NEW.rate, NEW.start, NEW.line_item_id))
  EXECUTE FUNCTION price_was_claimed();
CREATE TRIGGER rate_claimed_not_deleted BEFORE DELETE ON rate FOR EACH ROW EXECUTE FUNCTION price_was_claimed();

ALTER TABLE absence_claim_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON absence_claim_line
  USING ((SELECT app_council()) OR organisation_id = (SELECT app_organisation()));
GRANT SELECT, INSERT ON absence_claim_line TO portal_web;
GRANT USAGE ON SEQUENCE absence_claim_line_id_seq TO portal_web;
"""

TAKEN_BACK = """
DROP TRIGGER rate_claimed_not_deleted ON rate;
DROP TRIGGER rate_claimed_stays ON rate;
DROP TRIGGER absence_claim_not_deleted ON absence_claim;
DROP TRIGGER absence_claim_decided_stays ON absence_claim;
DROP TRIGGER absence_claim_sent_stays ON absence_claim;
"""


def upgrade() -> None:
    # Until now claims could only be put there by hand; what they say about themselves is made to fit.
    op.execute(f"UPDATE absence_claim SET reason = CASE WHEN lower(reason) IN {REASONS} THEN lower(reason) ELSE 'other' END")
    op.alter_column("absence_claim", "reason", type_=sa.String(40))
    op.add_column("absence_claim", sa.Column("approved_last_day", sa.Date()))
    for name in ("claimed_net", "vat", "gross"):
        op.add_column("absence_claim", sa.Column(name, sa.Numeric(12, 2), nullable=False, server_default="0"))
        op.alter_column("absence_claim", name, server_default=None)
    op.add_column("absence_claim", sa.Column("submitted_by_id", sa.Integer()))
    op.create_foreign_key(
        "fk_absence_claim_submitted_by_id", "absence_claim", "ab_user", ["submitted_by_id"], ["id"]
    )
    # What was approved has no lines that a remittance could explain: it is decided about again, unless it is being paid.
    op.execute(
        "UPDATE absence_claim SET state = 'submitted', decided_at = NULL, decided_by_id = NULL"
        " WHERE state IN ('approved', 'approved in part')"
        " AND NOT EXISTS (SELECT FROM payment_source WHERE absence_claim_id = absence_claim.id)"
    )
    op.execute(
        "UPDATE absence_claim SET claimed_net = net, gross = net,"
        " submitted_at = CASE WHEN state = 'draft' THEN submitted_at ELSE coalesce(submitted_at, now()) END,"
        " decided_at = CASE WHEN state IN ('draft', 'submitted') THEN decided_at ELSE coalesce(decided_at, now()) END,"
        " state = CASE state WHEN 'approved in part' THEN 'approved' ELSE state END"
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_absence_claim_{name}"), "absence_claim", condition)
    op.execute(OVERLAP.format(last="coalesce(approved_last_day, last_day)"))
    _lines()
    op.add_column("remittance_line", sa.Column("absence_claim_line_id", sa.Integer()))
    op.create_unique_constraint(
        "uq_remittance_line_absence_claim_line_id", "remittance_line", ["absence_claim_line_id"]
    )
    columns = ["organisation_id", "absence_claim_line_id"]
    name = "fk_remittance_line_organisation_id_absence_claim_line_id"
    op.create_foreign_key(name, "remittance_line", "absence_claim_line", columns, ["organisation_id", "id"])
    op.execute(PROMISES)


def _lines() -> None:
    op.create_table(
        "absence_claim_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("absence_claim_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("week_starting", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("planned", sa.Numeric(14, 6), nullable=False),
        sa.Column("units", sa.Numeric(14, 6), nullable=False),
        sa.Column("unit", sa.Enum(*UNITS, name="unit", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("rate", sa.Numeric(12, 4), nullable=False),
        sa.Column("net", sa.Numeric(12, 2), nullable=False),
        sa.Column(
            "vat_code",
            sa.Enum(*VAT_CODES, name="vatcode", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("vat", sa.Numeric(12, 2), nullable=False),
        sa.Column("gross", sa.Numeric(12, 2), nullable=False),
        sa.Column("explained", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_absence_claim_line_gross")),
        sa.CheckConstraint("units > 0 AND abs(net - units * rate) <= 0.01", name=op.f("ck_absence_claim_line_net")),
        sa.CheckConstraint("extract(isodow from week_starting) = 1", name=op.f("ck_absence_claim_line_monday")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "absence_claim_id"],
            ["absence_claim.organisation_id", "absence_claim.id"],
            name=op.f("fk_absence_claim_line_organisation_id_absence_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_absence_claim_line_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_claim_line")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_absence_claim_line_organisation_id_id")),
        sa.UniqueConstraint("absence_claim_id", "number", name=op.f("uq_absence_claim_line_absence_claim_id_number")),
    )
    for column in ("absence_claim_id", "organisation_id"):
        op.create_index(op.f(f"ix_absence_claim_line_{column}"), "absence_claim_line", [column])


def downgrade() -> None:
    op.execute(TAKEN_BACK)
    op.drop_constraint("fk_remittance_line_organisation_id_absence_claim_line_id", "remittance_line", type_="foreignkey")
    op.drop_column("remittance_line", "absence_claim_line_id")
    op.drop_table("absence_claim_line")
    for function in ("claim_is_decided", "price_was_claimed"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute(OVERLAP.format(last="last_day"))
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_absence_claim_{name}"), "absence_claim", type_="check")
    for name in ("submitted_by_id", "gross", "vat", "claimed_net", "approved_last_day"):
        op.drop_column("absence_claim", name)
    op.alter_column("absence_claim", "reason", type_=sa.Text())
