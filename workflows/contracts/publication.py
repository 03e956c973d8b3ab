"""Publishing contract documents: proposed by one officer, live when another has confirmed (rules.md 11, 14 and 17)."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from models import ContractDocument, LineItem, PortalUser, Proposal, Rate, db
from rules.document_content import digest_of, to_text
from rules.line_fields import off_step
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import DocumentState, ProposalKind, label
from rules.unusual import Unusual, unusual_rates, unusual_start
from rules.words import counted
from workflows import policy
from workflows.clock import today
from workflows.contracts.versions import content_of, publish_versions
from workflows.proposals import steps
from workflows.proposals.steps import NOTHING_YET, about_document


def propose_publication(document_ids: Sequence[int], officer: PortalUser, note: str = "") -> Proposal:
    """Propose to publish drafts, all or none; the proposal waits for another officer. Does not commit.

    Raises Refused, naming each document that is no draft, has no line items, or has a line without plan or rate.
    """
    drafts = _drafts(document_ids)
    _refuse(drafts)
    if twice := waiting_publications() & set(document_ids):
        named = next(draft for draft in drafts if draft.id in twice)
        raise Refused(Problem(Code.ASKED_ALREADY, f"{named} waits already for another officer to publish it."))
    single = len(drafts) == 1
    title = f"Publish {drafts[0] if single else counted(len(drafts), 'contract document')}"
    return steps.propose(
        ProposalKind.PUBLISH,
        title,
        {"documents": [document.id for document in drafts], "digest": _digest(drafts)},
        officer,
        about=about_document(drafts[0]) if single else NOTHING_YET,
        unusual=_unusual(drafts),
        note=note,
    )


def propose(document_ids: Sequence[int], officer: PortalUser) -> Proposal:
    """Propose as `propose_publication` does, and commit."""
    try:
        proposal = propose_publication(document_ids, officer)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return proposal


def apply_publication(proposal: Proposal) -> None:
    """Publish what a confirmed proposal names. Raises Refused where it cannot be published any more. No commit."""
    ids: list[int] = proposal.payload["documents"]
    drafts = _drafts(ids)
    _refuse(drafts)
    if proposal.payload.get("digest") != _digest(drafts):
        wrong = "What was sent for confirmation has been changed since."
        raise Refused(Problem(Code.CHANGED_MEANWHILE, wrong, "Send it back, so that it is looked at and sent anew."))
    publish_versions(ids, proposal)


def _digest(drafts: Sequence[ContractDocument]) -> str:
    """Return by what drafts are known to say at the confirmation what they said when they were sent."""
    return digest_of("".join(to_text(content_of(document, date.min)) for document in drafts))


def waiting_publications() -> set[int]:
    """Return the ids of the drafts that wait for another officer to publish them."""
    waiting = steps.waiting(Proposal.kind == ProposalKind.PUBLISH)
    return {document_id for proposal in waiting for document_id in proposal.payload["documents"]}


def median_rates(element_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the median of the rates in force today on published lines, in pounds per unit, by element."""
    statement = (
        select(LineItem.element_id, func.percentile_disc(0.5).within_group(Rate.rate).label("median"))
        .join(Rate, Rate.line_item_id == LineItem.id)
        .join(LineItem.document)
        .where(LineItem.element_id.in_(element_ids), Rate.in_force(today()), ContractDocument.in_force)
        .group_by(LineItem.element_id)
    )
    return {row.element_id: row.median for row in db.session.execute(statement)}


def overlaps(lines: Sequence[LineItem]) -> list[Unusual]:
    """Return which of some lines have days in common with another line of their person and element (rules.md 17)."""
    own, other = aliased(LineItem), aliased(LineItem)
    statement = (
        select(own.reference, other.reference, func.greatest(own.start, other.start))
        .join(
            other,
            (other.organisation_id == own.organisation_id)
            & (other.person_id == own.person_id)
            & (other.element_id == own.element_id)
            & (other.id != own.id),
        )
        .join(ContractDocument, ContractDocument.id == other.document_id)
        .where(
            own.id.in_([line.id for line in lines]),
            or_(ContractDocument.takes_actuals, other.document_id.in_({line.document_id for line in lines})),
            or_(own.end.is_(None), own.end >= other.start),
            or_(other.end.is_(None), other.end >= own.start),
        )
        .order_by(own.reference, other.reference)
    )
    return [
        Unusual(
            f"overlap {one} {two}",
            f"Line {one} is for the same person and element as line {two} from {uk_date(since)} on. Are both meant?",
        )
        for one, two, since in db.session.execute(statement)
    ]


def _unusual(drafts: Sequence[ContractDocument]) -> list[Unusual]:
    lines = [line for document in drafts for line in document.line_items]
    medians, limits, day = median_rates({line.element_id for line in lines}), steps.limits(), today()
    found, step = overlaps(lines), policy.for_council("hour_step")
    for line in lines:
        found += unusual_rates(line.reference, line.rates[-1].rate, None, medians.get(line.element_id), limits)
        found += unusual_start(line.reference, line.start, day, limits)
        found += off_step(line.reference, line.unit, line.plan_kind, line.plans[-1].days, step)
    return found


def _drafts(ids: Sequence[int]) -> list[ContractDocument]:
    return list(
        db.session.scalars(
            select(ContractDocument)
            .where(ContractDocument.id.in_(ids))
            .options(selectinload(ContractDocument.line_items).joinedload(LineItem.element))
            .options(joinedload(ContractDocument.organisation), joinedload(ContractDocument.service))
            .options(joinedload(ContractDocument.person))
            .order_by(ContractDocument.id)
            .with_for_update(of=ContractDocument)
            .execution_options(populate_existing=True)
        )
    )


def _refuse(drafts: Sequence[ContractDocument]) -> None:
    problems = [problem for document in drafts for problem in why_not_published(document)]
    if problems or not drafts:
        raise Refused(*(problems or [Problem(Code.MISSING, "Choose at least one contract document.")]))


def why_not_published(document: ContractDocument) -> list[Problem]:
    """Return everything that keeps a document from being published, nothing where nothing does."""
    if document.state is not DocumentState.DRAFT:
        state = label(document.state).lower()
        return [Problem(Code.WRONG_STATE, f"{document} is {state}: only a draft can be published.")]
    if not document.line_items:
        wrong = f"{document} has no line items yet."
        return [Problem(Code.NO_LINE_ITEMS, wrong, "Add what it commissions, then publish it.")]
    return [problem for line in document.line_items for problem in _lacks(line)]


def _lacks(line: LineItem) -> list[Problem]:
    found = []
    if not line.plans:
        found.append(Problem(Code.NOTHING_PLANNED, f"Line {line} has no plan yet.", "Say what it commissions."))
    if line.rate_on(line.start) is None:
        wrong = f"Line {line} has no rate on its first day, {uk_date(line.start)}."
        found.append(Problem(Code.NO_RATE, wrong, "Add one before it is published."))
    return found
