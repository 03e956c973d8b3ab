"""What was typed and could not be saved, in the form again: the page says so, and what is kept for other pages."""

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import MultiDict

from models import UserSession
from views.access.keeping import keep_refused, link_opened, others_kept
from views.page.kept.files import name_files
from views.page.kept.refill import refill
from workflows import policy
from workflows.access.forms.kept import Kept
from workflows.access.sessions import seconds_left
from workflows.clock import now

OK, REFUSED = 200, 422


@dataclass(frozen=True)
class SessionEnd:
    """In how many seconds the session of a page ends unless it is used, in how many in any case, and when to warn."""

    idle: int
    longest: int
    warning: int


def register_kept(app: Flask) -> None:
    """Fill what was kept into the pages of `app`, and tell its templates of it and of when the session ends."""
    app.after_request(_fill)
    app.context_processor(_context)


def kept_values() -> MultiDict[str, str] | None:
    """Return what was kept of this page, for one whose rows depend on what was typed; nothing where nothing was."""
    kept: Kept | None = g.get("kept")
    return MultiDict(kept.fields) if kept else None


def _fill(answer: Response) -> Response:
    if answer.mimetype != "text/html" or answer.is_streamed:
        return answer
    kept: Kept | None = g.get("kept")
    if kept and answer.status_code == OK:
        html = refill(answer.get_data(as_text=True), kept.page, kept.action, kept.fields)
        if kept.has_files:
            html = name_files(html, kept.page, kept.action, kept.id, kept.files)
        answer.set_data(html)
    elif request.method == "POST" and answer.status_code == REFUSED and (again := keep_refused()):
        html = answer.get_data(as_text=True)
        answer.set_data(name_files(html, request.path, again.action, again.id, again.files))
    return answer


def _context() -> dict[str, Any]:
    who = g.get("signed_in")
    return {
        "typed_before": g.get("kept"),
        "typed_elsewhere": others_kept(),
        "session_end": _session_end(who) if who else None,
        "typed_by": _mark(f"{who.user_id} {who.organisation_id}" if who else link_opened()),
    }


def _session_end(who: UserSession) -> SessionEnd:
    idle, longest = seconds_left(who, now())
    return SessionEnd(idle, longest, 60 * int(policy.for_council("idle_warning_minutes")))


def _mark(who: str) -> str:
    """Return a mark by which scripts know whether what they remember is of who is here now; it says not who that is."""
    return hashlib.sha256(f"{current_app.secret_key!r} {who}".encode()).hexdigest()[:16] if who else ""
