"""Absences on scheduled lines: what was reported, the form, the last day, and taking a report back."""

from collections.abc import Mapping
from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.absence_report import AbsenceEntry
from rules.period import read_date
from rules.refusal import Problem, Refused
from rules.states import AbsenceReason, label
from views.access.permissions import may, permitted
from views.page.form_reading import FormReading, read_key
from views.page.line_name import name_of, person_of
from views.page.paging import asked_page, asked_words, page_address
from workflows.clock import today
from workflows.scheduled import absences

Answer = str | Response | tuple[str, int]

FIELDS = ("line", "first_day", "last_day", "reason", "notified_on", "notified_to", "comment")
WORKED_OUT = "We are working out your next scheduled payment again."


class AbsenceReportsView(BaseView):
    """`/scheduled-payments/absences`, for contacts with the function Actuals or Invoices and payments."""

    route_base = "/scheduled-payments/absences"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List what was reported: those without a last day first."""
        return render_template(
            "provider/absence_reports.html",
            found=absences.reports_page(asked_page(), asked_words()),
            sought=asked_words(),
            address=page_address(),
            person_of=person_of,
            may_payments=may("can_view", "ScheduledPaymentsView"),
        )

    @expose("/new", methods=["GET"])
    @permitted("view")
    def new(self) -> str:
        """Show the form, with the line it was opened from."""
        return _form({"line": request.args.get("line", "")})

    @expose("/new", methods=["POST"])
    @permitted("view")
    def report(self) -> Answer:
        """Keep a report."""
        typed = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
        try:
            kept = absences.report_absence(_entry(typed), g.signed_in.user)
        except Refused as refused:
            return _form(typed, refused.problems), 422
        flash(f"You have reported the absence {kept.days}. {WORKED_OUT}", "success")
        return redirect(url_for("AbsenceReportsView.index"))

    @expose("/<int(max=2147483647):report_id>", methods=["GET"])
    @permitted("view")
    def show(self, report_id: int) -> str:
        """Show one report, with the field for its last day."""
        return _page(report_id)

    @expose("/<int(max=2147483647):report_id>", methods=["POST"])
    @permitted("view")
    def end(self, report_id: int) -> Answer:
        """Give a report its last day."""
        typed = {"last_day": request.form.get("last_day", "").strip()}
        reading = FormReading(typed)
        last = reading.read("last_day", read_date, date.min, "Enter the last day on which the person was away.")
        try:
            if reading.problems:
                raise Refused(*reading.problems)
            ended = absences.end_absence(report_id, last)
        except Refused as refused:
            return _page(report_id, refused.problems), 422
        flash(f"The absence is now {ended.days}. {WORKED_OUT}", "success")
        return redirect(url_for("AbsenceReportsView.index"))

    @expose("/<int(max=2147483647):report_id>/withdraw", methods=["POST"])
    @permitted("view")
    def withdraw(self, report_id: int) -> Answer:
        """Take a report back."""
        try:
            absences.withdraw_absence(report_id, g.signed_in.user)
        except Refused as refused:
            return _page(report_id, refused.problems), 422
        flash(f"The report was withdrawn. {WORKED_OUT}", "success")
        return redirect(url_for("AbsenceReportsView.index"))


def _form(typed: Mapping[str, str], problems: tuple[Problem, ...] = ()) -> str:
    lines = absences.choices()
    return render_template(
        "provider/absence_report_form.html",
        typed=typed,
        lines=[("", "Choose a line"), *((str(each.id), name_of(each)) for each in lines)],
        reasons=[("", "Choose a reason"), *((each.value, label(each)) for each in AbsenceReason)],
        problems=problems,
    )


def _page(report_id: int, problems: tuple[Problem, ...] = ()) -> str:
    report = absences.get_report(report_id)
    known = f"{report.last_day:%d/%m/%Y}" if report.last_day else ""
    return render_template(
        "provider/absence_report.html",
        report=report,
        name=name_of(report.line_item),
        last_day=request.form.get("last_day", known),
        problems=problems,
        today=today(),
    )


def _entry(typed: Mapping[str, str]) -> AbsenceEntry:
    """Read what was typed. Raises Refused with everything that cannot be read, Unknown for the line."""
    reading = FormReading(typed)
    read = reading.read
    reason = typed.get("reason", "")
    entry = AbsenceEntry(
        read("line", read_key, 0, "Choose the line of the person who is away."),
        read("first_day", read_date, date.min, "Enter the first day on which the person was away."),
        read("last_day", read_date, None),
        AbsenceReason(reason) if reason in {each.value for each in AbsenceReason} else None,
        read("notified_on", read_date, None),
        typed.get("notified_to", ""),
        typed.get("comment", ""),
    )
    if reading.problems:
        raise Refused(*reading.problems, *_without_reason(entry))
    return entry


def _without_reason(entry: AbsenceEntry) -> list[Problem]:
    return [] if entry.reason else [absences.NO_REASON]
