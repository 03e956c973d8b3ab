"""A file is not chosen twice: it is kept with its form, named on the page, and sent again or removed."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import Attachment, Contact, KeptForm, Upload, db
from tests.support.pages.browser import Browser
from tests.support.pages.typed import idle_out, opened, sign_in_by_form, token_on
from tests.support.worlds.people import DIGITS, PASSWORD, regular
from tests.support.worlds.world import World
from workflows.access.forms import kept as kept_forms
from workflows.access.forms.kept import KeptFile

EMAIL = "manager@fenland.example"
PAGE = "/conversations/start"
TYPED = {"team": "1", "topic": "other", "subject": "Hours", "about": "", "message": "Six hours"}
NAMED = "<b>rota.pdf</b> is kept, and is sent with the form."
PDF = b"%PDF-1.4 rota"


@pytest.fixture
def person(world: World) -> Contact:
    return regular(world, email=EMAIL)


@pytest.fixture
def browser(guarded: Flask) -> Browser:
    return Browser(guarded)


def chosen(name: str = "rota.pdf") -> dict[str, Any]:
    return {"attachments": (io.BytesIO(PDF), name)}


def again(page: TestResponse, **more: Any) -> dict[str, Any]:
    """What the form of a page sends whose file was kept."""
    (kept_id,) = re.findall(r'name="kept-files" value="(\d+)"', page.text)
    return {"csrf_token": token_on(page), **TYPED, "kept-files": kept_id, **more}


def attached() -> list[tuple[str, bytes]]:
    return [(each.filename, each.content) for each in db.session.scalars(select(Attachment))]


def test_after_signing_in_again_the_file_is_still_with_the_form(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    idle_out()
    page = browser.post(PAGE, {**form, **chosen()})
    page = sign_in_by_form(browser, page, EMAIL, PASSWORD, DIGITS)
    assert NAMED in page.text
    assert '<label class="govuk-label govuk-checkboxes__label" for="given-up-0">Remove rota.pdf</label>' in page.text
    assert browser.post(PAGE, again(page)).request.path.startswith("/conversations/")
    assert attached() == [("rota.pdf", PDF)]
    assert db.session.scalars(select(KeptForm)).all() == []


def test_a_refused_form_keeps_the_file_that_came_with_it(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, {**TYPED, "message": ""})
    page = browser.post(PAGE, {**form, **chosen()})
    assert (page.status_code, NAMED in page.text) == (422, True)
    assert "Not saved yet" not in browser.get("/contacts").text, "it is on its page, and kept for its file alone"
    page = browser.post(PAGE, again(page, message=""))
    assert (page.status_code, NAMED in page.text) == (422, True)
    browser.post(PAGE, again(page))
    assert attached() == [("rota.pdf", PDF)]


def test_a_kept_file_is_removed_or_replaced(person: Contact, browser: Browser) -> None:
    for more, expected in (({"given-up": "0"}, []), (chosen("new.pdf"), [("new.pdf", PDF)])):
        form = opened(browser.sign_in(person), PAGE, {**TYPED, "message": ""})
        page = browser.post(PAGE, {**form, **chosen()})
        browser.post(PAGE, again(page, **more))
        assert attached() == expected


def test_a_kept_file_is_for_its_sender_alone(person: Contact, world: World, browser: Browser) -> None:
    file = KeptFile("attachments", "rota.pdf", "application/pdf", PDF)
    kept_id = kept_forms.keep(person.user_id, person.organisation_id, PAGE, PAGE, [("message", "x")], [file])
    assert kept_forms.files_of(kept_id, person.user_id, person.organisation_id) == [file]
    assert PDF not in (db.session.scalar(select(KeptForm.files)) or b"")
    other = world.contact(world.organisation("Broadland Care Ltd"))
    form = opened(browser.sign_in(other), PAGE, TYPED)
    browser.post(PAGE, {**form, "kept-files": str(kept_id)})
    assert attached() == []


def test_only_the_newest_forms_keep_their_files_and_none_that_is_too_big(
    person: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(name: str, content: bytes = PDF) -> int:
        file = KeptFile("file", name, "application/pdf", content)
        return kept_forms.keep(person.user_id, person.organisation_id, PAGE, PAGE, [("message", name)], [file])

    ids = [kept(name) for name in ("a", "b", "c")]
    found = [bool(kept_forms.files_of(each, person.user_id, person.organisation_id)) for each in ids]
    assert found == [False, True, True]
    monkeypatch.setattr(kept_forms, "MOST_BYTES", 10)
    assert kept_forms.files_of(kept("d"), person.user_id, person.organisation_id) == []


def test_a_file_of_actuals_is_still_chosen_after_signing_in_again(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), "/actuals/upload", {})
    idle_out()
    page = browser.post("/actuals/upload", {**form, "file": (io.BytesIO(b"CPLI,Service date"), "rota.csv")})
    page = sign_in_by_form(browser, page, EMAIL, PASSWORD, DIGITS)
    assert "<b>rota.csv</b> is kept" in page.text
    (kept_id,) = re.findall(r'name="kept-files" value="(\d+)"', page.text)
    browser.post("/actuals/upload", {"csrf_token": token_on(page), "kept-files": kept_id})
    assert db.session.scalars(select(Upload.filename)).all() == ["rota.csv"]
