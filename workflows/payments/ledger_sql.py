"""The statement behind the ledger file: the lines of a run, released or not, with what the ledger knows them by."""

from rules.remittance import AdjustmentCode
from workflows.payments.run_sql import LINES

_CARRIED = AdjustmentCode.CARRIED_FORWARD.value

# What was released, as it was written then.
RELEASED = f"""
SELECT line.organisation_id, remittance.number AS remittance, remittance.bank_reference, line.number AS part,
       line.source, line.kind, item.id AS line_item_id, line.week_starting, line.units, line.unit, line.rate, line.net,
       line.vat, line.gross, line.reason
FROM remittance_line AS line JOIN remittance ON remittance.id = line.remittance_id
LEFT JOIN line_item AS item ON item.reference = line.line_reference
WHERE remittance.run_id = :run
UNION ALL
SELECT organisation_id, number, bank_reference, NULL, number, '{_CARRIED}', NULL, NULL, NULL, NULL, NULL,
       carried_forward, 0, carried_forward, 'Carried forward to the next payment'
FROM remittance WHERE run_id = :run AND carried_forward > 0"""

# The same before release: from what is in the run.
TRIAL = f"""
SELECT organisation_id, 'TRIAL' AS remittance, 'TRIAL' AS bank_reference,
       row_number() OVER (PARTITION BY organisation_id ORDER BY place, source, part) AS part, source, kind,
       line_item_id, week_starting, units, unit, rate, net, vat, gross, reason
FROM ({LINES}) AS line
UNION ALL
SELECT organisation_id, 'TRIAL', 'TRIAL', NULL, 'TRIAL', '{_CARRIED}', NULL, NULL, NULL, NULL, NULL,
       -sum(gross), 0, -sum(gross), 'Carried forward to the next payment'
FROM payment_source WHERE run_id = :run GROUP BY organisation_id HAVING sum(gross) < 0"""


def ledger_rows(lines: str) -> str:
    """Return the statement for the rows of RELEASED or TRIAL, in the order of organisations and lines."""
    return f"""
SELECT line.organisation_id, line.remittance, line.bank_reference, line.part, organisation.reference,
       organisation.name, service.name, line.source, line.kind, item.reference, person.reference, element.name,
       element.cost_centre, element.subjective_code, line.week_starting, line.units, line.unit, line.rate, line.net,
       line.vat, line.gross, line.reason
FROM ({lines}) AS line
JOIN organisation ON organisation.id = line.organisation_id
LEFT JOIN line_item AS item ON item.id = line.line_item_id
LEFT JOIN person ON person.id = item.person_id
LEFT JOIN element ON element.id = item.element_id
LEFT JOIN service ON service.id = item.service_id
ORDER BY organisation.reference, line.remittance, line.part, line.source"""
