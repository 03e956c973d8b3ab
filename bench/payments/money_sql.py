"""The rows of a county's money, and the least that paying them takes, as SQL."""

from typing import Final

# The organisations of this batch are those without a service yet.
_ORGANISATIONS: Final = (
    """INSERT INTO organisation (reference, name, sector_id, state)
SELECT 'BM' || have + n, 'Provider ' || have + n, (SELECT min(id) FROM sector), 'live'
FROM (SELECT coalesce(max(id), 0) AS have FROM organisation) AS before, generate_series(1, :organisations) AS n""",
    """INSERT INTO element (name) SELECT 'Care of the bench' WHERE NOT EXISTS (
SELECT FROM element WHERE name = 'Care of the bench')""",
    """INSERT INTO contact (organisation_id, name, email, may_payments, may_documents, may_actuals, may_organisation,
  may_conversations, start)
SELECT id, 'Somebody', 'payments' || id || '@bench.example', true, true, true, true, true, '2017-01-02'
FROM organisation WHERE reference LIKE 'BM%'
  AND NOT EXISTS (SELECT FROM service WHERE organisation_id = organisation.id)""",
    """INSERT INTO person (reference, name) SELECT 'BM' || id || '-' || n, 'Ada Bell'
FROM organisation, generate_series(1, 10) AS n WHERE reference LIKE 'BM%'
  AND NOT EXISTS (SELECT FROM service WHERE organisation_id = organisation.id)""",
    """INSERT INTO service (organisation_id, name) SELECT id, 'Office' FROM organisation
WHERE reference LIKE 'BM%'
  AND NOT EXISTS (SELECT FROM service WHERE organisation_id = organisation.id)""",
    """INSERT INTO contract_document (organisation_id, service_id, person_id, reference, version, state, published_at,
  accepted_at)
SELECT service.organisation_id, service.id, person.id, 'BM' || service.organisation_id, 1, 'accepted', now(), now()
FROM service JOIN person ON person.reference = 'BM' || service.organisation_id || '-1'
WHERE NOT EXISTS (SELECT FROM contract_document WHERE service_id = service.id)""",
)


# `sealed` are so many accounts for so many organisations without one.
ACCOUNTS: Final = """INSERT INTO change_request (organisation_id, kind, state, wanted, sealed, asked_by_id, checked_at,
  checked_by_id, decided_at, decided_by_id, called_at, called_by_id, called_who, called_number)
SELECT organisation.id, 'bank details', 'confirmed', 'An account', given.sealed, :first, now(), :first, now(), :second,
  now(), :second, 'The manager', '01632 960417'
FROM unnest(CAST(:sealed AS text[])) WITH ORDINALITY AS given (sealed, place)
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM organisation WHERE reference LIKE 'BM%'
  AND NOT EXISTS (SELECT FROM change_request WHERE organisation_id = organisation.id)) AS organisation USING (place)"""


def _lines(each: str, method: str, unit: str, kind: str) -> str:
    return f"""INSERT INTO line_item (organisation_id, document_id, service_id, person_id, element_id, reference, unit,
  plan_kind, payment_method, payment_basis, vat_code, contribution, top_up, start)
SELECT document.organisation_id, document.id, document.service_id,
  (SELECT id FROM person WHERE reference = 'BM' || document.organisation_id || '-' || n),
  (SELECT id FROM element WHERE name = 'Care of the bench'), 'BM' || document.id || '-' || n, '{unit}', '{kind}',
  '{method}', 'GROSS', 'EXEMPT', 0, 0, '2017-01-02'
FROM contract_document AS document, generate_series(1, {each}) AS n
WHERE document.reference LIKE 'BM%' AND NOT EXISTS (SELECT FROM line_item WHERE document_id = document.id)"""


_PRICED: Final = (
    """INSERT INTO rate (organisation_id, line_item_id, rate, start)
SELECT organisation_id, id, CASE unit WHEN 'WEEK' THEN 748.37 ELSE 19.68 END, start FROM line_item
WHERE reference LIKE 'BM%' AND NOT EXISTS (SELECT FROM rate WHERE line_item_id = line_item.id)""",
    """INSERT INTO plan (organisation_id, line_item_id, start, mon, tue, wed, thu, fri, sat, sun, weekly_quantity)
SELECT organisation_id, id, start, daily, daily, daily, daily, daily, daily, daily, 1 - daily
FROM (SELECT *, CASE unit WHEN 'WEEK' THEN 0 ELSE 1 END AS daily FROM line_item WHERE reference LIKE 'BM%') AS line
WHERE NOT EXISTS (SELECT FROM plan WHERE line_item_id = line.id)""",
)

# Ten lines over five weeks make the fifty lines of an invoice.
INVOICED: Final = (
    *_ORGANISATIONS,
    _lines(":lines / 5", "ACTUALS", "HOUR", "TIMETABLED"),
    *_PRICED,
    """INSERT INTO actual (organisation_id, line_item_id, week_starting, state, in_hours, mon, tue, wed, thu, fri,
  sat, sun, delivered, planned, aborted, aborted_payable, missed, extra, payable, version)
SELECT organisation_id, id, DATE '2017-10-16' + 7 * n, 'invoiced', true, 1, 1, 1, 1, 1, 1, 1,
  7, 7, 0, 0, 0, 0, 7, 2
FROM line_item, generate_series(0, 4) AS n
WHERE reference LIKE 'BM%' AND NOT EXISTS (SELECT FROM actual WHERE line_item_id = line_item.id)""",
    """INSERT INTO invoice (organisation_id, period_id, number, state, net, vat, gross, submitted_at, received_on,
  accepted_at, due_by)
SELECT id, (SELECT min(id) FROM payment_period), 'BM' || id, 'accepted', :lines * 137.76, 0, :lines * 137.76, now(),
  '2017-12-11', now(), '2018-01-10'
FROM organisation WHERE reference LIKE 'BM%'
  AND NOT EXISTS (SELECT FROM invoice WHERE organisation_id = organisation.id)""",
    """INSERT INTO invoice_line (organisation_id, invoice_id, live, number, kind, line_item_id, actual_id,
  actual_version,
  week_starting, segment, planned, delivered, aborted_payable, units, unit, rate, rate_id, net, vat_code, vat, gross)
SELECT invoice.organisation_id, invoice.id, true, row_number() OVER (PARTITION BY invoice.id), 'CURRENT',
  actual.line_item_id, actual.id, 2, actual.week_starting, 1, 7, 7, 0, 7, 'HOUR', rate.rate, rate.id, 137.76, 'EXEMPT',
  0, 137.76
FROM invoice JOIN actual ON actual.organisation_id = invoice.organisation_id
JOIN rate ON rate.line_item_id = actual.line_item_id
WHERE invoice.number LIKE 'BM%' AND NOT EXISTS (SELECT FROM invoice_line WHERE invoice_id = invoice.id)""",
)
LOOKED_AT: Final = (
    """UPDATE run_finding SET looked_at = now(), looked_by_id = :officer, looked_reason = 'Bench'
WHERE looked_at IS NULL""",
)
COUNTED: Final = """
SELECT count(*) FROM remittance_line AS line JOIN remittance ON remittance.id = line.remittance_id
WHERE run_id = :run"""

# The ledger's rows are written when a transaction ends: bare SQL is taken back, so it has to ask for them.
LEDGER_TOO: Final = "SET CONSTRAINTS ALL IMMEDIATE"

# The same rows and totals in the same tables, with nothing asked and nobody told.
BARE_RUN: Final = (
    """INSERT INTO payment_run (pay_date, state, prepared_by_id, payment_count, total)
SELECT :pay_date, 'draft', min(id), 0, 0 FROM ab_user WHERE council""",
    """WITH taken AS (UPDATE invoice SET state = 'in a payment run' WHERE state = 'accepted' RETURNING *)
INSERT INTO payment_source (organisation_id, run_id, invoice_id, net, vat, gross)
SELECT organisation_id, currval('payment_run_id_seq'), id, net, vat, gross FROM taken""",
    """INSERT INTO remittance (organisation_id, run_id, pay_date, bank_reference, net, vat, total, adjustments,
  recovered, carried_forward)
SELECT organisation_id, run_id, :pay_date, 'NCC', sum(net), sum(vat), sum(gross), 0, 0, 0 FROM payment_source
WHERE run_id = currval('payment_run_id_seq') GROUP BY organisation_id, run_id""",
    """INSERT INTO remittance_line (organisation_id, remittance_id, number, source, kind, invoice_line_id,
  week_starting, units, unit, rate, net, vat, gross)
SELECT line.organisation_id, remittance.id, line.number, invoice.number, line.kind, line.id, line.week_starting,
  line.units, line.unit, line.rate, line.net, line.vat, line.gross
FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
JOIN remittance ON remittance.organisation_id = line.organisation_id
  AND remittance.run_id = currval('payment_run_id_seq')
WHERE invoice.state = 'in a payment run'""",
    """UPDATE actual SET state = 'paid' FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
WHERE actual.id = line.actual_id AND invoice.state = 'in a payment run'""",
    "UPDATE invoice SET state = 'paid' WHERE state = 'in a payment run'",
    LEDGER_TOO,
)

# One line more for each seventh home.
_MORE_FOR_SOME: Final = "greatest(1, :lines / :organisations + CASE WHEN document.id % 7 = 0 THEN 1 ELSE 0 END)"
ON_SCHEDULE: Final = (
    "INSERT INTO rollout (sector_id, opens_on) SELECT min(id), '2017-01-02' FROM sector ON CONFLICT DO NOTHING",
    *_ORGANISATIONS,
    _lines(_MORE_FOR_SOME, "SCHEDULED", "WEEK", "WEEKLY"),
    *_PRICED,
)  # fmt: skip
SCHEDULED: Final = """
SELECT count(DISTINCT line_item_id) FROM scheduled_payment_line AS line
JOIN scheduled_payment AS payment ON payment.id = line.scheduled_payment_id
WHERE payment.period_id = :period AND payment.state = 'finalised'"""
# The payments and their lines once more, as they stand.
BARE_SCHEDULED: Final = (
    """CREATE TEMPORARY TABLE again ON COMMIT DROP AS SELECT line.* FROM scheduled_payment_line AS line
JOIN scheduled_payment AS payment ON payment.id = line.scheduled_payment_id WHERE payment.period_id = :period""",
    """WITH new AS (
  INSERT INTO scheduled_payment (organisation_id, period_id, state, net, vat, gross)
  SELECT organisation_id, (SELECT max(id) FROM payment_period), 'preview', net, vat, gross FROM scheduled_payment
  WHERE period_id = :period RETURNING id, organisation_id)
UPDATE again SET scheduled_payment_id = new.id, week_starting = week_starting + 7 * 520,
  id = nextval('scheduled_payment_line_id_seq') FROM new WHERE new.organisation_id = again.organisation_id""",
    "INSERT INTO scheduled_payment_line SELECT * FROM again",
    """UPDATE scheduled_payment SET state = 'finalised', finalised_at = now()
WHERE period_id = (SELECT max(id) FROM payment_period)""",
    LEDGER_TOO,
)
