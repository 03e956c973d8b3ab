"""What the page of a week of Actuals shows around and about its lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self

from flask import current_app, g, render_template, url_for
from markupsafe import Markup

from rules.actual import REASON_WAYS, REASONS
from rules.money import NOTHING
from rules.period import DAY, DAY_NAMES, MONTHS, date_range, monday_of, short_date, uk_date
from rules.plan import unit_words
from rules.refusal import Problem
from rules.states import Unit
from rules.words import counted
from views.access import readings
from views.provider.actuals import undoing
from views.provider.actuals.ready_cells import ready_row
from workflows import policy
from workflows.actuals.filter import SHOW_WORDS, SheetFilter
from workflows.actuals.period import PeriodWeeks, WeekCount
from workflows.actuals.sheet import WeekSheet
from workflows.actuals.sheet_row import NOT_STARTED, SheetRow
from workflows.clock import now, today
from workflows.upkeep.trail import Subject

DAY_FIELDS = {f"d{index}": name for index, name in enumerate(DAY_NAMES)}
FIELD_NAMES = {"total": "week", "reason": "reason", "comment": "comment"} | DAY_FIELDS
COUNTED = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
ALL_LINES = SheetFilter()


class _Links(NamedTuple):
    """Where a row leads to; the template adds the line and the week: url_for for each would take 30 ms a page."""

    visits: str
    history: str

    @classmethod
    def of_page(cls) -> Self:
        return cls(url_for("AbortedVisitsView.index"), url_for("ActualsView.history"))


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


def show_week(period: PeriodWeeks, sheet: WeekSheet, chosen: SheetFilter, notice: str = "") -> str:
    """Return the page of a week, of its lines those that are chosen; what was refused is shown in any case."""
    rows = [row for row in sheet.rows if chosen.takes(row) or row.problems] if chosen.is_on else sheet.rows
    readings.remember(Subject.LINE, [row.line_id for row in rows])
    problems, address = list(_problems(rows)), address_of(period.week, chosen)
    return render_template(
        "provider/actuals.html",
        period=period,
        sheet=sheet,
        rows=rows,
        chosen=chosen,
        show_words=SHOW_WORDS,
        address=address,
        unfiltered=address_of(period.week, ALL_LINES),
        overview=overview_address(period.week, chosen),
        days=[(name, sheet.week + index * DAY) for index, name in enumerate(DAY_NAMES)],
        strip_items=_strip(period, chosen),
        period_words=date_range(period.start, period.end),
        due=day_words(period.submit_by, period.end.year),
        lines=_lines(rows, address, problems[0].field if problems else ""),
        reasons=REASONS,
        reason_ways=REASON_WAYS,
        reader=g.signed_in.user,
        shown_at=now(),
        unit_words={unit.value: unit_words(unit, NOTHING) for unit in Unit},
        **_sums(rows),
        problems=problems,
        unsaved=any(row.unsaved for row in rows),
        refused=_refused_words(rows),
        notice=notice,
        note=_note_of(sheet.week, rows, chosen),
        is_over=all(row.is_over for row in rows),
        editable=any(row.editable for row in rows),
        first_field=_first_field([row for row in rows if row.editable]),
        correcting=any(row.correcting for row in rows),
        **_to_confirm(rows),
        batch=undoing.just_confirmed(period),
        all_weeks="" if chosen.is_on or any(row.correcting for row in rows) else _all_weeks(period),
    )


def _sums(rows: list[SheetRow]) -> dict[str, Any]:
    """Return what the lines come to: units of each kind, pounds, and the pounds of weeks that are held."""
    return {
        "totals": _totals(rows),
        "payable": sum((row.amount or NOTHING for row in rows), NOTHING),
        "pounds_held": sum((row.amount or NOTHING for row in rows if row.held), NOTHING),
    }


def _to_confirm(rows: list[SheetRow]) -> dict[str, int]:
    """Return how many lines can be confirmed, how many of them nobody has begun, and how many lack a reason."""
    able = [row for row in rows if row.editable and not row.confirmed]
    return {
        "to_confirm": len(able),
        "not_started": sum(row.state == NOT_STARTED for row in able),
        "lacking": sum(row.differs and not row.reason for row in able),
    }


def _lines(rows: list[SheetRow], address: str, focus: str) -> Markup:
    """Return the rows as HTML: rendered by themselves, or each of their parts would pass through four templates."""
    template = current_app.jinja_env.get_template("provider/actuals_rows.html")
    return Markup(
        template.render(
            rows=[ready_row(row, focus) for row in rows],
            address=address,
            links=_Links.of_page(),
            day_names=DAY_FIELDS,
            reasons=REASONS,
            reason_ways=REASON_WAYS,
            focus=focus,
        )
    )


def _refused_words(rows: list[SheetRow]) -> str:
    """Return what the error summary is headed by: how many lines were not saved, or lack only their reason."""
    if unsaved := sum(row.unsaved for row in rows):
        return f"{counted(unsaved, 'line was', 'lines were')} not saved"
    lacking = sum(bool(row.problems) for row in rows)
    return f"{counted(lacking, 'line needs', 'lines need')} a reason"


def _note_of(week: date, rows: list[SheetRow], chosen: SheetFilter) -> str:
    """Return what there is to know of a week that is not an ordinary one to confirm, empty where it is one."""
    portal_start: date = policy.for_council("portal_start")
    if week + 6 * DAY < portal_start:
        return f"Care before {uk_date(portal_start)} is not entered in the portal: there is nothing to confirm here."
    if week > today():
        return f"This week has not begun. You can enter care from {uk_date(week)} on."
    if not rows or any(row.correcting for row in rows):
        return ""
    if not all(row.is_over for row in rows):
        return f"You can enter each day once it has come, and confirm the week from {uk_date(week + 7 * DAY)}."
    if not any(row.editable for row in rows):
        if any(row.correctable for row in rows):
            return "This week is on an invoice. If a figure is wrong, choose Correct."
        return "Nothing can be changed in this week here."
    return ""


def address_of(week: date, chosen: SheetFilter = ALL_LINES) -> str:
    """Return the address of a week with what is chosen of its lines."""
    return _address("ActualsView.week", "week", week, chosen)


def overview_address(day: date, chosen: SheetFilter = ALL_LINES) -> str:
    """Return the address of the overview of the period a day belongs to, with what is chosen of its lines."""
    return _address("ActualsView.overview", "period", day, chosen)


def _address(endpoint: str, name: str, day: date, chosen: SheetFilter) -> str:
    asked: dict[str, Any] = {
        name: day,
        "service": chosen.service_id,
        "person": chosen.person or None,
        "show": chosen.show.value or None,
    }
    return url_for(endpoint, **asked)


def week_words(monday: date) -> str:
    """Return a week as a narrow heading or link shows it: "16–22 Oct", "30 Oct – 5 Nov"."""
    sunday = monday + 6 * DAY
    same_month = monday.month == sunday.month
    return f"{monday.day}–{short_date(sunday)}" if same_month else f"{short_date(monday)} – {short_date(sunday)}"


def day_words(day: date, year: int) -> str:
    """Return "27 November", with the year only where it is another than the one beside it."""
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != year else "")


def _strip(period: PeriodWeeks, chosen: SheetFilter) -> list[dict[str, object]]:
    """Return the weeks of the period with the way to the periods around it."""
    links: list[dict[str, object]] = [
        {
            "href": address_of(week.monday, chosen),
            "text": week_words(week.monday),
            "note": _note(week),
            "unit": "confirmed" if week.lines else "",
            "current": week.monday == period.week,
        }
        for week in period.weeks
    ]
    for day, words in ((period.earlier, "Earlier"), (period.later, "Later")):
        if day:
            monday = monday_of(day)
            links.append({"href": address_of(monday, chosen), "text": words, "unit": week_words(monday)})
    return links


def _note(week: WeekCount) -> str:
    """Return how far a week is: a line's week counts once it is over for the line."""
    if week.lines:
        return f"{week.confirmed} of {week.lines}"
    return "nothing to confirm" if week.is_over else "not over yet"


def _all_weeks(period: PeriodWeeks) -> str:
    """Return the words of the link to the period's untouched lines, empty where there are none to confirm."""
    if not period.untouched or period.untouched == [period.week]:
        return ""
    if all(week.is_over for week in period.weeks):
        count = len(period.weeks)
        return f"Confirm all {COUNTED.get(count, count)} weeks as planned"
    return "Confirm all finished weeks as planned"


def _totals(rows: list[SheetRow]) -> list[UnitTotal]:
    planned: dict[Unit, Decimal] = {}
    delivered: dict[Unit, Decimal] = {}
    for row in rows:
        planned[row.unit] = planned.get(row.unit, NOTHING) + row.planned
        delivered[row.unit] = delivered.get(row.unit, NOTHING) + row.delivered
    return [UnitTotal(unit, planned[unit], delivered[unit]) for unit in planned]


def _first_field(rows: list[SheetRow]) -> str:
    """Return the id of the first box of some rows, empty where they have none."""
    return next((f"{cell.field}-{row.line_id}" for row in rows for cell in row.cells if cell.field), "")


def _problems(rows: list[SheetRow]) -> Iterator[Problem]:
    """Return the error summary: each problem with its line and day, leading to the field."""
    for row in rows:
        if not row.problems:
            continue
        first = _first_field([row])
        for problem in row.problems:
            field = problem.field
            where = f", {FIELD_NAMES[field]}" if field else ""
            yield problem.about(f"{row.name}{where}").at(f"{field}-{row.line_id}" if field else first)
