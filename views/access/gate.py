"""The gate before every page: no address answers before all steps of signing in, whatever else it forgot to check."""

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from models import COUNCIL, NOTHING, UserSession, enter, say_who
from rules.states import OrganisationState
from views.access import form_seal, keeping, readings
from workflows.access import devices, sessions
from workflows.clock import now, today

# The only addresses that answer without a session; an address that does not exist is behind the gate too.
OPEN = {
    "static",
    "health",
    "SignInView",
    "NewPasswordView",
    "SecurityCodeView",
    "ContactsFormPage",
    "CodesPage",
    "PublicView",
}

OK = 200
SIGNED_OUT = "You were signed out because the portal was not used for a while. Sign in to go on."
NOT_SIGNED_IN = "You are not signed in any more. Sign in to go on."
ACCESS_ENDED = "Your access has ended. Ask a colleague who looks after contacts, or the council."


def guard(app: Flask) -> None:
    """Put the gate in front of every request of `app`; to be called before anything else asks who is signed in."""
    app.before_request(_bring_device)
    app.before_request(_let_in)
    app.after_request(_give_device)
    app.after_request(_let_out)


def _let_in() -> Response | None:
    if (request.endpoint or "").split(".")[0] in OPEN:
        say_who(None, request.remote_addr or "")
        return None
    token = session.get("token", "")
    found = sessions.find_session(token) if token else None
    if found is None:
        return _to_sign_in(SIGNED_OUT if token else "")
    if sessions.is_over(found, now()):
        sessions.end_session(token)
        return _to_sign_in(SIGNED_OUT)
    sessions.touch(found)
    g.signed_in = found
    say_who(found.user_id, request.remote_addr or "")
    if found.organisation_id is None:
        # Only officers have sessions without an organisation; somebody who is an officer no longer is nobody.
        if not found.user.council:
            abort(404)
        enter(COUNCIL)
        return None
    return _let_contact_in(found, token)


def _let_contact_in(found: UserSession, token: str) -> Response | None:
    enter(found.organisation_id or 0)
    contact, counts = sessions.own_contact(found) or (None, None)
    live = contact is not None and contact.organisation.state is OrganisationState.LIVE
    if contact is None or not live or not contact.in_force(today()):
        enter(NOTHING)
        sessions.end_session(token)
        return _to_sign_in(ACCESS_ENDED)
    g.contact = contact
    if request.method == "GET" and counts is not None:
        # A form may change what waits: then it is counted again for the page that answers it.
        g.waiting = counts
    return None


def _bring_device() -> None:
    devices.bring(request.cookies.get(current_app.config["DEVICE_COOKIE_NAME"], ""), request.user_agent.string)


def _give_device(answer: Response) -> Response:
    if cookie := devices.to_give():
        answer.set_cookie(
            current_app.config["DEVICE_COOKIE_NAME"], cookie, max_age=devices.KNOWN_FOR,
            path=url_for("SignInView.sign_in"), httponly=True, secure=current_app.config["BEHIND_HTTPS"],
            samesite="Lax",
        )  # fmt: skip
    return answer


def _let_out(answer: Response) -> Response:
    if request.method == "GET" and answer.status_code == OK and "signed_in" in g:
        readings.note_readings()
        sessions.stop_reading()
    return answer


def _to_sign_in(notice: str) -> Response:
    kept = keeping.keep_sent() if request.method == "POST" and notice != ACCESS_ENDED else None
    if kept and not notice:
        notice = NOT_SIGNED_IN
    # Where nobody was signed in the cookie stays: it may belong to somebody half-way through signing in.
    # What a script asks is answered without it too: it may be under way while somebody signs in in another tab.
    if not _asked_by_script():
        if session.get("token"):
            session.clear()
        if notice:
            session["notice"] = notice
    # A form that was sent cannot be sent again by a redirect; its page can.
    wanted = kept.page if kept else form_seal.this_page() if request.method == "GET" else request.path
    needless = (url_for("HomeView.index"), url_for("SignInView.sign_out"))
    return redirect(
        url_for("SignInView.sign_in", next=None if wanted in needless else wanted, kept="1" if kept else None)
    )


def _asked_by_script() -> bool:
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
