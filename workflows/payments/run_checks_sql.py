"""What the checks of a payment run ask: each names what it found by id, and returns no rows where all is well."""

from workflows.payments.run_sql import HELD_LINES, HOLD_IN_FORCE

# Every line of care a run pays for, its source by name; `last_day` is the last day of care in it that is known.
_CARE = """
SELECT source.id AS source_id, source.organisation_id, invoice.number AS source, line.kind, line.line_item_id,
       line.week_starting, line.units, line.rate, line.net, line.gross, line.actual_id, line.week_starting
         + CASE WHEN sun > 0 THEN 6 WHEN sat > 0 THEN 5 WHEN fri > 0 THEN 4 WHEN thu > 0 THEN 3 WHEN wed > 0 THEN 2
                WHEN tue > 0 THEN 1 ELSE 0 END AS last_day
FROM payment_source AS source JOIN invoice ON invoice.id = source.invoice_id
JOIN invoice_line AS line ON line.invoice_id = invoice.id JOIN actual ON actual.id = line.actual_id
WHERE source.run_id = :run
UNION ALL
SELECT source.id, source.organisation_id, scheduled.number, line.kind, line.line_item_id, line.week_starting,
       line.units, line.rate, line.net, line.gross, NULL, line.week_starting
FROM payment_source AS source JOIN scheduled_payment AS scheduled ON scheduled.id = source.scheduled_payment_id
JOIN scheduled_payment_line AS line ON line.scheduled_payment_id = scheduled.id AND line.kept_back = ''
WHERE source.run_id = :run
UNION ALL
SELECT source.id, source.organisation_id, claim.number, line.kind, claim.line_item_id, line.week_starting, line.units,
       line.rate, line.net, line.gross, NULL, line.last_day
FROM payment_source AS source JOIN absence_claim AS claim ON claim.id = source.absence_claim_id
JOIN absence_claim_line AS line ON line.absence_claim_id = claim.id WHERE source.run_id = :run"""

# MATERIALIZED: it is joined with itself, and is read once.
_WITH_CARE = f"WITH care AS MATERIALIZED ({_CARE})"

_TOTAL = """(SELECT sum(gross) FROM payment_source AS own
  WHERE own.run_id = :run AND own.organisation_id = hold.organisation_id) AS pounds"""

HOLDS = f"""
SELECT hold.id AS hold_id, hold.organisation_id, hold.change_request_id, hold.reason, hold.start,
       NULL::integer AS source_id, request.wanted, request.was, {_TOTAL}
FROM hold LEFT JOIN change_request AS request ON request.id = hold.change_request_id
WHERE hold.document_id IS NULL AND hold.line_item_id IS NULL AND {HOLD_IN_FORCE}
  AND hold.organisation_id IN (SELECT organisation_id FROM payment_source WHERE run_id = :run)
ORDER BY hold.id"""

LINE_HOLDS = f"""
{_WITH_CARE}, paid AS (
  SELECT source_id, organisation_id, line_item_id, gross FROM care UNION ALL
  SELECT source.id, source.organisation_id, payment.line_item_id, source.gross
  FROM payment_source AS source JOIN one_off_payment AS payment ON payment.id = source.one_off_payment_id
  WHERE source.run_id = :run)
SELECT hold.id AS hold_id, hold.organisation_id, hold.reason, hold.start, paid.source_id, sum(paid.gross) AS pounds
FROM paid JOIN line_item ON line_item.id = paid.line_item_id
JOIN hold ON hold.organisation_id = paid.organisation_id
  AND (hold.line_item_id = line_item.id OR hold.document_id = line_item.document_id)
WHERE {HOLD_IN_FORCE} AND paid.line_item_id IN ({HELD_LINES})
GROUP BY hold.id, paid.source_id ORDER BY hold.id, paid.source_id"""

DISPUTES = """
SELECT source.id AS source_id, source.organisation_id, invoice.id AS invoice_id, invoice.number, invoice.disputed_on,
       invoice.dispute_reason, source.gross AS pounds
FROM payment_source AS source JOIN invoice ON invoice.id = source.invoice_id
WHERE source.run_id = :run AND invoice.disputed_on IS NOT NULL ORDER BY source.id"""

OVER_LEVEL = f"""
{_WITH_CARE}
SELECT care.source_id, care.organisation_id, care.source, line_item.reference AS line, care.week_starting,
       sum(care.gross) AS pounds
FROM care JOIN exception_check AS level ON level.actual_id = care.actual_id
JOIN line_item ON line_item.id = care.line_item_id
WHERE level.over AND level.decision_id IS NULL
GROUP BY care.source_id, care.organisation_id, care.source, line_item.reference, care.week_starting ORDER BY 1, 4, 5"""

NOT_ACCEPTED = f"""
{_WITH_CARE}
SELECT care.source_id, care.organisation_id, care.source, line_item.id AS line_id, line_item.reference AS line,
       document.reference AS document, organisation.sector_id, sector.name AS sector,
       min(care.week_starting) AS week_starting, sum(care.gross) AS pounds
FROM care JOIN line_item ON line_item.id = care.line_item_id
JOIN contract_document AS document ON document.id = line_item.document_id
JOIN organisation ON organisation.id = care.organisation_id JOIN sector ON sector.id = organisation.sector_id
WHERE document.accepted_at IS NULL AND care.net > 0
GROUP BY care.source_id, care.organisation_id, care.source, line_item.id, document.reference, organisation.sector_id,
  sector.name ORDER BY 1, 4"""

# Two current weeks are kept apart by the database; a correction, a claim and a schedule are not.
DUPLICATES = f"""
{_WITH_CARE}, before AS (
  SELECT invoice.number AS source, line.line_item_id, line.week_starting, line.units, line.rate
  FROM invoice_line AS line JOIN invoice ON invoice.id = line.invoice_id
  WHERE invoice.state = :invoice_paid AND line.live AND line.kind IN (:current, :late) AND line.net > 0
    AND line.line_item_id IN (SELECT line_item_id FROM care WHERE kind NOT IN (:current, :late))),
pairs AS (
  SELECT earlier.source AS other, later.*
  FROM care AS later JOIN care AS earlier USING (line_item_id, week_starting, units, rate)
  WHERE earlier.source_id < later.source_id AND earlier.net > 0
  UNION ALL
  SELECT before.source, later.*
  FROM care AS later JOIN before USING (line_item_id, week_starting, units, rate)
  WHERE later.kind NOT IN (:current, :late))
SELECT DISTINCT pairs.source_id, pairs.organisation_id, pairs.source, pairs.other, line_item.reference AS line,
       pairs.week_starting, pairs.gross AS pounds
FROM pairs JOIN line_item ON line_item.id = pairs.line_item_id
WHERE pairs.net > 0 AND NOT EXISTS (SELECT FROM care AS taken_back WHERE taken_back.source_id = pairs.source_id
  AND taken_back.line_item_id = pairs.line_item_id AND taken_back.week_starting = pairs.week_starting
  AND taken_back.net < 0)
ORDER BY 1, 4, 5, 6"""

# Of one-off payments that look alike, the later; against those paid in the last hundred days.
PAID_ALIKE = """
SELECT source.id AS source_id, source.organisation_id, payment.number AS source, other.number AS other,
       payment.net, source.gross AS pounds
FROM payment_source AS source JOIN one_off_payment AS payment ON payment.id = source.one_off_payment_id
JOIN one_off_payment AS other ON other.organisation_id = payment.organisation_id AND other.net = payment.net
  AND other.id < payment.id
JOIN payment_source AS other_source ON other_source.one_off_payment_id = other.id
  AND other_source.bank_return_id IS NULL
JOIN payment_run AS run ON run.id = other_source.run_id
WHERE source.run_id = :run AND run.pay_date > :today - 100 ORDER BY source.id, other.id"""

OVERLAPS = f"""
{_WITH_CARE}, lines AS (
  SELECT care.source_id, care.organisation_id, care.line_item_id, care.week_starting, line.reference, line.person_id,
         line.element_id, line.start, coalesce(line."end", 'infinity') AS last, sum(care.gross) AS gross
  FROM care JOIN line_item AS line ON line.id = care.line_item_id
  GROUP BY care.source_id, care.organisation_id, care.line_item_id, care.week_starting, line.id
  HAVING sum(care.gross) > 0)
SELECT max(second.source_id) AS source_id, second.organisation_id, first.line_item_id AS first_id,
       second.line_item_id AS second_id, first.reference AS first, second.reference AS second,
       person.reference AS person, element.name AS element, min(first.week_starting) AS week_starting,
       CASE WHEN first.organisation_id <> second.organisation_id THEN organisation.name ELSE '' END AS other,
       sum(least(first.gross, second.gross)) AS pounds
FROM lines AS first JOIN lines AS second USING (person_id, element_id, week_starting)
JOIN person ON person.id = person_id JOIN element ON element.id = element_id
JOIN organisation ON organisation.id = second.organisation_id
WHERE first.line_item_id < second.line_item_id
  AND greatest(first.start, second.start, week_starting) <= least(first.last, second.last, week_starting + 6)
GROUP BY second.organisation_id, first.organisation_id, first.line_item_id, second.line_item_id, first.reference,
  second.reference, person.reference, element.name, organisation.name ORDER BY 3, 4"""

AFTER_END = f"""
{_WITH_CARE}
SELECT care.source_id, care.organisation_id, care.source, line.reference AS line, line."end" AS ended,
       min(care.week_starting) AS week_starting, sum(care.gross) AS pounds
FROM care JOIN line_item AS line ON line.id = care.line_item_id
WHERE care.last_day > line."end" AND care.net > 0
GROUP BY care.source_id, care.organisation_id, care.source, line.id ORDER BY 1, 4"""

# What is known of a death: who claimed an absence for it, reported a week or a visit so. Days count from the day after.
AFTER_DEATH = f"""
{_WITH_CARE}, people AS (SELECT DISTINCT person_id FROM line_item WHERE id IN (SELECT line_item_id FROM care)),
deaths AS (
  SELECT person_id, min(died) AS died FROM (
    SELECT line.person_id, claim.first_day AS died FROM absence_claim AS claim
    JOIN line_item AS line ON line.id = claim.line_item_id
    WHERE claim.reason = :deceased AND claim.state NOT IN (:claim_draft, :claim_refused)
    UNION ALL
    SELECT line.person_id, actual.week_starting + 6 FROM actual JOIN line_item AS line ON line.id = actual.line_item_id
    WHERE actual.reason = :reported_death
    UNION ALL
    SELECT line.person_id, visit.visit_date FROM aborted_visit AS visit
    JOIN line_item AS line ON line.id = visit.line_item_id WHERE visit.reason = :reported_death) AS told
  WHERE person_id IN (SELECT person_id FROM people) GROUP BY person_id)
SELECT care.source_id, care.organisation_id, care.source, line.reference AS line, deaths.died,
       min(care.week_starting) AS week_starting, sum(care.gross) AS pounds
FROM care JOIN line_item AS line ON line.id = care.line_item_id JOIN deaths ON deaths.person_id = line.person_id
WHERE care.last_day > deaths.died AND care.net > 0 AND care.kind <> :absence
GROUP BY care.source_id, care.organisation_id, care.source, line.id, deaths.died ORDER BY 1, 4"""

# Against the six payments before: three at least, or there is nothing to compare with.
JUMPS = """
SELECT totals.organisation_id, totals.pounds, before.average, before.payments
FROM (SELECT organisation_id, sum(gross) AS pounds FROM payment_source WHERE run_id = :run
      GROUP BY organisation_id) AS totals
CROSS JOIN LATERAL (SELECT round(avg(total), 2) AS average, count(*) AS payments FROM (
  SELECT total FROM remittance WHERE remittance.organisation_id = totals.organisation_id
  ORDER BY pay_date DESC, id DESC LIMIT 6) AS last) AS before
WHERE before.payments >= 3 AND before.average > 0 AND totals.pounds > before.average * (1 + :percent / 100.0)
ORDER BY 1"""
