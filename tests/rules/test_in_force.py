"""Whether what is dated is in force on a day."""

from datetime import date

import pytest

from rules.in_force import InForce, in_force_on

FIRST, LAST = date(2017, 11, 20), date(2017, 11, 21)


@pytest.mark.parametrize(
    ("day", "end", "expected"),
    [
        (date(2017, 11, 19), LAST, InForce.LATER),
        (FIRST, LAST, InForce.NOW),
        (LAST, LAST, InForce.NOW),
        (date(2017, 11, 22), LAST, InForce.ENDED),
        (date(2100, 1, 1), None, InForce.NOW),
    ],
)
def test_both_days_count(day: date, end: date | None, expected: InForce) -> None:
    assert in_force_on(FIRST, end, day) is expected
