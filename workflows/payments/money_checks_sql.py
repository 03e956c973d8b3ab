"""The money invariants as SQL: each query returns the rows that break it, so that a sound ledger returns none.

A row is `record` (which one, in words people can search for) and `found` (the figures that do not agree).
"""

from typing import Any, Final

from models.visit_sql import ROLLED_UP
from rules.agreement_states import ProposalState
from rules.policy import SECTOR_DEFAULTS
from rules.states import (
    ActualState,
    ClaimState,
    InvoiceState,
    JournalAccount,
    LineKind,
    OneOffState,
    RunState,
    ScheduledState,
)
from workflows.payments.run_sql import PERCENTS

# Bound by name to every query: none of the words is written into SQL.
STATES: Final[dict[str, Any]] = {
    "first_invoiced": [LineKind.CURRENT, LineKind.LATE],
    "confirmed": ProposalState.CONFIRMED.value,
    "owed_invoices": [InvoiceState.ACCEPTED, InvoiceState.IN_RUN, InvoiceState.PAID],
    "owed_scheduled": [ScheduledState.FINALISED, ScheduledState.IN_RUN, ScheduledState.PAID],
    "run_invoices": [InvoiceState.IN_RUN, InvoiceState.PAID],
    "run_scheduled": [ScheduledState.IN_RUN, ScheduledState.PAID],
    "run_one_offs": [OneOffState.IN_RUN, OneOffState.PAID],
    "owed_claims": [ClaimState.APPROVED, ClaimState.IN_PART, ClaimState.PAID],
    "paid_runs": [RunState.RELEASED, RunState.SETTLED],
    "draft_invoice": InvoiceState.DRAFT.value,
    "invoice_paid": InvoiceState.PAID.value,
    "scheduled_paid": ScheduledState.PAID.value,
    "claim_paid": ClaimState.PAID.value,
    "week_paid": ActualState.PAID.value,
    "owed": JournalAccount.OWED.value,
    "paid": JournalAccount.PAID.value,
    "recoverable": JournalAccount.RECOVERABLE.value,
    **PERCENTS,
    "accepting_sectors": [name for name, values in SECTOR_DEFAULTS.items() if values.get("acceptance_required")],
}

RUN_AGREES: Final = """
SELECT 'Payment run ' || run.number AS record,
  concat_ws(', ', 'run £' || run.total, 'sources £' || sources.total, 'remittances £' || remittances.total,
    'lines £' || lines.total) AS found
FROM payment_run AS run
CROSS JOIN LATERAL (SELECT coalesce(sum(total) FILTER (WHERE total > 0), 0) AS total FROM (
  SELECT sum(gross) AS total FROM payment_source WHERE run_id = run.id GROUP BY organisation_id) AS each) AS sources
CROSS JOIN LATERAL (SELECT coalesce(sum(total), 0) AS total FROM remittance WHERE run_id = run.id) AS remittances
CROSS JOIN LATERAL (SELECT coalesce(sum(total) FILTER (WHERE total > 0), 0) AS total FROM (
  SELECT sum(line.gross) AS total FROM remittance_line AS line JOIN remittance ON remittance.id = line.remittance_id
  WHERE remittance.run_id = run.id GROUP BY line.remittance_id) AS each) AS lines
WHERE run.total <> sources.total
  OR run.state = ANY (:paid_runs) AND (run.total <> remittances.total OR run.total <> lines.total)"""

WEEK_ONCE: Final = """
SELECT 'Line ' || line_item.reference || ', week of ' || week_starting AS record,
  count(DISTINCT invoice_id) || ' invoices hold it as new' AS found
FROM invoice_line JOIN line_item ON line_item.id = invoice_line.line_item_id
WHERE live AND kind = ANY (:first_invoiced)
GROUP BY line_item.reference, week_starting HAVING count(DISTINCT invoice_id) > 1"""

PERSON_ONCE: Final = """
SELECT 'Line ' || one.reference || ' and line ' || other.reference || ', week of ' || first.week_starting AS record,
  'one person and element, invoiced twice: £' || first.net || ' and £' || second.net AS found
FROM line_item AS one
JOIN line_item AS other ON other.person_id = one.person_id AND other.element_id = one.element_id
  AND other.organisation_id = one.organisation_id AND other.document_id <> one.document_id AND other.id > one.id
  AND daterange(one.start, one."end", '[]') && daterange(other.start, other."end", '[]')
JOIN invoice_line AS first ON first.line_item_id = one.id AND first.live AND first.net > 0 AND first.adjusts_id IS NULL
JOIN invoice_line AS second ON second.line_item_id = other.id AND second.live AND second.net > 0
  AND second.adjusts_id IS NULL AND second.week_starting = first.week_starting AND second.delivered = first.delivered
  AND second.rate = first.rate
WHERE NOT EXISTS (SELECT FROM proposal WHERE state = :confirmed AND ticked ?| ARRAY[
  'overlap ' || one.reference || ' ' || other.reference, 'overlap ' || other.reference || ' ' || one.reference])"""

IN_ITS_LINE: Final = """
SELECT invoice.number || ' line ' || line.number AS record,
  'week of ' || line.week_starting || ', but line ' || item.reference || ' is from ' || item.start || ' to '
    || coalesce(item."end"::text, 'no end') AS found
FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
JOIN line_item AS item ON item.id = line.line_item_id
WHERE line.live AND line.units > 0 AND line.adjusts_id IS NULL
  AND NOT EXISTS (SELECT FROM invoice_line AS taking WHERE taking.adjusts_id = line.id AND taking.live)
  AND (line.week_starting + 6 < item.start OR line.week_starting > item."end")"""

WITHIN_LEVEL: Final = """
SELECT 'Line ' || item.reference || ', week of ' || actual.week_starting AS record,
  standing.units || ' units are invoiced, ' || checked.planned || ' planned, ' || checked.allowance || ' allowed'
    AS found
FROM exception_check AS checked JOIN actual ON actual.id = checked.actual_id
JOIN line_item AS item ON item.id = actual.line_item_id
CROSS JOIN LATERAL (SELECT sum(line.units) AS units
  FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
  WHERE line.actual_id = actual.id AND line.live
  HAVING max(line.actual_version) >= actual.version AND max(invoice.submitted_at) >= checked.checked_at) AS standing
WHERE checked.over AND checked.decision_id IS NULL AND standing.units - checked.planned > checked.allowance"""

# The narrowest setting that was valid in the week decides: a line's, an organisation's or a sector's; else what the
# portal came with for the sector; else the council's.
ACCEPTED: Final = """
SELECT invoice.number || ' line ' || line.number AS record,
  'contract document ' || document.reference || ' is not accepted' AS found
FROM contract_document AS document
JOIN line_item AS item ON item.document_id = document.id
JOIN invoice_line AS line ON line.line_item_id = item.id AND line.live AND line.adjusts_id IS NULL
JOIN invoice ON invoice.id = line.invoice_id
JOIN organisation ON organisation.id = item.organisation_id JOIN sector ON sector.id = organisation.sector_id
LEFT JOIN LATERAL (SELECT value FROM policy_setting AS setting
  WHERE setting.name = 'acceptance_required' AND setting.valid_from <= line.week_starting
    AND (scope = 'sector' AND scope_id = sector.id
      OR scope = 'organisation' AND scope_id = organisation.id OR scope = 'line' AND scope_id = item.id)
  ORDER BY array_position(ARRAY['line', 'organisation', 'sector'], scope::text), valid_from DESC
  LIMIT 1) AS narrow ON true
LEFT JOIN LATERAL (SELECT value FROM policy_setting AS setting
  WHERE setting.name = 'acceptance_required' AND setting.valid_from <= line.week_starting AND scope = 'council'
  ORDER BY valid_from DESC LIMIT 1) AS council ON true
WHERE document.accepted_at IS NULL AND coalesce(narrow.value = 'yes',
  nullif(regexp_replace(lower(sector.name), '[^a-z0-9]+', '-', 'g') = ANY (:accepting_sectors), false),
  council.value = 'yes', false)"""

AS_PAID: Final = """
SELECT remittance.number || ' line ' || line.number AS record,
  'paid £' || line.gross || ', its source says £' || coalesce(invoiced.gross, claimed.gross) AS found
FROM remittance_line AS line JOIN remittance ON remittance.id = line.remittance_id
LEFT JOIN invoice_line AS invoiced ON invoiced.id = line.invoice_line_id
LEFT JOIN absence_claim_line AS claimed ON claimed.id = line.absence_claim_line_id
WHERE coalesce(invoiced.gross, claimed.gross) IS DISTINCT FROM line.gross
  AND (line.invoice_line_id IS NOT NULL OR line.absence_claim_line_id IS NOT NULL)"""

TWO_PEOPLE: Final = """
SELECT 'Payment run ' || number AS record, 'prepared and approved by one person' AS found
FROM payment_run WHERE approved_by_id = prepared_by_id
UNION ALL
SELECT 'Payment run ' || number, 'nobody approved it' FROM payment_run
WHERE state = ANY (:paid_runs) AND approved_by_id IS NULL
UNION ALL
SELECT proposal.title, 'proposed and confirmed by one person' FROM proposal
WHERE state = :confirmed AND officers = 2 AND decided_by_id = proposed_by_id
UNION ALL
SELECT 'Rate of line ' || item.reference || ' from ' || rate.start, 'no confirmed proposal stands behind it'
FROM rate JOIN line_item AS item ON item.id = rate.line_item_id JOIN proposal ON proposal.id = rate.proposal_id
WHERE proposal.state <> :confirmed"""

RUNG_BACK: Final = """
SELECT remittance.number AS record, 'paid into an account that '
  || coalesce('was rung back about on ' || account.called_at::date, 'nobody has rung back about') AS found
FROM remittance JOIN payment_run AS run ON run.id = remittance.run_id
JOIN change_request AS account ON account.id = remittance.account_id
WHERE remittance.total > 0 AND (account.called_at IS NULL OR account.called_at > run.released_at)"""

TRACED: Final = """
SELECT initcap(replace(each.record, '_', ' ')) || ' ' || each.id AS record,
  'is “' || each.state || '”, the audit trail says “' || coalesce(event.state, 'nothing') || '”' AS found
FROM (
  SELECT 'payment_run' AS record, id, state::text FROM payment_run
  UNION ALL SELECT 'invoice', id, state::text FROM invoice
  UNION ALL SELECT 'absence_claim', id, state::text FROM absence_claim
  UNION ALL SELECT 'scheduled_payment', id, state::text FROM scheduled_payment) AS each
LEFT JOIN LATERAL (SELECT after ->> 'state' AS state FROM audit_event
  WHERE audit_event.record = each.record AND record_id = each.id AND after ? 'state'
  ORDER BY audit_event.id DESC LIMIT 1) AS event ON true
WHERE event.state IS NOT NULL AND event.state <> each.state"""

ADDS_UP: Final = """
SELECT invoice.number AS record, 'total £' || invoice.gross || ', lines £' || coalesce(sum(line.gross), 0) AS found
FROM invoice LEFT JOIN invoice_line AS line ON line.invoice_id = invoice.id
WHERE invoice.state <> :draft_invoice GROUP BY invoice.id HAVING invoice.gross <> coalesce(sum(line.gross), 0)
UNION ALL
SELECT scheduled.number, 'total £' || scheduled.gross || ', lines £' || coalesce(sum(line.gross), 0)
FROM scheduled_payment AS scheduled LEFT JOIN scheduled_payment_line AS line
  ON line.scheduled_payment_id = scheduled.id AND line.kept_back = ''
GROUP BY scheduled.id HAVING scheduled.gross <> coalesce(sum(line.gross), 0)
UNION ALL
SELECT claim.number, 'total £' || claim.gross || ', lines £' || coalesce(sum(line.gross), 0)
FROM absence_claim AS claim JOIN absence_claim_line AS line ON line.absence_claim_id = claim.id
WHERE claim.state = ANY (:owed_claims) GROUP BY claim.id HAVING claim.gross <> sum(line.gross)
UNION ALL
SELECT remittance.number, 'total £' || (remittance.total - remittance.carried_forward) || ', lines £' || sum(line.gross)
FROM remittance JOIN remittance_line AS line ON line.remittance_id = remittance.id
GROUP BY remittance.id HAVING remittance.total - remittance.carried_forward <> sum(line.gross)"""

# An absence claim's line is taken back by a correction of that very claim.
TAKEN_BACK: Final = """
SELECT claim.number || ' line ' || line.number AS record,
  'takes back £' || -line.gross || ' of ' || of.number || ', which holds £' || paid.gross AS found
FROM absence_claim_line AS line JOIN absence_claim AS claim ON claim.id = line.absence_claim_id
JOIN absence_claim_line AS paid ON paid.id = line.adjusts_id JOIN absence_claim AS of ON of.id = paid.absence_claim_id
WHERE (line.units, line.rate, line.net, line.vat) <> (-paid.units, paid.rate, -paid.net, -paid.vat)
  OR claim.corrects_id IS DISTINCT FROM coalesce(of.corrects_id, of.id)
UNION ALL
SELECT payment.number || ', week of ' || line.week_starting,
  'takes back £' || -line.gross || ' of ' || of.number || ', which holds £' || paid.gross
FROM scheduled_payment_line AS line JOIN scheduled_payment AS payment ON payment.id = line.scheduled_payment_id
JOIN scheduled_payment_line AS paid ON paid.id = line.adjusts_id
JOIN scheduled_payment AS of ON of.id = paid.scheduled_payment_id
WHERE line.takes_back AND (line.line_item_id, line.week_starting, line.units, line.rate, line.net, line.vat)
  <> (paid.line_item_id, paid.week_starting, -paid.units, paid.rate, -paid.net, -paid.vat)"""

# What stands in a run cannot be taken into another, and what says that it does is in one.
RUN_AS_STATED: Final = """
SELECT source.number AS record, 'is ' || source.state || CASE WHEN standing.id IS NULL
  THEN ', but stands in no payment run' ELSE ', but stands in a payment run' END AS found
FROM (
  SELECT number, id, state::text, state = ANY (:run_invoices) AS in_run, 'invoice' AS kind
    FROM invoice WHERE number IS NOT NULL
  UNION ALL SELECT number, id, state::text, state = ANY (:run_scheduled), 'scheduled' FROM scheduled_payment
  UNION ALL SELECT number, id, state::text, state = ANY (:run_one_offs), 'one-off' FROM one_off_payment) AS source
LEFT JOIN (
  SELECT coalesce(invoice_id, scheduled_payment_id, one_off_payment_id) AS id, CASE WHEN invoice_id IS NOT NULL
    THEN 'invoice' WHEN scheduled_payment_id IS NOT NULL THEN 'scheduled' ELSE 'one-off' END AS kind
  FROM payment_source WHERE bank_return_id IS NULL AND absence_claim_id IS NULL AND recovery_id IS NULL
) AS standing USING (kind, id)
WHERE source.in_run <> (standing.id IS NOT NULL)"""

# A day that somebody typed over is one whose figure is the one that was typed.
DAY_OF_VISITS: Final = f"""
SELECT 'Line ' || line_item.reference || ', ' || sent.day AS record,
  'visits come to ' || sent.units || ', the portal has ' || coalesce(figure.units, 0)
    || coalesce(', ' || noted.units || ' was typed over them', ', nobody typed over them') AS found
FROM ({ROLLED_UP.format(where="true")}) AS sent JOIN line_item ON line_item.id = sent.line_item_id
LEFT JOIN actual ON actual.line_item_id = sent.line_item_id AND actual.week_starting = sent.week_starting
CROSS JOIN LATERAL (SELECT CASE WHEN line_item.plan_kind = 'WEEKLY' THEN actual.delivered
  ELSE (ARRAY[mon, tue, wed, thu, fri, sat, sun])[sent.day - sent.week_starting + 1] END AS units) AS figure
LEFT JOIN typed_over_day AS noted ON noted.line_item_id = sent.line_item_id AND noted.day = sent.day
WHERE coalesce(figure.units, 0) NOT IN (sent.units, coalesce(noted.units, sent.units))"""
