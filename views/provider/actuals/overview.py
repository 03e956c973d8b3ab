"""The four weeks of a period at a glance: a row for each line, a square for each week."""

from flask import render_template

from rules.period import date_range
from views.page.format import tone
from views.provider.actuals.week_page import address_of, day_words, overview_address, week_words
from workflows.actuals.filter import SHOW_WORDS, SheetFilter
from workflows.actuals.overview import OverviewRow, overview
from workflows.actuals.period import Period


def show_period(period: Period, chosen: SheetFilter) -> str:
    """Return the page of a period: each line that is chosen, every week, how far each is, and the way there."""
    found = overview(period.mondays)
    rows = [row for row in found.rows if chosen.takes(row)]
    columns = [(address_of(monday), week_words(monday)) for monday in period.mondays]
    states = {square.state for row in rows for square in row.squares if square}
    return render_template(
        "provider/actuals_overview.html",
        period=period,
        rows=[(row, list(zip(row.squares, columns, strict=True))) for row in rows],
        lines=len(found.rows),
        services=found.services,
        chosen=chosen,
        show_words=SHOW_WORDS,
        unfiltered=overview_address(period.week),
        back=address_of(period.week, chosen),
        weeks=[
            (address_of(monday, chosen), words, *_counts(rows, index))
            for index, (monday, (_, words)) in enumerate(zip(period.mondays, columns, strict=True))
        ],
        period_words=date_range(period.start, period.end),
        due=day_words(period.submit_by, period.end.year),
        looks={state: (tone(state), state[0], state[1:]) for state in sorted(states)},
        strip_items=_periods(period, chosen),
    )


def _counts(rows: list[OverviewRow], index: int) -> tuple[int, int]:
    """Return how many weeks of a column are confirmed, and how many there are."""
    squares = [square for row in rows if (square := row.squares[index])]
    return sum(square.confirmed for square in squares), len(squares)


def _periods(period: Period, chosen: SheetFilter) -> list[dict[str, object]]:
    """Return the way to the periods around this one."""
    return [
        {"href": overview_address(day, chosen), "text": words, "note": f"with {week_words(day)}"}
        for day, words in ((period.earlier, "Earlier period"), (period.later, "Later period"))
        if day
    ]
