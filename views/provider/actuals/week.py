"""Actuals: one week of care, line by line, with plan and delivered side by side."""

from collections.abc import Iterator
from datetime import date

from flask import flash, g, redirect, render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Actual
from rules.number import whole_number
from rules.period import monday_of
from rules.refusal import Unknown
from rules.words import counted, plural
from views.access import readings
from views.access.permissions import permitted
from views.page.form_reading import asked_day
from views.provider.actuals import undoing
from views.provider.actuals.overview import show_period
from views.provider.actuals.week_page import address_of, show_week
from workflows.actuals import save as actuals
from workflows.actuals.filter import SheetFilter, Show
from workflows.actuals.history import week_history
from workflows.actuals.period import period_of, period_weeks
from workflows.actuals.save import Entry, Saved
from workflows.actuals.sheet import sheet
from workflows.upkeep.trail import Subject


class ActualsView(BaseView):
    """`/actuals`, for contacts with the function Actuals."""

    route_base = "/actuals"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def week(self) -> str:
        """Show a week: the one asked for, else the newest complete one of the period that is due."""
        period = period_weeks(_asked_week())
        correcting = [asked] if (asked := _asked_key("correct")) else []
        return show_week(period, sheet(period.week, correcting=correcting), _asked_filter())

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("view")
    def save(self) -> Response | tuple[str, int]:
        """Save what was typed, and confirm what the pressed button says; what is refused is shown as it was typed."""
        week = _asked_week()
        if week is None:
            raise Unknown
        entries, chosen = list(_entries()), _asked_filter()
        saved = _save(week, entries, chosen)
        undoing.remember(saved.together_at)
        if saved.refused:
            found = sheet(week, saved.refused, _correcting(entries))
            return show_week(period_weeks(week), found, chosen, _words(saved)), 422
        flash(_words(saved), "success" if saved.written else "info")
        # A script puts the page back exactly where it stood; without one the line that was saved comes into sight.
        line = "" if "place-kept" in request.form or not saved.first_line else f"#line-{saved.first_line}"
        return redirect(address_of(week, chosen) + line)

    @expose("/overview", methods=["GET"])
    @permitted("view")
    def overview(self) -> str:
        """Show the weeks of a period side by side: of the one a day belongs to, else of the one that is due."""
        return show_period(period_of(_asked_week("period")), _asked_filter())

    @expose("/history", methods=["GET"])
    @permitted("view")
    def history(self) -> str:
        """Show every version of a line's week: who, when, what, why, and the pounds between them."""
        line_id, week = _asked_key("line"), _asked_week()
        if line_id is None or week is None:
            raise Unknown
        readings.remember(Subject.LINE, [line_id])
        return render_template(
            "provider/actuals_history.html", found=week_history(line_id, week), back=address_of(week)
        )


def _asked_week(name: str = "week") -> date | None:
    """Return the Monday of the day asked for, nothing where none is. Raises Unknown for what is no day."""
    day = asked_day(name)
    return monday_of(day) if day else None


def _save(week: date, entries: list[Entry], chosen: SheetFilter) -> Saved:
    user, correcting = g.signed_in.user, _correcting(entries)
    # Lines that a filter hides are left alone by every button.
    only = {entry.line_id for entry in entries} if chosen.is_on else None
    match request.form.get("do", "save"):
        case "week":
            return actuals.save_week(week, entries, user, confirm=True, correct=correcting)
        # A page with a correction on it does not offer this: it would leave it out.
        case "planned" if not correcting:
            return actuals.confirm_as_planned(
                [week], user, week=week, entries=entries, only=only, source=Actual.ONE_WEEK
            )
        case _:
            return actuals.save_week(week, entries, user, correct=correcting)


def _correcting(entries: list[Entry]) -> set[int]:
    """Return the lines of the form whose weeks were opened for a correction."""
    return {entry.line_id for entry in entries if f"c-{entry.line_id}" in request.form}


def _asked_key(name: str) -> int | None:
    return whole_number(request.args.get(name, ""))


def _asked_filter() -> SheetFilter:
    show = request.args.get("show", "")
    person = request.args.get("person", "").strip()[:50]
    return SheetFilter(_asked_key("service"), person, Show(show) if show in list(Show) else Show.ALL)


def _entries() -> Iterator[Entry]:
    """Read the form: every line that had inputs carries `v-<line id>`, what the page knew of it."""
    form = request.form.to_dict()
    for name, seen in form.items():
        line_id = whole_number(name.removeprefix("v-")) if name.startswith("v-") else None
        if line_id is None:
            continue
        fields = [f"total-{line_id}"] if f"total-{line_id}" in form else [f"d{day}-{line_id}" for day in range(7)]
        yield Entry(
            line_id=line_id,
            figures=tuple(form.get(name, "") for name in fields),
            reason=form.get(f"reason-{line_id}", ""),
            comment=form.get(f"comment-{line_id}", "").replace("\r\n", "\n").strip(),
            seen=seen,
        )


def _words(saved: Saved) -> str:
    """Return what was done, in sentences."""
    parts = []
    if saved.confirmed:
        parts.append(f"{counted(saved.confirmed, 'week')} confirmed.")
    if saved.corrected:
        parts.append(f"{counted(saved.corrected, 'week')} corrected. The difference will be on your next invoice.")
    drafts = saved.written - saved.confirmed - saved.corrected
    if drafts:
        parts.append(f"{counted(drafts, 'line')} saved as {plural(drafts, 'a draft', 'drafts')}.")
    if saved.reopened:
        parts.append("A week that was confirmed before has to be confirmed again.")
    if saved.held:
        parts.append(f"{counted(saved.held, 'is', 'are')} over the exception level and held.")
    return " ".join(parts) or "Nothing had changed, so nothing was saved."
