"""The six-digit security code: created once, asked for at every sign-in; and the recovery codes."""

import segno
from flask import Response, current_app, render_template, request, session
from flask_appbuilder import BaseView, expose

from models import PortalUser, SignIn
from rules.refusal import Refused
from rules.states import CodeKind, SignInStep
from views.sign_in.steps import Answer, at_step, go_on, refuse
from workflows.access import security_codes
from workflows.access.passkeys import prove
from workflows.access.passkeys.asked import offered, own_passkeys
from workflows.access.sign_in import Next, finish


class SecurityCodeView(BaseView):
    """/sign-in/new-code, /sign-in/recovery-codes, /sign-in/code, /sign-in/passkey and /sign-in/recovery-code."""

    route_base = ""
    default_view = "code"

    @expose("/sign-in/new-code", methods=["GET", "POST"])
    @at_step(SignInStep.NEW_CODE)
    def new_code(self, sign_in: SignIn) -> Answer:
        """Create a security code with an authenticator app, or as six digits of one's own."""
        if request.method == "POST":
            try:
                return go_on(_create(sign_in))
            except Refused as refused:
                return refuse("new_code", refused, **_offered(sign_in, request.form.get("kind", "")))
        return render_template("sign_in/new_code.html", **_offered(sign_in, ""))

    @expose("/sign-in/recovery-codes", methods=["GET", "POST"])
    @at_step(SignInStep.RECOVERY_CODES)
    def recovery_codes(self, sign_in: SignIn) -> Answer:
        """Show the recovery codes once, to be kept."""
        if request.method == "POST":
            return go_on(finish(sign_in))
        codes = security_codes.codes_behind(session["pending"])
        return render_template("sign_in/recovery_codes.html", codes=codes, kind=sign_in.user.code_kind)

    @expose("/sign-in/recovery-codes.txt", methods=["GET"])
    @at_step(SignInStep.RECOVERY_CODES)
    def download(self, sign_in: SignIn) -> Answer:
        """Send the recovery codes as a text file."""
        codes = security_codes.codes_behind(session["pending"])
        head = f"Recovery codes of {sign_in.user.email}\n{current_app.config['COUNCIL_NAME']}, provider portal\n"
        text = "\r\n".join([*head.splitlines(), "Each code works once.", "", *codes, ""])
        name = {"Content-Disposition": 'attachment; filename="recovery-codes.txt"'}
        return Response(text, mimetype="text/plain", headers=name)

    @expose("/sign-in/code", methods=["GET", "POST"])
    @at_step(SignInStep.CODE)
    def code(self, sign_in: SignIn) -> Answer:
        """Ask for the security code, or a passkey where they have one."""
        user, form = sign_in.user, request.form
        known = {"kind": user.code_kind, "origin": _passkey_origin(user)}
        if request.method == "POST":
            try:
                if answer := form.get("passkey", ""):
                    return go_on(prove.sign_in_with(sign_in, answer))
                return go_on(security_codes.check(sign_in, form.get("security_code", "")))
            except Refused as refused:
                return refuse("code", refused, **known)
        return render_template("sign_in/code.html", **known)

    @expose("/sign-in/passkey", methods=["GET"])
    @at_step(SignInStep.CODE)
    def passkey(self, sign_in: SignIn) -> Answer:
        """Answer the script that asks what a device is to sign."""
        return Response(prove.to_prove(sign_in) or "null", mimetype="application/json")

    @expose("/sign-in/recovery-code", methods=["GET", "POST"])
    @at_step(SignInStep.CODE)
    def recovery_code(self, sign_in: SignIn) -> Answer:
        """Ask for a recovery code instead."""
        if request.method == "POST":
            try:
                return go_on(security_codes.use_recovery_code(sign_in, request.form.get("recovery_code", "")))
            except Refused as refused:
                return refuse("recovery_code", refused)
        return render_template("sign_in/recovery_code.html")


def _passkey_origin(user: PortalUser) -> str:
    """Return the address at which a person's passkeys work, nothing where they have none."""
    party = offered()
    return party.origin if party and own_passkeys(user) else ""


def _create(sign_in: SignIn) -> Next:
    form, reset_code = request.form, request.form.get("reset_code", "")
    if form.get("kind") == CodeKind.APP:
        return security_codes.create_from_app(sign_in, form.get("app_code", ""), reset_code)
    if form.get("kind") == CodeKind.DIGITS:
        return security_codes.create_from_digits(
            sign_in, form.get("security_code", ""), form.get("security_code_again", ""), reset_code
        )
    raise security_codes.no_kind()


def _offered(sign_in: SignIn, chosen: str) -> dict[str, object]:
    new = security_codes.prepare(sign_in)
    return {
        "kinds": new.kinds,
        "takes_reset_code": new.takes_reset_code,
        "kind": chosen or (new.kinds[0] if len(new.kinds) == 1 else ""),
        "key": " ".join(new.key[at : at + 4] for at in range(0, len(new.key), 4)),
        "qr_code": segno.make(new.address, micro=False).svg_data_uri(scale=4, border=4, light="white"),
    }
