"""What stood when: words that follow one another in time, and where two such series say something else."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from rules.period import DAY


class TimelineSpan(NamedTuple):
    """What stands from a day to a day, both inclusive, open where the end is None."""

    start: date
    end: date | None
    shown: str


class Unlike(NamedTuple):
    """A time, both days inclusive, in which two series differ; empty where one of them says nothing."""

    start: date
    end: date | None
    old: str
    new: str


def unlike(old: list[TimelineSpan], new: list[TimelineSpan]) -> list[Unlike]:
    """Return the times in which two series of spans say something different, in order; neighbours alike are one."""
    return [each for each in _together(old, new) if each.old != each.new]


def standing(spans: Iterable[TimelineSpan], day: date) -> str:
    """Return what stands on a day, nothing where nothing does."""
    return next((each.shown for each in spans if each.start <= day and (each.end is None or each.end >= day)), "")


def _together(old: list[TimelineSpan], new: list[TimelineSpan]) -> Iterator[Unlike]:
    bounds = sorted({span.start for span in old + new} | {span.end + DAY for span in old + new if span.end})
    last: Unlike | None = None
    for start, following in zip(bounds, [*bounds[1:], None], strict=False):
        here = Unlike(start, following - DAY if following else None, standing(old, start), standing(new, start))
        if last and (last.old, last.new) == (here.old, here.new):
            last = last._replace(end=here.end)
            continue
        if last:
            yield last
        last = here
    if last:
        yield last
