"""A form is carried out once: sent again, by a second click, a cut connection or Back, it gets its first answer.

And it is carried out only for who opened it, in the organisation it was opened for.
"""

import hashlib
import json
from typing import Any

from flask import Flask, Response, flash, g, redirect, request, session
from werkzeug.wrappers import Response as Answer

from views.access import keeping
from views.access.form_seal import Opened, is_own, opened, this_page
from workflows.access.forms import sent as sent_forms
from workflows.access.forms.sent import FirstAnswer

# A question of a script, which changes nothing and may be asked as often as it likes.
QUESTIONS = ("AgreementsView.cost",)
ANSWER_LOST = (
    "This form was sent before, but the connection broke before you had an answer. Check whether it was carried"
    " out; if it was not, send the form again."
)


def carry_out_once(app: Flask) -> None:
    """Put this before every form of `app`; to be called after the gate and the tokens have been put."""
    app.before_request(_claim)
    app.after_request(_note)


def _claim() -> Answer | None:
    keeping.give_files_back()
    found = opened() if request.method == "POST" and "signed_in" in g else None
    if found is None or request.endpoint in QUESTIONS:
        return None
    if not is_own(found):
        return keeping.lead_back()
    fingerprint = _fingerprint(found)
    before = sent_forms.claim(fingerprint, found.user_id or 0, found.organisation_id)
    if before is None:
        g.claimed = fingerprint
        return None
    return _answer_again(before, found)


def _answer_again(before: FirstAnswer, found: Opened) -> Answer:
    if not before.location:
        keeping.keep_sent()
        flash(ANSWER_LOST, "info")
        return redirect(found.page)
    waiting = [tuple(each) for each in session.get("_flashes", [])]
    for kind, words in before.notices:
        if (kind, words) not in waiting:
            flash(words, kind)
    return redirect(before.location)


def _note(answer: Response) -> Response:
    if claimed := g.pop("claimed", None):
        notices = [(kind, words) for kind, words in session.get("_flashes", [])]
        refused = any(kind in ("error", "danger", "warning") for kind, _ in notices)
        if 300 <= answer.status_code < 400 and not refused:
            sent_forms.answer(claimed, answer.location or "", notices)
        else:
            sent_forms.release(claimed)
    return answer


def _fingerprint(found: Opened) -> str:
    """Return what is the same only where one person sends one form with one content to one address."""
    fields = [each for each in request.form.items(multi=True) if each[0] != "csrf_token"]
    files = [(name, each.filename, _digest(each.stream)) for name, each in request.files.items(multi=True)]
    what = [found.user_id, found.organisation_id, found.key, this_page(), fields, files]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _digest(stream: Any) -> str:
    found = hashlib.file_digest(stream, "sha256").hexdigest()
    stream.seek(0)
    return found
