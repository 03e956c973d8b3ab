"""How a line went in the weeks before one that is held: what was planned, claimed and decided (rules.md 5)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import and_, or_, select

from models import Actual, ExceptionCheck, ExceptionDecision, db
from models.exception_decision import decision_words
from rules.states import Decision
from workflows.exceptions.queue import ExceptionWeek

WEEKS_BEFORE: Final = 6


@dataclass(frozen=True)
class PastWeek:
    """One earlier week of a line: units planned and claimed, and what was decided, in a word or two."""

    week: date
    planned: Decimal
    claimed: Decimal
    words: str


def weeks_before(held: Sequence[ExceptionWeek]) -> dict[int, list[PastWeek]]:
    """Return for each held week, by its actual's id, the saved weeks of its line before it, the latest first."""
    if not held:
        return {}
    reach = timedelta(weeks=WEEKS_BEFORE)
    windows = [
        and_(
            Actual.line_item_id == each.line.id,
            Actual.week_starting < each.actual.week_starting,
            Actual.week_starting >= each.actual.week_starting - reach,
        )
        for each in held
    ]
    statement = (
        select(
            Actual.line_item_id,
            Actual.week_starting,
            ExceptionCheck.planned,
            ExceptionCheck.claimed,
            ExceptionCheck.over,
            ExceptionDecision.decision,
            ExceptionDecision.units,
        )
        .join(ExceptionCheck, ExceptionCheck.actual_id == Actual.id)
        .outerjoin(ExceptionCheck.decided)
        .where(or_(*windows))
        .order_by(Actual.week_starting.desc())
    )
    by_line: dict[int, list[PastWeek]] = defaultdict(list)
    for line_id, week, planned, claimed, over, decision, up_to in db.session.execute(statement):
        by_line[line_id].append(PastWeek(week, planned, claimed, _words(over, decision, up_to)))
    return {
        each.actual.id: [
            past
            for past in by_line[each.line.id]
            if each.actual.week_starting - reach <= past.week < each.actual.week_starting
        ]
        for each in held
    }


def _words(over: bool, decision: Decision | None, up_to: Decimal | None) -> str:
    if decision is None:
        return "held" if over else ""
    return decision_words(decision, up_to)
