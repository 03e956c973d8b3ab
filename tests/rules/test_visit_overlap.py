"""Visits that cannot all have been (rules.md 15)."""

from datetime import datetime

import pytest

from rules.visit_overlap import Stay, Stays


def stay(start: str, end: str, carer: str = "", slot: str = "", line: int = 1) -> Stay:
    day = "2017-10-16T"
    start, end = (each if "T" in each else f"{day}{each}" for each in (start, end))
    return Stay(line, carer, slot, datetime.fromisoformat(start), datetime.fromisoformat(end), f"{start} {carer}")


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (stay("09:00", "10:00", "C1"), stay("09:15", "10:15", "C1"), True),
        (stay("09:00", "10:00", "C1"), stay("09:15", "10:15", "C1", line=2), True),
        (stay("09:00", "10:00", "C1"), stay("09:15", "10:15", "C2"), False),
        (stay("09:00", "10:00", slot="1"), stay("09:00", "10:00", slot="2"), False),
        (stay("09:00", "10:00"), stay("09:15", "10:15"), True),
        (stay("09:00", "10:00", "C1"), stay("09:15", "10:15"), True),
        (stay("09:00", "10:00"), stay("09:15", "10:15", line=2), False),
        (stay("09:00", "10:00"), stay("10:00", "11:00"), False),
        (stay("22:00", "2017-10-17T07:00", "C1"), stay("2017-10-17T06:30", "2017-10-17T07:30", "C1", line=2), True),
    ],
)
def test_one_carer_is_at_one_place_and_a_line_has_one_visit_at_a_time_unless_carers_differ(
    one: Stay, other: Stay, overlap: bool
) -> None:
    for first, second in ((one, other), (other, one)):
        stays = Stays()
        stays.add(first)
        assert (stays.take(second) == first) is overlap
