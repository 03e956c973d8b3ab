"""Confirm all as planned: what it would do to which weeks, then done, and undone for as long as nothing is invoiced."""

from datetime import date, datetime

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.period import date_range, monday_of
from rules.refusal import Problem, Refused, Unknown
from rules.words import counted
from views.access.permissions import permitted
from views.page.form_reading import asked_day
from views.provider.actuals import undoing
from views.provider.actuals.week_page import address_of
from workflows.actuals.period import period_weeks
from workflows.actuals.together import Undone, batches, confirm_together, foresee, undo


class ActualsTogetherView(BaseView):
    """`/actuals/together`, for contacts with the function Actuals."""

    route_base = "/actuals/together"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def check(self) -> str:
        """Show how many lines of which weeks would be confirmed, and for how many pounds; and what can be undone."""
        return _page(_asked_day())

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("view")
    def confirm(self) -> Response | tuple[str, int]:
        """Confirm what the page showed; where that has changed since, show it again."""
        day = _asked_day()
        try:
            saved = confirm_together(period_weeks(day).untouched, g.signed_in.user, request.form.get("seen", ""))
        except Refused as refused:
            return _page(day, refused.problems), 422
        flash(f"{counted(saved.confirmed, 'week')} confirmed.", "success" if saved.confirmed else "info")
        undoing.remember(saved.together_at)
        return redirect(url_for("ActualsTogetherView.check", period=monday_of(day)))

    @expose("/undo", methods=["POST"])
    @permitted("view")
    def undo(self) -> str | Response:
        """Undo a batch; where weeks of it were left as they are say which, and why, else go back to where one was."""
        day = _asked_day()
        try:
            at = datetime.fromisoformat(request.form.get("at", ""))
        except ValueError:
            raise Unknown from None
        if at.tzinfo is None:
            raise Unknown
        undone = undo(at, g.signed_in.user)
        undoing.forget()
        if undone.weeks and not undone.left and "to-week" in request.form:
            flash(undone_words(undone), "success")
            return redirect(address_of(monday_of(day)))
        return _page(day, undone=undone)


def undone_words(undone: Undone) -> str:
    """Say how many weeks undoing took back."""
    if not undone.weeks:
        return "Nothing was undone."
    return f"{counted(undone.weeks, 'week is', 'weeks are')} not started again."


def _asked_day() -> date:
    """Return the day whose period is asked for. Raises Unknown."""
    day = asked_day("period")
    if day is None:
        raise Unknown
    return day


def _page(day: date, problems: tuple[Problem, ...] = (), undone: Undone | None = None) -> str:
    period = period_weeks(day)
    return render_template(
        "provider/actuals_together.html",
        period=period,
        period_words=date_range(period.start, period.end),
        found=foresee(period.untouched),
        batches=batches([week.monday for week in period.weeks]),
        undone=undone,
        undone_words=undone_words,
        problems=problems,
        back=address_of(period.week),
    )
