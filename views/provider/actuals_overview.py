"""The four weeks of a period at a glance: a row for each line, a square for each week."""

from datetime import date

from flask import render_template

from rules.period import DAY, date_range, short_date
from views.provider.actuals_page import address_of, day_words, week_words
from workflows.overview import overview
from workflows.period_weeks import PeriodWeeks


def show_period(period: PeriodWeeks) -> str:
    """Return the page of a period: every line, every week, how far each is, and the way there."""
    rows = overview([week.monday for week in period.weeks])
    states = {square.state for row in rows for square in row.squares if square}
    return render_template(
        "provider/actuals_overview.html",
        period=period,
        rows=rows,
        weeks=[(week, _short_words(week.monday), address_of(week.monday)) for week in period.weeks],
        period_words=date_range(period.start, period.end),
        due=day_words(period.submit_by, period.end.year),
        states=sorted(states),
        strip_items=_periods(period),
    )


def _short_words(monday: date) -> str:
    """Return a week as a narrow column's heading: "16 – 22 Oct", "30 Oct – 5 Nov"."""
    sunday = monday + 6 * DAY
    return f"{monday.day if monday.month == sunday.month else short_date(monday)} – {short_date(sunday)}"


def _periods(period: PeriodWeeks) -> list[dict[str, object]]:
    """Return the way to the periods around this one."""
    return [
        {"href": f"/actuals/overview?period={day}", "text": words, "note": f"with {week_words(day)}"}
        for day, words in ((period.earlier, "Earlier period"), (period.later, "Later period"))
        if day
    ]
