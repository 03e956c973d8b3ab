"""Where a week stands on its way to being paid, and how weeks that stand alike are told together."""

from datetime import date
from typing import Any

import pytest

from rules.agreement_states import DocumentState
from rules.states import ActualState, PaymentMethod
from rules.week_stand import LineFacts, WeekStand, in_words, stand_of, together

FIRST, SECOND, THIRD, FOURTH = (date(2026, 11, day) for day in (2, 9, 16, 23))
LINE: dict[str, Any] = {
    "payment_method": PaymentMethod.ACTUALS,
    "document_state": DocumentState.ACCEPTED,
    "document_accepted": True,
    "hold": None,
}
WEEK: dict[str, Any] = {"is_over": True, "held": False, "acceptance_required": True, "priced": True}


def stand(state: ActualState | None = ActualState.CONFIRMED, **changed: Any) -> WeekStand:
    line = LineFacts(**{name: changed.pop(name, value) for name, value in LINE.items()})
    return stand_of(line, state, **{**WEEK, **changed})


@pytest.mark.parametrize(
    ("state", "changed", "expected"),
    [
        (ActualState.PAID, {"hold": "Bank details"}, WeekStand.PAID),
        (None, {"payment_method": PaymentMethod.SCHEDULED}, WeekStand.SCHEDULED),
        (None, {"document_state": DocumentState.WITHDRAWN}, WeekStand.CLOSED),
        (None, {"document_state": DocumentState.REJECTED}, WeekStand.CLOSED),
        (None, {"is_over": False}, WeekStand.NOT_OVER),
        (ActualState.DRAFT, {"is_over": False}, WeekStand.NOT_OVER),
        (None, {}, WeekStand.TO_CONFIRM),
        (ActualState.DRAFT, {}, WeekStand.TO_CONFIRM),
        (ActualState.CONFIRMED, {"held": True}, WeekStand.HELD),
        (ActualState.CONFIRMED, {"document_accepted": False}, WeekStand.NOT_ACCEPTED),
        (ActualState.CONFIRMED, {"document_accepted": False, "acceptance_required": False}, WeekStand.READY),
        (ActualState.CONFIRMED, {"hold": "Bank details"}, WeekStand.ON_HOLD),
        (ActualState.CONFIRMED, {"priced": False}, WeekStand.NO_RATE),
        (ActualState.CONFIRMED, {"is_over": False}, WeekStand.READY),
        (ActualState.CONFIRMED, {}, WeekStand.READY),
        (ActualState.INVOICED, {}, WeekStand.INVOICED),
        (ActualState.INVOICED, {"is_over": False}, WeekStand.INVOICED),
    ],
)
def test_a_week_stands_at_the_first_thing_to_be_put_right(
    state: ActualState | None, changed: dict[str, Any], expected: WeekStand
) -> None:
    assert stand(state, **changed) is expected


def test_open_weeks_that_stand_alike_are_told_together_and_held_ones_alone() -> None:
    weeks = [
        (FOURTH, WeekStand.NOT_OVER, ()),
        (THIRD, WeekStand.HELD, ()),
        (SECOND, WeekStand.HELD, ()),
        (FIRST, WeekStand.PAID, ()),
    ]
    assert [group.weeks for group in together(weeks)] == [(THIRD,), (SECOND,)]
    alike = [(week, WeekStand.READY, ()) for week in (THIRD, SECOND, FIRST)]
    assert [group.weeks for group in together(alike)] == [(FIRST, SECOND, THIRD)]


def test_weeks_on_different_invoices_are_told_apart() -> None:
    weeks = [(week, WeekStand.INVOICED, (number,)) for number, week in enumerate((THIRD, SECOND))]
    assert [(group.key, group.weeks) for group in together(weeks)] == [((0,), (THIRD,)), ((1,), (SECOND,))]


def test_weeks_are_named_one_by_one_until_there_are_many() -> None:
    def write(day: date) -> str:
        return f"{day.day} November"

    assert in_words((FIRST,), write) == "2 November"
    assert in_words((FIRST, SECOND), write) == "2 November and 9 November"
    assert in_words((FIRST, SECOND, THIRD, FOURTH), write) == "4 weeks from 2 November to 23 November"
