"""Scheduled payments: the worked example of the rules, absences, deductions, and a second way to the same pounds."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.absence_claim import Tiers
from rules.period import DAY, WEEK, weeks_of
from rules.plan import NO_DAYS, LinePlan, PlanVersion, plan_throughout
from rules.policy import AbsenceTier
from rules.price import NoRate, RateVersion
from rules.scheduled import (
    Away,
    Deductions,
    ScheduledLine,
    ScheduledSegment,
    WeekPrices,
    day_number,
    kind_of_change,
    price_scheduled_week,
)
from rules.states import LineKind, PlanKind, Unit

START, END = date(2017, 10, 16), date(2017, 11, 12)
NOVEMBER = date(2026, 11, 2)
FULL_THEN_NOTHING = Tiers((AbsenceTier(1, Decimal(100)), AbsenceTier(8, Decimal(0))), "AB-1")


def tiers_on(_day: date) -> Tiers:
    return FULL_THEN_NOTHING


def in_weeks(start: date, end: date | None = None) -> LinePlan:
    return plan_throughout(PlanKind.WEEKLY, Unit.WEEK, NO_DAYS, Decimal(1), start, end)


def rated(*rates: tuple[str, date, date | None]) -> list[RateVersion]:
    return [RateVersion(Decimal(rate), start, end) for rate, start, end in rates]


def priced(line: ScheduledLine, first: date = START, weeks: int = 4) -> list[ScheduledSegment]:
    return [each for index in range(weeks) for each in price_scheduled_week(line, first + index * WEEK, tiers_on)]


def amounts(line: ScheduledLine, first: date = START, weeks: int = 4) -> list[Decimal]:
    return [each.amount for each in priced(line, first, weeks)]


def test_a_line_that_starts_on_a_wednesday_is_paid_five_days_and_three_whole_weeks() -> None:
    line = ScheduledLine(in_weeks(date(2017, 10, 18)), rated(("748.37", date(2017, 10, 18), None)))
    assert amounts(line) == [Decimal("534.55"), *[Decimal("748.37")] * 3]
    assert sum(amounts(line)) == Decimal("2779.66")
    first = priced(line)[0]
    assert (first.days, first.paid, first.units) == (5, 5, Decimal("0.714286"))


def test_days_after_the_seventh_of_an_absence_are_not_paid_and_the_contribution_goes_on() -> None:
    line = ScheduledLine(
        in_weeks(NOVEMBER),
        rated(("748.37", NOVEMBER, None)),
        [Deductions(NOVEMBER, Decimal("139.75"), Decimal(0))],
        [Away(date(2026, 11, 9), date(2026, 11, 18), 5)],
    )
    found = priced(line, NOVEMBER)
    assert [each.amount for each in found] == [Decimal(each) for each in ("748.37", "748.37", "427.64", "748.37")]
    assert [each.net for each in found] == [Decimal(each) for each in ("608.62", "608.62", "287.89", "608.62")]
    assert sum(each.net for each in found) == Decimal("2113.75")
    lowered = found[2]
    assert (lowered.days, lowered.paid, lowered.absence, lowered.rule) == (7, 4, 5, "AB-1")
    assert lowered.explained == "days 8 to 10 of the absence at 0%"
    assert found[1].absence is None


def test_a_change_of_rate_splits_its_week_even_where_the_plan_is_weekly() -> None:
    thursday = date(2017, 10, 19)
    line = ScheduledLine(in_weeks(START), rated(("700", START, thursday - DAY), ("770", thursday, None)))
    assert [(each.days, each.amount) for each in priced(line, weeks=1)] == [(3, Decimal(300)), (4, Decimal(440))]


def test_a_day_club_on_two_days_is_paid_two_days_a_week() -> None:
    one, none = Decimal(1), Decimal(0)
    days = (one, none, one, none, none, none, none)
    club = plan_throughout(PlanKind.TIMETABLED, Unit.SESSION, days, none, START, None)
    assert amounts(ScheduledLine(club, rated(("42.00", START, None))), weeks=1) == [Decimal(84)]


def test_what_is_deducted_is_rounded_apart_for_the_days_of_a_line_that_ended() -> None:
    line = ScheduledLine(
        in_weeks(NOVEMBER, date(2026, 11, 14)),
        rated(("748.37", NOVEMBER, None)),
        [Deductions(NOVEMBER, Decimal("128.90"), Decimal("25.00"))],
    )
    found = priced(line, NOVEMBER)
    assert [(each.days, each.contribution, each.top_up) for each in found] == [
        (7, Decimal("128.90"), Decimal("25.00")),
        (6, Decimal("110.49"), Decimal("21.43")),
    ]


def test_another_contribution_from_a_day_counts_from_that_day() -> None:
    line = ScheduledLine(
        in_weeks(START),
        rated(("700", START, None)),
        [Deductions(START, Decimal(70), Decimal(0)), Deductions(date(2017, 10, 20), Decimal(140), Decimal(0))],
    )
    assert [each.contribution for each in priced(line, weeks=2)] == [Decimal(100), Decimal(140)]


def test_absences_that_follow_one_another_are_counted_on() -> None:
    absences = [Away(START, START + 3 * DAY, 1), Away(START + 4 * DAY, None, 2), Away(START + 40 * DAY, None, 3)]
    assert day_number(absences, START + 5 * DAY) == (6, 2)
    assert day_number(absences[:1], START + 4 * DAY) is None
    apart = [absences[0], Away(START + 5 * DAY, None, 2)]
    assert day_number(apart, START + 5 * DAY) == (1, 2)


def test_a_day_without_a_rate_is_named() -> None:
    line = ScheduledLine(in_weeks(START), rated(("700", date(2017, 10, 20), None)))
    with pytest.raises(NoRate, match="16 October 2017"):
        priced(line)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([("1", "700")], [("1", "710")], LineKind.RATE_DIFF),
        ([("1", "700")], [("0.714286", "700")], LineKind.UNITS_DIFF),
        ([("1", "700")], [("1", "700")], LineKind.UNITS_DIFF),
    ],
)
def test_a_change_is_called_after_what_changed(
    before: list[tuple[str, str]], after: list[tuple[str, str]], kind: LineKind
) -> None:
    def read(pairs: list[tuple[str, str]]) -> list[tuple[Decimal, Decimal]]:
        return [(Decimal(units), Decimal(rate)) for units, rate in pairs]

    assert kind_of_change(read(before), read(after)) is kind


QUANTITIES = st.integers(1, 400).map(lambda count: Decimal(count) / 100)
OFFSETS = st.integers(0, 27)


@st.composite
def stories(draw: st.DrawFn) -> ScheduledLine:
    """A line with up to two plans, three rates, two contributions and two absences in four weeks."""
    kind = draw(st.sampled_from(PlanKind))
    unit = Unit.WEEK if kind is PlanKind.WEEKLY and draw(st.booleans()) else Unit.NIGHT
    first = START + draw(st.integers(-7, 20)) * DAY
    end = draw(st.none() | st.integers(0, 40).map(lambda days: first + days * DAY))
    week = st.tuples(*[QUANTITIES | st.just(Decimal(0))] * 7)
    starts = [first, *(START + each * DAY for each in sorted(draw(st.sets(OFFSETS, max_size=1))))]
    plans = tuple(PlanVersion(each, draw(week), draw(QUANTITIES)) for each in starts)
    changes = sorted(draw(st.sets(OFFSETS, max_size=2)))
    begins = [date(2017, 1, 1), *(START + each * DAY for each in changes)]
    ends = [*(each - DAY for each in begins[1:]), None]
    rate = st.integers(1, 99_999_999).map(lambda count: Decimal(count) / 10_000)
    rates = [RateVersion(draw(rate), start, end) for start, end in zip(begins, ends, strict=True)]
    pounds = st.integers(0, 30_000).map(lambda pence: Decimal(pence) / 100)
    deductions = [
        Deductions(START + each * DAY, draw(pounds), draw(pounds))
        for each in [-99, *sorted(draw(st.sets(OFFSETS, max_size=1)))]
    ]
    marks = sorted(draw(st.sets(st.integers(-9, 27), min_size=4, max_size=4)))
    absences = [
        Away(START + marks[0] * DAY, START + (marks[1] - 1) * DAY, 1),
        Away(START + marks[2] * DAY, draw(st.sampled_from([None, START + marks[3] * DAY])), 2),
    ]
    return ScheduledLine(LinePlan(kind, unit, plans, first, end), rates, deductions, absences)


def by_hand(line: ScheduledLine, monday: date) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The amount, contribution and top-up of each rate of a week, from the rules alone, in decimals of 60 places."""
    found: dict[RateVersion, list[Decimal]] = {}
    for day in (monday + timedelta(days=index) for index in range(7)):
        if day < line.plan.start or (line.plan.end and day > line.plan.end):
            continue
        version = [each for each in line.plan.versions if each.start <= day or each is line.plan.versions[0]][-1]
        if line.plan.unit is Unit.WEEK:
            units = Decimal(1) / 7
        elif line.plan.kind is PlanKind.WEEKLY:
            units = version.weekly / 7
        else:
            units = version.days[day.weekday()]
        if paid_days_gone(line.absences, day) > 7:
            units = Decimal(0)
        rate = next(each for each in line.rates if each.start <= day and (each.end is None or day <= each.end))
        taken = [each for each in line.deductions if each.start <= day][-1]
        sums = found.setdefault(rate, [Decimal(0), Decimal(0), Decimal(0)])
        for index, part in enumerate((units * rate.rate, taken.contribution / 7, taken.top_up / 7)):
            sums[index] += part
    return [tuple(pounds(part) for part in sums) for sums in found.values()]  # type: ignore[misc]


def paid_days_gone(absences: Sequence[Away], day: date) -> int:
    """How many days of absence without a gap there were up to a day."""
    gone = 0
    while any(each.first <= day and (each.last is None or day <= each.last) for each in absences):
        gone, day = gone + 1, day - DAY
    return gone


def pounds(amount: Decimal) -> Decimal:
    """Half up; what 60 places leave of a third is no half penny."""
    return amount.quantize(Decimal("1E-30"), rounding=ROUND_HALF_UP).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@given(stories())
def test_a_plain_sum_in_many_places_comes_to_the_same_pounds(line: ScheduledLine) -> None:
    with localcontext() as context:
        context.prec = 60
        for monday in weeks_of(START, END):
            assert [(each.amount, each.contribution, each.top_up) for each in priced(line, monday, 1)] == (
                by_hand(line, monday)
            )


@given(stories())
def test_weeks_that_are_alike_are_worked_out_once_and_come_to_the_same(line: ScheduledLine) -> None:
    prices = WeekPrices(line, tiers_on)
    for monday in weeks_of(START - 2 * WEEK, END + 2 * WEEK):
        assert prices.of(monday) == price_scheduled_week(line, monday, tiers_on)
