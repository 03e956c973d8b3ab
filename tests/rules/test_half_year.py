"""The half-years of a payments compliance notice."""

from datetime import date

import pytest

from rules.half_year import HalfYear


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 3, 31), date(2025, 10, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 9, 30)),
        (date(2026, 9, 30), date(2026, 4, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2027, 3, 31)),
    ],
)
def test_each_day_is_in_one_half_year(day: date, start: date, end: date) -> None:
    assert HalfYear.of(day) == HalfYear(start, end)


def test_the_one_before_ends_the_day_before_it_begins() -> None:
    half = HalfYear.of(date(2026, 5, 1))
    assert (str(half.before), str(half)) == ("1 October 2025 to 31 March 2026", "1 April to 30 September 2026")
