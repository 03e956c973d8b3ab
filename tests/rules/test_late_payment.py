"""Interest and fixed sum of the Late Payment of Commercial Debts (Interest) Act 1998, as a council works them out."""

from datetime import date
from decimal import Decimal

import pytest

from rules.late_payment import base_rate_day, base_rate_missing, fixed_sum, late_payment
from rules.policy import SETTINGS, resolve


@pytest.mark.parametrize(
    ("first_day", "counts"),
    [
        (date(2025, 1, 1), date(2024, 12, 31)),
        (date(2025, 6, 30), date(2024, 12, 31)),
        (date(2025, 7, 1), date(2025, 6, 30)),
        (date(2025, 12, 31), date(2025, 6, 30)),
    ],
)
def test_the_base_rate_is_that_of_the_last_half_year_before_interest_begins(first_day: date, counts: date) -> None:
    assert base_rate_day(first_day) == counts


@pytest.mark.parametrize(
    ("debt", "fixed"),
    [("0.01", 40), ("999.99", 40), ("1000.00", 70), ("9999.99", 70), ("10000.00", 100), ("250000.00", 100)],
)
def test_the_fixed_sum_follows_the_size_of_the_debt(debt: str, fixed: int) -> None:
    assert fixed_sum(Decimal(debt)) == fixed


def test_twelve_and_a_quarter_per_cent_for_thirty_days() -> None:
    late = late_payment(Decimal("5000.00"), date(2025, 9, 1), date(2025, 10, 1), Decimal("4.25"))
    assert late is not None
    # 5,000.00 × 12.25% × 30 ÷ 365 = 50.342…
    assert (late.days, late.percent, late.interest, late.fixed_sum) == (
        30,
        Decimal("12.25"),
        Decimal("50.34"),
        Decimal(70),
    )
    assert late.total == Decimal("120.34")
    assert late.base_rate_on == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("debt", "until"), [("100.00", date(2025, 9, 1)), ("0.00", date(2025, 12, 1)), ("-5.00", date(2025, 12, 1))]
)
def test_nothing_is_owed_on_the_due_day_nor_for_what_is_no_debt(debt: str, until: date) -> None:
    assert late_payment(Decimal(debt), date(2025, 9, 1), until, Decimal("4.25")) is None


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2017, 6, 30), "0.25"),
        (date(2017, 12, 31), "0.50"),
        (date(2024, 6, 30), "5.25"),
        (date(2025, 12, 31), "3.75"),
    ],
)
def test_the_portal_knows_the_base_rates_that_were_published(day: date, percent: str) -> None:
    assert resolve([], "base_rate", day).value == Decimal(percent)


def test_before_its_history_a_setting_has_its_default() -> None:
    assert SETTINGS["base_rate"].default_on(date(2010, 1, 1)) == Decimal("0.50")


@pytest.mark.parametrize(
    ("on", "given", "missing"),
    [
        (date(2026, 6, 30), [], None),
        (date(2026, 7, 1), [], date(2026, 6, 30)),
        (date(2026, 7, 1), [date(2026, 6, 30)], None),
        (date(2026, 7, 1), [date(2026, 5, 7), date(2026, 8, 6)], date(2026, 6, 30)),
        (date(2027, 1, 1), [date(2026, 6, 30)], date(2026, 12, 31)),
        (date(2018, 1, 1), [], None),
    ],
)
def test_a_base_rate_nobody_entered_is_missed_from_the_day_it_counts(
    on: date, given: list[date], missing: date | None
) -> None:
    assert base_rate_missing(on, given) == missing
