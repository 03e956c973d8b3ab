"""The life of a line as bands over one axis of time: plan, rate and document, each version a bar, today a line."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from rules.period import MONTHS
from rules.timeline import TimelineSpan

# Of the drawing, in its own units.
LEFT, RIGHT, TOP, STEP, HEIGHT = 128, 1146, 26, 32, 26
MOST_TICKS = 7
WIDTH_OF_A_LETTER = 8
AHEAD = timedelta(days=56)


class Bar(NamedTuple):
    """One version: from where, how wide, what it says (nothing where it has no room), whether it holds today."""

    x: float
    width: float
    text: str
    now: bool


class Band(NamedTuple):
    """A row of bars with its name; `y` is its upper edge."""

    name: str
    y: int
    bars: list[Bar]


class Bands(NamedTuple):
    """The whole drawing: ticks are places with the words above them, `today` is the place of the day."""

    ticks: list[tuple[float, str]]
    bands: list[Band]
    today: float


def draw(rows: list[tuple[str, list[TimelineSpan]]], start: date, end: date | None, today: date) -> Bands:
    """Return the drawing of rows of spans, from the first day of a line to its end or a while after today."""
    latest = max((span.start for _name, spans in rows for span in spans), default=today)
    last = max(end or today + AHEAD, latest + AHEAD, start + AHEAD)
    days = (last - start).days

    def place(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (min(max(day, start), last) - start).days / days, 1)

    bands = [
        Band(name, TOP + STEP * number, [_bar(span, place, today, last) for span in spans if span.start <= last])
        for number, (name, spans) in enumerate(rows)
    ]
    return Bands(
        [(place(day), f"{MONTHS[day.month - 1][:3]} {day.year}") for day in _ticks(start, last)], bands, place(today)
    )


def _bar(span: TimelineSpan, place: Callable[[date], float], today: date, last: date) -> Bar:
    x = place(span.start)
    width = max(place(span.end + timedelta(days=1) if span.end else last) - x - 2, 1)
    text = span.shown if len(span.shown) * WIDTH_OF_A_LETTER + 12 < width else ""
    return Bar(x, round(width, 1), text, span.start <= today and (span.end is None or today <= span.end))


def _ticks(start: date, last: date) -> list[date]:
    """Return the first days of months, so few that their words do not touch."""
    firsts = [
        date(year, month, 1)
        for year in range(start.year, last.year + 1)
        for month in range(1, 13)
        if start <= date(year, month, 1) <= last
    ]
    every = next(step for step in (1, 2, 3, 6, 12, 24, 60, 1200) if len(firsts) <= MOST_TICKS * step)
    return [day for day in firsts if (day.year * 12 + day.month - 4) % every == 0]
