"""Publishing contract documents: proposed by one officer, live when another has confirmed (rules.md 11, 14 and 17)."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, func, select

from models import ContractDocument, LineItem, PortalUser, Proposal, Rate, db
from rules.agreement_states import DocumentState, ProposalKind
from rules.document_content import digest_of, to_text
from rules.line_fields import off_step
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import label
from rules.unusual import Unusual, unusual_rates, unusual_start
from rules.words import counted
from workflows import policy
from workflows.clock import today
from workflows.contracts.overlaps import LineSpan, overlaps_among
from workflows.contracts.versions import content_of, load_documents, publish_versions
from workflows.proposals import steps
from workflows.proposals.steps import NOTHING_YET, about_document

CHANGED = Problem(
    Code.CHANGED_MEANWHILE,
    "What it would publish was changed after it was proposed.",
    "Send it back to be proposed again.",
)
# The digest of a draft leaves out when it will be published.
NO_DAY = date.min


def propose_publication(document_ids: Sequence[int], officer: PortalUser, note: str = "") -> Proposal:
    """Propose to publish drafts, all or none; the proposal waits for another officer. Does not commit.

    Raises Refused, naming each document that is no draft, has no line items, or has a line without plan or rate.
    """
    drafts = load_documents(document_ids)
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
    drafts = load_documents(ids)
    _refuse(drafts)
    if _digest(drafts) != proposal.payload.get("digest"):
        raise Refused(CHANGED)
    steps.refuse_newly_unusual(proposal, _unusual(drafts))
    publish_versions(ids, proposal)


def waiting_publications() -> set[int]:
    """Return the ids of the drafts that wait for another officer to publish them."""
    return set(db.session.scalars(Proposal.documents_to_publish()))


def median_rates(element_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the median of the rates in force today on published lines, in pounds per unit, by element."""
    return {row.element_id: row.median for row in db.session.execute(medians_of(element_ids))}


def medians_of(element_ids: Collection[int] | Select[int]) -> Select[int, Decimal]:
    """Return the query of these medians: the element's id, and `median`."""
    return (
        select(LineItem.element_id, func.percentile_disc(0.5).within_group(Rate.rate).label("median"))
        .join(Rate, Rate.line_item_id == LineItem.id)
        .join(LineItem.document)
        .where(
            LineItem.element_id.in_(element_ids),
            Rate.in_force(today()),
            Rate.replaced_at.is_(None),
            ContractDocument.in_force,
        )
        .group_by(LineItem.element_id)
    )


def _unusual(drafts: Sequence[ContractDocument]) -> list[Unusual]:
    lines = [line for document in drafts for line in document.line_items]
    medians, limits, day = median_rates({line.element_id for line in lines}), steps.limits(), today()
    found, step = overlaps_among([LineSpan.of(line) for line in lines]), policy.for_council("hour_step")
    for line in lines:
        for rate in line.rates:
            found += unusual_rates(line.reference, rate.rate, None, medians.get(line.element_id), limits)
        found += unusual_start(line.reference, line.start, day, limits)
        found += off_step(line.reference, line.unit, line.plan_kind, line.plans[-1].days, step)
    return list({each.code: each for each in found}.values())


def _digest(drafts: Sequence[ContractDocument]) -> str:
    """Return the digest of all that is to be published, as it stands now."""
    return digest_of("".join(to_text(content_of(document, NO_DAY)) for document in drafts))


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
