"""From one step of signing in to the next: whose page it is now, and the cookie made anew each time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from models import SignIn, UserSession, say_who
from rules.refusal import Refused
from rules.states import SignInStep
from workflows.access import sign_in as steps
from workflows.access.sessions import find_live

PAGES = {
    SignInStep.NEW_PASSWORD: "NewPasswordView.new_password",
    SignInStep.NEW_CODE: "SecurityCodeView.new_code",
    SignInStep.RECOVERY_CODES: "SecurityCodeView.recovery_codes",
    SignInStep.CODE: "SecurityCodeView.code",
    SignInStep.ORGANISATION: "SignInView.organisation",
    SignInStep.NOT_OPEN: "SignInView.not_open",
}

Answer = Response | str | tuple[str, int]


def at_step(step: SignInStep) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Open a page only to who stands at this step, and hand it their sign-in; everybody else goes where they belong."""

    def mark(page: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(page)
        def answer(self: object, **more: Any) -> Answer:
            found = pending()
            if found is None:
                return start_again()
            if found.step is not step:
                return redirect(url_for(PAGES[found.step]))
            say_who(found.user_id, request.remote_addr or "")
            try:
                return page(self, found, **more)
            except steps.StartAgain:
                return start_again()

        return answer

    return mark


def pending() -> SignIn | None:
    """Return the half-done sign-in of this browser."""
    token = session.get("pending", "")
    return steps.find(token) if token else None


def signed_in() -> UserSession | None:
    """Return the session of this browser where somebody is signed in; the gate leaves the pages of signing in alone."""
    return find_live(session.get("token", ""))


def start_again() -> Response:
    """Send somebody back to the beginning. The cookie stays: a form sent twice must not undo its first answer."""
    return redirect(url_for("SignInView.sign_in", expired="1" if "pending" in session else None))


def go_on(following: steps.Next, wanted: str | None = None) -> Response:
    """Make the cookie anew for the next step and go there; after the last one to the page that was wanted, or `/`."""
    wanted = wanted or session.get("wanted", "")
    session.clear()
    if following.notice:
        flash(following.notice)
    if following.step is SignInStep.DONE:
        session["token"] = following.token
        login_user(following.user)
        return redirect(wanted or "/")
    session["pending"] = following.token
    if wanted:
        session["wanted"] = wanted
    return redirect(url_for(PAGES[following.step]))


def local_path(wanted: str) -> str:
    """Return an address to go on to where it is one of the portal's own, and nothing for any other."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/sign-in", "/sign-out")) and "\\" not in wanted
    return wanted if local and wanted.isprintable() else ""


def refuse(page: str, refused: Refused, **typed: Any) -> tuple[str, int]:
    """Show a form again with what is wrong and what was typed, but never with passwords or codes."""
    return render_template(f"sign_in/{page}.html", problems=refused.problems, **typed), 422
