"""One's own account: who one is to the portal, one's password and passkeys, and where one is signed in."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.browser import UNKNOWN
from rules.refusal import Problem, Refused
from rules.words import counted
from views.access.permissions import permitted
from views.access.step_up import given, passkey_origin
from workflows import policy
from workflows.access import devices, own_sessions, passwords
from workflows.access.passkeys import own, prove
from workflows.access.passkeys.asked import offered, own_passkeys

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
                ended = own_sessions.end_chosen(this, _ticked_sessions(), form.get("password", ""))
        except Refused as refused:
            return _page(refused.problems), 422
        flash(f"Signed out in {counted(ended, 'other browser')}.", "success")
        return _to_account()

    @expose("/password", methods=["GET", "POST"])
    @permitted("view")
    def password(self) -> Answer:
        """Change the own password."""
        form, least = request.form, policy.for_council("password_least_length")
        if request.method == "GET":
            return render_template("account_password.html", least=least)
        typed = (form.get(name, "") for name in ("present_password", "new_password", "new_password_again"))
        try:
            passwords.change_own(g.signed_in, *typed)
        except Refused as refused:
            return render_template("account_password.html", least=least, problems=refused.problems), 422
        flash("Your password has been changed. You have been signed out everywhere else.", "success")
        return _to_account()

    @expose("/passkeys", methods=["POST"])
    @permitted("view")
    def passkeys(self) -> Answer:
        """Begin to add a passkey, or remove those that are ticked, after the security code or a passkey."""
        this = g.signed_in
        try:
            if "remove" not in request.form:
                own.begin_adding(this, given())
                return redirect(url_for("AccountView.new_passkey"))
            removed = own.remove(this, _ticked_passkeys(), given())
        except Refused as refused:
            return _page(refused.problems), 422
        flash(f"{counted(removed, 'passkey')} removed.", "success")
        return _to_account()

    @expose("/passkeys/new", methods=["GET", "POST"])
    @permitted("view")
    def new_passkey(self) -> Answer:
        """Name a passkey and have a device make it, for who has just proved again who they are."""
        this = g.signed_in
        problems: tuple[Problem, ...] = ()
        name = request.form.get("name", _default_name())
        if request.method == "POST":
            try:
                own.add(this, name, request.form.get("passkey", ""))
                flash("Your passkey has been added. You can use it instead of your security code.", "success")
                return _to_account()
            except Refused as refused:
                problems = refused.problems
        asked, party = own.to_add(this), offered()
        if asked and party:
            page = render_template(
                "account_passkey.html", asked=asked, origin=party.origin, name=name, problems=problems
            )
            return (page, 422) if problems else page
        return (_page(problems), 422) if problems else _to_account()

    @expose("/passkeys/asked", methods=["GET"])
    @permitted("view")
    def asked(self) -> Response:
        """Answer the script that asks what a device is to sign before a step that binds."""
        return current_app.response_class(prove.to_prove(g.signed_in) or "null", mimetype="application/json")


def _to_account() -> Response:
    return redirect(url_for("AccountView.index"))


def _default_name() -> str:
    browser = devices.browser()
    return "" if browser == UNKNOWN else browser


def _ticked_sessions() -> list[int]:
    ticked = request.form.getlist("sessions")
    return [each.id for each in own_sessions.open_sessions(g.signed_in) if str(each.id) in ticked]


def _ticked_passkeys() -> list[int]:
    ticked = request.form.getlist("passkeys")
    return [each.id for each in own_passkeys(g.signed_in.user) if str(each.id) in ticked]


def _page(problems: tuple[Problem, ...] = ()) -> str:
    passkey_origin()
    return render_template(
        "account.html",
        problems=problems,
        person=g.signed_in.user,
        sessions=own_sessions.open_sessions(g.signed_in),
        passkeys=own_passkeys(g.signed_in.user),
        takes_passkeys=offered() is not None,
        ticked_sessions=request.form.getlist("sessions"),
        ticked_passkeys=request.form.getlist("passkeys"),
    )
