"""A week is priced in segments, one for each rate version, whose units are always the payable units."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import round2
from rules.plan import NO_DAYS, LinePlan, SevenDays, plan_throughout
from rules.price import NoRate, RateVersion, Segment, amount_of, price_week
from rules.states import PlanKind, Unit

MONDAY = date(2017, 11, 6)
WEDNESDAY, THURSDAY = date(2017, 11, 8), date(2017, 11, 9)
OLD = RateVersion(Decimal("19.6800"), date(2017, 1, 2), WEDNESDAY)
NEW = RateVersion(Decimal("20.2500"), THURSDAY, None)
THROUGHOUT = RateVersion(Decimal("17.2820"), MONDAY, date(2017, 11, 12))
QUARTERS = st.integers(min_value=0, max_value=96).map(lambda count: Decimal(count) / 4)


def each(quantity: str) -> SevenDays:
    return (Decimal(quantity),) * 7


def day(index: int) -> date:
    return MONDAY + timedelta(days=index)


TIMETABLED = plan_throughout(PlanKind.TIMETABLED, Unit.HOUR, each("1.25"), Decimal(0), date(2017, 1, 2), None)
WEEKLY = plan_throughout(PlanKind.WEEKLY, Unit.HOUR, NO_DAYS, Decimal("6.25"), date(2017, 1, 2), None)


def test_units_belong_to_the_day_they_were_delivered() -> None:
    segments = price_week(TIMETABLED, MONDAY, Decimal("8.75"), each("1.25"), [OLD, NEW])
    assert segments == [
        Segment(OLD.rate, Decimal("3.75"), Decimal("73.80"), (day(0), day(1), day(2))),
        Segment(NEW.rate, Decimal("5.00"), Decimal("101.25"), (day(3), day(4), day(5), day(6))),
    ]
    assert amount_of(segments) == Decimal("175.05")


def test_days_without_units_are_in_no_segment_whatever_their_rate_or_without_one() -> None:
    none, some = Decimal(0), Decimal("1.25")
    later = (none, none, none, some, none, some, none)
    for rates in ([OLD, NEW], [NEW], [THROUGHOUT]):
        segments = price_week(TIMETABLED, MONDAY, Decimal("2.50"), later, rates)
        assert [(each.rate, each.units, each.days) for each in segments] == [
            (rates[-1].rate, Decimal("2.50"), (day(3), day(5)))
        ]


@pytest.mark.parametrize(("payable", "amount"), [("6.25", "108.01"), ("2.75", "47.53")])
def test_each_segment_is_rounded_half_up_once(payable: str, amount: str) -> None:
    rates = [RateVersion(Decimal("17.2820"), date(2017, 1, 2), None)]
    (segment,) = price_week(WEEKLY, MONDAY, Decimal(payable), NO_DAYS, rates)
    assert segment.amount == Decimal(amount)


def test_a_cap_takes_units_off_the_last_days_first() -> None:
    segments = price_week(TIMETABLED, MONDAY, Decimal("5.50"), each("1.25"), [OLD, NEW])
    assert [(segment.units, segment.days) for segment in segments] == [
        (Decimal("3.75"), (day(0), day(1), day(2))),
        (Decimal("1.75"), (day(3), day(4))),
    ]


def test_a_cap_may_leave_nothing_at_the_new_rate() -> None:
    (segment,) = price_week(TIMETABLED, MONDAY, Decimal("3.00"), each("1.25"), [OLD, NEW])
    assert (segment.rate, segment.units) == (OLD.rate, Decimal("3.00"))


def test_the_payable_part_of_an_aborted_visit_belongs_to_its_day() -> None:
    delivered: SevenDays = (Decimal(1), *(Decimal(0),) * 6)
    aborted = {THURSDAY: Decimal("0.50")}
    segments = price_week(TIMETABLED, MONDAY, Decimal("1.50"), delivered, [OLD, NEW], aborted)
    assert [(segment.rate, segment.units, segment.days) for segment in segments] == [
        (OLD.rate, Decimal(1), (MONDAY,)),
        (NEW.rate, Decimal("0.50"), (THURSDAY,)),
    ]


def test_a_weekly_plan_is_priced_at_the_rate_of_its_first_active_day() -> None:
    (segment,) = price_week(WEEKLY, MONDAY, Decimal("6.25"), NO_DAYS, [NEW, OLD])
    assert (segment.rate, segment.units) == (OLD.rate, Decimal("6.25"))
    starts_thursday = plan_throughout(PlanKind.WEEKLY, Unit.HOUR, NO_DAYS, Decimal("6.25"), THURSDAY, None)
    (segment,) = price_week(starts_thursday, MONDAY, Decimal("3.57"), NO_DAYS, [OLD, NEW])
    assert (segment.rate, segment.days[0]) == (NEW.rate, THURSDAY)


def test_nothing_payable_has_no_segments() -> None:
    assert price_week(TIMETABLED, MONDAY, Decimal(0), NO_DAYS, []) == []


def test_a_delivered_day_without_a_rate_is_named() -> None:
    with pytest.raises(NoRate, match="There is no rate for 9 November 2017") as missing:
        price_week(TIMETABLED, MONDAY, Decimal("8.75"), each("1.25"), [OLD])
    assert missing.value.day == THURSDAY


def test_a_weekly_line_without_a_rate_is_named() -> None:
    with pytest.raises(NoRate) as missing:
        price_week(WEEKLY, MONDAY, Decimal(1), NO_DAYS, [NEW])
    assert missing.value.day == MONDAY


@pytest.mark.parametrize("payable", ["-0.25", "9.00"])
def test_units_that_no_day_holds_are_never_priced(payable: str) -> None:
    with pytest.raises(ValueError, match="payable units"):
        price_week(TIMETABLED, MONDAY, Decimal(payable), each("1.25"), [OLD, NEW])


@given(
    st.tuples(*[QUARTERS] * 7),
    st.dictionaries(st.integers(min_value=0, max_value=6).map(day), st.just(Decimal("0.33"))),
    st.integers(min_value=0, max_value=100),
    st.integers(min_value=1, max_value=6),
    st.sampled_from([TIMETABLED, WEEKLY]),
)
def test_segments_add_up_to_the_payable_units(
    delivered: SevenDays, aborted: dict[date, Decimal], percent: int, change: int, line: LinePlan
) -> None:
    payable = round2(sum([*delivered, *aborted.values()], Decimal(0)) * percent / 100)
    rates = [
        RateVersion(Decimal("17.2820"), date(2017, 1, 2), day(change - 1)),
        RateVersion(Decimal("18.0175"), day(change), None),
    ]
    segments = price_week(line, MONDAY, payable, delivered, rates, aborted)
    assert sum(segment.units for segment in segments) == payable
    assert all(segment.amount == round2(segment.units * segment.rate) for segment in segments)
    listed = [each_day for segment in segments for each_day in segment.days]
    assert listed == sorted(set(listed))
