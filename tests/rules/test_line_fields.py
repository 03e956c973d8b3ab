"""What is typed of a line: which of it is kept, and what is said of the rest."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.line_fields import LineFields, off_step, problems_of_line
from rules.problem_codes import Code
from rules.states import PaymentMethod, PlanKind, Unit

TODAY = date(2017, 11, 20)
ONE = Decimal(1)
GOOD = LineFields(
    reference="48310", unit=Unit.HOUR, plan_kind=PlanKind.TIMETABLED, days=(ONE, None, ONE, None, None, None, None),
    weekly_quantity=None, rate=Decimal("19.6800"), rate_from=TODAY, start=TODAY, end=None,
)  # fmt: skip


def judged(**changed: Any) -> list[tuple[str, Code]]:
    return [(problem.field, problem.code) for problem in problems_of_line(GOOD._replace(**changed), TODAY)]


def day(units: str) -> tuple[Decimal | None, ...]:
    return (Decimal(units), *GOOD.days[1:])


def test_a_good_line_has_no_problem() -> None:
    assert judged() == []
    assert judged(plan_kind=PlanKind.WEEKLY, days=(None,) * 7, weekly_quantity=Decimal("168")) == []
    assert judged(end=TODAY, start=TODAY) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"days": day("24.01")}, ("mon", Code.OVER_24_HOURS)),
        ({"days": day("1.005")}, ("mon", Code.WRONG_STEP)),
        ({"days": day("-1")}, ("mon", Code.NEGATIVE)),
        ({"days": day("NaN")}, ("mon", Code.NOT_A_NUMBER)),
        ({"days": day("Infinity")}, ("mon", Code.NOT_A_NUMBER)),
        ({"days": (None,) * 7}, ("mon", Code.NOTHING_PLANNED)),
        ({"days": (Decimal(0),) * 7}, ("mon", Code.NOTHING_PLANNED)),
        ({"weekly_quantity": ONE}, ("weekly_quantity", Code.ONE_OF_TWO)),
        ({"rate": Decimal("19.68001")}, ("rate", Code.WRONG_STEP)),
        ({"rate": Decimal("NaN")}, ("rate", Code.NOT_A_NUMBER)),
        ({"rate": Decimal("100000")}, ("rate", Code.OUT_OF_RANGE)),
        ({"contribution": Decimal("-1")}, ("contribution", Code.NEGATIVE)),
        ({"top_up": Decimal("1.001")}, ("top_up", Code.WRONG_STEP)),
        ({"start": date(1999, 12, 31)}, ("start", Code.OUT_OF_RANGE)),
        ({"start": date(2019, 11, 21)}, ("start", Code.OUT_OF_RANGE)),
        ({"end": date(2101, 1, 1)}, ("end", Code.OUT_OF_RANGE)),
        ({"end": date(2017, 11, 19), "rate_from": None}, ("end", Code.DATES_REVERSED)),
        ({"start": date(2017, 1, 1), "end": date(2017, 11, 19)}, ("rate_from", Code.DATES_REVERSED)),
        ({"unit": Unit.WEEK}, ("payment_method", Code.NO_ACTUALS)),
        ({"reference": "=1+1"}, ("reference", Code.NOT_ON_LIST)),
        ({"reference": " @x"}, ("reference", Code.NOT_ON_LIST)),
        ({"reference": "4" * 41}, ("reference", Code.TOO_LONG)),
        ({"reference": "48\u202e310"}, ("reference", Code.UNSEEN)),
    ],
)
def test_each_fault_is_told_at_its_field(changed: dict[str, Any], problem: tuple[str, Code]) -> None:
    assert judged(**changed) == [problem]


def test_a_plan_by_week_has_no_days_and_at_most_the_hours_of_a_week() -> None:
    week = {"plan_kind": PlanKind.WEEKLY}
    assert judged(**week, weekly_quantity=ONE) == [("mon", Code.ONE_OF_TWO)]
    empty = {**week, "days": (None,) * 7}
    assert judged(**empty) == [("weekly_quantity", Code.NOTHING_PLANNED)]
    assert judged(**empty, weekly_quantity=Decimal("168.01")) == [("weekly_quantity", Code.OVER_24_HOURS)]
    assert judged(**empty, weekly_quantity=Decimal(200), unit=Unit.MEAL) == []


def test_a_line_by_the_week_is_paid_without_an_invoice() -> None:
    empty = {"plan_kind": PlanKind.WEEKLY, "days": (None,) * 7, "weekly_quantity": ONE, "unit": Unit.WEEK}
    assert judged(**empty, payment_method=PaymentMethod.SCHEDULED) == []


def test_every_fault_is_told_at_once() -> None:
    found = judged(days=day("25"), rate=Decimal(-1), reference="+44", end=date(2001, 1, 1))
    assert [field for field, _ in found] == ["mon", "end", "reference", "rate"]


def test_two_years_from_a_leap_day_are_counted() -> None:
    found = problems_of_line(GOOD._replace(start=date(2026, 2, 2), rate_from=None), date(2024, 2, 29))
    assert [problem.field for problem in found] == ["start"]


def test_a_day_off_the_step_is_asked_about() -> None:
    step = Decimal("0.25")
    (asked,) = off_step("48310", Unit.HOUR, PlanKind.TIMETABLED, day("0.33"), step)
    assert asked.sentence == "Line 48310: Mon 0.33: providers enter steps of 0.25. Is it meant?"
    assert off_step("48310", Unit.HOUR, PlanKind.TIMETABLED, day("0.75"), step) == []
    (asked,) = off_step("48310", Unit.NIGHT, PlanKind.TIMETABLED, day("0.50"), step)
    assert "whole numbers" in asked.sentence
    assert off_step("48310", Unit.HOUR, PlanKind.WEEKLY, (None,) * 7, step) == []
