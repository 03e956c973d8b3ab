"""A second, plain account of a line: one plan and one rate written down for every day."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rules.agreement_states import DocumentState
from rules.money import round2
from tests.support.worlds.world import START

Units = tuple[Decimal, ...]

DAY = timedelta(days=1)
# The days that are written down, some before the line begins.
DAYS = [START + timedelta(days=index) for index in range(-3, 50)]


@dataclass
class Account:
    """The second account: what holds on every day, and what was delivered and invoiced. `weekly` counts by the week."""

    weekly: bool
    plans: dict[date, Units]
    rates: dict[date, Decimal]
    plan_starts: set[date] = field(default_factory=lambda: {START})
    rate_starts: set[date] = field(default_factory=lambda: {START})
    end: date | None = None
    state: DocumentState = DocumentState.PUBLISHED
    version: int = 1
    delivered: dict[date, Units] = field(default_factory=dict)
    invoiced: dict[date, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def quantity(self, day: date) -> Decimal:
        """What is planned for a day, or in the whole of its week where the line counts by the week."""
        if day < START or (self.end and day > self.end):
            return Decimal(0)
        return self.plans[day][0] if self.weekly else self.plans[day][day.weekday()]

    def week(self, monday: date) -> list[date]:
        return [monday + index * DAY for index in range(7)]

    def planned(self, monday: date) -> Decimal:
        total = sum((self.quantity(day) for day in self.week(monday)), Decimal(0))
        return round2(total / 7) if self.weekly else total

    def figures(self, monday: date) -> Units:
        """What is typed for a week that went as planned."""
        return (self.planned(monday),) if self.weekly else tuple(self.quantity(day) for day in self.week(monday))

    def amount(self, monday: date) -> Decimal:
        """The pounds of what was delivered in a week: by the rate of its first day, or each day by its own."""
        typed = self.delivered[monday]
        active = [day for day in self.week(monday) if day >= START and not (self.end and day > self.end)]
        if self.weekly:
            return round2(typed[0] * self.rates[active[0]])
        units: dict[Decimal, Decimal] = {}
        for day, quantity in zip(self.week(monday), typed, strict=True):
            if quantity:
                units[self.rates[day]] = units.get(self.rates[day], Decimal(0)) + quantity
        return sum((round2(quantity * rate) for rate, quantity in units.items()), Decimal(0))

    def cares_after(self, last: date) -> bool:
        for monday, typed in self.delivered.items():
            if self.weekly and typed[0] and monday > last:
                return True
            if not self.weekly and any(u and d > last for d, u in zip(self.week(monday), typed, strict=True)):
                return True
        return False

    def write(self, since: date, what: Any, of: dict[date, Any], starts: set[date]) -> None:
        """Write something down for every day from one on, until the day before the next that is known."""
        until = min((start for start in starts if start > since), default=DAYS[-1] + DAY)
        starts.add(since)
        for day in of:
            if since <= day < until:
                of[day] = what

    def inside(self, day: date) -> bool:
        return day >= START and not (self.end and day > self.end)

    def publish(self) -> None:
        self.version, self.state = self.version + 1, DocumentState.PUBLISHED
