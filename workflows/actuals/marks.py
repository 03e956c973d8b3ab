"""What stands around the lines of a week: the services to choose from, and days with aborted visits or absences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Select, Text, bindparam, cast, func, select

from models import AbortedVisit, Service, db
from models.prepared import Own, Prepared, as_one
from rules.plan import LAST_DAY
from workflows.weeks.claimed_days import ClaimedWeeks, sent_claims


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
    return [(id_, name) for id_, name in db.session.execute(select(Service.id, Service.name).order_by(Service.name))]


def _marks(own: Own) -> Select[Any]:
    """Return the query of services, visits and claims, each kind as one value."""
    monday, sunday = bindparam("monday", type_=Date), bindparam("sunday", type_=Date)
    visits = (
        select(
            AbortedVisit.line_item_id, AbortedVisit.visit_date, func.count(), cast(func.sum(AbortedVisit.payable), Text)
        )
        .where(own(AbortedVisit), AbortedVisit.visit_date.between(monday, sunday))
        .group_by(AbortedVisit.line_item_id, AbortedVisit.visit_date)
    )
    services = select(Service.id, Service.name).where(own(Service))
    return select(as_one(services), as_one(visits), sent_claims(own, monday, sunday))


_MARKS = Prepared(_marks)


def read_marks(week: date) -> WeekMarks:
    """Return what stands around the lines of the week that begins on a Monday, in one query."""
    services, visits, claims = _MARKS.rows({"monday": week, "sunday": week + LAST_DAY})[0]
    found: dict[int, dict[date, DayVisits]] = {}
    for line_id, day, count, payable in visits:
        found.setdefault(line_id, {})[date.fromisoformat(day)] = DayVisits(count, Decimal(payable))
    named = sorted(((id_, name) for id_, name in services), key=lambda service: service[1])
    return WeekMarks(named, found, ClaimedWeeks(claims))
