"""One's own account: who one is to the portal, and where one is signed in."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from rules.words import counted
from views.access.permissions import permitted
from workflows.access import own_sessions

Answer = str | Response | tuple[str, int]


class AccountView(BaseView):
    """`/account`, for everybody who is signed in."""

    route_base = "/account"

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the account."""
        return _page()

    @expose("/sessions", methods=["POST"])
    @permitted("view")
    def sign_out_elsewhere(self) -> Answer:
        """End the other sessions that are ticked, or all of them."""
        form, this = request.form, g.signed_in
        try:
            if "others" in form:
                ended = own_sessions.end_others(this, form.get("password", ""))
            else:
                ended = own_sessions.end_chosen(this, _ticked(), form.get("password", ""))
        except Refused as refused:
            return _page(refused.problems), 422
        flash(f"Signed out in {counted(ended, 'other browser')}.", "success")
        return redirect(url_for("AccountView.index"))


def _ticked() -> list[int]:
    ticked = request.form.getlist("sessions")
    return [each.id for each in own_sessions.open_sessions(g.signed_in) if str(each.id) in ticked]


def _page(problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "account.html",
        problems=problems,
        person=g.signed_in.user,
        sessions=own_sessions.open_sessions(g.signed_in),
        ticked=request.form.getlist("sessions"),
    )
