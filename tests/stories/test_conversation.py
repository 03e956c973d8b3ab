"""A week that is held, talked about from both sides in a browser: asked, answered, approved, invoiced, closed."""

import re

import pytest
from playwright.sync_api import Page, expect

from models import Contact, PortalUser
from tests.support.files.attachments import PDF
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World

TEN = ("4", "1", "1", "1", "1", "1", "1")


def the_provider_asks_from_the_held_week(live: Live, contact: Contact) -> Page:
    """From the list of held weeks a question goes to Service Brokerage, with the figures of the week."""
    page = live.sign_in(contact).open("/exceptions")
    page.get_by_role("link", name=re.compile("^Ask Service Brokerage")).click()
    page.get_by_label("Why was more needed?").fill("She came home from hospital on Monday.")
    page.get_by_role("button", name="Ask Service Brokerage").click()
    expect(page.get_by_text("Waiting for the council")).to_be_visible()
    expect(page.get_by_text("10.00 hours against 7.00 planned")).to_be_visible()
    check_accessible(page)
    return page


def brokerage_takes_it_notes_and_asks_back(live: Live, officer: PortalUser) -> Page:
    """An officer finds it in the queue, new and about that line and week, takes it, notes something, and asks back."""
    page = live.sign_out().sign_in(officer).open("/staff/conversations")
    row = page.get_by_role("row", name=re.compile("Over exception level"))
    expect(row).to_contain_text("New")
    expect(row).to_contain_text("CPLI 48210, week of 16 October 2017")
    row.get_by_role("link").click()
    page.locator("summary", has_text="Say who answers it").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("You answer this conversation now.")).to_be_visible()
    page.locator("summary", has_text="Write an internal note").click()
    page.get_by_label("Note", exact=True).fill("The ward confirmed two carers.")
    page.get_by_role("button", name="Keep note").click()
    expect(page.get_by_text("The ward confirmed two carers.")).to_be_visible()
    page.get_by_label("Your reply").fill("Please send us the ward’s letter.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("Please send us the ward’s letter.")).to_be_visible()
    check_accessible(page)
    return page


def the_provider_sends_the_letter(live: Live, contact: Contact) -> None:
    """The answer is counted and new; the letter goes with the reply; of the note there is nothing."""
    page = live.sign_out().sign_in(contact).open("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Conversations 1").click()
    page.get_by_role("link", name=re.compile("Over exception level: line 48210")).click()
    expect(page.get_by_text("Please send us the ward’s letter.")).to_be_visible()
    assert "two carers" not in page.content()
    page.get_by_label("Your reply").fill("Here it is.")
    page.get_by_label("Attach files").set_input_files(
        {"name": "ward letter.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("link", name="ward letter.pdf")).to_be_visible()
    check_accessible(page)


def brokerage_approves_a_part(live: Live, officer: PortalUser) -> None:
    """The letter can be saved, and the decision is led to from the conversation and posted in it."""
    page = live.sign_out().sign_in(officer).open("/staff/conversations?show=mine")
    page.get_by_role("link", name=re.compile("Over exception level: line 48210")).click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="ward letter.pdf").click()
    assert saved.value.path().read_bytes() == PDF
    page.get_by_role("link", name="Decide about this week").click()
    page.get_by_role("checkbox", name=re.compile("line 48210")).check()
    page.get_by_label(re.compile("^Approve .* up to")).fill("9")
    page.get_by_label("Reason").fill("Nine hours are in the ward’s letter.")
    page.get_by_role("button", name="Approve up to").click()
    expect(page.get_by_text("1 week is approved up to the units you entered.")).to_be_visible()


def the_provider_invoices_and_closes(live: Live, contact: Contact) -> None:
    """Nine hours go on the invoice, and the conversation is closed with a reason."""
    page = live.sign_out().sign_in(contact).open("/conversations?show=to-read")
    page.get_by_role("link", name=re.compile("Over exception level: line 48210")).click()
    expect(page.get_by_text("Nine hours are in the ward’s letter.")).to_be_visible()
    conversation = page.url
    live.open("/invoices/create")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("£177.12").first).to_be_visible()
    page.get_by_role("button", name="Submit invoice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("INV-0"))
    page.goto(conversation)
    page.locator("summary", has_text="Close this conversation").click()
    page.get_by_label("Reason").fill("Invoiced with nine hours.")
    page.get_by_role("button", name="Close conversation").click()
    expect(page.get_by_text(re.compile("^Closed .*: Invoiced with nine hours."))).to_be_visible()
    check_accessible(page)
    live.open("/conversations")
    expect(page.get_by_text("You have no open conversations.")).to_be_visible()


@pytest.mark.timeout(240)
def test_a_held_week_is_asked_about_answered_approved_invoiced_and_closed(world: World, live: Live) -> None:
    world.period(0)
    organisation = world.organisation()
    contact, officer = world.contact(organisation), world.officer("Service Brokerage")
    week(world.line(organisation, reference="48210"), OCT_16, TEN)
    the_provider_asks_from_the_held_week(live, contact)
    brokerage_takes_it_notes_and_asks_back(live, officer)
    the_provider_sends_the_letter(live, contact)
    brokerage_approves_a_part(live, officer)
    the_provider_invoices_and_closes(live, contact)
