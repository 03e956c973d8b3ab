"""An uplift: what many lines cost from a day on, in per cent more or as a new rate (rules.md 14)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from rules.line_fields import FIRST_YEAR, YEARS_AHEAD
from rules.number import figure_problem
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import Unit

LEAST_PERCENT: Final = Decimal(-50)
MOST_PERCENT: Final = Decimal(100)
MOST_POUNDS: Final = Decimal(99_999)


class Uplift(NamedTuple):
    """Which lines cost what from `start` on: one line, or all of an element, a sector, a unit, or of several of these.

    Either `percent`, more than the rate before (below zero: less), or `rate`, the new pounds per unit.
    """

    start: date
    percent: Decimal | None = None
    rate: Decimal | None = None
    line_item_id: int | None = None
    element_id: int | None = None
    sector_id: int | None = None
    unit: Unit | None = None

    def stored(self) -> dict[str, Any]:
        """Return this uplift as JSON can hold it."""
        figures = {name: None if (value := getattr(self, name)) is None else str(value) for name in ("percent", "rate")}
        return self._asdict() | figures | {"start": self.start.isoformat(), "unit": self.unit and self.unit.value}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Uplift":
        """Return the uplift that `stored` wrote."""
        figures = {name: None if (text := stored[name]) is None else Decimal(text) for name in ("percent", "rate")}
        unit = Unit(stored["unit"]) if stored["unit"] else None
        return cls(**{**stored, **figures, "start": date.fromisoformat(stored["start"]), "unit": unit})


def problems_of_uplift(uplift: Uplift, today: date) -> list[Problem]:
    """Return why an uplift makes no sense, each at its field; nothing where it does."""
    found = []
    if uplift.line_item_id is None and uplift.element_id is None and uplift.sector_id is None:
        wrong = "It is not said which lines cost more."
        found.append(Problem(Code.MISSING, wrong, "Choose an element, a sector or one line.", "element"))
    if (uplift.percent is None) == (uplift.rate is None):
        remedy = "Enter either a percentage or a new rate."
        found.append(Problem(Code.ONE_OF_TWO, "One of the two says what the lines will cost.", remedy, "percent"))
    if uplift.percent is not None:
        found += _of_percent(uplift.percent)
    if uplift.rate is not None:
        found += _of_rate(uplift)
    if not FIRST_YEAR <= uplift.start.year <= today.year + YEARS_AHEAD:
        found.append(Problem(Code.OUT_OF_RANGE, "This date is too far away.", "Check the year.", "start"))
    return found


def _of_percent(percent: Decimal) -> list[Problem]:
    if problem := figure_problem(abs(percent), 2, MOST_PERCENT):
        return [problem.at("percent")]
    if percent == 0:
        return [Problem(Code.SAME_AS_BEFORE, "0% changes nothing.", "Enter by how much the rates change.", "percent")]
    if percent < LEAST_PERCENT:
        wrong = f"This takes more than {-LEAST_PERCENT}% off."
        return [Problem(Code.OUT_OF_RANGE, wrong, "Check the percentage.", "percent")]
    return []


def _of_rate(uplift: Uplift) -> list[Problem]:
    assert uplift.rate is not None
    if problem := figure_problem(uplift.rate, 4, MOST_POUNDS):
        return [problem.at("rate")]
    if uplift.rate == 0:
        return [Problem(Code.OUT_OF_RANGE, "A rate of nothing pays nothing.", "Enter the new rate.", "rate")]
    if uplift.line_item_id is None and uplift.unit is None:
        remedy = "Choose the unit that this rate is for."
        return [Problem(Code.MISSING, "A rate is per hour, per visit, per week …", remedy, "unit")]
    if uplift.line_item_id is None and uplift.element_id is None:
        remedy = "Choose the element, or enter a percentage."
        return [Problem(Code.MISSING, "One rate for all elements of a sector is hardly meant.", remedy, "element")]
    return []
