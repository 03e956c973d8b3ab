"""Visits rolled up to days: rounding by visit and carer, the nights the clocks change, and what each unit counts."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.states import Unit
from rules.visit import LONDON, CountedVisit, minutes_between, rounded_minutes, units_of_counted

UTC = ZoneInfo("UTC")
MINUTES = st.integers(min_value=0, max_value=24 * 60)
NEAREST = st.sampled_from([1, 5, 6, 10, 15, 20, 30, 60])
MOMENTS = st.datetimes(datetime.fromisoformat("2016-01-01"), datetime.fromisoformat("2027-12-31")).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def a_visit(start: str, minutes: int, ref: str = "V1", carer: str = "", nearest: int = 15) -> CountedVisit:
    return CountedVisit(ref, carer, at(start), rounded_minutes(minutes, nearest, 0))


@pytest.mark.parametrize(
    ("minutes", "nearest", "tolerance", "rounded"),
    [(0, 15, 0, 0), (7, 15, 0, 0), (8, 15, 0, 15), (37, 15, 0, 30), (38, 15, 0, 45), (45, 15, 0, 45), (3, 6, 0, 6),
     (42, 15, 5, 30), (43, 15, 5, 45), (44, 15, 20, 30), (45, 15, 20, 45), (17, 1, 0, 17)],
)  # fmt: skip
def test_minutes_are_rounded_to_the_nearest_a_half_up(minutes: int, nearest: int, tolerance: int, rounded: int) -> None:
    assert rounded_minutes(minutes, nearest, tolerance) == rounded


@given(MINUTES, NEAREST)
def test_rounding_moves_a_visit_by_at_most_half_a_step(minutes: int, nearest: int) -> None:
    rounded = rounded_minutes(minutes, nearest, 0)
    assert rounded % nearest == 0
    assert -nearest < 2 * (rounded - minutes) <= nearest


@given(MINUTES, MINUTES, NEAREST, st.integers(0, 60))
def test_a_longer_visit_is_never_worth_less(one: int, other: int, nearest: int, tolerance: int) -> None:
    shorter, longer = sorted((one, other))
    assert rounded_minutes(shorter, nearest, tolerance) <= rounded_minutes(longer, nearest, tolerance)


@given(MINUTES, NEAREST, st.integers(0, 60))
def test_tolerance_never_adds_and_never_takes_a_whole_step(minutes: int, nearest: int, tolerance: int) -> None:
    with_tolerance = rounded_minutes(minutes, nearest, tolerance)
    assert minutes - nearest < with_tolerance <= rounded_minutes(minutes, nearest, 0)


def test_what_cannot_be_rounded_is_refused() -> None:
    for minutes, nearest, tolerance in ((-1, 15, 0), (1, 0, 0), (1, 15, -1)):
        with pytest.raises(ValueError, match="below"):
            rounded_minutes(minutes, nearest, tolerance)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2017-10-16T23:30", "2017-10-17T00:15", 45),
        # 29 October 2017: at 02:00 it was 01:00 again.
        ("2017-10-29T00:30", "2017-10-29T02:30", 180),
        ("2017-10-28T23:00", "2017-10-29T07:00", 540),
        ("2017-10-29T01:30", "2017-10-29T01:45", 15),
        ("2017-10-29T01:50", "2017-10-29T01:10", 20),
        ("2017-10-29T01:30", "2017-10-29T02:30", 60),
        ("2017-10-29T00:30", "2017-10-29T01:30", 60),
        ("2017-10-29T08:00", "2017-10-29T08:30", 30),
        ("2017-10-29T08:30", "2017-10-29T08:00", -30),
        # 26 March 2017: at 01:00 it was 02:00.
        ("2017-03-26T00:30", "2017-03-26T02:30", 60),
        ("2017-03-25T23:00", "2017-03-26T07:00", 420),
        ("2017-03-26T01:30", "2017-03-26T02:30", 60),
        ("2017-03-26T00:30", "2017-03-26T01:30", 60),
        ("2017-10-16T09:00", "2017-10-16T08:00", -60),
    ],
)
def test_minutes_are_those_that_passed(start: str, end: str, minutes: int) -> None:
    assert minutes_between(at(start), at(end)) == minutes


@given(MOMENTS, st.integers(0, 24 * 60))
@example(datetime(2016, 10, 29, 4), 21 * 60)  # noqa: DTZ001 - ends in the hour that is shown twice, the second time
def test_what_londons_clocks_showed_is_never_read_as_longer_than_it_was(moment: datetime, minutes: int) -> None:
    start = moment.replace(tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    shown = [each.astimezone(LONDON).replace(tzinfo=None, fold=0) for each in (start, end)]  # a clock has no fold
    twice = any(
        each.replace(tzinfo=LONDON).utcoffset() != each.replace(tzinfo=LONDON, fold=1).utcoffset() for each in shown
    )
    read = minutes_between(*shown)
    assert read == minutes or (twice and 0 <= read < minutes)


@given(st.lists(st.tuples(MINUTES, st.sampled_from(["", "1", "2"])), max_size=8), NEAREST)
def test_hours_are_rounded_by_visit_and_carer_then_added(rows: list[tuple[int, str]], nearest: int) -> None:
    visits = [
        a_visit("2017-10-16T08:00", minutes, f"V{place}", slot, nearest) for place, (minutes, slot) in enumerate(rows)
    ]
    exact = Decimal(sum(rounded_minutes(minutes, nearest, 0) for minutes, _slot in rows)) / 60
    assert abs(units_of_counted(visits, Unit.HOUR) - exact) <= Decimal("0.005")


def test_two_carers_are_two_times_the_hours_and_one_visit() -> None:
    visits = [a_visit("2017-10-16T08:00", 38, "V1", "1"), a_visit("2017-10-16T08:00", 35, "V2", "2")]
    assert units_of_counted(visits, Unit.HOUR) == Decimal("1.25")
    assert units_of_counted(visits, Unit.VISIT) == 1


@pytest.mark.parametrize(("unit", "units"), [(Unit.VISIT, 2), (Unit.SESSION, 2), (Unit.MEAL, 2), (Unit.EACH, 2),
                                             (Unit.DAY, 1), (Unit.NIGHT, 1)])  # fmt: skip
def test_other_units_are_counted_however_long(unit: Unit, units: int) -> None:
    visits = [a_visit("2017-10-16T08:00", 5, "V1"), a_visit("2017-10-16T18:00", 90, "V2")]
    assert units_of_counted(visits, unit) == units
    assert units_of_counted([], unit) == 0


def test_weeks_are_never_entered() -> None:
    with pytest.raises(ValueError, match="weeks"):
        units_of_counted([], Unit.WEEK)
