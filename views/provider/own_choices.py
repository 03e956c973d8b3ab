"""How the portal writes to somebody, and their organisation's dates in their own calendar."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.mail_states import MailChoice
from rules.problem_codes import Code
from rules.refusal import Problem
from views.access.permissions import permitted
from workflows.mail import digest
from workflows.organisations import calendar

Answer = str | Response | tuple[str, int]


class OwnChoicesView(BaseView):
    """`/e-mails`, for every contact."""

    route_base = "/e-mails"

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show both choices."""
        return _page()

    @expose("", methods=["POST"])
    @permitted("view")
    def choose(self) -> Answer:
        """Keep how somebody wants their notices."""
        chosen = next((each for each in MailChoice if each == request.form.get("mail")), None)
        if chosen is None:
            return _page((Problem(Code.MISSING, "Choose how you want them.", field="mail"),)), 422
        digest.choose(g.contact.id, chosen)
        flash("Your choice has been saved.", "success")
        return redirect(url_for("OwnChoicesView.index"))

    @expose("/calendar", methods=["POST"])
    @permitted("view")
    def renew_calendar(self) -> str:
        """Make a new calendar address, and show it this once."""
        token = calendar.renew(g.contact.organisation_id)
        return _page(address=f"{current_app.config['PORTAL_ADDRESS']}{url_for('PublicView.calendar', token=token)}")

    @expose("/calendar/end", methods=["POST"])
    @permitted("view")
    def end_calendar(self) -> Answer:
        """Let the calendar address open nothing any more."""
        calendar.end(g.contact.organisation_id)
        flash("The calendar address has ended. It no longer works.", "success")
        return redirect(url_for("OwnChoicesView.index"))


def _page(problems: tuple[Problem, ...] = (), address: str = "") -> str:
    return render_template(
        "provider/own_choices.html",
        problems=problems,
        chosen=g.contact.mail.value,
        feed=calendar.feed_of(g.contact.organisation_id),
        address=address,
    )
