"""An organisation is paid what its lines come to, never less than nothing, and the totals agree everywhere."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.payment_run import (
    ControlTotals,
    check_pay_date,
    control_totals,
    total_for_organisation,
    what_disagrees,
    why_too_early,
)
from rules.refusal import Refused

amounts = st.lists(st.decimals(min_value=-100_000, max_value=100_000, places=2), max_size=20)


def test_lines_of_an_organisation_are_added_up() -> None:
    total = total_for_organisation([Decimal("100.00"), Decimal("-30.50")])
    assert (total.paid, total.carried_forward) == (Decimal("69.50"), Decimal(0))


def test_a_total_below_nothing_is_carried_forward() -> None:
    total = total_for_organisation([Decimal("10.00"), Decimal("-30.50")])
    assert (total.paid, total.carried_forward) == (Decimal(0), Decimal("-20.50"))


def test_exactly_nothing_pays_nothing_and_carries_nothing() -> None:
    assert total_for_organisation([Decimal("5.00"), Decimal("-5.00")]) == (Decimal(0), Decimal(0))


@given(amounts)
def test_what_is_paid_and_carried_forward_is_everything(lines: list[Decimal]) -> None:
    total = total_for_organisation(lines)
    assert total.paid + total.carried_forward == sum(lines)
    assert total.paid >= 0 >= total.carried_forward


def test_control_totals_count_payments_and_pence() -> None:
    totals = control_totals([Decimal("69.50"), Decimal("0.00"), Decimal("0.01")])
    assert totals == ControlTotals(count=2, pence=6951)


def test_part_of_a_penny_cannot_be_paid() -> None:
    with pytest.raises(ValueError, match="whole pence"):
        control_totals([Decimal("1.005")])


def test_totals_that_agree_have_nothing_to_say() -> None:
    same = ControlTotals(2, 6951)
    assert what_disagrees({"payment run": same, "Bacs file": same, "remittances": same}) == []
    assert what_disagrees({}) == []


def test_totals_that_differ_are_named() -> None:
    run, file = ControlTotals(2, 6951), ControlTotals(1, 6950)
    assert what_disagrees({"payment run": run, "Bacs file": file}) == [
        "The Bacs file has 1 payment of £69.50, but the payment run has 2 payments of £69.51."
    ]


MONDAY, FRIDAY = date(2017, 11, 20), date(2017, 12, 22)
HOME = (date(2017, 12, 27),)


@pytest.mark.parametrize(
    ("typed", "today", "days", "closures", "day"),
    [
        ("22/11/2017", MONDAY, 2, (), date(2017, 11, 22)),
        ("21/11/2017", MONDAY, 1, (), date(2017, 11, 21)),
        ("20/11/2017", MONDAY, 0, (), MONDAY),
        ("28/12/2017", FRIDAY, 2, (), date(2017, 12, 28)),
        ("29/12/2017", FRIDAY, 2, HOME, date(2017, 12, 29)),
    ],
)
def test_a_pay_date_leaves_the_bank_its_working_days(
    typed: str, today: date, days: int, closures: tuple[date, ...], day: date
) -> None:
    assert check_pay_date(typed, today, days, closures) == day


@pytest.mark.parametrize(
    ("typed", "today", "closures", "message"),
    [
        ("17/11/2017", MONDAY, (), "17 November 2017 is in the past. Enter 22 November 2017 or a later day."),
        ("soon", MONDAY, (), "not a date"),
        (
            "21/11/2017", MONDAY, (),
            "21 November 2017 is too early: from release to pay day the bank needs 2 working days. The first possible"
            " pay date is 22 November 2017.",
        ),
        (
            "25/11/2017", MONDAY, (),
            "25 November 2017 is not a working day (weekend). The next possible pay date is 27 November 2017.",
        ),
        (
            "25/12/2017", FRIDAY, (),
            "25 December 2017 is not a working day (Christmas Day). The next possible pay date is 28 December 2017.",
        ),
        ("27/12/2017", FRIDAY, (), "The first possible pay date is 28 December 2017."),
        (
            "27/12/2017", FRIDAY, HOME,
            "27 December 2017 is not a working day (closure day of the council). The next possible pay date is 29"
            " December 2017.",
        ),
    ],
)  # fmt: skip
def test_other_pay_dates_are_refused_at_the_field_with_the_first_that_is_possible(
    typed: str, today: date, closures: tuple[date, ...], message: str
) -> None:
    with pytest.raises(Refused, match=re.escape(message)) as refused:
        check_pay_date(typed, today, 2, closures)
    assert refused.value.problems[0].field == "pay_date"


def test_a_last_day_there_is_can_be_typed() -> None:
    assert check_pay_date("31/12/2199", MONDAY, 2, ()) == date(2199, 12, 31)


def test_a_run_released_today_is_too_late_for_a_pay_date_that_is_near() -> None:
    assert why_too_early(date(2017, 11, 22), MONDAY, 2, ()) is None
    too_early = why_too_early(MONDAY, MONDAY, 1, ())
    assert too_early
    assert "needs 1 working day." in too_early.wrong
