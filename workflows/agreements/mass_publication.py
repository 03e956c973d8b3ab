"""Publishing the next version of many documents at once: three statements, however many there are.

What they write is what `workflows.contracts.versions` writes of one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import current_app
from sqlalchemy import CursorResult, select, text

from models import DocumentVersion, Proposal, db
from rules.agreement_states import DocumentState
from workflows.clock import now, today
from workflows.contracts.versions import tell_contacts

# A parameter, but not a cast.
_NAMED: Final = re.compile(r"(?<!:):([a-z]+)\b")

_STATES: Final = {
    "published": DocumentState.PUBLISHED.value,
    "replaced": DocumentState.REPLACED.value,
    "replaceable": [DocumentState.PUBLISHED.value, DocumentState.ACCEPTED.value, DocumentState.REJECTED.value],
}

_REPLACE: Final = """
UPDATE document_version SET state = :replaced WHERE document_id = ANY (:documents) AND state = ANY (:replaceable)
"""

_NEXT: Final = """
UPDATE contract_document SET version = version + 1, state = :published, published_at = :now, rejected_at = NULL,
  rejected_reason = '' WHERE id = ANY (:documents)
"""

# What rules/document_content.py reads back as what `content_of` returns; the digest is of this very text. Built as
# json, which is its own text: jsonb would sort every key first (saves 0.5 of 3.5 s at 15,000 documents, make bench).
_PUBLISH: Final = """
WITH plans AS (
  SELECT plan.line_item_id, json_agg(json_build_object('start', plan.start, 'weekly', plan.weekly_quantity::text,
    'days', json_build_array(mon::text, tue::text, wed::text, thu::text, fri::text, sat::text, sun::text))
    ORDER BY plan.start) AS plans
  FROM plan JOIN line_item AS line ON line.id = plan.line_item_id WHERE line.document_id = ANY (:documents)
  GROUP BY plan.line_item_id
), rates AS (
  SELECT rate.line_item_id, json_agg(json_build_object('rate', rate.rate::text, 'start', rate.start, 'end',
    rate."end") ORDER BY rate.start) AS rates
  FROM rate JOIN line_item AS line ON line.id = rate.line_item_id
  WHERE line.document_id = ANY (:documents) AND rate.replaced_at IS NULL GROUP BY rate.line_item_id
), deductions AS (
  SELECT deduction.line_item_id, json_agg(json_build_object('start', deduction.start, 'contribution',
    deduction.contribution::text, 'top_up', deduction.top_up::text) ORDER BY deduction.start) AS deductions
  FROM deduction JOIN line_item AS line ON line.id = deduction.line_item_id WHERE line.document_id = ANY (:documents)
  GROUP BY deduction.line_item_id
), lines AS (
  SELECT document_id, json_agg(json_build_object('reference', line.reference, 'element', element.name,
    'unit', unit, 'plan_kind', plan_kind, 'start', line.start, 'end', line."end", 'payment_method', payment_method,
    'payment_basis', payment_basis, 'contribution', contribution::text, 'top_up', top_up::text, 'vat_code', vat_code,
    'extras_allowed', extras_allowed, 'plans', coalesce(plans, '[]'), 'rates', coalesce(rates, '[]'),
    'deductions', coalesce(deductions, '[]'))
    ORDER BY line.reference COLLATE "C") AS lines
  FROM line_item AS line JOIN element ON element.id = line.element_id
  LEFT JOIN plans ON plans.line_item_id = line.id LEFT JOIN rates ON rates.line_item_id = line.id
  LEFT JOIN deductions ON deductions.line_item_id = line.id
  WHERE document_id = ANY (:documents) GROUP BY document_id
), contents AS MATERIALIZED (
  SELECT document.organisation_id, document.id, document.version, json_build_object('council', CAST(:council AS text),
    'organisation', organisation.name, 'organisation_reference', organisation.reference, 'service', service.name,
    'person_reference', person.reference, 'reference', document.reference, 'version', document.version,
    'terms', document.terms, 'published_on', CAST(:today AS date), 'lines', coalesce(lines, '[]'))::text AS content
  FROM contract_document AS document JOIN organisation ON organisation.id = document.organisation_id
  JOIN service ON service.id = document.service_id JOIN person ON person.id = document.person_id
  LEFT JOIN lines ON lines.document_id = document.id
  WHERE document.id = ANY (:documents)
)
INSERT INTO document_version (organisation_id, document_id, number, state, content, digest, published_at, proposal_id)
SELECT organisation_id, id, version, :published, content, encode(sha256(convert_to(content, 'UTF8')), 'hex'), :now,
  :proposal FROM contents
"""


def publish_many(document_ids: Sequence[int], proposal: Proposal) -> None:
    """Publish the next version of documents as they stand now, as `publish_versions` does. Does not commit.

    For as many documents as a council has: what is loaded of them is refreshed when it is next looked at.
    """
    values = _STATES | {
        "documents": list(document_ids), "now": now(), "today": today(), "proposal": proposal.id,
        "council": current_app.config["COUNCIL_NAME"],
    }  # fmt: skip
    for statement in (_REPLACE, _NEXT, _PUBLISH):
        run(statement, values)
    db.session.expire_all()
    published = select(DocumentVersion.organisation_id).where(DocumentVersion.proposal_id == proposal.id).distinct()
    tell_contacts(set(db.session.scalars(published)))


def run(statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Execute a statement with those of some values that it names."""
    named = {name: values[name] for name in set(_NAMED.findall(statement))}
    done: CursorResult[Any] = db.session.execute(text(statement), named)
    return done
