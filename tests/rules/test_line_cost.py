"""A whole week of a line costs its plan at its rate; where it is paid net, less what the person and others pay."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.line_cost import NO_COST, WeeklyCost, sum_of, weekly_cost
from rules.states import PaymentBasis

pounds = st.decimals(min_value=0, max_value=9999, places=2)
costs = st.builds(WeeklyCost, pounds, pounds, pounds, pounds)


def cost(basis: PaymentBasis, rate: str | None = "19.68") -> WeeklyCost | None:
    return weekly_cost(
        Decimal("8.50"), Decimal(rate) if rate else None, basis, contribution=Decimal("40"), top_up=Decimal("2.5")
    )


def test_a_gross_line_costs_its_plan_at_its_rate() -> None:
    assert cost(PaymentBasis.GROSS) == WeeklyCost(Decimal("167.28"), Decimal(0), Decimal(0), Decimal("167.28"))


def test_a_net_line_costs_less_by_what_the_person_and_others_pay() -> None:
    assert cost(PaymentBasis.NET) == WeeklyCost(Decimal("167.28"), Decimal(40), Decimal("2.5"), Decimal("124.78"))


def test_half_a_penny_is_a_penny() -> None:
    assert cost(PaymentBasis.GROSS, "0.0100") == WeeklyCost(Decimal("0.09"), Decimal(0), Decimal(0), Decimal("0.09"))


def test_a_line_without_a_rate_has_no_cost_and_adds_none() -> None:
    assert cost(PaymentBasis.NET, None) is None
    assert sum_of([None, cost(PaymentBasis.NET)]) == cost(PaymentBasis.NET)
    assert sum_of([None]) == sum_of([]) == NO_COST


@given(st.lists(costs))
def test_a_sum_is_the_sum_of_each_part(several: list[WeeklyCost]) -> None:
    assert sum_of(several) == tuple(sum((cost[part] for cost in several), Decimal(0)) for part in range(4))
