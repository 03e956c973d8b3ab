"""What stands around the lines of a week: the services to choose from, and days with aborted visits or absences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Select, Text, bindparam, cast, func, select

from models import AbortedVisit, Service, db
from models.as_one import as_one
from models.written_out import WrittenOut
from workflows.weeks.claimed_days import SENT_CLAIMS, ClaimedWeeks, days_of_weeks


@dataclass(frozen=True)
class DayVisits:
    """The aborted visits of a line on one day: how many, and the units of the line that are payable for them."""

    count: int
    payable: Decimal


@dataclass(frozen=True)
class WeekMarks:
    """The organisation's services (id and name, by name), aborted visits by line id and day, and claimed days."""

    services: list[tuple[int, str]]
    visits: Mapping[int, Mapping[date, DayVisits]]
    claimed: ClaimedWeeks

    def visits_of(self, line_id: int) -> Mapping[date, DayVisits]:
        """Return a line's aborted visits by day."""
        return self.visits.get(line_id, {})


def own_services() -> list[tuple[int, str]]:
    """Return the organisation's services (id and name), by name."""
    return [(id_, name) for id_, name in db.session.execute(_SERVICES)]


def read_marks(week: date) -> WeekMarks:
    """Return what stands around the lines of the week that begins on a Monday, in one query."""
    [(named, aborted, claims)] = _MARKS.all(days_of_weeks([week]))
    found: dict[int, dict[date, DayVisits]] = {}
    for line_id, on, count, payable in aborted:
        found.setdefault(line_id, {})[date.fromisoformat(on)] = DayVisits(count, Decimal(payable))
    claimed = (
        (line, date.fromisoformat(first), date.fromisoformat(until), *more) for line, first, until, *more in claims
    )
    by_name = sorted(((id_, name) for id_, name in named), key=lambda service: service[1])
    return WeekMarks(by_name, found, ClaimedWeeks(claimed))


def _marks() -> Select[tuple[Any, Any, Any]]:
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    visits = (
        select(
            AbortedVisit.line_item_id, AbortedVisit.visit_date, func.count(), cast(func.sum(AbortedVisit.payable), Text)
        )
        .where(AbortedVisit.visit_date.between(first, last))
        .group_by(AbortedVisit.line_item_id, AbortedVisit.visit_date)
    )
    return select(as_one(select(Service.id, Service.name)), as_one(visits), as_one(SENT_CLAIMS))


_SERVICES = select(Service.id, Service.name).order_by(Service.name)
_MARKS = WrittenOut(_marks())
