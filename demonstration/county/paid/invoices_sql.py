"""The statements that invoice the weeks of a period, one invoice for each organisation."""

INVOICE = (
    """
INSERT INTO invoice (organisation_id, period_id, state, net, vat, gross, created_at, created_by_id)
SELECT organisation_id, %(period)s, %(invoice_draft)s, 0, 0, 0, %(sent_at)s, pays
FROM county_provider
WHERE organisation_id IN (SELECT organisation_id FROM county_week WHERE state = %(settled)s)
ORDER BY organisation_id""",
    """
INSERT INTO invoice_line (organisation_id, invoice_id, live, number, kind, line_item_id, actual_id, actual_version,
  week_starting, segment, planned, delivered, aborted_payable, units, unit, rate, net, vat_code, vat, gross, rule)
SELECT week.organisation_id, invoice.id, true,
  row_number() OVER (PARTITION BY week.organisation_id ORDER BY week.reference, week.week),
  %(current)s, line_id, week.id, week.version, week, 1, planned, delivered, 0, week.payable, unit, rate,
  round(week.payable * rate, 2), %(exempt)s, 0, round(week.payable * rate, 2), rule
FROM county_week AS week JOIN county_shape USING (set_id, slot)
JOIN invoice ON invoice.organisation_id = week.organisation_id AND invoice.period_id = %(period)s
WHERE week.state = %(settled)s ORDER BY week.organisation_id, week.reference, week.week""",
    # One in four of what nobody has paid yet is still to be looked at.
    """
UPDATE invoice SET net = lines.net, gross = lines.net, submitted_at = created_at, submitted_by_id = created_by_id,
  own_reference = upper(split_part(organisation.name, ' ', 1)) || '-' || %(number)s::integer, due_by = %(due_by)s,
  state = CASE WHEN waits THEN %(submitted)s ELSE %(accepted)s END,
  accepted_at = CASE WHEN NOT waits THEN created_at END
FROM (SELECT invoice_id, organisation_id, sum(net) AS net, NOT %(paid)s AND mod(organisation_id, 4) = 0 AS waits
      FROM invoice_line WHERE invoice_id IN (SELECT id FROM invoice WHERE period_id = %(period)s)
      GROUP BY invoice_id, organisation_id) AS lines
JOIN organisation ON organisation.id = lines.organisation_id
WHERE invoice.id = invoice_id""",
)
