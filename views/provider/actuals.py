"""Actuals: one week of care, line by line, with plan and delivered side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import flash, g, redirect, render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.actual import REASONS
from rules.money import NOTHING
from rules.period import DAY, MONTHS, date_range, monday_of, short_date
from rules.plan import unit_words
from rules.refusal import Problem, Unknown
from rules.states import Unit
from views.access import permitted
from workflows import actual as actuals
from workflows.actual import Entry, Saved, SheetRow, WeekSheet
from workflows.clock import today
from workflows.period_weeks import PeriodWeeks, period_weeks
from workflows.sheet_row import DAY_NAMES

FIELD_NAMES = {"total": "week", "reason": "reason", "comment": "comment"} | {
    f"d{index}": name for index, name in enumerate(DAY_NAMES)
}
COUNTED = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True)
class UnitTotal:
    """What all lines of one unit add up to in the week."""

    unit: Unit
    planned: Decimal
    delivered: Decimal

    @property
    def words(self) -> str:
        """The unit as it follows a quantity."""
        return unit_words(self.unit, NOTHING)


class ActualsView(BaseView):
    """`/actuals`, for contacts with the function Actuals."""

    route_base = "/actuals"

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def week(self) -> str:
        """Show a week: the one asked for, else the newest complete one of the period that is due."""
        period = period_weeks(_asked_week())
        return _page(period, actuals.sheet(period.week))

    @expose("", methods=["POST"])
    @expose("/", methods=["POST"])
    @permitted("view")
    def save(self) -> Response | tuple[str, int]:
        """Save what was typed, and confirm what the pressed button says; what is refused is shown as it was typed."""
        week = _asked_week()
        if week is None:
            raise Unknown
        entries, user = list(_entries()), g.signed_in.user
        match request.form.get("do", "save"):
            case "week":
                saved = actuals.save_week(week, entries, user, confirm=True)
            case "planned":
                saved = actuals.confirm_as_planned([week], user, week=week, entries=entries)
            case "period":
                weeks = sorted({week, *period_weeks(week).untouched})
                saved = actuals.confirm_as_planned(weeks, user, week=week, entries=entries)
            case _:
                saved = actuals.save_week(week, entries, user)
        if saved.refused:
            return _page(period_weeks(week), actuals.sheet(week, saved.refused), _words(saved)), 422
        flash(_words(saved), "success" if saved.written else "info")
        return redirect(f"/actuals?week={week}")


def week_words(monday: date) -> str:
    """Return a week as the strip shows it: "16 – 22 October", "30 Oct – 5 November"."""
    sunday = monday + 6 * DAY
    first = str(monday.day) if monday.month == sunday.month else short_date(monday)
    return f"{first} – {sunday.day} {MONTHS[sunday.month - 1]}"


def _asked_week() -> date | None:
    asked = request.args.get("week")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise Unknown from None
    # Weeks beyond these cannot be counted from; nobody has care in them.
    if not 2000 <= day.year <= 2100:
        raise Unknown
    return monday_of(day)


def _entries() -> Iterator[Entry]:
    """Read the form: every line that had inputs carries `v-<line id>`, what the page knew of it."""
    form = request.form
    for name, seen in form.items():
        line_id = name.removeprefix("v-")
        if not name.startswith("v-") or not line_id.isascii() or not line_id.isdigit() or len(line_id) > 9:
            continue
        fields = [f"total-{line_id}"] if f"total-{line_id}" in form else [f"d{day}-{line_id}" for day in range(7)]
        yield Entry(
            line_id=int(line_id),
            figures=tuple(form.get(name, "") for name in fields),
            reason=form.get(f"reason-{line_id}", ""),
            comment=form.get(f"comment-{line_id}", "").replace("\r\n", "\n").strip(),
            seen=seen,
        )


def _page(period: PeriodWeeks, sheet: WeekSheet, notice: str = "") -> str:
    rows = sheet.rows
    problems = list(_problems(rows))
    return render_template(
        "provider/actuals.html",
        period=period,
        sheet=sheet,
        rows=rows,
        days=[(name, sheet.week + index * DAY) for index, name in enumerate(DAY_NAMES)],
        strip_items=_strip(period),
        period_words=date_range(period.start, period.end),
        due=_day_words(period.submit_by, period.end.year),
        week_begins=_day_words(sheet.week, sheet.week.year),
        unit_words=lambda unit: unit_words(unit, NOTHING),
        field_words=FIELD_NAMES,
        totals=_totals(rows),
        payable=sum((row.amount or NOTHING for row in rows), NOTHING),
        held=sum((row.amount or NOTHING for row in rows if row.held), NOTHING),
        reasons=REASONS,
        problems=problems,
        # A line that lacks only its reason is stored already.
        unsaved=any(not problem.field.startswith("reason-") for problem in problems),
        notice=notice,
        is_over=sheet.week + 6 * DAY <= today(),
        editable=any(row.editable for row in rows),
        not_started=sum(row.editable and row.state == "Not started" for row in rows),
        to_confirm=sum(row.editable and row.state != "Confirmed" for row in rows),
        lacking=sum(row.editable and row.state != "Confirmed" and row.differs and not row.reason for row in rows),
        all_weeks=_all_weeks(period),
    )


def _strip(period: PeriodWeeks) -> list[dict[str, object]]:
    """Return the weeks of the period with the way to the periods around it."""
    links: list[dict[str, object]] = [
        {
            "href": f"/actuals?week={week.monday}",
            "text": week_words(week.monday),
            "note": f"{week.confirmed} of {week.lines} confirmed",
            "current": week.monday == period.week,
        }
        for week in period.weeks
    ]
    for day, words in ((period.earlier, "Earlier"), (period.later, "Later")):
        if day:
            links.append({"href": f"/actuals?week={monday_of(day)}", "text": words, "note": week_words(monday_of(day))})
    return links


def _day_words(day: date, year: int) -> str:
    """Return "27 November", with the year only where it is another than the one beside it."""
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != year else "")


def _all_weeks(period: PeriodWeeks) -> str:
    """Return the words of the button for the period's untouched lines, empty where there are none to confirm."""
    if not period.untouched or period.untouched == [period.week]:
        return ""
    if all(week.is_over for week in period.weeks):
        count = len(period.weeks)
        return f"Confirm all {COUNTED.get(count, count)} weeks as planned"
    return "Confirm all finished weeks as planned"


def _totals(rows: list[SheetRow]) -> list[UnitTotal]:
    units = dict.fromkeys(row.unit for row in rows)
    return [
        UnitTotal(
            unit,
            sum((row.planned for row in rows if row.unit is unit), NOTHING),
            sum((row.delivered for row in rows if row.unit is unit), NOTHING),
        )
        for unit in units
    ]


def _problems(rows: list[SheetRow]) -> Iterator[Problem]:
    """Return the error summary: each message with its line and day, leading to the field."""
    for row in rows:
        first = next((cell.name for cell in row.cells if cell.name), "")
        for field, message in row.messages.items():
            where = f", {FIELD_NAMES[field]}" if field else ""
            yield Problem(f"{row.name}{where}: {message}", f"{field}-{row.line_id}" if field else first)


def _words(saved: Saved) -> str:
    """Return what was done, in sentences."""
    parts = []
    if saved.confirmed:
        parts.append(f"{_count(saved.confirmed, 'week')} confirmed.")
    drafts = saved.written - saved.confirmed
    if drafts:
        parts.append(f"{_count(drafts, 'line')} saved as {'a draft' if drafts == 1 else 'drafts'}.")
    if saved.reopened:
        parts.append("A week that was confirmed before has to be confirmed again.")
    if saved.held:
        verb = "is" if saved.held == 1 else "are"
        parts.append(f"{saved.held} {verb} over the exception level and held.")
    return " ".join(parts) or "Nothing had changed, so nothing was saved."


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
