"""Verbs of a live line: change its rate or its plan from a day on, end it; each shown before it is sent."""

from datetime import date
from typing import Any

from flask import request, url_for
from flask_appbuilder import BaseView, expose

from models import DAYS, LineItem
from rules.money import NOTHING, short_rate
from rules.number import read_number
from rules.period import read_date
from rules.plan import quantity_on, unit_words, version_on
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.scheduled import NOTHING_DEDUCTED, Deductions, deducted_on
from rules.states import PlanKind
from views.access.permissions import permitted
from views.access.roles import BROKERAGE
from views.page.form_reading import FormReading
from views.page.format import record_href
from views.staff.agreements.change_form import Answer, page, read_day, read_plan, take, typed_form
from workflows.agreements import changes, deductions
from workflows.agreements.changes import AgreementChange, live_line
from workflows.clock import today
from workflows.confirm.proposed import deduction_words, plan_words, rate_words


class LineChangesView(BaseView):
    """`/staff/line-items/<id>/…`, offered on the line's own record."""

    route_base = "/staff/line-items"
    roles = {"can_change": (BROKERAGE,)}

    @expose("/<int(max=2147483647):line_id>/rate", methods=["GET", "POST"])
    @permitted("change")
    def rate(self, line_id: int) -> Answer:
        """Change what a unit costs from a day on."""
        line = live_line(line_id)
        shown = _shown(line) | {"verb": "Change rate from"}

        def judge(reading: FormReading) -> AgreementChange:
            start = read_day(reading, "start", _default_day(line), "Enter the first day of the new rate.")
            rate = reading.read("rate", read_number, NOTHING, "Enter the new rate.", called="New rate")
            return changes.rate_change(line_id, start, rate, reading.typed.get("reason", ""))

        if request.method == "GET":
            return page("staff/change_rate.html", {}, shown)
        return take("staff/change_rate.html", typed_form(), judge, _back(line), shown)

    @expose("/<int(max=2147483647):line_id>/plan", methods=["GET", "POST"])
    @permitted("change")
    def plan(self, line_id: int) -> Answer:
        """Change what is commissioned from a day on."""
        line = live_line(line_id)
        shown = _shown(line) | {"verb": "Change plan from"}

        def judge(reading: FormReading) -> AgreementChange:
            start = read_day(reading, "start", _default_day(line), "Enter the first day of the new plan.")
            version = read_plan(reading, line.plan_kind, start)
            return changes.plan_change(line_id, version, reading.typed.get("reason", ""))

        if request.method == "GET":
            return page("staff/change_plan.html", _plan_typed(line), shown)
        return take("staff/change_plan.html", typed_form(), judge, _back(line), shown)

    @expose("/<int(max=2147483647):line_id>/deduction", methods=["GET", "POST"])
    @permitted("change")
    def deduction(self, line_id: int) -> Answer:
        """Change what the person and others pay of a line from a day on."""
        line = live_line(line_id)
        shown = _shown(line) | {"verb": "Change contribution from"}

        def judge(reading: FormReading) -> AgreementChange:
            start = read_day(reading, "start", _default_day(line), "Enter the first day of the new sums.")
            missing = "Enter what the person pays a week."
            contribution = reading.read("contribution", read_number, NOTHING, missing, called="Person’s contribution")
            missing = "Enter the top-up a week, 0.00 for none."
            top_up = reading.read("top_up", read_number, NOTHING, missing, called="Third-party top-up")
            wanted = Deductions(start, contribution, top_up)
            return deductions.deduction_change(line_id, wanted, reading.typed.get("reason", ""))

        if request.method == "GET":
            now = deducted_on(line.deducted, _default_day(line)) or NOTHING_DEDUCTED
            sums = {"contribution": f"{now.contribution:.2f}", "top_up": f"{now.top_up:.2f}"}
            return page("staff/change_deduction.html", sums, shown)
        return take("staff/change_deduction.html", typed_form(), judge, _back(line), shown)

    @expose("/<int(max=2147483647):line_id>/end", methods=["GET", "POST"])
    @permitted("change")
    def end(self, line_id: int) -> Answer:
        """Set the last day of a line, or that it has none."""
        line = live_line(line_id)
        shown = _shown(line) | {"verb": "End line on"}

        def judge(reading: FormReading) -> AgreementChange:
            return changes.line_end(line_id, _last_day(reading), reading.typed.get("reason", ""))

        if request.method == "GET":
            ends = {"ends": "on", "end": f"{line.end:%d/%m/%Y}"} if line.end else {"ends": "on"}
            return page("staff/end_line.html", ends, shown)
        return take("staff/end_line.html", typed_form(), judge, _back(line), shown)


def _last_day(reading: FormReading) -> date | None:
    """Return the last day that was typed, None where there is to be none."""
    ends = reading.typed.get("ends")
    if ends == "none":
        return None
    if ends != "on":
        reading.problems.append(Problem(Code.MISSING, "Choose whether the line ends.", field="ends"))
        return today()
    return reading.read("end", read_date, today(), "Enter the last day of care.")


def _shown(line: LineItem) -> dict[str, Any]:
    return {
        "line": line,
        "back": _back(line),
        "unit": unit_words(line.unit, NOTHING + 1),
        "units": unit_words(line.unit, NOTHING),
        "plans": [plan_words(line.unit, line.plan_kind, each.version) for each in line.plans],
        "rates": [rate_words(line.unit, each) for each in line.rate_versions],
        "deducted": [deduction_words(each) for each in line.deducted],
        "rate_now": short_rate(line.rate_on(_default_day(line)) or NOTHING),
        "weekly": line.plan_kind is PlanKind.WEEKLY,
    }


def _back(line: LineItem) -> str:
    return record_href(line) or url_for("LineItemView.list")


def _default_day(line: LineItem) -> date:
    """Return today, or the nearest day of the line to it."""
    return max(line.start, min(today(), line.end or today()))


def _plan_typed(line: LineItem) -> dict[str, str]:
    """Return the fields of the plan in force, to be changed."""
    version = version_on(line.plan, _default_day(line))
    if line.plan_kind is PlanKind.WEEKLY:
        return {"weekly": f"{quantity_on(line.plan, _default_day(line)):.2f}"}
    return {name: f"{units:.2f}" for name, units in zip(DAYS, version.days, strict=True)}
