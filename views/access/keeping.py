"""A form that cannot be saved now is kept, and its sender led to where it can: nothing typed is lost.

It cannot be saved where nobody is signed in any more, where somebody has signed in anew since it was opened (its token
is of another session), or where another person, or another organisation, is in the browser now.
"""

import re

from flask import Flask, Response, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from views.access.form_seal import Opened, is_own, opened, this_page
from workflows.access.forms import kept as kept_forms
from workflows.access.forms.kept import Kept

KEPT_FOR_YOU = "What you typed is kept, and is in the form again when you are."
OTHER_ORGANISATION = (
    "That form was opened for another organisation than the one you had chosen since, so it was not saved. What you"
    " typed is kept: choose the organisation it is for, and it is in the form again."
)
OTHER_PERSON = (
    "That form was opened by somebody else, who was signed in here before you, so it was not saved. It is kept for"
    " them until tomorrow."
)
# Without a session these alone keep what is typed: their address is a personal link.
BY_LINK = ("ContactsFormPage",)
# Never kept, whatever form they stand on: passwords and codes, and the form's own token.
NOT_KEPT = re.compile("(.*_)?(password|(security|own|app|recovery)_code)(_again)?|csrf_token")


def find_kept(app: Flask) -> None:
    """Have what was kept of a page looked up before it is shown; to be called after the gate has been put."""
    app.before_request(_find)
    app.after_request(_forget_sent)


def keep_sent() -> Opened | None:
    """Keep the form that was sent for who opened it, and return how it was opened; nothing where nothing is kept."""
    found = opened()
    by_link = _room() in BY_LINK
    # A script's question is asked again by the script.
    by_script = request.headers.get("Sec-Fetch-Dest", "document") not in ("document", "iframe")
    if found is None or by_script or (found.user_id is None and not by_link) or _room() == "SignInView":
        return None
    fields = [(name, text) for name, text in request.form.items(multi=True) if not NOT_KEPT.fullmatch(name)]
    files = [each.filename or "" for each in request.files.values() if each.filename]
    kept_forms.keep(found.user_id, found.organisation_id, found.page, this_page(), fields, files)
    return found


def lead_back() -> Answer | None:
    """Keep a form that was refused for who or what it was opened by, and lead on; nothing where it cannot be kept."""
    found = keep_sent()
    if found is None:
        return None
    who = g.get("signed_in")
    if who is None and _room() not in BY_LINK:
        return redirect(url_for("SignInView.sign_in", next=found.page, kept="1"))
    if is_own(found):
        return redirect(found.page)
    if who and found.user_id != who.user_id:
        flash(OTHER_PERSON, "info")
        return redirect(url_for("HomeView.index"))
    flash(OTHER_ORGANISATION, "info")
    return redirect(url_for("SignInView.organisation"))


def page_to_go_on(user_id: int, organisation_id: int | None) -> str:
    """Return the page of what was last kept for a person in an organisation; empty where nothing is."""
    return next((each.page for each in kept_forms.kept_of(user_id) if each.organisation_id == organisation_id), "")


def link_opened() -> str:
    """Return the page that was opened by a personal link, where this is one; else nothing."""
    return request.path if _room() in BY_LINK else ""


def others_kept() -> list[Kept]:
    """Return what else is kept for who is signed in, newest first: not what is in the form of this page again."""
    who, here = g.get("signed_in"), g.get("kept")
    if who is None or not who.has_kept_forms:
        return []
    return [each for each in kept_forms.kept_of(who.user_id) if here is None or each.id != here.id]


def _find() -> None:
    if request.method != "GET":
        return
    who = g.get("signed_in")
    if who and who.has_kept_forms:
        g.kept = kept_forms.kept_for(who.user_id, who.organisation_id, this_page())
    elif _room() in BY_LINK:
        g.kept = kept_forms.kept_for(None, None, this_page())


def _forget_sent(answer: Response) -> Response:
    """Forget what was kept once it has been sent again: carried out, or refused with everything on the page."""
    found = opened() if request.method == "POST" else None
    carried_out = answer.status_code < 400 or answer.status_code == 422
    if found and found.kept_id and carried_out and is_own(found):
        kept_forms.forget(found.kept_id, found.user_id)
    return answer


def _room() -> str:
    return (request.endpoint or "").split(".")[0]
