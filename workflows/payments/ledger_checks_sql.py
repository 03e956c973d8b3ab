"""What the ledger has to agree with, as SQL: each query returns the rows that break it, as in `money_checks_sql`."""

from typing import Final

from workflows.payments.run_sql import PERCENT

BALANCED: Final = """
SELECT 'Journal event ' || event_id AS record, 'debits less credits: £' || sum(amount) AS found
FROM journal_entry GROUP BY event_id HAVING sum(amount) <> 0"""

# Which source a row is about, as one key: joined by three keys with OR, a county's ledger took half an hour.
_KEY = """
  CASE WHEN {row}.invoice_id IS NOT NULL THEN 'invoice' WHEN {row}.scheduled_payment_id IS NOT NULL THEN 'scheduled'
    WHEN {row}.absence_claim_id IS NOT NULL THEN 'claim' END AS kind,
  coalesce({row}.invoice_id, {row}.scheduled_payment_id, {row}.absence_claim_id) AS id"""

# What a source owes an organisation is asked of the source and of the ledger.
OWED_AS_JOURNALED: Final = f"""
SELECT source.number AS record,
  'owed £' || source.gross || ', the ledger says £' || coalesce(-journal.amount, 0) AS found
FROM (
  SELECT number, CASE WHEN state = ANY (:owed_invoices) THEN gross ELSE 0 END AS gross, 'invoice' AS kind, id
    FROM invoice WHERE number IS NOT NULL
  UNION ALL SELECT number, CASE WHEN state = ANY (:owed_scheduled) THEN gross ELSE 0 END, 'scheduled', id
    FROM scheduled_payment
  UNION ALL SELECT number, CASE WHEN state = ANY (:owed_claims) THEN gross ELSE 0 END, 'claim', id
    FROM absence_claim) AS source
LEFT JOIN (
  SELECT {_KEY.format(row="event")}, sum(entry.amount) AS amount
  FROM journal_event AS event JOIN journal_entry AS entry ON entry.event_id = event.id AND entry.account = :owed
  WHERE event.run_id IS NULL GROUP BY 1, 2) AS journal USING (kind, id)
WHERE source.gross <> coalesce(-journal.amount, 0)"""

PAID_AS_JOURNALED: Final = """
SELECT 'Payment run ' || run.number || ', ' || organisation.name AS record,
  'paid £' || remittance.total || ', carried forward £' || remittance.carried_forward || '; the ledger says £'
    || coalesce(journal.paid, 0) || ' and £' || coalesce(journal.carried, 0) AS found
FROM remittance JOIN payment_run AS run ON run.id = remittance.run_id
JOIN organisation ON organisation.id = remittance.organisation_id
LEFT JOIN (
  SELECT event.run_id, event.organisation_id, -sum(amount) FILTER (WHERE account = :paid) AS paid,
    sum(amount) FILTER (WHERE account = :recoverable AND payment_source_id IS NULL) AS carried
  FROM journal_event AS event JOIN journal_entry AS entry ON entry.event_id = event.id
  WHERE event.kind = :paid GROUP BY event.run_id, event.organisation_id) AS journal
  ON journal.run_id = run.id AND journal.organisation_id = remittance.organisation_id
WHERE remittance.total <> coalesce(journal.paid, 0) OR remittance.carried_forward <> coalesce(journal.carried, 0)"""

STATE_AS_JOURNALED: Final = f"""
SELECT source.number AS record, 'is ' || source.state || ', but the ledger has not paid it' AS found
FROM (
  SELECT number, state::text, 'invoice' AS kind, id FROM invoice WHERE state = :invoice_paid AND gross <> 0
  UNION ALL SELECT number, state::text, 'scheduled', id
    FROM scheduled_payment WHERE state = :scheduled_paid AND gross <> 0
  UNION ALL SELECT number, state::text, 'claim', id FROM absence_claim WHERE state = :claim_paid AND gross <> 0
) AS source
LEFT JOIN (
  SELECT DISTINCT {_KEY.format(row="paid")}
  FROM payment_source AS paid JOIN journal_entry AS entry ON entry.payment_source_id = paid.id
  WHERE paid.bank_return_id IS NULL) AS paid USING (kind, id)
WHERE paid.id IS NULL
UNION ALL
SELECT 'Line ' || item.reference || ', week of ' || actual.week_starting,
  'is paid, but a live invoice of it is not' FROM actual JOIN line_item AS item ON item.id = actual.line_item_id
WHERE actual.state = :week_paid AND NOT EXISTS (
  SELECT FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
  WHERE line.actual_id = actual.id AND line.live AND invoice.state = :invoice_paid)"""

# What stands on each account of an organisation, and what sources, runs and recoveries say.
BALANCES: Final = f"""
WITH journal AS (
  SELECT organisation_id, coalesce(-sum(amount) FILTER (WHERE account = :owed), 0) AS owed,
    coalesce(sum(amount) FILTER (WHERE account = :recoverable), 0) AS recoverable
  FROM journal_entry GROUP BY organisation_id
), made AS (
  SELECT organisation_id, sum(gross) AS gross FROM (
    SELECT organisation_id, gross FROM invoice WHERE state = ANY (:owed_invoices)
    UNION ALL SELECT organisation_id, gross FROM scheduled_payment WHERE state = ANY (:owed_scheduled)
    UNION ALL SELECT organisation_id, gross FROM absence_claim WHERE state = ANY (:owed_claims)
    UNION ALL SELECT organisation_id, net + round(net * ({PERCENT}) / 100, 2) FROM one_off_payment
  ) AS each GROUP BY organisation_id
), taken AS (
  SELECT source.organisation_id,
    coalesce(sum(gross) FILTER (WHERE recovery_id IS NULL AND run.state = ANY (:paid_runs)), 0) AS paid,
    coalesce(-sum(gross) FILTER (WHERE recovery_id IS NOT NULL AND NOT run.state = ANY (:paid_runs)), 0) AS promised
  FROM payment_source AS source JOIN payment_run AS run ON run.id = source.run_id
  WHERE source.bank_return_id IS NULL GROUP BY source.organisation_id
), back AS (SELECT organisation_id, sum(balance) AS balance FROM recovery GROUP BY organisation_id)
SELECT organisation.name AS record,
  'owed £' || coalesce(made.gross, 0) - coalesce(taken.paid, 0) || ', to be taken back £'
    || coalesce(back.balance, 0) + coalesce(taken.promised, 0) || '; the ledger says £' || coalesce(journal.owed, 0)
    || ' and £' || coalesce(journal.recoverable, 0) AS found
FROM organisation LEFT JOIN journal ON journal.organisation_id = organisation.id
LEFT JOIN made ON made.organisation_id = organisation.id LEFT JOIN taken ON taken.organisation_id = organisation.id
LEFT JOIN back ON back.organisation_id = organisation.id
WHERE coalesce(made.gross, 0) - coalesce(taken.paid, 0) <> coalesce(journal.owed, 0)
  OR coalesce(back.balance, 0) + coalesce(taken.promised, 0) <> coalesce(journal.recoverable, 0)"""
