"""What Service Brokerage decides about weeks over the exception level: all that were chosen, or none (rules.md 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from models import Actual, Conversation, ExceptionCheck, ExceptionDecision, LineItem, PortalUser, Team, db
from rules.actual import NotAQuantity, read_quantity
from rules.exception import cap, decision_in_words
from rules.period import uk_clock, uk_date
from rules.plan import LAST_DAY
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ConversationState, Decision
from rules.text import refuse_unseen
from workflows.clock import LONDON, now
from workflows.conversations.notify import tell_provider
from workflows.conversations.thread import close_conversation, post, refuse_more
from workflows.weeks.line_week import ON_INVOICE

TEAM: Final = "Service Brokerage"
SOURCE: Final = "Decision of Service Brokerage"
LONGEST_REASON: Final = 1000
MOST_AT_ONCE: Final = 200

# Officers decide one after the other, so that the second is told what the first decided.
_IN_TURN: Final = 5_000_001
_LOCKED_BY_OTHERS: Final = "55P03"
_WITH_WHO: Final = joinedload(ExceptionCheck.decided).joinedload(ExceptionDecision.decided_by)
_NEXT_INVOICE: Final = "The week is no longer held. It goes on your next invoice once it is confirmed."


@dataclass(frozen=True)
class Chosen:
    """A held week as an officer saw it: `seen` is the version on the page, `up_to` the units as they were typed."""

    actual_id: int
    seen: int
    up_to: str = ""


@dataclass(frozen=True)
class _Held:
    actual: Actual
    check: ExceptionCheck
    line: LineItem

    @property
    def name(self) -> str:
        return f"{self.line.person.name}, line {self.line.reference}, week of {uk_date(self.actual.week_starting)}"


def decide(chosen: Sequence[Chosen], decision: Decision, reason: str, officer: PortalUser) -> int:
    """Decide about held weeks, all of them or none, and return how many they were. Commits.

    Each is released at what the decision makes payable, and the decision is posted into the open conversation about
    it: approved as claimed closes that, anything else hands it to the provider. Raises Refused, with the field
    `reason`, `up_to-<id>` or `week-<id>`: nothing was decided then.
    """
    problems = _why_not_asked_well(chosen, reason)
    if problems:
        raise Refused(*problems)
    seen = {each.actual_id: each for each in chosen}
    held = {each.actual.id: each for each in _lock(sorted(seen))}
    units: dict[int, Decimal | None] = {}
    for actual_id, each in seen.items():
        try:
            units[actual_id] = _judge(held.get(actual_id), each, decision)
        except Refused as refused:
            problems += refused.problems
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    at, by = now(), officer.id
    for actual_id, up_to in units.items():
        made = _row(held[actual_id], decision, up_to, reason.strip())
        made.decided_at, made.decided_by_id = at, by
        held[actual_id].check.decided = made
        _pay(held[actual_id], cap(made.planned, made.claimed, decision, up_to), at, by)
    db.session.flush()
    _post(held, units, decision, reason.strip(), officer)
    db.session.commit()
    return len(held)


def _why_not_asked_well(chosen: Sequence[Chosen], reason: str) -> list[Problem]:
    problems = []
    if not chosen:
        problems.append(Problem(Code.MISSING, "Tick at least one week."))
    if len(chosen) > MOST_AT_ONCE:
        problems.append(Problem(Code.TOO_MANY, f"Decide about at most {MOST_AT_ONCE} weeks at once."))
    written = reason.strip()
    if not written:
        problems.append(Problem(Code.REASON_NEEDED, "Say why.", "The provider reads it.", "reason"))
    elif wrong := refuse_more(written, LONGEST_REASON) or refuse_unseen(written):
        problems.append(wrong.at("reason"))
    return problems


def _lock(ids: list[int]) -> list[_Held]:
    """Return the weeks, which nobody else can save until the transaction ends.

    It does not wait for who is saving one of them: with many weeks on either side each could wait for the other.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(_IN_TURN)))
    statement = (
        select(Actual, ExceptionCheck, LineItem)
        .join(ExceptionCheck, ExceptionCheck.actual_id == Actual.id)
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .where(Actual.id.in_(ids))
        .options(joinedload(LineItem.person), joinedload(Actual.changed_by), _WITH_WHO)
        .order_by(Actual.id)
        .with_for_update(of=Actual, nowait=True)
        .execution_options(populate_existing=True)
    )
    try:
        rows: Sequence[Any] = db.session.execute(statement).all()
    except OperationalError as error:
        db.session.rollback()
        if getattr(error.orig, "sqlstate", "") != _LOCKED_BY_OTHERS:
            raise
        busy = "Somebody is saving one of these weeks at this moment, so nothing was decided."
        raise Refused(Problem(Code.CHANGED_MEANWHILE, busy, "Look at them once more.")) from None
    return [_Held(*row) for row in rows]


def _judge(held: _Held | None, chosen: Chosen, decision: Decision) -> Decimal | None:
    """Return the units typed for a week, where there are any to type. Raises Refused where it takes no decision."""
    if held is None:
        raise Refused(Problem(Code.GONE, "One of the weeks is not there any more."))
    if wrong := _why_not(held, chosen):
        raise Refused(wrong.about(held.name).at(f"week-{chosen.actual_id}"))
    if decision is not Decision.UP_TO:
        return None
    field = f"up_to-{chosen.actual_id}"
    try:
        up_to = read_quantity(chosen.up_to) if chosen.up_to.strip() else None
        cap(held.check.planned, held.check.claimed, decision, up_to)
    except NotAQuantity as error:
        raise Refused(error.problem.about(held.name).at(field)) from None
    except Refused as refused:
        raise Refused(*(each.about(held.name).at(field) for each in refused.problems)) from None
    return up_to


def _why_not(held: _Held, chosen: Chosen) -> Problem | None:
    actual, check = held.actual, held.check
    if made := check.decided:
        at = made.decided_at.astimezone(LONDON)
        invoiced = "It is on an invoice now." if actual.state in ON_INVOICE else ""
        who = made.decided_by or "Somebody else"
        decided = f"{who} decided it on {uk_date(at)} at {uk_clock(at)}: {made.decision.value}."
        return Problem(Code.DECIDED_ALREADY, decided, invoiced)
    if actual.version != chosen.seen:
        who = actual.changed_by or "Somebody"
        saved = (
            f"{who} saved it after you opened this page. {check.claimed:.2f} are claimed now, {check.planned:.2f}"
            " planned."
        )
        return Problem(Code.CHANGED_MEANWHILE, saved, "Look at it again.")
    if not check.over:
        return Problem(Code.NOT_HELD, "it is not over the exception level any more.")
    return None


def _row(held: _Held, decision: Decision, up_to: Decimal | None, reason: str) -> ExceptionDecision:
    actual, check = held.actual, held.check
    return ExceptionDecision(
        organisation_id=actual.organisation_id, actual_id=actual.id, actual_version=actual.version,
        planned=check.planned, claimed=check.claimed, decision=decision, units=up_to, reason=reason,
        start=actual.week_starting, end=actual.week_starting + LAST_DAY,
    )  # fmt: skip


def _pay(held: _Held, units: Decimal, at: datetime, by: int) -> None:
    held.actual.payable = units
    if db.session.is_modified(held.actual):
        # Another payable figure is another version of the week, which its history shows with who decided.
        held.actual.source, held.actual.changed_at, held.actual.changed_by_id = SOURCE, at, by


def _post(
    held: dict[int, _Held], units: dict[int, Decimal | None], decision: Decision, reason: str, officer: PortalUser
) -> None:
    statement = (
        select(Conversation)
        .join(Team, Team.id == Conversation.team_id)
        .where(Conversation.actual_id.in_(held), Team.name == TEAM, Conversation.state != ConversationState.CLOSED)
        .order_by(Conversation.id)
        .with_for_update(of=Conversation)
        .execution_options(populate_existing=True)
    )
    found = list(db.session.scalars(statement))
    for conversation in found:
        each = held[conversation.actual_id or 0]
        check = each.check
        words = decision_in_words(decision, each.line.unit, check.planned, check.claimed, units[each.actual.id])
        post(conversation, f"{words}\n\n{reason}\n\n{_NEXT_INVOICE}", officer, from_council=True)
        if decision is Decision.AS_CLAIMED:
            close_conversation(conversation, "Approved as claimed")
    tell_provider(found)
