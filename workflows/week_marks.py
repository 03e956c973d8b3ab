"""What stands around the lines of a week: the services to choose from, and which days have aborted visits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CompoundSelect, Date, bindparam, func, literal, select, union_all

from models import AbortedVisit, Service, db
from models.prepared import Own, Prepared
from rules.plan import LAST_DAY


@dataclass(frozen=True)
class DayVisits:
    """The aborted visits of a line on one day: how many, and the units of the line that are payable for them."""

    count: int
    payable: Decimal


@dataclass(frozen=True)
class WeekMarks:
    """The organisation's services (id and name, by name), and aborted visits by line id and day."""

    services: list[tuple[int, str]]
    visits: Mapping[int, Mapping[date, DayVisits]] = field(default_factory=dict)

    def visits_of(self, line_id: int) -> Mapping[date, DayVisits]:
        """Return a line's aborted visits by day."""
        return self.visits.get(line_id, {})


def own_services() -> list[tuple[int, str]]:
    """Return the organisation's services (id and name), by name."""
    return [(id_, name) for id_, name in db.session.execute(select(Service.id, Service.name).order_by(Service.name))]


def _marks(own: Own) -> CompoundSelect[Any]:
    """Return the query of services, which come without a day, and visits."""
    services = select(
        literal(None).label("day"), Service.id, Service.name, literal(0).label("count"), literal(0).label("payable")
    ).where(own(Service))
    visits = (
        select(
            AbortedVisit.visit_date,
            AbortedVisit.line_item_id,
            literal(""),
            func.count(),
            func.sum(AbortedVisit.payable),
        )
        .where(own(AbortedVisit))
        .where(AbortedVisit.visit_date.between(bindparam("monday", type_=Date), bindparam("sunday", type_=Date)))
        .group_by(AbortedVisit.visit_date, AbortedVisit.line_item_id)
    )
    return union_all(services, visits)


_MARKS = Prepared(_marks)


def read_marks(week: date) -> WeekMarks:
    """Return what stands around the lines of the week that begins on a Monday, in one query."""
    found: dict[int, dict[date, DayVisits]] = {}
    named: list[tuple[int, str]] = []
    for day, id_, name, count, payable in _MARKS.rows({"monday": week, "sunday": week + LAST_DAY}):
        if day is None:
            named.append((id_, name))
        else:
            found.setdefault(id_, {})[day] = DayVisits(count, payable)
    return WeekMarks(sorted(named, key=lambda service: service[1]), found)
