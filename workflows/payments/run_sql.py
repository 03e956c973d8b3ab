"""The statements of a payment run. Each moves a set: what counts is the number of statements, not of lines.

A source is marked and taken by one statement, so that two runs prepared at once cannot both have it.
"""

import re
from typing import Any

from sqlalchemy import text

from models import db
from rules.money import VAT_PERCENT
from rules.states import (
    ActualState,
    ChangeKind,
    ChangeState,
    ClaimState,
    InvoiceState,
    LineKind,
    OneOffState,
    ScheduledState,
)

# The words of states and kinds, bound by name to every statement: none is written into SQL.
STATES: dict[str, str] = {
    "invoice_accepted": InvoiceState.ACCEPTED.value,
    "invoice_in_run": InvoiceState.IN_RUN.value,
    "invoice_paid": InvoiceState.PAID.value,
    "scheduled_finalised": ScheduledState.FINALISED.value,
    "scheduled_in_run": ScheduledState.IN_RUN.value,
    "scheduled_paid": ScheduledState.PAID.value,
    "one_off_waiting": OneOffState.WAITING.value,
    "one_off_in_run": OneOffState.IN_RUN.value,
    "one_off_paid": OneOffState.PAID.value,
    "claim_approved": ClaimState.APPROVED.value,
    "claim_in_part": ClaimState.IN_PART.value,
    "claim_paid": ClaimState.PAID.value,
    "week_invoiced": ActualState.INVOICED.value,
    "week_paid": ActualState.PAID.value,
    "current": LineKind.CURRENT.value,
    "late": LineKind.LATE.value,
    "absence": LineKind.ABSENCE.value,
    "one_off": LineKind.ONE_OFF.value,
    "recovery": LineKind.RECOVERY.value,
    "units_diff": LineKind.UNITS_DIFF.value,
    "rate_diff": LineKind.RATE_DIFF.value,
    "bank_details": ChangeKind.BANK_DETAILS.value,
    "account_confirmed": ChangeState.CONFIRMED.value,
}

# The names bound in a statement; a cast (::text) is none.
_BOUND = re.compile(r"(?<!:):([a-z_]+)")


def execute(statement: str, **values: Any) -> Any:
    """Execute a statement of a run; the words of states and kinds are bound by name. Does not commit."""
    bound = STATES | values
    return db.session.execute(text(statement), {name: bound[name] for name in set(_BOUND.findall(statement))})


HOLD_IN_FORCE = """hold.start <= :today AND coalesce(hold."end", 'infinity') >= :today"""

# An organisation that is on hold as a whole is not paid for now. One that waits for a call-back alone is: the run takes
# its payments up, and its checks let nobody approve or release them before the call.
HOLD_OF_ALL = f"""hold.document_id IS NULL AND hold.line_item_id IS NULL AND hold.change_request_id IS NULL
    AND {HOLD_IN_FORCE}"""
NOT_ON_HOLD = f"""NOT EXISTS (
  SELECT FROM hold WHERE hold.organisation_id = taken_from.organisation_id AND {HOLD_OF_ALL})"""

# Lines that are on hold by themselves or with their document.
HELD_LINES = f"""
SELECT held.id FROM hold JOIN line_item AS held ON held.organisation_id = hold.organisation_id
  AND (held.id = hold.line_item_id OR held.document_id = hold.document_id)
WHERE {HOLD_IN_FORCE}"""

# What pays for such a line waits as a whole. Not correlated: the few holds are looked up once, not for each source.
INVOICE_NOT_ON_HOLD = f"""{NOT_ON_HOLD} AND taken_from.id NOT IN (
  SELECT invoice_id FROM invoice_line WHERE line_item_id IN ({HELD_LINES}))"""
SCHEDULED_NOT_ON_HOLD = f"""{NOT_ON_HOLD} AND taken_from.id NOT IN (
  SELECT scheduled_payment_id FROM scheduled_payment_line WHERE kept_back = '' AND line_item_id IN ({HELD_LINES}))"""
ONE_OFF_NOT_ON_HOLD = f"{NOT_ON_HOLD} AND coalesce(taken_from.line_item_id NOT IN ({HELD_LINES}), true)"
CLAIM_NOT_ON_HOLD = f"""NOT EXISTS (
  SELECT FROM hold WHERE hold.organisation_id = absence_claim.organisation_id AND {HOLD_OF_ALL})
  AND absence_claim.line_item_id NOT IN ({HELD_LINES})"""
CLAIM_NOT_TAKEN = """NOT EXISTS (
  SELECT FROM payment_source WHERE absence_claim_id = absence_claim.id AND bank_return_id IS NULL)"""

# What each VAT code adds, bound by name to the statements that ask.
PERCENTS = {f"vat_{code.value.lower()}": percent for code, percent in VAT_PERCENT.items()}
PERCENT = "CASE vat_code " + " ".join(f"WHEN '{code}' THEN :vat_{code.lower()}" for code in VAT_PERCENT) + " END"

GATHER = (
    f"""
WITH taken AS (
  UPDATE invoice AS taken_from SET state = :invoice_in_run
  WHERE state = :invoice_accepted AND disputed_on IS NULL AND {INVOICE_NOT_ON_HOLD}
  RETURNING id, organisation_id, net, vat, gross)
INSERT INTO payment_source (organisation_id, run_id, invoice_id, net, vat, gross)
SELECT organisation_id, :run, id, net, vat, gross FROM taken ORDER BY id""",
    f"""
WITH taken AS (
  UPDATE scheduled_payment AS taken_from SET state = :scheduled_in_run
  WHERE state = :scheduled_finalised AND {SCHEDULED_NOT_ON_HOLD}
  RETURNING id, organisation_id, net, vat, gross)
INSERT INTO payment_source (organisation_id, run_id, scheduled_payment_id, net, vat, gross)
SELECT organisation_id, :run, id, net, vat, gross FROM taken ORDER BY id""",
    f"""
WITH taken AS (
  UPDATE one_off_payment AS taken_from SET state = :one_off_in_run
  WHERE state = :one_off_waiting AND {ONE_OFF_NOT_ON_HOLD}
  RETURNING id, organisation_id, net, round(net * ({PERCENT}) / 100, 2) AS vat)
INSERT INTO payment_source (organisation_id, run_id, one_off_payment_id, net, vat, gross)
SELECT organisation_id, :run, id, net, vat, net + vat FROM taken ORDER BY id""",
    # A claim keeps its state until it is paid: the unique source is what keeps it out of a second run.
    f"""
INSERT INTO payment_source (organisation_id, run_id, absence_claim_id, net, vat, gross)
SELECT organisation_id, :run, id, net, vat, gross FROM absence_claim
WHERE state IN (:claim_approved, :claim_in_part) AND {CLAIM_NOT_ON_HOLD} AND {CLAIM_NOT_TAKEN}
ORDER BY id
ON CONFLICT (absence_claim_id) WHERE bank_return_id IS NULL DO NOTHING""",
    # What is owed is taken off a payment; where there is none it goes on waiting, instead of being carried each time.
    # An instalment is never more than what is paid, so that none of it is carried forward as a debt of its own.
    """
WITH room AS (SELECT organisation_id, sum(gross) AS pounds FROM payment_source WHERE run_id = :run GROUP BY 1),
due AS (
  SELECT recovery.id, recovery.organisation_id, recovery.instalment, room.pounds,
         least(recovery.balance, coalesce(recovery.instalment, recovery.balance)) AS wanted
  FROM recovery JOIN room ON room.organisation_id = recovery.organisation_id
  WHERE recovery.balance > 0 AND recovery.paused_on IS NULL ORDER BY recovery.id FOR UPDATE OF recovery),
taken AS (
  SELECT id, organisation_id, CASE WHEN instalment IS NULL THEN wanted ELSE
    least(wanted, pounds + wanted - sum(wanted) OVER (PARTITION BY organisation_id ORDER BY id)) END AS taking
  FROM due)
INSERT INTO payment_source (organisation_id, run_id, recovery_id, net, vat, gross)
SELECT organisation_id, :run, id, -taking, 0, -taking FROM taken WHERE taking > 0 ORDER BY id""",
)

# One source of a run, all of an organisation, or all: what is not named is not asked.
CHOSEN = """run_id = :run AND (CAST(:source AS integer) IS NULL OR payment_source.id = :source)
  AND (CAST(:organisation AS integer) IS NULL OR payment_source.organisation_id = :organisation)"""

FREE = (
    # One that left the run in another way, as the database lets nobody but its owner, stays as it is.
    "UPDATE invoice SET state = :invoice_accepted WHERE state = :invoice_in_run"
    f" AND id IN (SELECT invoice_id FROM payment_source WHERE {CHOSEN})",
    f"UPDATE scheduled_payment SET state = :scheduled_finalised"
    f" WHERE id IN (SELECT scheduled_payment_id FROM payment_source WHERE {CHOSEN})",
    f"UPDATE one_off_payment SET state = :one_off_waiting"
    f" WHERE id IN (SELECT one_off_payment_id FROM payment_source WHERE {CHOSEN})",
    """DELETE FROM run_finding WHERE run_id = :run AND (CAST(:source AS integer) IS NULL
  AND (CAST(:organisation AS integer) IS NULL OR organisation_id = :organisation) OR source_id = :source)""",
    f"DELETE FROM payment_source WHERE {CHOSEN}",
)

# What a run takes back of an organisation that it pays nothing any more goes on waiting.
FREE_RECOVERIES = """
DELETE FROM payment_source WHERE run_id = :run AND recovery_id IS NOT NULL AND organisation_id NOT IN (
  SELECT organisation_id FROM payment_source WHERE run_id = :run AND recovery_id IS NULL)"""

TOTALS = """
SELECT count(*) FILTER (WHERE total > 0) AS payments, coalesce(sum(total) FILTER (WHERE total > 0), 0) AS pounds
FROM (SELECT sum(gross) AS total FROM payment_source WHERE run_id = :run GROUP BY organisation_id) AS each"""

# Where each line of a remittance comes from; `place` orders them as the list of sources reads.
LINES = """
SELECT source.organisation_id, 1 AS place, invoice.number AS source, line.number AS part, line.kind,
       line.id AS invoice_line_id, NULL::integer AS claim_line_id, line.line_item_id, line.week_starting,
       line.units, line.unit, line.rate, line.net, line.vat, line.gross, '' AS reason
FROM payment_source AS source JOIN invoice ON invoice.id = source.invoice_id
JOIN invoice_line AS line ON line.invoice_id = invoice.id WHERE source.run_id = :run
UNION ALL
SELECT source.organisation_id, 2, scheduled.number, line.id, line.kind, NULL, NULL, line.line_item_id,
       line.week_starting, line.units, line.unit, line.rate, line.net, line.vat, line.gross, concat_ws('; ',
         nullif(line.explained, ''),
         CASE WHEN line.contribution <> 0 THEN 'less £' || line.contribution || ' contribution' END,
         CASE WHEN line.top_up <> 0 THEN 'less £' || line.top_up || ' top-up' END)
FROM payment_source AS source JOIN scheduled_payment AS scheduled ON scheduled.id = source.scheduled_payment_id
JOIN scheduled_payment_line AS line ON line.scheduled_payment_id = scheduled.id AND line.kept_back = ''
WHERE source.run_id = :run
UNION ALL
SELECT source.organisation_id, 3, claim.number, line.number, line.kind, NULL, line.id, claim.line_item_id,
       line.week_starting, line.units, line.unit, line.rate, line.net, line.vat, line.gross,
       coalesce('Correction of ' || corrected.number || '. ', '')
         || 'Absence, ' || claim.reason || ': ' || line.explained
FROM payment_source AS source JOIN absence_claim AS claim ON claim.id = source.absence_claim_id
JOIN absence_claim_line AS line ON line.absence_claim_id = claim.id
LEFT JOIN absence_claim AS corrected ON corrected.id = claim.corrects_id WHERE source.run_id = :run
UNION ALL
SELECT source.organisation_id, 4, payment.number, 1, :one_off, NULL, NULL, payment.line_item_id, NULL,
       NULL, NULL, NULL, source.net, source.vat, source.gross, payment.reason
FROM payment_source AS source JOIN one_off_payment AS payment ON payment.id = source.one_off_payment_id
WHERE source.run_id = :run
UNION ALL
SELECT source.organisation_id, 5, coalesce('Payment run ' || before.number, 'Recovery ' || recovery.id), 1, :recovery,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, source.net, source.vat, source.gross,
       coalesce('Carried forward from payment run ' || before.number, recovery.reason)
         || CASE WHEN recovery.balance > 0
              THEN '. Still owed: £' || to_char(recovery.balance, 'FM999,999,999,990.00') ELSE '' END
FROM payment_source AS source JOIN recovery ON recovery.id = source.recovery_id
LEFT JOIN payment_run AS before ON before.id = recovery.from_run_id WHERE source.run_id = :run"""

# Into which account an organisation is paid: that of its one confirmed request about which the council rang back.
ACCOUNT = """(SELECT request.id FROM change_request AS request WHERE request.organisation_id = numbered.organisation_id
  AND request.kind = :bank_details AND request.state = :account_confirmed AND request.called_at IS NOT NULL)"""

REMIT = (
    f"""
INSERT INTO remittance
  (organisation_id, run_id, number, bank_reference, pay_date, net, vat, adjustments, recovered, total, carried_forward,
   account_id)
SELECT organisation_id, :run, number, :council || ' ' || replace(number, '-', ''), pay_date, net, vat, adjustments,
       recovered, greatest(gross, 0), greatest(-gross, 0), {ACCOUNT}
FROM (SELECT owed.*, 'R-' || lpad(nextval('remittance_number')::text, 6, '0') AS number,
             (SELECT pay_date FROM payment_run WHERE id = :run) AS pay_date
      FROM (SELECT organisation_id, sum(net) AS net, sum(vat) AS vat, sum(gross) AS gross,
                   coalesce(sum(net) FILTER (WHERE kind IN (:units_diff, :rate_diff)), 0) AS adjustments,
                   coalesce(-sum(net) FILTER (WHERE kind = :recovery), 0) AS recovered
            FROM ({LINES}) AS line GROUP BY organisation_id ORDER BY organisation_id) AS owed) AS numbered""",
    # MATERIALIZED: statistics do not know the remittances inserted in this transaction; estimated at one row, the plan
    # would be a nested loop over every line.
    f"""
WITH line AS MATERIALIZED ({LINES})
INSERT INTO remittance_line
  (organisation_id, remittance_id, number, source, kind, invoice_line_id, absence_claim_line_id, line_reference,
   person_reference, week_starting, units, unit, rate, net, vat, gross, reason)
SELECT line.organisation_id, remittance.id,
       row_number() OVER (PARTITION BY line.organisation_id ORDER BY line.place, line.source, line.part),
       line.source, line.kind, line.invoice_line_id, line.claim_line_id, coalesce(line_item.reference, ''),
       coalesce(person.reference, ''),
       line.week_starting, line.units, line.unit, line.rate, line.net, line.vat, line.gross, line.reason
FROM line
JOIN remittance ON remittance.run_id = :run AND remittance.organisation_id = line.organisation_id
LEFT JOIN line_item ON line_item.id = line.line_item_id
LEFT JOIN person ON person.id = line_item.person_id""",
    """
INSERT INTO recovery (organisation_id, from_run_id, amount, balance)
SELECT organisation_id, run_id, carried_forward, carried_forward
FROM remittance WHERE run_id = :run AND carried_forward > 0""",
)

CONTROL = """
SELECT 'list of sources' AS place, count(*) FILTER (WHERE total > 0) AS payments,
       coalesce(sum(total) FILTER (WHERE total > 0), 0) * 100 AS pence
FROM (SELECT sum(gross) AS total FROM payment_source WHERE run_id = :run GROUP BY organisation_id) AS each
UNION ALL
SELECT 'remittance advice', count(*) FILTER (WHERE total > 0), coalesce(sum(total), 0) * 100
FROM remittance WHERE run_id = :run
UNION ALL
SELECT 'sum of remittance lines', count(*) FILTER (WHERE total > 0),
       coalesce(sum(total) FILTER (WHERE total > 0), 0) * 100
FROM (SELECT sum(line.gross) AS total FROM remittance_line AS line
      JOIN remittance ON remittance.id = line.remittance_id WHERE remittance.run_id = :run
      GROUP BY line.remittance_id) AS each"""

# A week is paid once every live line of it is: the run that pays the last of them says so, whatever its kind.
MARK_PAID = (
    "UPDATE invoice SET state = :invoice_paid WHERE id IN (SELECT invoice_id FROM payment_source WHERE run_id = :run)",
    """
UPDATE actual SET state = :week_paid WHERE state = :week_invoiced AND id IN (
  SELECT line.actual_id FROM invoice_line AS line JOIN payment_source ON payment_source.invoice_id = line.invoice_id
  WHERE payment_source.run_id = :run)
  AND NOT EXISTS (SELECT FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
    WHERE line.actual_id = actual.id AND line.live AND invoice.state <> :invoice_paid)""",
    "UPDATE scheduled_payment SET state = :scheduled_paid"
    " WHERE id IN (SELECT scheduled_payment_id FROM payment_source WHERE run_id = :run)",
    "UPDATE one_off_payment SET state = :one_off_paid"
    " WHERE id IN (SELECT one_off_payment_id FROM payment_source WHERE run_id = :run)",
    "UPDATE absence_claim SET state = :claim_paid"
    " WHERE id IN (SELECT absence_claim_id FROM payment_source WHERE run_id = :run)",
)

_RETURNED = "(SELECT {column} FROM payment_source WHERE bank_return_id = :bank_return)"
# What the bank sent back, first noted at its sources: the database lets nothing else be un-paid.
UN_PAY = (
    "UPDATE payment_source SET bank_return_id = :bank_return WHERE run_id = :run AND organisation_id = :organisation",
    f"UPDATE invoice SET state = :invoice_accepted WHERE id IN {_RETURNED.format(column='invoice_id')}",
    f"""
UPDATE actual SET state = :week_invoiced WHERE state = :week_paid AND id IN (
  SELECT actual_id FROM invoice_line WHERE live AND invoice_id IN {_RETURNED.format(column="invoice_id")})""",
    "UPDATE scheduled_payment SET state = :scheduled_finalised"
    f" WHERE id IN {_RETURNED.format(column='scheduled_payment_id')}",
    f"UPDATE one_off_payment SET state = :one_off_waiting WHERE id IN {_RETURNED.format(column='one_off_payment_id')}",
    "UPDATE absence_claim SET state = CASE WHEN approved_last_day IS NULL THEN :claim_approved ELSE :claim_in_part END"
    f" WHERE id IN {_RETURNED.format(column='absence_claim_id')}",
)
