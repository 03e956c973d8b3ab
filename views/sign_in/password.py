"""A new password: after the one that was given, and after one that was forgotten."""

from flask import redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose

from models import SignIn
from rules.refusal import Refused
from rules.states import SignInStep
from views.sign_in.steps import Answer, at_step, go_on, refuse
from workflows import policy
from workflows.access import forgotten_password
from workflows.access import sign_in as steps

CHANGED = "Your password has been changed. Sign in with the new one."


class NewPasswordView(BaseView):
    """/sign-in/new-password, and /sign-in/forgotten with the link it sends."""

    route_base = ""
    default_view = "new_password"

    @expose("/sign-in/new-password", methods=["GET", "POST"])
    @at_step(SignInStep.NEW_PASSWORD)
    def new_password(self, sign_in: SignIn) -> Answer:
        """Have the given password changed."""
        form, known = request.form, {"least": _least(), "first": True}
        if request.method == "POST":
            new, again = form.get("new_password", ""), form.get("new_password_again", "")
            try:
                return go_on(steps.choose_password(sign_in, new, again))
            except Refused as refused:
                return refuse("new_password", refused, **known)
        return render_template("sign_in/new_password.html", **known)

    @expose("/sign-in/forgotten", methods=["GET", "POST"])
    def forgotten(self) -> Answer:
        """Send a link by e-mail; the answer is the same for an address nobody has."""
        if request.method == "POST":
            email = steps.clean_address(request.form.get("email", ""))
            try:
                forgotten_password.ask(email)
            except Refused as refused:
                return refuse("forgotten", refused, email=email)
            return redirect(url_for("NewPasswordView.sent"))
        return render_template("sign_in/forgotten.html", email="")

    @expose("/sign-in/forgotten/sent", methods=["GET"])
    def sent(self) -> Answer:
        """Say where to look for the link."""
        return render_template("sign_in/forgotten_sent.html")

    @expose("/sign-in/forgotten/<token>", methods=["GET", "POST"])
    def reset(self, token: str) -> Answer:
        """Choose a new password through the link. It signs nobody in: the security code is asked for as always."""
        form, known = request.form, {"least": _least(), "first": False}
        try:
            if request.method == "GET":
                forgotten_password.find_link(token)
                return render_template("sign_in/new_password.html", **known)
            forgotten_password.use_link(token, form.get("new_password", ""), form.get("new_password_again", ""))
        except forgotten_password.LinkIsDead:
            return render_template("sign_in/link_is_dead.html"), 404
        except Refused as refused:
            return refuse("new_password", refused, **known)
        session.clear()
        session["notice"] = CHANGED
        return redirect(url_for("SignInView.sign_in"))


def _least() -> int:
    return int(policy.for_council("password_least_length"))
