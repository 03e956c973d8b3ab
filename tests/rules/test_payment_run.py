"""An organisation is paid what its lines come to, never less than nothing, and the totals agree everywhere."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.payment_run import (
    ControlTotals,
    check_pay_date,
    control_totals,
    next_working_day,
    total_for_organisation,
    what_disagrees,
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


@pytest.mark.parametrize(("day", "following"), [(16, 17), (17, 20), (18, 20), (19, 20), (20, 21)])
def test_the_next_working_day_is_no_weekend(day: int, following: int) -> None:
    assert next_working_day(date(2017, 11, day)) == date(2017, 11, following)


def test_a_pay_date_is_today_or_later() -> None:
    assert check_pay_date("20/11/2017", date(2017, 11, 20)) == date(2017, 11, 20)


@pytest.mark.parametrize(
    ("typed", "message"), [("17/11/2017", "in the past"), ("25/11/2017", "not a working day"), ("soon", "not a date")]
)
def test_other_pay_dates_are_refused_at_the_field(typed: str, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        check_pay_date(typed, date(2017, 11, 20))
    assert refused.value.problems[0].field == "pay_date"
