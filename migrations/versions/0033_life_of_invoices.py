"""An invoice has its number once it is sent, a reference of its own, and can be withdrawn, disputed and late.

A draft took a number by being looked at. The provider's own reference could stand on two invoices: where it does, the
later one gets its number behind it, so that none is lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STATES = ("draft", "submitted", "accepted", "in a payment run", "paid", "rejected", "withdrawn")
# What a database of before the change to withdrawn invoices has.
OLD_STATES = STATES[:-1]

NUMBER = "'INV-' || lpad(nextval('invoice_number')::text, 6, '0')"
RECEIVED = "(submitted_at AT TIME ZONE 'Europe/London')::date"
# Whoever sends an invoice, one or a county's by one statement, cannot forget its number, nor draw one for a draft.
NUMBERED = f"""
CREATE FUNCTION number_sent_invoice() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.number := {NUMBER};
  NEW.received_on := coalesce(NEW.received_on, (NEW.submitted_at AT TIME ZONE 'Europe/London')::date);
  RETURN NEW;
END $$;
CREATE TRIGGER invoice_is_numbered BEFORE INSERT OR UPDATE OF state ON invoice FOR EACH ROW
  WHEN (NEW.state <> 'draft' AND NEW.number IS NULL) EXECUTE FUNCTION number_sent_invoice();
"""

# A generated column cannot change what it is made from: it is made again, with the keys that rest on it.
LIVE = """
ALTER TABLE invoice_line DROP CONSTRAINT fk_invoice_line_invoice_id_live;
ALTER TABLE invoice DROP CONSTRAINT uq_invoice_id_live, DROP COLUMN live;
ALTER TABLE invoice ADD COLUMN live boolean NOT NULL GENERATED ALWAYS AS ({condition}) STORED,
  ADD CONSTRAINT uq_invoice_id_live UNIQUE (id, live);
ALTER TABLE invoice_line ADD CONSTRAINT fk_invoice_line_invoice_id_live
  FOREIGN KEY (invoice_id, live) REFERENCES invoice (id, live) ON UPDATE CASCADE;
"""

# As it stands: neither a rejected nor a withdrawn invoice goes on.
ENDS = """
CREATE TRIGGER invoice_rejected_stays BEFORE UPDATE OF state ON invoice FOR EACH ROW
  WHEN (OLD.state IN ('rejected', 'withdrawn') AND NEW.state <> OLD.state) EXECUTE FUNCTION stays_as_it_is();
"""
# What an invoice was when it was received stays, and so does the day it was due by.
STAYS = """
DROP TRIGGER invoice_stays ON invoice;
CREATE TRIGGER invoice_stays BEFORE UPDATE ON invoice FOR EACH ROW
  WHEN (OLD.state <> 'draft' AND ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION stays_as_it_is();
"""
KEPT = ("organisation_id", "period_id", "number", "net", "vat", "submitted_at")
# A payment run holds what it took: neither side takes an invoice back from there.
CLOSED = """
CREATE TRIGGER invoice_closes_before_run BEFORE UPDATE OF state ON invoice FOR EACH ROW
  WHEN (NEW.state IN ('rejected', 'withdrawn') AND OLD.state NOT IN ('submitted', 'accepted', NEW.state))
  EXECUTE FUNCTION stays_as_it_is();
"""

TWICE = """
UPDATE invoice SET own_reference = own_reference || ' (' || number || ')'
FROM (SELECT id, row_number() OVER (PARTITION BY organisation_id, same_key(own_reference) ORDER BY id) AS turn
      FROM invoice WHERE live AND own_reference <> '' AND state <> 'draft') AS used
WHERE used.id = invoice.id AND used.turn > 1
"""
ONCE = """
CREATE UNIQUE INDEX uq_invoice_own_reference ON invoice (organisation_id, same_key(own_reference))
  WHERE live AND own_reference <> ''
"""
CHECKS = {
    "submitted_when": "state = 'draft' OR num_nonnulls(submitted_at, received_on) = 2",
    "numbered_when_sent": "(state = 'draft') = (number IS NULL)",
    "withdrawn_why": "state <> 'withdrawn' OR withdrawn_reason <> '' AND closed_at IS NOT NULL",
    "disputed_why": "(disputed_on IS NULL) = (dispute_reason = '')",
    "withdrawn_reason_length": "char_length(withdrawn_reason) <= 7500",
}


def _stays(*kept: str) -> None:
    old, new = (", ".join(f"{row}.{column}" for column in kept) for row in ("OLD", "NEW"))
    op.execute(STAYS.format(old=old, new=new))


def _states(states: tuple[str, ...]) -> None:
    op.execute("ALTER TABLE invoice DROP CONSTRAINT ck_invoice_invoicestate")
    listed = ", ".join(f"'{state}'" for state in states)
    op.execute(f"ALTER TABLE invoice ADD CONSTRAINT ck_invoice_invoicestate CHECK (state IN ({listed}))")


def upgrade() -> None:
    _states(STATES)
    op.add_column("invoice", sa.Column("waits_because", sa.Text(), server_default="", nullable=False))
    op.add_column("invoice", sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("invoice", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column(
        "invoice",
        sa.Column("closed_by_id", sa.Integer(), sa.ForeignKey("ab_user.id", name="fk_invoice_closed_by_id")),
    )
    op.add_column("invoice", sa.Column("reminded_on", sa.Date()))
    op.add_column("invoice", sa.Column("received_on", sa.Date()))
    op.execute(f"UPDATE invoice SET received_on = {RECEIVED} WHERE state <> 'draft'")
    op.drop_constraint(op.f("ck_invoice_submitted_when"), "invoice", type_="check")
    op.execute(LIVE.format(condition="state NOT IN ('rejected', 'withdrawn')"))
    op.execute(CLOSED)
    _stays(*KEPT, "received_on", "due_by")
    op.alter_column("invoice", "number", server_default=None, nullable=True)
    op.execute("UPDATE invoice SET number = NULL WHERE state = 'draft'")
    op.execute(NUMBERED)
    op.execute("UPDATE invoice SET dispute_reason = 'No reason was kept.' WHERE disputed_on IS NOT NULL AND dispute_reason = ''")
    op.execute("UPDATE invoice SET dispute_reason = '' WHERE disputed_on IS NULL")
    op.execute(TWICE)
    op.execute(ONCE)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_invoice_{name}"), "invoice", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_invoice_{name}"), "invoice", type_="check")
    op.execute("DROP INDEX uq_invoice_own_reference")
    op.execute("DROP TRIGGER invoice_is_numbered ON invoice; DROP FUNCTION number_sent_invoice()")
    op.execute("DROP TRIGGER invoice_closes_before_run ON invoice; DROP TRIGGER invoice_rejected_stays ON invoice")
    # Nobody but the council rejected before: a withdrawn invoice is told as a rejected one.
    op.execute("UPDATE invoice SET state = 'rejected', rejected_reason = withdrawn_reason WHERE state = 'withdrawn'")
    op.execute(ENDS)
    op.execute(f"UPDATE invoice SET number = {NUMBER} WHERE number IS NULL")
    op.execute(f"ALTER TABLE invoice ALTER number SET DEFAULT {NUMBER}, ALTER number SET NOT NULL")
    op.execute(LIVE.format(condition="state <> 'rejected'"))
    _stays(*KEPT)
    op.create_check_constraint(
        op.f("ck_invoice_submitted_when"), "invoice", "state = 'draft' OR submitted_at IS NOT NULL"
    )
    for column in ("received_on", "reminded_on", "closed_by_id", "closed_at", "withdrawn_reason", "waits_because"):
        op.drop_column("invoice", column)
    _states(OLD_STATES)
