"""Days of an absence are paid by tier, added up by week and rate, and a day that cannot be claimed is named."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.absence_claim import (
    ClaimDay,
    ClaimSegment,
    Tiers,
    days_of_claim,
    net_of,
    percent_on,
    price_claim,
    tiers_in_words,
    units_of,
)
from rules.absence_refusal import (
    ClaimEntry,
    Recorded,
    check_dates,
    check_earlier_last_day,
    check_words,
    name_days,
    name_refused,
    refused_days,
)
from rules.money import round2
from rules.plan import NO_DAYS, LinePlan, plan_throughout
from rules.policy import AbsenceTier
from rules.price import NoRate, RateVersion
from rules.states import AbsenceReason, PlanKind, Unit

START = date(2017, 10, 16)
TODAY = date(2017, 11, 20)
EVERY_DAY = plan_throughout(PlanKind.TIMETABLED, Unit.HOUR, (Decimal("1.00"),) * 7, Decimal(0), START, None)
TEN_A_WEEK = plan_throughout(PlanKind.WEEKLY, Unit.HOUR, NO_DAYS, Decimal("10.00"), START, None)
TWENTY = RateVersion(Decimal("20.0000"), START, None)
A_WEEK_IN_FULL = (AbsenceTier(1, Decimal(100)), AbsenceTier(8, Decimal(0)))
THREE = (AbsenceTier(1, Decimal(100)), AbsenceTier(3, Decimal("62.5")), AbsenceTier(29, Decimal(0)))


def planning(line: LinePlan, **plan: Any) -> LinePlan:
    """Return a line with another plan throughout."""
    return line._replace(versions=(line.versions[0]._replace(**plan),))


def nov(day: int) -> date:
    return date(2017, 11, day)


def always(*tiers: AbsenceTier) -> Callable[[date], Tiers]:
    return lambda _day: Tiers(tiers, "AB-1")


def claim(
    line: LinePlan, first: date, last: date, *rates: RateVersion, tiers: tuple[AbsenceTier, ...] = A_WEEK_IN_FULL
) -> list[ClaimSegment]:
    return price_claim(days_of_claim(line, rates or (TWENTY,), (first, last), always(*tiers)))


def test_the_first_seven_days_are_paid_and_added_up_by_week() -> None:
    first, second = claim(EVERY_DAY, nov(2), nov(12))
    assert (first.monday, first.units, first.net) == (date(2017, 10, 30), Decimal(4), Decimal("80.00"))
    assert (second.monday, second.units, second.net) == (nov(6), Decimal(3), Decimal("60.00"))
    assert net_of([first, second]) == Decimal("140.00")
    assert (first.explained, second.explained, first.rule) == ("days 1 to 4 at 100%", "days 5 to 7 at 100%", "AB-1")


@pytest.mark.parametrize(
    ("number", "percent"), [(1, "100"), (2, "100"), (3, "62.5"), (28, "62.5"), (29, "0"), (400, "0")]
)
def test_a_day_is_paid_by_the_last_tier_that_has_begun(number: int, percent: str) -> None:
    assert percent_on(number, THREE) == Decimal(percent)


def test_a_tier_between_everything_and_nothing_pays_its_part() -> None:
    (segment,) = claim(EVERY_DAY, nov(6), nov(9), tiers=THREE)
    assert (segment.units, segment.net) == (Decimal("3.25"), Decimal("65.00"))
    assert segment.explained == "days 1 to 2 at 100%, days 3 to 4 at 62.5%"


def test_a_weekly_plan_gives_each_day_a_seventh_that_is_not_rounded() -> None:
    (segment,) = claim(TEN_A_WEEK, nov(6), nov(8))
    # 30 sevenths of an hour: 85.714285… pounds. Three days rounded to 1.43 hours would come to £85.80.
    assert (round(segment.units, 6), segment.net) == (Decimal("4.285714"), Decimal("85.71"))


def test_a_whole_week_of_a_weekly_plan_is_exactly_its_quantity() -> None:
    two = planning(TEN_A_WEEK, weekly=Decimal("2.00"))
    (segment,) = claim(two, nov(6), nov(12), RateVersion(Decimal("0.0025"), START, None))
    # Seven times 0.285714… is 1.999…; half a penny would be lost by adding it up.
    assert (segment.units, segment.net) == (Decimal(2), Decimal("0.01"))


def test_a_change_of_rate_splits_the_week_of_a_timetabled_plan() -> None:
    old, new = RateVersion(Decimal("19.6800"), START, nov(8)), RateVersion(Decimal("20.2500"), nov(9), None)
    segments = claim(EVERY_DAY, nov(6), nov(10), old, new)
    assert [(each.rate, each.units, each.net) for each in segments] == [
        (old.rate, Decimal(3), Decimal("59.04")),
        (new.rate, Decimal(2), Decimal("40.50")),
    ]


def test_the_week_of_a_weekly_plan_has_the_rate_of_its_first_active_day() -> None:
    old, new = RateVersion(Decimal("19.6800"), START, nov(8)), RateVersion(Decimal("20.2500"), nov(9), None)
    (segment,) = claim(TEN_A_WEEK, nov(9), nov(12), old, new)
    assert segment.rate == old.rate


def test_a_change_of_the_setting_counts_from_its_day() -> None:
    def tiers_on(day: date) -> Tiers:
        return Tiers((AbsenceTier(1, Decimal(50)),), "AB-1 of 8 November 2017") if day >= nov(8) else _full

    _full = Tiers((AbsenceTier(1, Decimal(100)),), "AB-1")
    (segment,) = price_claim(days_of_claim(EVERY_DAY, [TWENTY], (nov(7), nov(8)), tiers_on))
    assert (segment.net, segment.rule) == (Decimal("30.00"), "AB-1, AB-1 of 8 November 2017")


def test_days_without_a_plan_count_as_days_of_the_absence_and_are_worth_nothing() -> None:
    weekdays = planning(EVERY_DAY, days=(Decimal(1),) * 5 + (Decimal(0),) * 2)
    days = days_of_claim(weekdays, [TWENTY], (nov(3), nov(7)), always(*A_WEEK_IN_FULL))
    assert [(day.number, day.planned) for day in days] == [
        (number, Decimal(planned)) for number, planned in ((1, 1), (2, 0), (3, 0), (4, 1), (5, 1))
    ]
    assert net_of(price_claim(days)) == Decimal("60.00")


def test_a_day_to_be_paid_needs_a_rate_and_one_worth_nothing_does_not() -> None:
    until = RateVersion(Decimal("20.0000"), START, nov(8))
    assert net_of(claim(EVERY_DAY, nov(2), nov(9), until)) == Decimal("140.00")
    with pytest.raises(NoRate, match="no rate for 9 November 2017"):
        claim(EVERY_DAY, nov(6), nov(9), until)


ended = EVERY_DAY._replace(start=date(2017, 10, 18), end=nov(8))


@pytest.mark.parametrize(
    ("line", "first", "last", "recorded", "words"),
    [
        (ended, date(2017, 10, 17), date(2017, 10, 18), {}, "17 October 2017: the line starts on 18 October 2017."),
        (ended, nov(8), nov(10), {}, "9 to 10 November 2017: the line ended on 8 November 2017."),
        (EVERY_DAY, nov(19), nov(22), {}, "21 to 22 November 2017: in the future. Claim a day once it has come."),
        (
            EVERY_DAY._replace(start=date(2016, 1, 4)),
            date(2017, 10, 15),
            date(2017, 10, 16),
            {},
            "15 October 2017: days before 16 October 2017 cannot be claimed here. Use the previous method.",
        ),
        (
            EVERY_DAY,
            nov(6),
            nov(10),
            {"delivered": {nov(6): Decimal("0.25"), nov(7): Decimal(0), nov(10): Decimal(1)}},
            "6 November 2017 and 10 November 2017: care is recorded.",
        ),
        (
            EVERY_DAY,
            nov(6),
            nov(8),
            {"aborted": frozenset({nov(7)})},
            "7 November 2017: an aborted visit is recorded, which is paid by its own rule.",
        ),
        (
            EVERY_DAY,
            nov(6),
            nov(9),
            {"claimed": {nov(8): "AC-000007", nov(9): "AC-000007"}},
            "8 to 9 November 2017: already in claim AC-000007.",
        ),
        (
            TEN_A_WEEK,
            nov(9),
            nov(12),
            {"by_week": {nov(6): Decimal("4.50")}},
            "9 to 12 November 2017: 4.50 hours are recorded in the week of 6 November 2017: with the days claimed that"
            " is more than its plan of 10.00.",
        ),
    ],
)
def test_days_that_cannot_be_claimed_are_named(
    line: LinePlan, first: date, last: date, recorded: dict[str, object], words: str
) -> None:
    days = days_of_claim(line, [TWENTY], (first, last), always(*A_WEEK_IN_FULL))
    (problem,) = name_refused(refused_days(line, days, Recorded(TODAY, START, **recorded)))  # type: ignore[arg-type]
    assert problem.message.startswith(words)


@pytest.mark.parametrize("there", ["0", "4.25"])
def test_a_weekly_plan_can_be_claimed_up_to_its_week_together_with_what_is_recorded(there: str) -> None:
    days = days_of_claim(TEN_A_WEEK, [TWENTY], (nov(9), nov(12)), always(*A_WEEK_IN_FULL))
    assert refused_days(TEN_A_WEEK, days, Recorded(TODAY, START, by_week={nov(6): Decimal(there)})) == {}


def test_any_care_in_a_week_claimed_whole_refuses_it() -> None:
    days = days_of_claim(TEN_A_WEEK, [TWENTY], (nov(6), nov(12)), always(*A_WEEK_IN_FULL))
    refused = refused_days(TEN_A_WEEK, days, Recorded(TODAY, START, by_week={nov(6): Decimal("0.25")}))
    assert list(refused) == [nov(day) for day in range(6, 13)]


def test_the_days_of_a_claim_are_in_order_and_not_endless() -> None:
    assert [problem.message for problem in check_dates(nov(3), nov(2))] == ["The last day is before the first day."]
    assert check_dates(nov(2), nov(2)) == []
    (problem,) = check_dates(nov(2), date(2117, 11, 2))
    assert problem.message == "A claim can have at most 366 days. Check the year."


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"reason": None}, ["reason"]),
        ({"reason": AbsenceReason.OTHER}, ["comment"]),
        ({"reason": AbsenceReason.OTHER, "comment": "With her daughter"}, []),
        ({"notified_on": TODAY + timedelta(days=1)}, ["notified_on"]),
        ({"notified_to": "x" * 201, "comment": "y" * 501}, ["notified_to", "comment"]),
        ({"comment": "a\u202eb"}, ["comment"]),
    ],
)
def test_what_is_missing_or_too_long_is_told_at_its_field(changes: dict[str, object], fields: list[str]) -> None:
    entry = ClaimEntry(1, nov(2), nov(3), **{"reason": AbsenceReason.HOSPITAL} | changes)  # type: ignore[arg-type]
    assert [problem.field for problem in check_words(entry, TODAY)] == fields


@pytest.mark.parametrize(("chosen", "good"), [(1, False), (2, True), (11, True), (12, False), (13, False)])
def test_approving_in_part_takes_an_earlier_last_day(chosen: int, good: bool) -> None:
    assert (check_earlier_last_day(nov(2), nov(12), nov(chosen)) is None) == good


def test_days_are_named_as_ranges() -> None:
    days = [nov(2), nov(3), nov(7), nov(9), nov(10)]
    assert name_days(days) == "2 to 3 November 2017, 7 November 2017 and 9 to 10 November 2017"


quantities = st.integers(0, 96).map(lambda count: Decimal(count) / 4)
tier_lists = st.lists(st.tuples(st.integers(2, 40), st.integers(0, 400)), max_size=3).map(
    lambda more: (
        AbsenceTier(1, Decimal(100)),
        *(AbsenceTier(day, Decimal(quarters) / 4) for day, quarters in sorted(dict(more).items())),
    )
)
lines = st.one_of(
    st.tuples(*[quantities] * 7).map(lambda days: planning(EVERY_DAY, days=days)),
    quantities.map(lambda weekly: planning(TEN_A_WEEK, weekly=weekly)),
)
rates = st.decimals("0", "99.9999", places=4).map(lambda rate: [RateVersion(rate, START, None)])


@given(line=lines, price=rates, tiers=tier_lists, first=st.integers(0, 20), more=st.integers(0, 40), cut=st.integers(0))
def test_approving_in_part_never_pays_more(
    line: LinePlan, price: list[RateVersion], tiers: tuple[AbsenceTier, ...], first: int, more: int, cut: int
) -> None:
    begin = START + timedelta(days=first)
    whole = claim(line, begin, begin + timedelta(days=more), *price, tiers=tiers)
    part = claim(line, begin, begin + timedelta(days=cut % (more + 1)), *price, tiers=tiers)
    assert net_of(part) <= net_of(whole)
    assert units_of(part) <= units_of(whole)
    # What both have is paid the same, but for the week in which the shorter one ends.
    assert [each.net for each in part[:-1]] == [each.net for each in whole[: max(len(part) - 1, 0)]]


@given(line=lines, price=rates, tiers=tier_lists, first=st.integers(0, 20), more=st.integers(0, 40))
def test_the_days_come_to_the_weeks_but_for_one_rounding_each(
    line: LinePlan, price: list[RateVersion], tiers: tuple[AbsenceTier, ...], first: int, more: int
) -> None:
    begin = START + timedelta(days=first)
    days = days_of_claim(line, price, (begin, begin + timedelta(days=more)), always(*tiers))
    segments = price_claim(days)
    by_day = sum((day.units * (day.rate or 0) for day in days), Decimal(0))
    assert abs(net_of(segments) - by_day) <= Decimal("0.005") * len(segments) + Decimal("1e-15")
    for segment in segments:
        assert segment.net == round2(sum((day.units for day in segment.days), Decimal(0)) * segment.rate) or (
            line.kind is PlanKind.WEEKLY
        )
        assert {(day.day - segment.monday).days in range(7) for day in segment.days} == {True}


@given(tiers=tier_lists, count=st.integers(1, 60))
def test_a_claim_pays_at_most_the_plan_and_every_day_is_told_of(tiers: tuple[AbsenceTier, ...], count: int) -> None:
    days = days_of_claim(EVERY_DAY, [TWENTY], (START, START + timedelta(days=count - 1)), always(*tiers))
    assert units_of(price_claim(days)) <= count
    words = tiers_in_words(days)
    for number in (1, count):
        assert str(number) in words


def test_a_day_of_its_own_is_told_as_one() -> None:
    day = ClaimDay(nov(2), 1, Decimal(100), Decimal(1), 1, TWENTY, "AB-1")
    assert tiers_in_words([day]) == "day 1 at 100%"
