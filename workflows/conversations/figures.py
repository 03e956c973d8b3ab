"""How fast the council's teams answer and settle conversations, by the month in which they were opened."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Date, and_, cast, func, or_, select

from models import Conversation, Message, Team, db
from rules.states import ConversationState
from workflows.clock import LONDON, today

MONTHS: Final = 12
_CLOSED: Final = Conversation.state == ConversationState.CLOSED


@dataclass(frozen=True)
class MonthOfTeam:
    """The conversations that came to a team in a month: how many, and how many of them in time, late, or still open.

    They count for the team they are with. To answer are those that a provider opened; who still waits is late from the
    day after the target. `month` is its first day.
    """

    team: str
    month: date
    opened: int
    answered_in_time: int
    answered_late: int
    settled_in_time: int
    settled_late: int

    @property
    def answered_share(self) -> int | None:
        """Of those that should have been answered by today, per cent in time; None where there is none."""
        return _share(self.answered_in_time, self.answered_late)

    @property
    def settled_share(self) -> int | None:
        """Of those that should have been settled by today, or were, per cent in time; None where there is none."""
        return _share(self.settled_in_time, self.settled_late)


def _share(in_time: int, late: int) -> int | None:
    return round(100 * in_time / (in_time + late)) if in_time + late else None


def figures(team: str = "") -> list[MonthOfTeam]:
    """Return the figures of the last 12 months, the latest first, of a team or by team; one query.

    A month in which a team had no conversation is left out.
    """
    answered = _day(
        select(func.min(Message.sent_at))
        .where(Message.conversation_id == Conversation.id, Message.from_council, ~Message.moved)
        .correlate(Conversation)
        .scalar_subquery()
    )
    settled = _day(Conversation.closed_at)
    by, until = Conversation.first_answer_by, Conversation.resolve_by
    counts = (
        func.count(),
        func.count().filter(answered <= by),
        func.count().filter(or_(answered > by, and_(answered.is_(None), by < today()))),
        func.count().filter(_CLOSED, settled <= until),
        func.count().filter(or_(and_(_CLOSED, settled > until), and_(~_CLOSED, until < today()))),
    )
    month = cast(func.date_trunc("month", func.timezone(LONDON.key, Conversation.opened_at)), Date)
    statement: Any = (
        select(Team.name, month, *counts)
        .join(Team, Team.id == Conversation.team_id)
        .where(month > _first_month(), *([Team.name == team] if team else []))
        .group_by(Team.name, month)
        .order_by(month.desc(), Team.name)
    )
    return [MonthOfTeam(*row) for row in db.session.execute(statement)]


def _day(instant: Any) -> Any:
    return cast(func.timezone(LONDON.key, instant), Date)


def _first_month() -> date:
    """Return the first day of the month a year before this one: it is counted no more."""
    return today().replace(year=today().year - 1, day=1)
