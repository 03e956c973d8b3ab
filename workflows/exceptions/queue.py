"""Weeks over the exception level in lists: those that wait for a decision, oldest first, and those decided."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, Select, SQLColumnExpression, and_, any_, exists, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import (
    Actual,
    Conversation,
    ExceptionCheck,
    ExceptionDecision,
    LineItem,
    Message,
    Organisation,
    Person,
    Team,
    db,
)
from models.search import NAMES_OF_A_PERSON, holding
from rules.actual import REASONS
from rules.states import ConversationState
from workflows.clock import LONDON, today
from workflows.page import Page, counted_page
from workflows.weeks.price import ByDay, UnstoredFigures, aborted_by_day, price_of

TEAM: Final = "Service Brokerage"
# What a provider wrote comes first in the message that asks; after this come the figures as they were then.
FIGURES_THEN: Final = "\n\nFigures when asked: "

_Open = aliased(Conversation, name="open_conversation")
SINCE: Final = func.coalesce(Actual.confirmed_at, ExceptionCheck.checked_at)
# The open conversation with Service Brokerage about a checked week: there is one at most.
_ABOUT: Final = and_(
    _Open.actual_id == ExceptionCheck.actual_id,
    _Open.state != ConversationState.CLOSED,
    _Open.team_id == select(Team.id).where(Team.name == TEAM).scalar_subquery(),
)
NOT_ASKED: Final = and_(ExceptionCheck.held, ~exists(_Open.id).where(_ABOUT).correlate(ExceptionCheck))


@dataclass(frozen=True)
class ExceptionWeek:
    """A week over its exception level: its records, the open conversation about it, and the provider's question there.

    `held_pounds` is what the units above the plan come to at the rates in force; `pounds` what the week is paid with
    as it stands. None where a rate is missing. `before` are decisions of a held week that a change of figures
    voided, latest first.
    """

    actual: Actual
    check: ExceptionCheck
    line: LineItem
    since: datetime
    conversation: Conversation | None
    question: str
    held_pounds: Decimal | None
    pounds: Decimal | None
    before: Sequence[ExceptionDecision] = ()

    @property
    def above(self) -> Decimal:
        """Units claimed above the plan."""
        return self.check.claimed - self.check.planned

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return max(0, (today() - self.since.astimezone(LONDON).date()).days)

    @property
    def reason(self) -> str:
        """The reason that was chosen in the week, in words."""
        return REASONS.get(self.actual.reason, self.actual.reason)

    @property
    def asked(self) -> bool:
        """Whether Service Brokerage was asked and it is their turn."""
        return self.conversation is not None and self.conversation.waits_for_council

    @property
    def is_late(self) -> bool:
        """Whether the day by which the team answers has passed."""
        return self.asked and bool(self.answer_by and self.answer_by < today())

    @property
    def answer_by(self) -> date | None:
        """The day by which the team answers, where it was asked."""
        return self.conversation.target_on if self.conversation else None


def waiting_weeks(page: int, size: int, *, sought: str = "", asked: bool = False) -> Page[ExceptionWeek]:
    """Return a page of the held weeks in scope, those that wait longest first.

    `sought` is looked for in the names of organisation and person and in their references and the line's; `asked`:
    only those asked about.
    """
    held = _weeks(_is_one_of(ExceptionCheck.held), _holding(sought), *([_Open.waits_for_council] if asked else []))
    return _page(held.order_by(SINCE, Actual.id), page, size)


def answered_weeks(page: int, size: int, *, sought: str = "") -> Page[ExceptionWeek]:
    """Return a page of the weeks in scope that were decided about, the latest decision first."""
    decided = and_(ExceptionCheck.over, ExceptionCheck.decision_id.is_not(None))
    latest = ExceptionDecision.decided_at.desc(), Actual.id.desc()
    return _page(_weeks(_is_one_of(decided), _holding(sought)).order_by(*latest), page, size)


def week_over_level(actual_id: int) -> ExceptionWeek | None:
    """Return one week of the organisation in scope that is over its level, decided or not; None where there is none."""
    found = _page(_weeks(ExceptionCheck.over.is_(True), Actual.id == actual_id), 1, 1).rows
    return found[0] if found else None


def _holding(sought: str) -> SQLColumnExpression[bool]:
    return holding(sought, Organisation.name, LineItem.reference, *NAMES_OF_A_PERSON)


def _is_one_of(checks: SQLColumnExpression[bool]) -> SQLColumnExpression[bool]:
    """Return the condition that a week's check is one of a few, which an index knows.

    An array, so that they are found first: else the plan begins with every week of every line (425 of 450 ms for an
    organisation of 300 lines and two years).
    """
    few = select(ExceptionCheck.actual_id).where(checks).scalar_subquery()
    return Actual.id == any_(func.ARRAY(few, type_=ARRAY(Integer)))


def _weeks(*conditions: SQLColumnExpression[bool]) -> Select[Any]:
    question = (
        select(Message.body)
        .where(Message.conversation_id == _Open.id, ~Message.from_council)
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(1)
        .correlate(_Open)
        .scalar_subquery()
    )
    return (
        select(Actual, ExceptionCheck, LineItem, SINCE, _Open, question, func.count().over())
        .join(ExceptionCheck, ExceptionCheck.actual_id == Actual.id)
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .join(Person, Person.id == LineItem.person_id)
        .join(Organisation, Organisation.id == Actual.organisation_id)
        .outerjoin(ExceptionCheck.decided)
        .outerjoin(_Open, _ABOUT)
        .where(*conditions)
        .options(
            joinedload(LineItem.person),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation),
            joinedload(LineItem.rates),
            joinedload(LineItem.plans),
            contains_eager(ExceptionCheck.decided).joinedload(ExceptionDecision.decided_by),
        )
    )


def _page(statement: Select[Any], page: int, size: int) -> Page[ExceptionWeek]:
    found = counted_page(statement, page, size)
    rows = found.rows
    ids = [row[0].id for row in rows]
    aborted = aborted_by_day(Actual.id.in_(ids)) if ids else {}
    before = _decided_before([row[0].id for row in rows if row[1].held])
    weeks = [_week(row, aborted.get(row[2].id, {}), before.get(row[0].id, ())) for row in rows]
    return found.showing(weeks)


def _decided_before(ids: Collection[int]) -> dict[int, list[ExceptionDecision]]:
    """Return the decisions about some held weeks, in force no longer, the latest first."""
    if not ids:
        return {}
    statement = (
        select(ExceptionDecision)
        .where(ExceptionDecision.actual_id.in_(ids))
        .order_by(ExceptionDecision.decided_at.desc())
        .options(joinedload(ExceptionDecision.decided_by))
    )
    found: dict[int, list[ExceptionDecision]] = defaultdict(list)
    for each in db.session.scalars(statement):
        found[each.actual_id].append(each)
    return found


def _week(row: Any, aborted: ByDay, before: Sequence[ExceptionDecision]) -> ExceptionWeek:
    actual, check, line, since, conversation, question, _ = row
    claimed, planned = (_pounds(actual, line, units, aborted) for units in (check.claimed, check.planned))
    return ExceptionWeek(
        actual,
        check,
        line,
        since,
        conversation,
        (question or "").partition(FIGURES_THEN)[0],
        None if claimed is None or planned is None else claimed - planned,
        _pounds(actual, line, actual.payable, aborted),
        before,
    )


def _pounds(actual: Actual, line: LineItem, units: Decimal, aborted: ByDay) -> Decimal | None:
    """Return what so many units of a week come to, the last days losing units first; None where nobody can say."""
    return price_of(line, actual.week_starting, UnstoredFigures(units, actual.days), aborted).amount
