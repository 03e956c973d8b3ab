"""Moments, times of day and minutes as people and systems write them."""

from datetime import date, datetime, time

import pytest

from files.reading.cells import Cell, Unreadable
from files.reading.moments import read_clock, read_minutes, read_moment

HALF_PAST_NINE = datetime.fromisoformat("2017-10-16T09:30")


@pytest.mark.parametrize(
    "cell",
    ["16/10/2017 09:30", "16/10/2017 9:30", "16/10/17 09:30", "16-10-2017 09:30", "16/10/2017 09:30:00",
     "16/10/2017 at 9.30", "2017-10-16 09:30", "2017-10-16T09:30", "2017-10-16T09:30:00", "2017-10-16T09:30:00.250",
     "2017-10-16T08:30:00Z", "2017-10-16T10:30:00+02:00", " 16/10/2017  09:30 ", "16/10/2017 9:30 am",
     "16/10/2017, 09:30", "16 Oct 2017 09:30", "16-Oct-17 09:30:00", "Mon 16/10/2017 09:30", "20171016 09:30",
     HALF_PAST_NINE, 43024.395833333336],
)  # fmt: skip
def test_a_moment_is_read_in_every_way_it_is_written(cell: Cell) -> None:
    assert read_moment(cell) == HALF_PAST_NINE


def test_a_moment_in_the_afternoon_and_a_bare_day() -> None:
    assert read_moment("16/10/2017 9:30pm") == HALF_PAST_NINE.replace(hour=21)
    assert read_moment(date(2017, 10, 16)) == HALF_PAST_NINE.replace(hour=0, minute=0)
    assert read_moment(41562.395833333336, 1462) == HALF_PAST_NINE


@pytest.mark.parametrize(
    "cell",
    ["10/25/2017 09:30", "16/10/2017 25:00", "16/10/2017", "09:30", "soon", "31/02/2017 09:30", "16/10/2017 09:75", 1.5,
     1e300, float("nan"), "2017-02-30T10:00", "9999-99-99T99:99"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable, match="not a day and time"):
        read_moment(cell)


@pytest.mark.parametrize("cell", ["08:30", "8:30", "08.30", "0830", "8:30am", "08:30:00", 0.3541666666666667,
                                  HALF_PAST_NINE.replace(hour=8)])  # fmt: skip
def test_a_time_of_day_is_read_in_every_way_it_is_written(cell: Cell) -> None:
    assert read_clock(cell) == time(8, 30)


def test_the_end_of_the_day_is_its_beginning() -> None:
    assert read_clock(0.99999) == time()


@pytest.mark.parametrize("cell", ["25:00", "soon", 8.5, "45"])
def test_what_is_no_time_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable, match="not a time"):
        read_clock(cell)


@pytest.mark.parametrize(
    ("cell", "minutes"), [(45.0, 45), ("45 min", 45), ("2h", 120), ("45", 45), ("0:45", 45), ("1h15", 75), ("0", 0)]
)
def test_minutes_are_read_in_every_way_they_are_written(cell: Cell, minutes: int) -> None:
    assert read_minutes(cell) == minutes


@pytest.mark.parametrize("cell", ["£45", "-5", "1.5", 1e6, "soon"])
def test_what_are_no_minutes_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        read_minutes(cell)


def test_an_empty_cell_is_nothing() -> None:
    for read in (read_moment, read_clock, read_minutes):
        assert read(None) is None
        assert read("  ") is None
