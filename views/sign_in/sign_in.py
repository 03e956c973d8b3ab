"""The two ends of signing in: e-mail address and password, the organisation, and signing out."""

from flask import flash, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import SignIn, UserSession
from rules.refusal import Refused
from rules.states import SignInStep
from views.access import keeping
from views.sign_in.steps import Answer, at_step, go_on, local_path, pending, refuse, signed_in, start_again
from workflows.access import sign_in as steps
from workflows.access.sessions import end_session, find_live

TOO_LONG = "You took longer than 15 minutes over one step, or sent it twice. Sign in again."
SIGNED_OUT = "You are signed out."


class SignInView(BaseView):
    """/sign-in, /sign-in/organisation, /sign-in/not-open and /sign-out."""

    route_base = ""
    default_view = "sign_in"

    @expose("/sign-in", methods=["GET", "POST"])
    def sign_in(self) -> Answer:
        """Ask for e-mail address and password."""
        wanted = local_path(request.args.get("next", ""))
        if request.method == "POST":
            email = steps.clean_address(request.form.get("email", ""))
            try:
                following = steps.begin(email, request.form.get("password", ""))
            except Refused as refused:
                return refuse("sign_in", refused, email=email)
            _leave()
            return go_on(following, wanted)
        if signed_in():
            return redirect(wanted or "/")
        if notice := session.pop("notice", "") or (TOO_LONG if "expired" in request.args else ""):
            flash(notice)
        if "kept" in request.args:
            # In the address: a script's question at the same moment may write the cookie after the form did.
            flash(keeping.KEPT_FOR_YOU)
        return render_template("sign_in/sign_in.html", email="")

    @expose("/sign-in/organisation", methods=["GET", "POST"])
    def organisation(self) -> Answer:
        """Let somebody who is a contact of several organisations choose one, at signing in or later."""
        here = signed_in() or pending()
        if isinstance(here, SignIn) and here.step is not SignInStep.ORGANISATION:
            here = None
        if here is None or (isinstance(here, UserSession) and here.contact_id is None):
            return start_again()
        if request.method == "GET":
            return self._organisations(here)
        try:
            return _choose(here, request.form.get("organisation", ""))
        except steps.StartAgain:
            return start_again()
        except Refused as refused:
            return self._organisations(here, refused)

    @expose("/sign-in/not-open", methods=["GET"])
    @at_step(SignInStep.NOT_OPEN)
    def not_open(self, sign_in: SignIn) -> Answer:
        """Say what is missing before the portal opens to somebody's organisation."""
        return render_template("sign_in/not_open.html", choices=steps.organisations_of(sign_in.user_id))

    @expose("/sign-out", methods=["POST"])
    def sign_out(self) -> Response:
        """End the session on the server, whoever else may have kept its cookie."""
        _leave()
        session.clear()
        session["notice"] = SIGNED_OUT
        return redirect(url_for("SignInView.sign_in"))

    def _organisations(self, here: SignIn | UserSession, refused: Refused | None = None) -> Answer:
        now = str(here.contact_id) if isinstance(here, UserSession) else ""
        known = {"choices": steps.organisations_of(here.user_id), "now": now}
        if refused:
            return refuse("organisation", refused, **known)
        return render_template("sign_in/organisation.html", **known)


def _choose(here: SignIn | UserSession, contact_id: str) -> Response:
    if isinstance(here, SignIn):
        return go_on(steps.choose_organisation(here, contact_id))
    following = steps.change_organisation(here, session["token"], contact_id)
    # Who was led here because a form is of another organisation goes back to it.
    new = find_live(following.token)
    return go_on(following, keeping.page_to_go_on(new.user_id, new.organisation_id) if new else "")


def _leave() -> None:
    if token := session.get("token"):
        end_session(token)
    if token := session.get("pending"):
        steps.give_up(token)
