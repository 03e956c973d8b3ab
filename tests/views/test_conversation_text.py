"""What people write is shown as they wrote it, as text: it runs nothing, turns nothing, and pushes nothing aside."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from models import Conversation, Message, PortalUser, db
from tests.support.pages.live import Live
from tests.support.worlds.world import World
from workflows.conversations.thread import open_conversation, post

SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
MARKUP = "<b>bold</b> &amp; {{ 7 * 7 }} </textarea></li>"
OVERRIDE = "before \u202eexe.fdp after"
HEBREW = "שלום, כמה שעות?"
EMOJI = "\N{GRINNING FACE}" * 7_500
WORD = "x" * 500
TEXTS = (SCRIPT, MARKUP, OVERRIDE, HEBREW, EMOJI, WORD)


@pytest.fixture
def talk(world: World) -> tuple[int, object]:
    organisation = world.organisation()
    contact = world.contact(organisation)
    user = db.session.get_one(PortalUser, contact.user_id)
    opened = open_conversation("Payments", "Our hours", "First.", user, organisation_id=organisation.id)
    for body in TEXTS:
        db.session.flush()
        post(opened, body, user, from_council=False)
    db.session.commit()
    return opened.id, contact


@pytest.mark.parametrize("width", [1280, 375])
def test_every_text_is_shown_letter_by_letter_and_fits(
    world: World, live: Live, talk: tuple[int, object], width: int
) -> None:
    conversation_id, contact = talk
    officer = world.officer("Payments officer")
    db.session.execute(update(Conversation).values(subject=f"{WORD[:100]} \u202e{SCRIPT}"))
    db.session.commit()
    live.page.set_viewport_size({"width": width, "height": 900})
    for who, path in ((contact, "/conversations"), (officer, "/staff/conversations")):
        page = live.sign_out().sign_in(who).open(f"{path}/{conversation_id}")  # type: ignore[arg-type]
        shown = page.locator(".said").all_text_contents()
        assert shown[1:] == list(TEXTS), path
        assert "taken" not in page.title().split(" - ")[-1]
        assert page.evaluate("document.querySelectorAll('.message script, .message img').length") == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        live.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("document.querySelectorAll('main script, main img').length") == 0


def test_an_override_turns_nothing_beside_the_message(live: Live, talk: tuple[int, object]) -> None:
    conversation_id, contact = talk
    page = live.sign_in(contact).open(f"/conversations/{conversation_id}")  # type: ignore[arg-type]
    for said in page.locator(".said").all():
        assert said.evaluate("node => getComputedStyle(node).unicodeBidi") in ("plaintext", "isolate")
    who = page.locator(".message__who").nth(3)
    assert who.evaluate("node => getComputedStyle(node).direction") == "ltr"
    hebrew = page.locator(".said", has_text="שלום")
    assert hebrew.evaluate("node => getComputedStyle(node).textAlign") == "start"


def test_a_browser_counts_what_is_left_as_the_server_does(world: World, live: Live) -> None:
    page = live.sign_in(world.contact(world.organisation())).open("/conversations/start")
    page.get_by_label("Team").select_option("Procurement")
    page.get_by_label("Subject").select_option("Price uplift")
    expect(page.locator("#topic optgroup")).to_have_count(1)
    page.get_by_label("Message").fill("Hello")
    expect(page.get_by_text("7,495 characters left")).to_be_visible()
    page.get_by_label("Message").fill(EMOJI + "x")
    expect(page.get_by_text("1 character too many")).to_be_visible()
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("Write at most 7,500 characters; these are 7,501.").first).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("price uplift")
    page.get_by_label("Message").fill(EMOJI)
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("Your message has been sent.")).to_be_visible()
    assert db.session.query(Message).one().body == EMOJI
