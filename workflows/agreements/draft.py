"""Drafting an agreement: a contract document with its lines, plans and first rates, kept as a draft as a whole."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from models import DAYS, ContractDocument, LineItem, Plan, PortalUser, Proposal, Rate, db
from rules.agreement_states import DocumentState, ProposalKind, ProposalState
from rules.document_content import digest_of, to_text
from rules.money import NOTHING
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import PaymentMethod, PlanKind, Unit, VatCode
from workflows.agreements import draft_days
from workflows.agreements.draft_reading import (
    EXTRAS_TYPED,
    ReadAgreement,
    ReadLine,
    TypedAgreement,
    line_field,
    read_agreement,
)
from workflows.clock import today
from workflows.contracts import publication
from workflows.contracts.versions import content_of

CHANGED: Final = Problem(
    Code.CHANGED_MEANWHILE,
    "Somebody saved this draft after you opened it.",
    "Open it again in another tab and compare.",
)
TAKEN_MEANWHILE: Final = Problem(
    Code.TAKEN, "A reference has been taken while you saved.", "Change the ISO or the CPLI and save again."
)


# Joined, for a line of a draft has hardly more than one of each.
_PRICED: Final = (joinedload(LineItem.plans), joinedload(LineItem.rates))
_WHOLE: Final = (*_PRICED, joinedload(LineItem.element), joinedload(LineItem.deductions))


def draft_of(document_id: int, *, lock: bool = False) -> ContractDocument:
    """Return a draft that was never published, with its lines, plans and rates. Raises Unknown."""
    statement = (
        select(ContractDocument)
        .where(ContractDocument.id == document_id, ContractDocument.version == 0)
        .where(ContractDocument.state == DocumentState.DRAFT)
        .options(joinedload(ContractDocument.organisation), joinedload(ContractDocument.service))
        .options(joinedload(ContractDocument.person))
        .options(selectinload(ContractDocument.line_items).options(*_WHOLE))
        .execution_options(populate_existing=True)
    )
    found: ContractDocument | None = db.session.scalar(
        statement.with_for_update(of=ContractDocument) if lock else statement
    )
    if found is None:
        raise Unknown
    return found


def fingerprint(document: ContractDocument) -> str:
    """Return by what a draft is known to be as it was when a page was opened."""
    return digest_of(to_text(content_of(document, today())))


def typed_of_draft(document: ContractDocument, days: Mapping[str, str] = MappingProxyType({})) -> TypedAgreement:
    """Return a draft as it stands in the form.

    `days` are the agreement's `start` and `end` as somebody typed them who goes on to add a line.
    """
    lines = document.line_items
    first = lines[0] if lines else None
    start, end = draft_days.shown(lines, days)
    own = {
        "organisation": document.organisation.reference,
        "service": document.service.name,
        "person": document.person.reference,
        "reference": document.reference,
        "start": _day(start),
        "end": _day(end),
        "payment_method": (first.payment_method if first else PaymentMethod.ACTUALS).value,
        "vat_code": (first.vat_code if first else VatCode.EXEMPT).value,
        "terms": document.terms,
        "seen": fingerprint(document),
    }
    return TypedAgreement(own, [_typed_line(line, start, end) for line in lines])


def _typed_line(line: LineItem, start: date | None, end: date | None) -> dict[str, str]:
    """Return a line as it stands in the form; a day that is the agreement's, from `start` to `end`, is left empty."""
    plan = line.plans[0] if line.plans else None
    by_day = plan is not None and line.plan_kind is PlanKind.TIMETABLED
    days = {day: f"{getattr(plan, day):.2f}" if by_day and getattr(plan, day) else "" for day in DAYS}
    return days | {
        "id": str(line.id),
        "reference": line.reference,
        "element": str(line.element_id),
        "unit": line.unit.value,
        "plan_kind": line.plan_kind.value,
        "weekly_quantity": f"{plan.weekly_quantity:.2f}" if plan and plan.weekly_quantity else "",
        "rate": _rate_text(line),
        "start": _day(line.start) if line.start != start else "",
        "end": _day(line.end) if line.end != end else "",
        "payment_basis": line.payment_basis.value,
        "contribution": f"{line.contribution:.2f}" if line.contribution else "",
        "top_up": f"{line.top_up:.2f}" if line.top_up else "",
        "extras": next((text for text, allowed in EXTRAS_TYPED.items() if allowed is line.extras_allowed), ""),
    }


def _rate_text(line: LineItem) -> str:
    if not line.rates:
        return ""
    rate = line.rates[0].rate
    return f"{rate:.2f}" if rate == round(rate, 2) else f"{rate.normalize():f}"


def _day(day: object) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def lines_of(document_id: int) -> list[LineItem]:
    """Return the lines of a document in the order of the form, with their plans and rates, in one query."""
    statement = select(LineItem).where(LineItem.document_id == document_id).order_by(LineItem.reference)
    return list(db.session.scalars(statement.options(*_PRICED)).unique())


def why_not_here(lines: Sequence[LineItem]) -> str:
    """Return why a draft of such lines does not fit the form, empty where it does.

    An import can say more than the form has room for; saving it from the form would lose what the form does not show.
    """
    odd = next((line for line in lines if len(line.plans) > 1 or len(line.rates) > 1 or _has_own_day(line)), None)
    if odd:
        return (
            f"Line {odd} has more than its first plan and rate. Change it by importing the file again, or line by line."
        )
    same = {(line.payment_method, line.vat_code) for line in lines}
    if len(same) > 1:
        return "Its lines differ in payment or VAT. Change it by importing the file again, or line by line."
    return ""


def _has_own_day(line: LineItem) -> bool:
    """Say whether its plan or its rate holds from another day than the line: on the form they have one."""
    dates = [*((plan.start, None) for plan in line.plans), *((rate.start, rate.end) for rate in line.rates)]
    return any(own != (line.start, None) for own in dates)


def waiting_publication(document_id: int) -> Proposal | None:
    """Return the proposal to publish a draft that waits for another officer, nothing where none does."""
    found: Proposal | None = db.session.scalar(
        select(Proposal)
        .where(Proposal.kind == ProposalKind.PUBLISH, Proposal.state == ProposalState.PROPOSED)
        .where(or_(Proposal.document_id == document_id, Proposal.payload["documents"].contains([document_id])))
        .options(joinedload(Proposal.proposed_by))
        .limit(1)
    )
    return found


def save(typed: TypedAgreement, document_id: int | None = None, *, to_be_continued: bool = False) -> ContractDocument:
    """Keep an agreement as a draft, a new one or the one with this id, and return it with its lines. Commits.

    Lines that are not named any more are removed. Raises Unknown for what is no draft; Refused with every problem at
    its field, or where the draft waits to be confirmed or was saved by somebody else since the page was opened. While
    more lines are to come, the agreement's first and last day need not be those of a line yet.
    """
    draft = draft_of(document_id, lock=True) if document_id else None
    read = read_agreement(typed, draft)
    problems = [*_not_now(draft, typed), *read.problems, *_taken(read, draft)]
    if not problems and not to_be_continued:
        problems = draft_days.problems_of(read)
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    try:
        document = _store(read, draft)
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise Refused(TAKEN_MEANWHILE) from None
    db.session.commit()
    return draft_of(document.id)


def send(typed: TypedAgreement, officer: PortalUser, document_id: int | None = None) -> Proposal:
    """Keep an agreement and propose to publish it: another officer confirms. Commits. Raises as `save` does."""
    document = save(typed, document_id)
    return publication.propose([document.id], officer)


def _not_now(draft: ContractDocument | None, typed: TypedAgreement) -> list[Problem]:
    if draft is None:
        return []
    if waiting := waiting_publication(draft.id):
        wrong = f"It was sent for confirmation by {waiting.proposed_by} and waits."
        return [Problem(Code.WRONG_STATE, wrong, "Withdraw it to change it.")]
    if why := why_not_here(draft.line_items):
        return [Problem(Code.WRONG_STATE, why)]
    return [CHANGED] if typed.document["seen"] != fingerprint(draft) else []


def _taken(read: ReadAgreement, draft: ContractDocument | None) -> list[Problem]:
    """Return which references others have, whatever their case, in the database or on this page."""
    found = []
    if read.reference:
        same = func.lower(ContractDocument.reference) == read.reference.lower()
        other = db.session.scalar(select(ContractDocument.id).where(same))
        if other and (draft is None or other != draft.id):
            wrong = f"There is a contract document {read.reference} already."
            found.append(Problem(Code.TAKEN, wrong, "Enter another reference.", "reference"))
    own = {line.id for line in draft.line_items} if draft else set()
    wanted = {line.fields.reference.lower() for line in read.lines} - {""}
    stored = select(func.lower(LineItem.reference), LineItem.id).where(func.lower(LineItem.reference).in_(wanted))
    taken = {reference for reference, key in db.session.execute(stored) if key not in own}
    before: dict[str, int] = {}
    for line in read.lines:
        reference = line.fields.reference.lower()
        first = before.setdefault(reference, line.number) if reference else line.number
        if reference in taken or first != line.number:
            where = f"Line {first} has it" if first != line.number else "There is such a line"
            wrong = f"Line {line.number}: {where} already: CPLI {line.fields.reference}."
            found.append(Problem(Code.TAKEN, wrong, "Enter another.", line_field(line.number, "reference")))
    return found


def _store(read: ReadAgreement, draft: ContractDocument | None) -> ContractDocument:
    assert read.organisation
    assert read.service
    assert read.person
    if draft and draft.organisation_id != read.organisation.id:
        _remove_lines([line.id for line in draft.line_items])
        db.session.expire(draft, ["line_items"])
    document = draft or ContractDocument(state=DocumentState.DRAFT)
    document.organisation_id, document.service_id = read.organisation.id, read.service.id
    document.person_id, document.reference, document.terms = read.person.id, read.reference, read.terms
    db.session.add(document)
    db.session.flush()
    by_key = {line.id: line for line in document.line_items} if draft else {}
    kept = {line.key for line in read.lines} & set(by_key)
    _remove_lines([key for key in by_key if key not in kept])
    for line in read.lines:
        _store_line(line, read, document, by_key.get(line.key or 0))
    return document


def _remove_lines(keys: list[int]) -> None:
    for table in (Plan, Rate):
        db.session.execute(delete(table).where(table.line_item_id.in_(keys)))
    db.session.execute(delete(LineItem).where(LineItem.id.in_(keys)))


def _store_line(line: ReadLine, read: ReadAgreement, document: ContractDocument, stored: LineItem | None) -> None:
    fields = line.fields
    assert fields.unit
    assert fields.plan_kind
    assert fields.start
    assert line.element_id
    assert fields.rate is not None
    item = stored or LineItem(organisation_id=document.organisation_id, document_id=document.id)
    item.reference, item.element_id, item.unit = fields.reference, line.element_id, Unit(fields.unit)
    item.service_id, item.person_id, item.plan_kind = document.service_id, document.person_id, fields.plan_kind
    item.start, item.end, item.vat_code = fields.start, fields.end, read.vat_code
    item.payment_method, item.payment_basis = read.payment_method, line.payment_basis
    item.extras_allowed = line.extras_allowed
    item.contribution, item.top_up = fields.contribution or NOTHING, fields.top_up or NOTHING
    db.session.add(item)
    db.session.flush()
    own = {"organisation_id": document.organisation_id, "line_item_id": item.id}
    plan = item.plans[0] if stored and item.plans else Plan(**own)
    plan.start, plan.weekly_quantity = fields.start, fields.weekly_quantity or NOTHING
    for day, units in zip(DAYS, fields.days, strict=True):
        setattr(plan, day, units or NOTHING)
    rate = item.rates[0] if stored and item.rates else Rate(**own)
    rate.rate, rate.start = fields.rate, fields.start
    db.session.add_all([plan, rate])
