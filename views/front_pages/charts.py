"""The charts of Today in words: a table each, with a bar beside each figure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from rules.money import pounds
from rules.period import date_range
from workflows.front_pages.charts import Charts


class Drawn(NamedTuple):
    """A chart as the page draws it: rows are a label and, for each further head, a number and its words."""

    caption: str
    heads: list[str]
    rows: list[tuple[str, list[tuple[Decimal | int, str]]]]
    most: Decimal | int | None = None


def drawn(charts: Charts) -> Iterator[Drawn]:
    """Give the charts that have something to show."""
    if (sent := charts.submitted) and sent.expected:
        rows = [
            (f"{day:%-d %B}", [(count, f"{count * 100 // sent.expected}%, {count:,} of {sent.expected:,}")])
            for day, count in sent.by_day
        ]
        caption = f"Weeks confirmed, period {date_range(sent.start, sent.end)}"
        yield Drawn(caption, ["By the end of", "Confirmed"], [(day, list(each)) for day, each in rows], sent.expected)
    if charts.held:
        yield Drawn(
            "Held weeks by reason", ["Reason", "Weeks"], [(why, [(count, f"{count:,}")]) for why, count in charts.held]
        )
    if charts.spend:
        heads = ["Element", *(date_range(start, end) for start, end in charts.paid)]
        yield Drawn(
            "Spend by element and period, without VAT",
            heads,
            [
                (each.element, [(net, pounds(net)) for net in (each.latest, each.before)[: len(charts.paid)]])
                for each in charts.spend
            ],
        )
