"""A form that cannot be saved now is kept, and its sender led to where it can: nothing typed is lost.

It cannot be saved where nobody is signed in any more, where somebody has signed in anew since it was opened (its token
is of another session), or where another person, or another organisation, is in the browser now.
"""

import re
from io import BytesIO
from typing import NamedTuple

from flask import Flask, Response, flash, g, redirect, request, url_for
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.wrappers import Response as Answer

from rules.number import whole_number
from views.access.form_seal import Opened, is_own, opened, this_page
from workflows.access.forms import kept as kept_forms
from workflows.access.forms.kept import Kept, KeptFile

KEPT_FOR_YOU = "What you typed is kept, and will be in the form again."
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
# Never kept, whatever form they stand on: passwords, codes and passkeys, and the form's own token.
NOT_KEPT = re.compile(
    "(.*_)?(password|(security|own|app|recovery)_code)(_again)?|passkey|csrf_token|kept-files|given-up"
)
# Fields of a form whose files are kept: under which id, and the numbers of those that are not to be sent with it.
WITH_FILES, GIVEN_UP = "kept-files", "given-up"


class KeptForFiles(NamedTuple):
    """A form that is kept for its files: its id, where it was sent to, and their fields and names."""

    id: int
    action: str
    files: list[tuple[str, str]]


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
    kept_forms.keep(found.user_id, found.organisation_id, found.page, this_page(), _sent_fields(), _sent_files())
    return found


def keep_refused() -> KeptForFiles | None:
    """Keep the files of a form that was refused, so that they are sent with it again; nothing where none are to keep.

    Not of a form that is nothing but a file: that is what was wrong with it.
    """
    found = opened()
    if found is None or not is_own(found):
        return None
    fields, files = [each for each in _sent_fields() if each[1].strip()], _sent_files()
    if not fields or not files or sum(len(each.content) for each in files) > kept_forms.MOST_BYTES:
        return None
    names = [(each.field, each.name) for each in files]
    kept_id = kept_forms.keep(
        found.user_id, found.organisation_id, found.page, this_page(), fields, files, refused=True
    )
    return KeptForFiles(kept_id, this_page(), names)


def give_files_back() -> None:
    """Put the files that are kept with a form among those that were sent, but for those given up or replaced."""
    kept_id = _kept_id()
    found = None if kept_id is None else opened()
    if found is None or kept_id is None:
        return
    given_up = set(request.form.getlist(GIVEN_UP))
    sent = [(name, each) for name, each in request.files.items(multi=True) if each.filename]
    replaced = {name for name, _ in sent}
    for number, each in enumerate(kept_forms.files_of(kept_id, found.user_id, found.organisation_id)):
        if str(number) not in given_up and each.field not in replaced:
            sent.append((each.field, FileStorage(BytesIO(each.content), each.name, each.field, each.kind)))
    request.files = ImmutableMultiDict(sent)


def _sent_fields() -> list[tuple[str, str]]:
    return [(name, text) for name, text in request.form.items(multi=True) if not NOT_KEPT.fullmatch(name)]


def _sent_files() -> list[KeptFile]:
    found = []
    for name, each in request.files.items(multi=True):
        if each.filename:
            each.stream.seek(0)
            found.append(KeptFile(name, each.filename, each.mimetype, each.stream.read()))
            each.stream.seek(0)
    return found


def _kept_id() -> int | None:
    return whole_number(request.form.get(WITH_FILES, "")) if request.method == "POST" else None


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
    if found and carried_out and is_own(found):
        if found.kept_id:
            kept_forms.forget(found.kept_id, found.user_id)
        if (kept_id := _kept_id()) is not None and answer.status_code < 400:
            kept_forms.forget(kept_id, found.user_id)
    return answer


def _room() -> str:
    return (request.endpoint or "").split(".")[0]
