"""Two series over time differ exactly on the days on which they say something else."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rules.timeline import TimelineSpan, standing, unlike

FIRST = date(2026, 1, 1)
days = st.integers(0, 30).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def series(draw: st.DrawFn) -> list[TimelineSpan]:
    """Spans that follow one another, with gaps or without, the last one open or not."""
    starts = sorted(draw(st.sets(days, max_size=4)))
    spans = []
    for start, following in zip(starts, [*starts[1:], None], strict=False):
        last = draw(st.dates(start, following - timedelta(days=1))) if following else draw(st.none() | st.just(start))
        spans.append(TimelineSpan(start, last, draw(st.sampled_from("ab"))))
    return spans


@given(series(), series(), days)
def test_a_day_is_in_a_difference_exactly_where_the_two_differ(
    old: list[TimelineSpan], new: list[TimelineSpan], day: date
) -> None:
    of_day = [each for each in unlike(old, new) if each.start <= day and (each.end is None or each.end >= day)]
    before, after = standing(old, day), standing(new, day)
    assert [(each.old, each.new) for each in of_day] == ([(before, after)] if before != after else [])


@given(series(), series())
def test_neighbours_that_differ_alike_are_told_once(old: list[TimelineSpan], new: list[TimelineSpan]) -> None:
    told = unlike(old, new)
    for one, following in pairwise(told):
        touching = one.end is not None and one.end + timedelta(days=1) == following.start
        assert not (touching and (one.old, one.new) == (following.old, following.new))
