"""The statements that pay a period without invoices: every line by the week, each week at its one rate.

Lines begin on a Monday, end on a Sunday and change their rate on a Monday, so that each week is one segment of seven
days and one unit.
"""

DUE = """
CREATE TEMPORARY TABLE county_due AS
SELECT organisation_id, line_item_id, week_starting, units, unit, rate, rate_id, amount, contribution, top_up, net,
  gross, kept_back
FROM scheduled_payment_line WITH NO DATA"""

# A home's document has to be accepted first: until then its weeks are shown, and kept back.
FILL = (
    "TRUNCATE county_due",
    """
INSERT INTO county_due (organisation_id, line_item_id, week_starting, units, unit, rate, rate_id, amount, contribution,
  top_up, net, gross, kept_back)
SELECT line.organisation_id, line.id, week::date, 1, line.unit, rate.rate, rate.id, rate.rate, contribution, top_up,
  rate.rate - contribution - top_up, rate.rate - contribution - top_up,
  CASE WHEN document.accepted_at IS NULL THEN %(not_accepted)s ELSE '' END
FROM line_item AS line JOIN contract_document AS document ON document.id = line.document_id
JOIN generate_series(%(start)s::timestamp, %(end)s::timestamp, INTERVAL '7 days') AS week
  ON line.start <= week AND coalesce(line."end", 'infinity') > week
JOIN rate ON rate.line_item_id = line.id AND rate.start <= week AND coalesce(rate."end", 'infinity') >= week
WHERE line.payment_method = %(scheduled)s
ORDER BY line.organisation_id, line.reference, week""",
)

PAY = (
    """
INSERT INTO scheduled_payment (organisation_id, period_id, state, net, vat, gross, created_at)
SELECT organisation_id, %(period)s, %(preview)s, owed, 0, owed, %(previewed_at)s
FROM (SELECT organisation_id, coalesce(sum(net) FILTER (WHERE kept_back = ''), 0) AS owed
      FROM county_due GROUP BY organisation_id ORDER BY organisation_id) AS each""",
    """
INSERT INTO scheduled_payment_line (organisation_id, scheduled_payment_id, kind, line_item_id, week_starting, segment,
  units, unit, rate, rate_id, amount, contribution, top_up, net, vat_code, vat, gross, kept_back)
SELECT due.organisation_id, payment.id, %(kind)s, due.line_item_id, week_starting, 1, units, due.unit, rate, rate_id,
  amount, due.contribution, due.top_up, due.net, %(exempt)s, 0, due.gross, kept_back
FROM county_due AS due
JOIN scheduled_payment AS payment
  ON payment.organisation_id = due.organisation_id AND payment.period_id = %(period)s
JOIN line_item AS line ON line.id = due.line_item_id
ORDER BY due.organisation_id, line.reference, week_starting""",
    """
UPDATE scheduled_payment SET finalised_at = %(finalised_at)s, state = CASE WHEN EXISTS (
    SELECT FROM county_due AS due WHERE due.organisation_id = scheduled_payment.organisation_id AND kept_back = '')
  THEN %(finalised)s ELSE %(on_hold)s END
WHERE period_id = %(period)s""",
)
