"""Files of messages on their pages: what is refused loses nothing typed, what is handed out runs nowhere."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from models import Attachment, Conversation, Message, Organisation, PortalUser, Team, db
from tests.support.attachments import BAD, HTML, PDF
from tests.support.browser import Browser
from tests.support.live import Live
from tests.support.world import World
from workflows.conversations.thread import open_conversation

LIST, STAFF = "/conversations", "/staff/conversations"
TYPED = "The third line of page two is ours."


class Page:
    """A provider with a conversation with Payments, in a browser of their own."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.contact = world.contact(self.organisation)
        user = db.session.get_one(PortalUser, self.contact.user_id)
        opened = open_conversation("Payments", "Our letter", "See it.", user, organisation_id=self.organisation.id)
        db.session.commit()
        self.id = opened.id
        self.browser = browser.sign_in(self.contact)

    def send(self, path: str, form: dict[str, str], *files: tuple[str, bytes]) -> Any:
        attached = [(BytesIO(content), name) for name, content in files]
        return self.browser.post(path, {**form, "attachments": attached})

    def reply(self, *files: tuple[str, bytes]) -> Any:
        return self.send(f"{LIST}/{self.id}", {"do": "reply", "message": TYPED}, *files)


@pytest.fixture
def pages(world: World, browser: Browser) -> Page:
    return Page(world, browser)


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[name for name, *_ in BAD])
def test_a_refused_file_says_why_and_loses_no_text(pages: Page, name: str, content: bytes, said: str) -> None:
    answer = pages.reply((name, content))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'id="attachments-error"' in answer.text
    assert f"{TYPED}</textarea>" in answer.text
    assert "Files have to be chosen again. What you wrote is kept." in answer.text
    assert db.session.scalar(select(func.count(Message.id))) == 1


def test_a_conversation_that_is_not_started_keeps_everything_typed(pages: Page) -> None:
    team = db.session.scalars(select(Team.id).where(Team.name == "Payments")).one()
    form = {"team": str(team), "topic": "remittance", "subject": "Page two", "about": "INV-9", "message": TYPED}
    answer = pages.send(f"{LIST}/start", form, ("picture.png", HTML), ("../empty.pdf", b""))
    assert answer.status_code == 422
    for kept in (f'value="{team}" selected', 'value="remittance" selected', 'value="Page two"', f"{TYPED}</textarea>"):
        assert kept in answer.text
    for field in ("about", "attachments"):
        assert f'id="{field}-error"' in answer.text
    assert "“empty.pdf” is empty." in answer.text


def test_a_file_is_handed_out_to_be_saved_and_runs_nowhere(pages: Page) -> None:
    page = pages.reply(("../../letter.exe.pdf", PDF), ("page.txt", HTML)).text
    files = list(db.session.scalars(select(Attachment).order_by(Attachment.id)))
    officer = Browser(pages.world.app).sign_in(pages.world.officer("Auditor"))
    assert f'href="{LIST}/{pages.id}/files/{files[0].id}" download><bdi>letter_exe.pdf</bdi>' in page
    assert f'href="{STAFF}/{pages.id}/files/{files[0].id}"' in officer.get(f"{STAFF}/{pages.id}").text
    for browser, path in ((pages.browser, LIST), (officer, STAFF)):
        for file, name, content in ((files[0], "letter_exe.pdf", PDF), (files[1], "page.txt", HTML)):
            answer = browser.get(f"{path}/{pages.id}/files/{file.id}")
            assert answer.data == content
            assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_file_of_another_organisation_or_conversation_is_not_there(pages: Page) -> None:
    pages.reply(("letter.pdf", PDF))
    file = db.session.scalars(select(Attachment.id)).one()
    other = Page(pages.world, Browser(pages.world.app))
    assert other.browser.get(f"{LIST}/{pages.id}/files/{file}").status_code == 404
    assert other.browser.get(f"{LIST}/{other.id}/files/{file}").status_code == 404
    assert pages.browser.get(f"{LIST}/{pages.id}/files/{file}").status_code == 200


def test_a_browser_says_before_sending_that_a_file_is_too_large(pages: Page, live: Live, tmp_path: Path) -> None:
    large = tmp_path / "scan.pdf"
    with large.open("wb") as file:
        file.truncate(21 * 1_048_576)
    page = live.sign_in(pages.contact).open(f"{LIST}/{pages.id}")
    page.get_by_label("Your reply").fill(TYPED)
    field = page.get_by_label("Attach files")
    field.set_input_files(large)
    expect(page.get_by_role("alert")).to_have_text("scan.pdf has 21.0 MB. A file has at most 10 MB.")
    expect(field).to_have_value("")
    field.set_input_files({"name": "scan.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("link", name="scan.pdf")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="scan.pdf").click()
    assert saved.value.suggested_filename == "scan.pdf"
    assert saved.value.path().read_bytes() == PDF
    assert db.session.scalar(select(func.count(Conversation.id))) == 1
