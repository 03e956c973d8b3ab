"""Unplanned absence claims as their provider makes them: kept as a draft, sent, withdrawn (rules.md 7).

Everybody who makes or decides claims of a line takes turns: the line is locked first.
"""

from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from models import AbsenceClaim, LineItem, PortalUser, db
from rules.absence_claim import FINE
from rules.absence_refusal import ClaimEntry, already_claimed, check_dates, check_words, name_refused
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ClaimState, PaymentMethod
from workflows.absences.check import (
    LINE,
    SCHEDULED,
    JudgedClaim,
    choices,
    claimed_days,
    judge,
    line_of,
    lock_line,
    other_claims,
)
from workflows.clock import LONDON, now, today
from workflows.weeks.claimed_days import take_turns
from workflows.weeks.judge_again import judge_absent

__all__ = [
    "ClaimChanged",
    "JudgedClaim",
    "SentClaim",
    "choices",
    "foresee",
    "get_claim",
    "line_of",
    "save_draft",
    "submit",
    "withdraw",
]


class ClaimChanged(Refused):
    """The figures are not those that were shown: nothing was sent, and there is something new to look at."""


class SentClaim(NamedTuple):
    """A claim that is sent, and whether this call sent it: not where it was sent before."""

    claim: AbsenceClaim
    new: bool


def foresee(entry: ClaimEntry, claim_id: int | None = None) -> JudgedClaim:
    """Return what a claim would come to, day by day, and what is wrong with its days. Stores nothing.

    `claim_id` is its draft, where it is kept as one. Raises Unknown for the line.
    """
    return judge(entry, line_of(entry.line_id), claim_id)


def save_draft(entry: ClaimEntry, claim_id: int | None = None) -> AbsenceClaim:
    """Keep a claim as a draft, a new one or the one with `claim_id`, without sending it. Commits.

    Its days are its own from then on. What is only wrong until something else is put right (a day to come, care that
    is recorded) does not keep a draft from being kept. Raises Unknown, and Refused where it cannot be one.
    """
    lock_line(entry.line_id)
    line = line_of(entry.line_id)
    claim = _draft(claim_id, line) if claim_id else None
    if problems := _why_no_draft(entry, line, claim_id):
        db.session.rollback()
        raise Refused(*problems)
    claim = claim or AbsenceClaim(organisation_id=line.organisation_id)
    _write(claim, judge(entry, line, claim_id))
    db.session.commit()
    return claim


def submit(entry: ClaimEntry, user: PortalUser, *, seen: str, claim_id: int | None = None) -> SentClaim:
    """Send a claim to the Payments Team, a new one or the draft with `claim_id`. Commits.

    `seen` is Judged.seen of the figures that were shown. Sending the same claim twice, or two people sending it at
    once, makes one claim. Raises Unknown; Changed where the figures are not those shown; Refused with everything that
    is wrong, each refused day named.
    """
    take_turns(line_of(entry.line_id).organisation_id, claiming=True)
    lock_line(entry.line_id)
    line = line_of(entry.line_id)
    if sent := _sent_already(entry, claim_id):
        db.session.rollback()
        return SentClaim(sent, False)
    claim = _draft(claim_id, line) if claim_id else AbsenceClaim(organisation_id=line.organisation_id)
    judged = judge(entry, line, claim_id)
    if problems := (*judged.problems, *check_words(entry, today())):
        db.session.rollback()
        raise Refused(*problems)
    if judged.seen != seen:
        db.session.rollback()
        raise ClaimChanged(
            Problem(Code.FIGURES_CHANGED, "This is what is payable.", "Look at it, then submit the claim.")
        )
    _write(claim, judged)
    claim.submitted_at, claim.submitted_by_id = now(), user.id
    claim.state, claim.claimed_net = ClaimState.SUBMITTED, judged.net
    db.session.flush()
    judge_absent(line.id, entry.first, entry.last)
    db.session.commit()
    return SentClaim(claim, True)


def withdraw(claim_id: int) -> None:
    """Throw a draft away; its days are free again. Commits. Raises Unknown, and Refused for one that was sent."""
    claim = get_claim(claim_id)
    lock_line(claim.line_item_id)
    gone = delete(AbsenceClaim).where(AbsenceClaim.id == claim_id, AbsenceClaim.state == ClaimState.DRAFT)
    if db.session.execute(gone.returning(AbsenceClaim.id)).first() is None:
        db.session.rollback()
        sent = f"{claim} was sent already, so it cannot be withdrawn here."
        raise Refused(Problem(Code.WRONG_STATE, sent, "Telephone the Payments Team."))
    db.session.commit()


def get_claim(claim_id: int) -> AbsenceClaim:
    """Return a claim of the organisation in scope with its line and who sent and decided it. Raises Unknown."""
    item = joinedload(AbsenceClaim.line_item)
    statement = (
        select(AbsenceClaim)
        .where(AbsenceClaim.id == claim_id)
        .options(
            *(item.options(each) for each in (*LINE, joinedload(LineItem.rates), joinedload(LineItem.plans))),
            joinedload(AbsenceClaim.submitted_by),
            joinedload(AbsenceClaim.decided_by),
        )
        .execution_options(populate_existing=True)
    )
    found: AbsenceClaim | None = db.session.scalars(statement).unique().one_or_none()
    if found is None:
        raise Unknown
    return found


def _draft(claim_id: int, line: LineItem) -> AbsenceClaim:
    claim = get_claim(claim_id)
    if claim.line_item_id != line.id:
        raise Unknown
    if claim.state is not ClaimState.DRAFT:
        raise Refused(Problem(Code.WRONG_STATE, f"{claim} was sent on {_sent_on(claim)}, so it is no longer a draft."))
    return claim


def _sent_on(claim: AbsenceClaim) -> str:
    return uk_date(claim.submitted_at.astimezone(LONDON).date()) if claim.submitted_at else "an earlier day"


def _sent_already(entry: ClaimEntry, claim_id: int | None) -> AbsenceClaim | None:
    """Return the claim that this one is already: the draft that was sent, or one of exactly the same days."""
    if claim_id:
        claim = get_claim(claim_id)
        return None if claim.state is ClaimState.DRAFT else claim
    same = (
        each
        for each in other_claims(entry.line_id, entry.first, entry.last)
        if (each.first_day, each.last_day, each.reason) == (entry.first, entry.last, entry.reason)
    )
    return next((each for each in same if each.state is not ClaimState.DRAFT), None)


def _why_no_draft(entry: ClaimEntry, line: LineItem, claim_id: int | None) -> list[Problem]:
    if line.payment_method is PaymentMethod.SCHEDULED:
        return [SCHEDULED]
    problems = check_dates(entry.first, entry.last)
    if not problems:
        dates = entry.first, entry.last
        taken = claimed_days(other_claims(entry.line_id, *dates, claim_id), *dates)
        problems = name_refused({day: already_claimed(number) for day, number in taken.items()})
    return problems + check_words(entry, today())


def _write(claim: AbsenceClaim, judged: JudgedClaim) -> None:
    entry = judged.entry
    assert entry.reason
    claim.line_item_id, claim.first_day, claim.last_day = judged.line.id, entry.first, entry.last
    claim.reason, claim.comment = entry.reason, entry.comment
    claim.notified_on, claim.notified_to = entry.notified_on, entry.notified_to
    claim.units, claim.net, claim.vat = judged.units.quantize(FINE), judged.net, judged.vat
    claim.gross = claim.net + claim.vat
    db.session.add(claim)
    db.session.flush()
