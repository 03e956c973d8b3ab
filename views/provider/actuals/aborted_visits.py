"""Aborted visits: the form that says at once what is payable and why, the list of a week, and removing one."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import LineItem
from rules.aborted_visit import REASONS, check_words, read_time
from rules.period import NotADate, monday_of, read_date
from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem, Refused, Unknown
from views.access.permissions import permitted
from views.page.form_reading import FormReading, asked_day, read_key
from views.page.line_name import name_of
from views.page.paging import asked_words
from workflows.aborted_visits import record as visits
from workflows.aborted_visits.record import JudgedVisit, VisitEntry

Answer = str | Response | tuple[str, int]
Typed = Mapping[str, str]

FIELDS = (
    "line", "day", "planned_start", "planned_minutes", "told", "told_on", "told_at", "arrived_at", "waited_minutes",
    "informed", "reason", "comment", "take_off", "correct", "shown",
)  # fmt: skip
NOT_SEEN = "This is what is payable. Look at it, then save."


class AbortedVisitsView(BaseView):
    """`/actuals/aborted-visit` and `/actuals/aborted-visits`, for contacts with the function Actuals."""

    route_base = "/actuals"

    @expose("/aborted-visit", methods=["GET"])
    @permitted("view")
    def add(self) -> str:
        """Show the form, with the line and the day it was opened from."""
        day = asked_day("date")
        return _form({"line": request.args.get("line", ""), "day": f"{day:%d/%m/%Y}" if day else ""})

    @expose("/aborted-visit", methods=["POST"])
    @permitted("view")
    def save(self) -> Answer:
        """Say what is payable; record it once the person has seen exactly that."""
        typed = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
        try:
            if request.form.get("do") != "save":
                return _form(typed, judged=_foresee(typed, whole=False))
            judged = _foresee(typed)
            if typed["shown"] != judged.sentence:
                return _form(typed, judged=judged, notice=NOT_SEEN)
            entry, user = judged.entry, g.signed_in.user
            visits.record(entry, user, take_off=bool(typed["take_off"]), correct=bool(typed["correct"]))
        except Refused as refused:
            return _form(typed, problems=refused.problems), 422
        is_correction = judged.stored is not None and judged.stored.is_money
        week = "The difference will be on your next invoice" if is_correction else "Its week is a draft"
        flash(f"Aborted visit recorded. {judged.sentence} {week}.", "success")
        return redirect(url_for("ActualsView.week", week=monday_of(entry.day)))

    @expose("/aborted-visit/payable", methods=["GET"])
    @permitted("view")
    def payable(self) -> Response:
        """Answer what is payable for what is typed so far, and what becomes of the week, for the script of the form."""
        typed = {name: request.args.get(name, "").strip() for name in FIELDS}
        try:
            judged = _foresee(typed, whole=False)
        except Refused as refused:
            problem = refused.problems[0]
            on_invoice = problem.field == "correct"
            missing = not on_invoice and any(not typed.get(each.field) for each in refused.problems)
            return jsonify(problem="" if missing else problem.message, correct=on_invoice)
        after = visits.week_after(judged)
        return jsonify(
            sentence=judged.sentence,
            week=after.words,
            correct=bool(typed["correct"]),
            offer=after.offer,
            counted=after.counted,
        )

    @expose("/aborted-visits", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the aborted visits of a week, of one line or of all."""
        day = asked_day("week")
        if day is None:
            raise Unknown
        line = _asked_line(request.args.get("line", ""))
        week = monday_of(day)
        return render_template(
            "provider/aborted_visits.html",
            line=line,
            week=week,
            listed=visits.visits_of(line.id if line else None, week, asked_words()),
            sought=asked_words(),
            name_of=name_of,
            reasons=REASONS,
        )

    @expose("/aborted-visits/<int(max=2147483647):visit_id>/remove", methods=["GET"])
    @permitted("view")
    def ask_to_remove(self, visit_id: int) -> str:
        """Show the visit and ask why it is removed."""
        return _remove_page(visit_id)

    @expose("/aborted-visits/<int(max=2147483647):visit_id>/remove", methods=["POST"])
    @permitted("view")
    def remove(self, visit_id: int) -> Answer:
        """Remove the visit."""
        why = request.form.get("why", "").strip()
        try:
            removed = visits.remove(visit_id, g.signed_in.user, why)
        except Refused as refused:
            return _remove_page(visit_id, why, refused.problems), 422
        flash("The aborted visit was removed. What is entered as delivered in its week stays as it is.", "success")
        return redirect(url_for("ActualsView.week", week=monday_of(removed.visit_date)))


def _form(
    typed: Typed, *, problems: tuple[Problem, ...] = (), judged: JudgedVisit | None = None, notice: str = ""
) -> str:
    line = _asked_line(typed.get("line", ""))
    try:
        week = monday_of(read_date(typed.get("day", "")))
    except NotADate:
        week = None
    after = visits.week_after(judged) if judged else None
    return render_template(
        "provider/aborted_visit.html",
        typed=typed,
        line=line,
        week=week,
        lines=[] if line else [("", "Choose a line"), *((each.id, name_of(each)) for each in visits.choices())],
        name_of=name_of,
        problems=problems,
        judged=judged,
        after=after,
        take_off=typed.get("take_off") if typed.get("shown") or not after else after.counted,
        on_invoice=typed.get("correct") or any(problem.field == "correct" for problem in problems),
        notice=notice,
        reasons=[("", "Choose a reason"), *REASONS.items()],
    )


def _remove_page(visit_id: int, why: str = "", problems: tuple[Problem, ...] = ()) -> str:
    found = visits.visit(visit_id)
    return render_template(
        "provider/aborted_visit_remove.html",
        visit=found,
        sentence=visits.sentence_of(found),
        week=monday_of(found.visit_date),
        name_of=name_of,
        reasons=REASONS,
        why=why,
        problems=problems,
    )


def _asked_line(text: str) -> LineItem | None:
    """Return the line asked for, nothing where none is. Raises Unknown."""
    return visits.line(read_key(text)) if text else None


def _minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise NotUnderstood(Problem(Code.NOT_A_NUMBER, "Enter whole minutes, such as 45."))
    return int(text)


def _foresee(typed: Typed, *, whole: bool = True) -> JudgedVisit:
    return visits.foresee(_entry(typed, whole=whole), correct=bool(typed["correct"]))


def _entry(typed: Typed, *, whole: bool = True) -> VisitEntry:
    """Read what was typed; without `whole` only what decides the payment. Raises Refused with all that is wrong."""
    reading = FormReading(typed)
    read = reading.read
    values: dict[str, Any] = {
        "line_id": read("line", read_key, 0, "Choose the line of the visit."),
        "day": read("day", read_date, date.min, "Enter the day of the visit."),
        "planned_start": read("planned_start", read_time, time(), "Enter when the visit was to start."),
        "planned_minutes": read("planned_minutes", _minutes, 0, "Enter how long the visit was to take, in minutes."),
    }
    if typed.get("told") not in ("yes", "no"):
        untold = "Say whether you were told before the carer arrived."
        reading.problems.append(Problem(Code.MISSING, untold, field="told"))
    was_told = typed.get("told") == "yes"
    told_on = read("told_on", read_date, None, "Enter the day on which you were told.") if was_told else None
    told_at = read("told_at", read_time, None, "Enter the time at which you were told.") if was_told else None
    values["told_at"] = datetime.combine(told_on, told_at) if told_on and told_at else None
    if whole:
        values["arrived_at"] = read("arrived_at", read_time, None)
        values["waited_minutes"] = read("waited_minutes", _minutes, 0)
        values |= {name: typed.get(name, "") for name in ("informed", "reason", "comment")}
    entry = VisitEntry(**values)
    if reading.problems:
        raise Refused(*reading.problems, *(check_words(entry) if whole else ()))
    return entry
