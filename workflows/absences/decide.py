"""Absence claims as the council decides them: approved, approved in part, refused, once (rules.md 7)."""

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import select

from models import AbsenceClaim, Contact, PortalUser, db
from rules.absence_claim import FINE
from rules.absence_refusal import ClaimEntry, check_earlier_last_day
from rules.money import NOTHING
from rules.period import uk_clock, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ClaimState
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen
from workflows.absences.check import JudgedClaim, judge, lock_line
from workflows.absences.claim import get_claim
from workflows.absences.claim_lines import new_line
from workflows.absences.corrections import correct_claims
from workflows.clock import LONDON, now, today
from workflows.mail.letters import write_letter
from workflows.weeks.judge_again import judge_absent

DECIDED = {
    ClaimState.APPROVED: "approved",
    ClaimState.IN_PART: "approved in part",
    ClaimState.REFUSED: "refused",
    ClaimState.PAID: "approved",
}


def judge_claim(
    claim: AbsenceClaim, last: date | None = None, others: Sequence[AbsenceClaim] | None = None
) -> JudgedClaim:
    """Return what a claim comes to now, up to `last` where it is given, and what would keep it from being approved.

    `others` as `judge` takes them.
    """
    entry = ClaimEntry(
        claim.line_item_id, claim.first_day, last or claim.until, claim.reason, claim.notified_on, claim.notified_to,
        claim.comment,
    )  # fmt: skip
    return judge(entry, claim.line_item, claim.id, others)


def approve(claim_id: int, officer: PortalUser) -> AbsenceClaim:
    """Approve every day of a claim: what it comes to now is fixed and goes into the next payment run. Commits.

    Raises Unknown; Refused where somebody decided before, naming them, or where a day can no longer be claimed.
    """
    claim = _waiting(claim_id)
    _fix(claim, judge_claim(claim))
    return _close(claim, ClaimState.APPROVED, officer)


def approve_in_part(claim_id: int, last: date, reason: str, officer: PortalUser) -> AbsenceClaim:
    """Approve a claim up to an earlier last day; the days after it are free to be claimed again. Commits.

    `reason` says why the days after it are not paid; it may be empty. Raises as `approve` does, and Refused for a day
    that is no earlier last day (field `last_day`) or a reason that cannot be kept (field `part_reason`).
    """
    claim = _waiting(claim_id)
    problems = [check_earlier_last_day(claim.first_day, claim.last_day, last), _why_not_kept(reason, "part_reason")]
    _refuse_for(*filter(None, problems))
    _fix(claim, judge_claim(claim, last))
    claim.approved_last_day, claim.refused_reason = last, reason.strip()
    return _close(claim, ClaimState.IN_PART, officer)


def refuse(claim_id: int, reason: str, officer: PortalUser) -> AbsenceClaim:
    """Refuse a claim with a reason the provider reads; its days are free again. Commits.

    Raises Unknown, and Refused without a reason (field `reason`) or where somebody decided before.
    """
    claim = _waiting(claim_id)
    if not reason.strip():
        _refuse_for(Problem(Code.REASON_NEEDED, "Say why the claim is refused.", "The provider reads it.", "reason"))
    _refuse_for(*filter(None, [_why_not_kept(reason, "reason")]))
    claim.refused_reason = reason.strip()
    claim.units = claim.net = claim.vat = claim.gross = NOTHING
    return _close(claim, ClaimState.REFUSED, officer)


def decided_before(claim: AbsenceClaim) -> str:
    """Return who decided a claim, when, and how: "AC-000001 was refused by Ann Lane on 20 November 2017 at 10:04am"."""
    by = " by the portal" if claim.corrects_id else f" by {claim.decided_by}" if claim.decided_by else ""
    if claim.decided_at is None or claim.state not in DECIDED:
        return f"{claim} is {claim.state.value}"
    at = claim.decided_at.astimezone(LONDON)
    paid = " and has been paid" if claim.state is ClaimState.PAID else ""
    return f"{claim} was {DECIDED[claim.state]}{by} on {uk_date(at.date())} at {uk_clock(at)}{paid}"


def _waiting(claim_id: int) -> AbsenceClaim:
    """Return a claim that waits for a decision, kept from everybody else until the transaction ends."""
    lock_line(get_claim(claim_id).line_item_id)
    # Read again under the lock: a concurrent request may have decided.
    claim = get_claim(claim_id)
    if claim.state is not ClaimState.SUBMITTED:
        _refuse_for(Problem(Code.DECIDED_ALREADY, f"{decided_before(claim)}.", "Nothing was changed."))
    return claim


def _fix(claim: AbsenceClaim, judged: JudgedClaim) -> None:
    """Write what a claim comes to, by week and rate, as it will be paid. Raises Refused where it cannot be."""
    _refuse_for(*judged.problems)
    for number, segment in enumerate(judged.segments, 1):
        line = new_line(claim, segment, claim.line_item.unit, judged.line.vat_code)
        line.number = number
        db.session.add(line)
    claim.units, claim.net, claim.vat = judged.units.quantize(FINE), judged.net, judged.vat
    claim.gross = claim.net + claim.vat
    # The lines first: they belong to a claim that waits for its decision.
    db.session.flush()


def _close(claim: AbsenceClaim, state: ClaimState, officer: PortalUser) -> AbsenceClaim:
    claim.state, claim.decided_at, claim.decided_by_id = state, now(), officer.id
    _tell_contacts(claim)
    db.session.flush()
    judge_absent(claim.line_item_id, claim.first_day, claim.last_day)
    # The days of claims beside it may count otherwise now (rules.md 7).
    correct_claims([claim.line_item_id])
    db.session.commit()
    return claim


def _tell_contacts(claim: AbsenceClaim) -> None:
    address = f"{current_app.config['PORTAL_ADDRESS']}/absence-claims/{claim.id}"
    for recipient in db.session.scalars(
        select(Contact.email)
        .where(Contact.organisation_id == claim.organisation_id, Contact.may_payments, Contact.in_force(today()))
        .order_by(Contact.id)
    ):
        write_letter(recipient, "absence claim decided", claim.organisation_id, address=address)


def _why_not_kept(text: str, field: str) -> Problem | None:
    wrong = refuse_unseen(text) or refuse_longer(text.strip(), LONGEST_COMMENT)
    return wrong.at(field) if wrong else None


def _refuse_for(*problems: Problem) -> None:
    if problems:
        db.session.rollback()
        raise Refused(*problems)
