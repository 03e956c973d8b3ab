"""New versions of contract documents: other terms, another service, lines that are added; what stays is not touched."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from models import DAYS, ContractDocument, Element, LineItem, Plan, Proposal, Rate, Service, db
from rules.agreement_states import ProposalKind
from rules.line_fields import off_step
from rules.money import NOTHING
from rules.period import DAY, uk_date
from rules.plan import PlanVersion
from rules.price import RateVersion
from rules.problem_codes import Code
from rules.refusal import Problem, Unknown
from rules.scheduled import Deductions
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode
from rules.unusual import Unusual, unusual_rates, unusual_start
from workflows import policy
from workflows.agreements.change_checks import refuse, why_no_amounts, why_no_change, why_no_price, why_no_units
from workflows.agreements.change_payload import Payload, RateFrom, plan_in, rate_in
from workflows.agreements.changes import AgreementChange
from workflows.clock import today
from workflows.contracts.overlaps import LineSpan, overlaps_among
from workflows.contracts.publication import median_rates
from workflows.contracts.versions import load_documents, publish_versions
from workflows.proposals import steps
from workflows.proposals.steps import about_document


@dataclass(frozen=True)
class NewLine:
    """A line to add, as it was typed: its first plan and rate hold from its first day; dates inclusive.

    Contribution and top-up are pounds a week; `later_rates` follow the first, the oldest first.
    """

    reference: str
    element_id: int
    unit: Unit
    plan_kind: PlanKind
    plan: PlanVersion
    rate: Decimal
    end: date | None
    payment_method: PaymentMethod
    vat_code: VatCode
    payment_basis: PaymentBasis = PaymentBasis.GROSS
    contribution: Decimal = NOTHING
    top_up: Decimal = NOTHING
    extras_allowed: bool | None = None
    later_rates: tuple[RateFrom, ...] = ()

    @property
    def payload(self) -> dict[str, Any]:
        """The line as JSON."""
        return asdict(self) | {
            "plan": None, "start": self.plan.start.isoformat(), "days": [str(units) for units in self.plan.days],
            "weekly": str(self.plan.weekly), "rate": str(self.rate), "end": self.end.isoformat() if self.end else None,
            "contribution": str(self.contribution), "top_up": str(self.top_up),
            "later_rates": [{"start": each.start.isoformat(), "rate": str(each.rate)} for each in self.later_rates],
        }  # fmt: skip

    @property
    def rate_versions(self) -> list[RateVersion]:
        """Its dated prices per unit, the oldest first, each until the day before the next."""
        rates = [RateFrom(self.plan.start, self.rate), *self.later_rates]
        ends = [each.start - DAY for each in rates[1:]]
        return [RateVersion(each.rate, each.start, end) for each, end in zip(rates, [*ends, None], strict=True)]


@dataclass(frozen=True)
class VersionWanted:
    """What a new version says: the service, the terms, and the lines it adds."""

    service_id: int
    terms: str
    lines: tuple[NewLine, ...]


def version_in(payload: Payload) -> VersionWanted:
    """Return what the payload of a proposal wants of a new version."""
    return VersionWanted(payload["service_id"], payload["terms"], tuple(line_in(each) for each in payload["lines"]))


def line_in(payload: Payload) -> NewLine:
    """Return the line that `NewLine.payload` wrote."""
    end = payload["end"]
    return NewLine(
        reference=payload["reference"],
        element_id=payload["element_id"],
        unit=Unit(payload["unit"]),
        plan_kind=PlanKind(payload["plan_kind"]),
        plan=plan_in(payload),
        rate=Decimal(payload["rate"]),
        end=date.fromisoformat(end) if end else None,
        payment_method=PaymentMethod(payload["payment_method"]),
        vat_code=VatCode(payload["vat_code"]),
        # What was proposed before these could be said has none of them.
        payment_basis=PaymentBasis(payload.get("payment_basis", PaymentBasis.GROSS)),
        contribution=Decimal(payload.get("contribution", 0)),
        top_up=Decimal(payload.get("top_up", 0)),
        extras_allowed=payload.get("extras_allowed"),
        later_rates=tuple(rate_in(each) for each in payload.get("later_rates", ())),
    )


def document_of(document_id: int, *, lock: bool = True) -> ContractDocument:
    """Return a document that was published, with its lines. Raises Unknown."""
    found = load_documents([document_id], lock=lock)
    if not found or found[0].version == 0:
        raise Unknown
    return found[0]


def new_version(
    document_id: int, service_id: int, terms: str, lines: Sequence[NewLine], reason: str
) -> AgreementChange:
    """Judge a new version of a document: other terms, another service of its provider, more lines.

    Raises Unknown; Refused with a problem for each thing that is wrong, at "line-0-rate" for the first line's rate.
    """
    document = document_of(document_id)
    problems = why_no_change(document, reason) + _why_no_service(document, service_id)
    if (service_id, terms.strip(), list(lines)) == (document.service_id, document.terms.strip(), []):
        same = "Nothing is different from the version before."
        problems.append(Problem(Code.SAME_AS_BEFORE, same, "Change the terms or the service, or add a line."))
    taken = _taken([line.reference for line in lines])
    for index, line in enumerate(lines):
        again = line.reference in [each.reference for each in lines[:index]]
        problems += [
            each.at(f"line-{index}-{each.field}") for each in _why_no_line(line, again or line.reference in taken)
        ]
    refuse(problems)
    payload = {
        "service_id": service_id, "terms": terms.strip(), "lines": [line.payload for line in lines],
        "reason": reason.strip(), "after": document.version,
    }  # fmt: skip
    title = f"New version of {document}"
    return AgreementChange(
        ProposalKind.NEW_VERSION, title, payload, about_document(document), _unusual(document, lines)
    )


def apply_new_version(proposal: Proposal) -> None:
    """Write what a confirmed proposal adds, and publish the document's next version. Raises Refused. No commit."""
    assert proposal.document_id is not None
    payload = proposal.payload
    document, wanted = document_of(proposal.document_id), version_in(payload)
    judged = new_version(document.id, wanted.service_id, wanted.terms, wanted.lines, payload["reason"])
    steps.refuse_newly_unusual(proposal, judged.unusual)
    document.terms = wanted.terms
    if document.service_id != wanted.service_id:
        document.service_id = wanted.service_id
        for line in document.line_items:
            line.service_id = document.service_id
    for new in wanted.lines:
        db.session.add(_line_item(document, new, proposal))
    db.session.flush()
    db.session.expire(document)
    publish_versions([document.id], proposal)


def _line_item(document: ContractDocument, new: NewLine, proposal: Proposal) -> LineItem:
    owner = {"organisation_id": document.organisation_id}
    from_it = {"reason": proposal.payload["reason"], "proposal_id": proposal.id}
    days = dict(zip(DAYS, new.plan.days, strict=True))
    return LineItem(
        **owner, document_id=document.id, service_id=document.service_id, person_id=document.person_id,
        reference=new.reference, element_id=new.element_id, unit=new.unit, plan_kind=new.plan_kind,
        start=new.plan.start, end=new.end, payment_method=new.payment_method, vat_code=new.vat_code,
        payment_basis=new.payment_basis, contribution=new.contribution, top_up=new.top_up,
        extras_allowed=new.extras_allowed,
        plans=[Plan(**owner, **from_it, **days, weekly_quantity=new.plan.weekly, start=new.plan.start)],
        rates=[Rate(**owner, **from_it, **each._asdict()) for each in new.rate_versions],
    )  # fmt: skip


def _why_no_service(document: ContractDocument, service_id: int) -> list[Problem]:
    service = db.session.get(Service, service_id)
    if service is not None and service.organisation_id == document.organisation_id:
        return []
    return [Problem(Code.NOT_ON_LIST, "Choose a service of this provider.", field="service")]


def _why_no_line(line: NewLine, taken: bool) -> list[Problem]:
    found = why_no_price(line.rate) + why_no_units(line.plan_kind, line.unit, line.plan)
    found += [problem for each in line.later_rates for problem in why_no_price(each.rate)]
    found += why_no_amounts(Deductions(line.plan.start, line.contribution, line.top_up))
    if not line.reference:
        found.append(Problem(Code.MISSING, "Enter the CPLI.", field="reference"))
    elif taken:
        found.append(Problem(Code.TAKEN, f"There is a line {line.reference} already.", field="reference"))
    if db.session.get(Element, line.element_id) is None:
        found.append(Problem(Code.NOT_ON_LIST, "Choose an element of care.", field="element"))
    if line.end and line.end < line.plan.start:
        wrong = f"The line starts on {uk_date(line.plan.start)}."
        found.append(Problem(Code.DATES_REVERSED, wrong, "Choose that day or a later one.", "end"))
    if line.unit is Unit.WEEK and line.payment_method is not PaymentMethod.SCHEDULED:
        found.append(Problem(Code.NOT_ON_LIST, "Weeks are paid by schedule only.", field="unit"))
    return found


def _taken(references: Sequence[str]) -> set[str]:
    folded = func.lower(func.btrim(LineItem.reference))
    wanted = {reference.strip().lower(): reference for reference in references}
    found = db.session.scalars(select(folded).where(folded.in_(wanted)))
    return {wanted[each] for each in found}


def _unusual(document: ContractDocument, lines: Sequence[NewLine]) -> list[Unusual]:
    medians, limits = median_rates({line.element_id for line in lines}), steps.limits()
    owner, person, step = document.organisation_id, document.person_id, policy.for_council("hour_step")
    found = overlaps_among(
        [LineSpan(0, line.reference, owner, person, line.element_id, line.plan.start, line.end) for line in lines]
    )
    for line in lines:
        last = None
        for version in line.rate_versions:
            found += unusual_rates(line.reference, version.rate, last, medians.get(line.element_id), limits)
            last = version.rate
        found += unusual_start(line.reference, line.plan.start, today(), limits)
        found += off_step(line.reference, line.unit, line.plan_kind, line.plan.days, step)
    return list({each.code: each for each in found}.values())
