"""A week over the exception level is held until Service Brokerage decides."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.exception import ExceptionLevel, allowance, cap, decision_in_words, explain, is_over
from rules.refusal import Refused
from rules.states import Decision, Unit

LEVEL = ExceptionLevel(percent=Decimal(10), units=Decimal("1.00"), extras_allowed=True)
NO_EXTRAS = ExceptionLevel(percent=Decimal(10), units=Decimal("1.00"), extras_allowed=False)
units = st.decimals(min_value=0, max_value=168, places=2)


@pytest.mark.parametrize(
    ("planned", "payable", "allowed", "over"),
    [
        ("10.00", "11.00", "1.00", False),
        ("10.00", "11.25", "1.00", True),
        ("20.00", "22.00", "2.00", False),
        ("20.00", "22.25", "2.00", True),
        ("3.50", "4.50", "1.00", False),
        ("0.00", "1.25", "1.00", True),
    ],
)
def test_a_week_is_over_when_it_exceeds_its_allowance(planned: str, payable: str, allowed: str, over: bool) -> None:
    assert allowance(Decimal(planned), LEVEL) == Decimal(allowed)
    assert is_over(Decimal(planned), Decimal(payable), LEVEL) is over


def test_without_extras_any_unit_above_plan_is_over() -> None:
    assert allowance(Decimal(20), NO_EXTRAS) == 0
    assert is_over(Decimal(20), Decimal("20.25"), NO_EXTRAS)
    assert not is_over(Decimal(20), Decimal(20), NO_EXTRAS)


@given(units, units)
def test_a_larger_plan_never_allows_less(one: Decimal, other: Decimal) -> None:
    assert allowance(min(one, other), LEVEL) <= allowance(max(one, other), LEVEL)


def test_a_held_week_is_explained_as_the_provider_sees_it() -> None:
    seven, ten = Decimal("7.00"), Decimal("10.00")
    assert explain(Unit.HOUR, seven, ten, ten, LEVEL, code="EL-1", valid_from=date(2017, 4, 1)) == [
        "Planned 7.00 hours, delivered 10.00.",
        "Allowance: the larger of 10% (0.70) and 1.00 hour. Rule EL-1, 1 April 2017.",
        "3.00 hours above plan, so this week is held. Everything else can be invoiced.",
        "Service Brokerage can approve it; then it is paid with your next invoice.",
    ]


def test_a_week_within_its_allowance_is_explained() -> None:
    planned, delivered, payable = Decimal("7.25"), Decimal("7.25"), Decimal("7.75")
    assert explain(Unit.HOUR, planned, delivered, payable, LEVEL, code="EL-1") == [
        "Planned 7.25 hours, delivered 7.25, payable with aborted visits 7.75.",
        "Allowance: the larger of 10% (0.725) and 1.00 hour. Rule EL-1.",
        "0.50 hours above plan, within the allowance, so nothing is held.",
    ]
    assert explain(Unit.HOUR, planned, planned, planned, LEVEL, code="EL-1")[-1] == (
        "Not above plan, so nothing is held."
    )


def test_a_week_without_extras_is_explained() -> None:
    two, three = Decimal("2.00"), Decimal("3.00")
    sentences = explain(Unit.SESSION, two, three, three, NO_EXTRAS, code="EL-2")
    assert sentences[1] == "No extra sessions are allowed for this service. Rule EL-2."
    assert sentences[2].startswith("1.00 session above plan, so this week is held.")


@pytest.mark.parametrize(
    ("decision", "up_to", "payable"),
    [
        (Decision.AS_CLAIMED, None, "10.00"),
        (Decision.UP_TO, "8.50", "8.50"),
        (Decision.UP_TO, "7.00", "7.00"),
        (Decision.REFUSED, None, "7.00"),
    ],
)
def test_a_decision_says_what_is_payable(decision: Decision, up_to: str | None, payable: str) -> None:
    limit = None if up_to is None else Decimal(up_to)
    assert cap(Decimal("7.00"), Decimal("10.00"), decision, limit) == Decimal(payable)


@pytest.mark.parametrize("up_to", [None, "6.99", "10.00", "12", "8.125", "-1"])
def test_units_outside_plan_and_claim_are_refused_at_their_field(up_to: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        cap(Decimal("7.00"), Decimal("10.00"), Decision.UP_TO, None if up_to is None else Decimal(up_to))
    assert [problem.field for problem in refusal.value.problems] == ["up_to"]


@pytest.mark.parametrize(
    ("decision", "up_to", "words"),
    [
        (Decision.AS_CLAIMED, None, "Approved as claimed: 10.00 hours are payable."),
        (Decision.UP_TO, Decimal("8.50"), "Approved up to 8.50 hours: of the 10.00 claimed, 8.50 are payable."),
        (Decision.REFUSED, None, "Refused above the plan: of the 10.00 claimed, the planned 7.00 hours are payable."),
    ],
)
def test_a_decision_is_told_with_its_figures(decision: Decision, up_to: Decimal | None, words: str) -> None:
    assert decision_in_words(decision, Unit.HOUR, Decimal("7.00"), Decimal("10.00"), up_to) == words


@given(units, units, st.sampled_from(Decision), units)
def test_a_decision_never_pays_below_plan_or_above_claim(
    planned: Decimal, payable: Decimal, decision: Decision, up_to: Decimal
) -> None:
    assume(is_over(planned, payable, LEVEL))
    try:
        assert planned <= cap(planned, payable, decision, up_to) <= payable
    except Refused:
        assert decision is Decision.UP_TO
        assert not planned <= up_to < payable
