"""A second, plain implementation of what is owed, written from the rules alone, with fractions throughout.

A line is a `Facts`: what holds on each day, written down day by day. Nothing of the portal is imported.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)
VAT = {"EXEMPT": 0, "STANDARD": 20, "REDUCED": 5, "ZERO": 0, "OUTSIDE": 0}


def penny(amount: Fraction) -> Fraction:
    """Pounds to the penny, a half away from zero."""
    pence = abs(amount) * 100
    whole = pence.numerator // pence.denominator
    if pence - whole >= Fraction(1, 2):
        whole += 1
    return Fraction(whole, 100) * (-1 if amount < 0 else 1)


@dataclass
class Week:
    """What was delivered in a week: seven days (one total on a weekly line), aborted visits, and a decision."""

    delivered: list[Fraction]
    aborted: dict[date, tuple[Fraction, Fraction]] = field(default_factory=dict)  # planned and payable units
    decision: str = ""
    up_to: Fraction = Fraction(0)


@dataclass
class Facts:
    """A line day by day: its plan (the week's quantity on a weekly line), its rate, its VAT and exception level."""

    weekly: bool
    start: date
    end: date | None
    plan: dict[date, Fraction]
    rate: dict[date, Fraction]
    vat: str = "EXEMPT"
    percent: Fraction = Fraction(10)
    least: Fraction = Fraction(1)
    extras: bool = True

    def active(self, monday: date) -> list[date]:
        """The days of a week on which the line is active."""
        days = [monday + index * DAY for index in range(7)]
        return [day for day in days if day >= self.start and (self.end is None or day <= self.end)]

    def planned(self, monday: date) -> Fraction:
        """The plan of a week."""
        total = sum((self.plan[day] for day in self.active(monday)), Fraction(0))
        return penny(total / 7) if self.weekly else total

    def claimed(self, week: Week) -> Fraction:
        """What is payable before any decision."""
        return sum(week.delivered, Fraction(0)) + sum((payable for _, payable in week.aborted.values()), Fraction(0))

    def is_over(self, monday: date, week: Week) -> bool:
        """Whether the week is over the exception level."""
        planned = self.planned(monday)
        allowed = max(planned * self.percent / 100, self.least) if self.extras else Fraction(0)
        return self.claimed(week) - planned > allowed

    def payable(self, monday: date, week: Week) -> Fraction | None:
        """What is payable after the decision; nothing is known while the week is held."""
        claimed, planned = self.claimed(week), self.planned(monday)
        if not self.is_over(monday, week):
            return claimed
        if not week.decision:
            return None
        return {"as claimed": claimed, "up to": week.up_to, "refused": min(planned, claimed)}[week.decision]

    def segments(self, monday: date, week: Week) -> dict[Fraction, Fraction]:
        """Units by rate of a week that is not held: each day's own, a cap taking from the last days first."""
        payable = self.payable(monday, week)
        assert payable is not None
        if self.weekly:
            return {self.rate[self.active(monday)[0]]: payable}
        found: dict[Fraction, Fraction] = {}
        for index in range(7):
            day = monday + index * DAY
            units = min(payable, week.delivered[index] + week.aborted.get(day, (Fraction(0), Fraction(0)))[1])
            payable -= units
            if units:
                found[self.rate[day]] = found.get(self.rate[day], Fraction(0)) + units
        return found

    def owed(self, monday: date, week: Week) -> tuple[Fraction, Fraction]:
        """Net and VAT of a week that is not held."""
        nets = [penny(units * rate) for rate, units in self.segments(monday, week).items()]
        return sum(nets, Fraction(0)), sum((penny(net * VAT[self.vat] / 100) for net in nets), Fraction(0))

    def absence(self, first: date, last: date, tiers: list[tuple[int, int]]) -> Fraction:
        """The pounds of an absence: tiers are (from which day on, per cent)."""
        sums: dict[tuple[date, Fraction], Fraction] = {}
        for number in range(1, (last - first).days + 2):
            day = first + (number - 1) * DAY
            if day < self.start or (self.end is not None and day > self.end):
                continue
            percent = next((percent for since, percent in reversed(tiers) if since <= number), 0)
            units = (self.plan[day] / 7 if self.weekly else self.plan[day]) * percent / 100
            monday = day - day.weekday() * DAY
            rate = self.rate[self.active(monday)[0] if self.weekly else day]
            sums[monday, rate] = sums.get((monday, rate), Fraction(0)) + units
        return sum((penny(units * rate) for (_, rate), units in sums.items()), Fraction(0))
