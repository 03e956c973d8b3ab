"""A week's total spread over its days like the plan."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.spread import spread_like

QUARTER, ONE = Decimal("0.25"), Decimal(1)


def spread(plan: str, total: str, step: Decimal = QUARTER) -> str:
    found = spread_like([Decimal(each) for each in plan.split()], Decimal(total), step)
    return "cannot be" if found is None else " ".join(f"{units:.2f}" for units in found)


@pytest.mark.parametrize(
    ("plan", "total", "expected"),
    [
        ("1 1 1 1 1 1 1", "8.75", "1.25 1.25 1.25 1.25 1.25 1.25 1.25"),
        ("1 1 1 1 1 0 0", "3", "0.75 0.75 0.50 0.50 0.50 0.00 0.00"),
        ("2 0 1 0 0 0 0", "1.5", "1.00 0.00 0.50 0.00 0.00 0.00 0.00"),
        ("0.33 0.33 0 0 0 0 0", "0.66", "0.33 0.33 0.00 0.00 0.00 0.00 0.00"),
        ("1 1 1 1 1 1 1", "0", "0.00 0.00 0.00 0.00 0.00 0.00 0.00"),
        ("1 1 1 1 1 1 1", "8.80", "cannot be"),
        ("0 0 0 0 0 0 0", "1", "cannot be"),
    ],
)
def test_a_total_is_spread_in_steps_like_the_plan(plan: str, total: str, expected: str) -> None:
    assert spread(plan, total) == expected


def test_visits_are_spread_whole() -> None:
    assert spread("2 0 2 0 2 0 0", "4", ONE) == "2.00 0.00 1.00 0.00 1.00 0.00 0.00"


@given(
    st.lists(st.integers(0, 40).map(lambda count: count * QUARTER), min_size=7, max_size=7).filter(any),
    st.integers(0, 400).map(lambda count: count * QUARTER),
)
def test_the_sum_is_exact_each_day_on_its_step_and_none_without_a_plan(plan: list[Decimal], total: Decimal) -> None:
    found = spread_like(plan, total, QUARTER)
    assert found is not None
    assert sum(found) == total
    assert all(units >= 0 and units % QUARTER == 0 for units in found)
    assert not any(units for units, planned in zip(found, plan, strict=True) if not planned)
    share = total / sum(plan)
    assert all(abs(units - planned * share) < QUARTER for units, planned in zip(found, plan, strict=True))
