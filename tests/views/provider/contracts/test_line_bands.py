"""The life of a line as bands over one axis of time."""

from datetime import date

from rules.timeline import TimelineSpan
from views.provider.contracts.line_bands import LEFT, MOST_TICKS, RIGHT, draw

START, CHANGE, TODAY = date(2026, 4, 6), date(2026, 11, 9), date(2026, 11, 23)
PLANS = [TimelineSpan(START, date(2026, 11, 8), "6.00 hours"), TimelineSpan(CHANGE, None, "7.00 hours")]


def test_bars_follow_one_another_and_the_one_of_today_stands_out() -> None:
    drawn = draw([("Plan a week", PLANS)], START, None, TODAY)
    first, second = drawn.bands[0].bars
    assert (first.x, second.now, first.now) == (LEFT, True, False)
    assert first.x + first.width < second.x < drawn.today < RIGHT
    assert second.x + second.width <= RIGHT


def test_words_that_have_no_room_are_left_out() -> None:
    drawn = draw([("Rate", [TimelineSpan(START, START, "£19.68"), PLANS[1]])], START, date(2030, 4, 6), TODAY)
    assert [bar.text for bar in drawn.bands[0].bars] == ["", "7.00 hours"]


def test_an_axis_of_any_length_has_few_words() -> None:
    for end in (date(2026, 4, 7), date(2027, 4, 6), date(2046, 4, 6)):
        drawn = draw([("Plan a week", PLANS)], START, end, TODAY)
        assert 1 <= len(drawn.ticks) <= MOST_TICKS + 1, end


def test_a_day_beyond_the_line_stands_at_its_edge() -> None:
    drawn = draw([("Plan a week", PLANS[:1])], START, date(2026, 11, 8), date(2030, 1, 1))
    assert drawn.today == RIGHT
