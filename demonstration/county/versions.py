"""The first version of each of the county's documents, as it was shown when it was published."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app

from demonstration.county.owner import Owner
from models import DAYS
from rules.agreement_states import DocumentState, ProposalKind, ProposalState
from rules.document_content import DocumentContent, LineContent, PlanContent, RateContent, digest_of, to_text
from rules.plan import SevenDays
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode

Rows = Sequence[Mapping[str, Any]]

CONFIRMED = """
INSERT INTO proposal (kind, state, title, payload, proposed_by_id, decided_by_id, decided_at)
SELECT %(kind)s, %(state)s, %(title)s, '{}', proposes.id, confirms.id, now()
FROM ab_user AS proposes, ab_user AS confirms
WHERE proposes.email = 'brokerage@council.example' AND confirms.email = 'brokerage.lead@council.example'
RETURNING id"""


def confirmed(owner: Owner, documents: int) -> int:
    """Return the id of the proposal in whose transaction so many documents are published, one officer for another."""
    title = f"Publish {documents:,} contract documents"
    values = {"kind": ProposalKind.PUBLISH.value, "state": ProposalState.CONFIRMED.value, "title": title}
    return int(owner.ask(CONFIRMED, **values)[0][0])


def versions_of(owner: Owner, rows: Mapping[str, Rows], proposal: int) -> list[dict[str, object]]:
    """Return the rows of the documents' first versions; every document has one, and has lines."""
    contents = _Contents(owner, rows)
    return [_version(document, contents.text(document), proposal) for document in rows["contract_document"]]


def _version(document: Mapping[str, Any], text: str, proposal: int) -> dict[str, object]:
    waits = document["state"] == DocumentState.PUBLISHED.value
    return {
        "organisation_id": document["organisation_id"], "document_id": document["id"], "number": 1,
        "state": document["state"], "content": text, "digest": digest_of(text),
        "published_at": document["published_at"], "proposal_id": proposal, "answered_at": document["accepted_at"],
        "answered_by_id": document["accepted_by_id"], "signed_digest": None if waits else digest_of(text),
    }  # fmt: skip


class _Contents:
    def __init__(self, owner: Owner, rows: Mapping[str, Rows]) -> None:
        self.council: str = current_app.config["COUNCIL_NAME"]
        self.organisations = {
            id_: (name, of) for id_, name, of in owner.ask("SELECT id, name, reference FROM organisation")
        }
        self.services: dict[int, str] = dict(owner.ask("SELECT id, name FROM service"))
        self.people = {row["id"]: row["reference"] for row in rows["person"]}
        self.elements = {row["id"]: row["name"] for row in rows["element"]}
        self.lines, self.plans, self.rates = (
            _grouped(rows[table], key)
            for table, key in (("line_item", "document_id"), ("plan", "line_item_id"), ("rate", "line_item_id"))
        )

    def text(self, document: Mapping[str, Any]) -> str:
        name, reference = self.organisations[document["organisation_id"]]
        published: datetime = document["published_at"]
        return to_text(
            DocumentContent(
                council=self.council,
                organisation=name,
                organisation_reference=reference,
                service=self.services[document["service_id"]],
                person_reference=self.people[document["person_id"]],
                reference=document["reference"],
                version=1,
                terms=document["terms"],
                published_on=published.date(),
                lines=tuple(self._lines(document["id"])),
            )
        )

    def _lines(self, document_id: int) -> Iterator[LineContent]:
        for line in self.lines[document_id]:
            yield LineContent(
                reference=line["reference"],
                element=self.elements[line["element_id"]],
                unit=Unit(line["unit"]),
                plan_kind=PlanKind(line["plan_kind"]),
                plans=tuple(
                    PlanContent(row["start"], _days(row), row["weekly_quantity"]) for row in self.plans[line["id"]]
                ),
                rates=tuple(RateContent(row["rate"], row["start"], row["end"]) for row in self.rates[line["id"]]),
                start=line["start"],
                end=line["end"],
                payment_method=PaymentMethod(line["payment_method"]),
                payment_basis=PaymentBasis(line["payment_basis"]),
                contribution=line["contribution"],
                top_up=line["top_up"],
                vat_code=VatCode(line["vat_code"]),
                extras_allowed=None,
            )


def _grouped(rows: Rows, key: str) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def _days(row: Mapping[str, Any]) -> SevenDays:
    mon, tue, wed, thu, fri, sat, sun = (row[day] for day in DAYS)
    return mon, tue, wed, thu, fri, sat, sun
