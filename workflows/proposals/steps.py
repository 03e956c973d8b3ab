"""Proposals about money, step by step: one officer proposes, another confirms or sends back (rules.md 14)."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from models import ContractDocument, LineItem, PortalUser, Proposal, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import label
from rules.unusual import Limits, Unusual
from workflows import policy
from workflows.clock import now

OWN = "You proposed this yourself, so another officer has to confirm it."
# Kinds for which the policy can say that one officer is enough; all others always take two.
ONE_OFFICER_SETTINGS: Final = {
    ProposalKind.PUBLISH: "two_officers_publishing",
    ProposalKind.CHANGE_RATE: "two_officers_rate_change",
    ProposalKind.CHANGE_PLAN: "two_officers_plan_change",
    ProposalKind.END_LINE: "two_officers_line_end",
    ProposalKind.UPLIFT: "two_officers_uplift",
    ProposalKind.ONE_OFF: "two_officers_one_off_payment",
    ProposalKind.POLICY_VALUE: "two_officers_policy_value",
    ProposalKind.INSTALMENTS: "two_officers_instalments",
}


class About(NamedTuple):
    """What a proposal is about: any of a document, a line, an organisation, by id."""

    organisation_id: int | None = None
    document_id: int | None = None
    line_item_id: int | None = None


NOTHING_YET = About()


def about_document(document: ContractDocument) -> About:
    """Return that a proposal is about a document."""
    return About(document.organisation_id, document.id)


def about_line(line: LineItem) -> About:
    """Return that a proposal is about a line, and so about its document."""
    return About(line.organisation_id, line.document_id, line.id)


def limits() -> Limits:
    """Return from where on values are unusual today (policy)."""
    return Limits(
        policy.for_council("unusual_rate_percent"),
        policy.for_council("unusual_plan_factor"),
        policy.for_council("unusual_days_back"),
        policy.for_council("unusual_exception_percent"),
    )


def officers_for(kind: ProposalKind) -> int:
    """Return how many officers a kind takes today: two, or one where the policy says so."""
    setting = ONE_OFFICER_SETTINGS.get(kind)
    return 2 if setting is None or policy.for_council(setting) else 1


def propose(
    kind: ProposalKind,
    title: str,
    payload: dict[str, Any],
    officer: PortalUser,
    *,
    about: About = NOTHING_YET,
    unusual: Iterable[Unusual] = (),
    note: str = "",
    officers: int | None = None,
) -> Proposal:
    """Store a proposal for another officer and return it, flushed. `payload` is JSON. Does not commit.

    It takes as many `officers` as the policy says of its kind, where none are named.

    Raises Refused where a proposal of this kind about the same line or document waits already: two at once would be
    decided without knowing of each other.
    """
    waiting = waiting_about(kind, about)
    if waiting is not None:
        raise Refused(waits_already(waiting))
    proposal = Proposal(
        kind=kind, title=title, payload=payload, note=note.strip(), proposed_by_id=officer.id, proposed_at=now(),
        unusual=[each._asdict() for each in unusual], officers=officers or officers_for(kind), **about._asdict(),
    )  # fmt: skip
    db.session.add(proposal)
    db.session.flush()
    return proposal


def waits_already(waiting: Proposal) -> Problem:
    """Return the problem of whoever wants to propose something while this waits."""
    wrong = f"“{waiting.title}” waits to be confirmed."
    return Problem(Code.ASKED_ALREADY, wrong, "Withdraw it first, or wait until it is decided.")


def waiting_about(kind: ProposalKind, about: About) -> Proposal | None:
    """Return what waits of a kind about a line or all of its document, or about a document or any of its lines."""
    if about.document_id is None:
        return None
    same: ColumnElement[bool] = Proposal.document_id == about.document_id
    if about.line_item_id:
        same = and_(same, or_(Proposal.line_item_id == about.line_item_id, Proposal.line_item_id.is_(None)))
    found: Proposal | None = db.session.scalar(
        select(Proposal).where(same, Proposal.kind == kind, Proposal.state == ProposalState.PROPOSED).limit(1)
    )
    return found


def confirm(
    proposal_id: int, officer: PortalUser, ticked: Collection[str], apply: Callable[[Proposal], object]
) -> Proposal:
    """Confirm a proposal and do what it says, in one transaction, which is committed.

    Raises Unknown; Refused where it is decided already, where the officer proposed it, where something unusual is not
    ticked (field "ticked"), and whatever `apply` raises because it cannot be done any more: then nothing is changed.
    """
    proposal = _locked(proposal_id)
    problems = _why_not(proposal, officer, ticked)
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    proposal.ticked = [each["code"] for each in proposal.unusual]
    _decide(proposal, ProposalState.CONFIRMED, officer)
    try:
        apply(proposal)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return proposal


def send_back(proposal_id: int, officer: PortalUser, reason: str) -> Proposal:
    """Send a proposal back to who made it, with a reason; it is done. Commits. Raises Unknown, Refused."""
    if not reason.strip():
        raise Refused(Problem(Code.REASON_NEEDED, "Say why it goes back.", field="reason"))
    proposal = _locked(proposal_id)
    problems = _decided_already(proposal)
    if proposal.proposed_by_id == officer.id and not problems:
        problems = [Problem(Code.OWN_RUN, "You proposed this yourself.", "Withdraw it instead.")]
    return _close(proposal, ProposalState.SENT_BACK, officer, reason, problems)


def withdraw(proposal_id: int, officer: PortalUser) -> Proposal:
    """Take back one's own proposal before it is decided. Commits. Raises Unknown, Refused."""
    proposal = _locked(proposal_id)
    problems = _decided_already(proposal)
    if proposal.proposed_by_id != officer.id and not problems:
        problems = [Problem(Code.WRONG_STATE, "Somebody else proposed this.", "Send it back with a reason instead.")]
    return _close(proposal, ProposalState.WITHDRAWN, officer, "", problems)


def waiting(*of: ColumnElement[bool]) -> list[Proposal]:
    """Return what waits to be confirmed, the oldest first; `of` are further conditions."""
    statement = select(Proposal).where(Proposal.state == ProposalState.PROPOSED, *of)
    shown = (joinedload(Proposal.proposed_by), joinedload(Proposal.organisation))
    return list(db.session.scalars(statement.options(*shown).order_by(Proposal.proposed_at, Proposal.id)))


def proposal_of(proposal_id: int) -> Proposal:
    """Return a proposal with who made and decided it. Raises Unknown."""
    shown = (joinedload(Proposal.proposed_by), joinedload(Proposal.decided_by), joinedload(Proposal.organisation))
    found: Proposal | None = db.session.scalar(select(Proposal).where(Proposal.id == proposal_id).options(*shown))
    if found is None:
        raise Unknown
    return found


def refuse_newly_unusual(proposal: Proposal, unusual: Iterable[Unusual]) -> None:
    """Raise Refused where something is unusual by now that was not when it was proposed, so that nobody ticked it."""
    asked = {each["code"] for each in proposal.unusual}
    new = [each for each in unusual if each.code not in asked]
    if new:
        remedy = "Send it back, so that it is proposed again."
        raise Refused(*(Problem(Code.CHANGED_MEANWHILE, f"New since it was proposed: {each.sentence}", remedy)
                        for each in new))  # fmt: skip


def note_seen(proposal: Proposal, officer: PortalUser) -> None:
    """Note that an officer looked at what was sent back to them. Commits where there was something to note."""
    if proposal.state is ProposalState.SENT_BACK and proposal.proposed_by_id == officer.id and not proposal.seen_at:
        proposal.seen_at = now()
        db.session.commit()


def sent_back_to(officer: PortalUser) -> list[Proposal]:
    """Return what was sent back to an officer who has not looked at it yet, nor proposed it anew; the latest first."""
    statement = select(Proposal).where(Proposal.sent_back_to(officer.id)).options(joinedload(Proposal.decided_by))
    return list(db.session.scalars(statement.order_by(Proposal.decided_at.desc())))


def _locked(proposal_id: int) -> Proposal:
    found: Proposal | None = db.session.scalar(
        select(Proposal).where(Proposal.id == proposal_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise Unknown
    return found


def _why_not(proposal: Proposal, officer: PortalUser, ticked: Collection[str]) -> list[Problem]:
    if problems := _decided_already(proposal):
        return problems
    if proposal.officers > 1 and proposal.proposed_by_id == officer.id:
        return [Problem(Code.OWN_RUN, OWN)]
    if any(each["code"] not in ticked for each in proposal.unusual):
        wrong = "Something about this is unusual."
        return [Problem(Code.MISSING, wrong, "Look at it, and tick that you did.", "ticked")]
    return []


def _decided_already(proposal: Proposal) -> list[Problem]:
    if proposal.state is ProposalState.PROPOSED:
        return []
    done = f"This has been decided already: {label(proposal.state).lower()}."
    return [Problem(Code.DECIDED_ALREADY, done, "Nothing was changed.")]


def _close(
    proposal: Proposal, state: ProposalState, officer: PortalUser, reason: str, problems: list[Problem]
) -> Proposal:
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    proposal.reason = reason.strip()
    _decide(proposal, state, officer)
    db.session.commit()
    return proposal


def _decide(proposal: Proposal, state: ProposalState, officer: PortalUser) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by_id = state, now(), officer.id
    # Before anything it is about is written: the database lets that through in this transaction alone.
    db.session.flush()
