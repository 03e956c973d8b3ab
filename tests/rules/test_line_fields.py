"""What is wrong with a line item as it was typed or read from a file."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.line_fields import DAYS, LineFields, problems_of_line, problems_of_publishing
from rules.states import PaymentMethod, PlanKind, Unit

NOTHING = dict.fromkeys(DAYS, Decimal(0))
START = date(2017, 10, 16)
LINE = LineFields(
    Unit.HOUR, PlanKind.TIMETABLED, NOTHING | {"mon": Decimal("1.25")}, Decimal(0), START, None, PaymentMethod.ACTUALS
)


def test_an_ordinary_line_has_no_problem() -> None:
    assert problems_of_line(LINE) == []
    weekly = replace(LINE, plan_kind=PlanKind.WEEKLY, days=NOTHING, weekly_quantity=Decimal(3))
    assert problems_of_line(weekly) == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"days": NOTHING | {"sat": Decimal("24.25")}}, "sat", "over-24-hours"),
        ({"days": NOTHING}, "mon", "missing"),
        ({"days": NOTHING | {"tue": Decimal(-1)}}, "tue", "negative"),
        ({"weekly_quantity": Decimal(3)}, "weekly_quantity", "one-of-two"),
        ({"plan_kind": PlanKind.WEEKLY, "weekly_quantity": Decimal(3)}, "mon", "one-of-two"),
        ({"plan_kind": PlanKind.WEEKLY, "days": NOTHING}, "weekly_quantity", "missing"),
        ({"plan_kind": PlanKind.WEEKLY, "days": NOTHING, "weekly_quantity": Decimal(169)}, "weekly_quantity",
         "over-24-hours"),
        ({"start": date(1999, 10, 16)}, "start", "out-of-range"),
        ({"start": date(217, 10, 16)}, "start", "out-of-range"),
        ({"end": date(2217, 10, 16)}, "end", "out-of-range"),
        ({"end": date(2017, 10, 15)}, "end", "dates-reversed"),
        ({"unit": Unit.WEEK, "plan_kind": PlanKind.WEEKLY, "days": NOTHING, "weekly_quantity": Decimal(1)},
         "payment_method", "no-actuals"),
        ({"contribution": Decimal(-1)}, "contribution", "negative"),
    ],
)  # fmt: skip
def test_each_problem_stands_at_its_field(change: dict[str, Any], field: str, code: str) -> None:
    assert [(each.field, each.code) for each in problems_of_line(replace(LINE, **change))] == [(field, code)]


def test_what_could_not_be_read_has_no_second_problem() -> None:
    unread = LineFields(None, None, dict.fromkeys(DAYS), None, None, None, None)
    assert problems_of_line(unread) == []
    assert problems_of_line(replace(LINE, days=NOTHING | {"mon": None})) == []


def test_every_problem_is_found_at_once() -> None:
    line = replace(LINE, days=NOTHING | {"mon": Decimal(25)}, start=date(1999, 1, 1), top_up=Decimal(-1))
    assert {each.field for each in problems_of_line(line)} == {"mon", "start", "top_up"}


def test_a_document_without_lines_or_with_a_line_without_a_rate_is_not_published() -> None:
    price = Decimal("19.68")
    assert [each.code for each in problems_of_publishing([])] == ["no-line-items"]
    assert problems_of_publishing([("48210", START, [(START, price)])]) == []
    found = problems_of_publishing([("1", START, []), ("2", START, [(date(2017, 11, 1), price)])])
    assert [each.wrong for each in found] == [
        "Line 1 has no rate.",
        "Line 2 starts on 16 October 2017, and its first rate on 1 November 2017.",
    ]
