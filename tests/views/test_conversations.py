"""Both sides of a conversation on their pages, and who may open them."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models import Conversation, Organisation, PortalUser, Team, db
from rules.states import ConversationState, Decision
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16, OCT_30, week
from tests.support.worlds.world import World
from workflows.conversations.thread import open_conversation
from workflows.conversations.write import Writer, reply
from workflows.exceptions.decide import Chosen, decide

LIST, STAFF = "/conversations", "/staff/conversations"
TEN = ("4", "1", "1", "1", "1", "1", "1")


class Sides:
    """A provider with a conversation with Payments, in a browser of their own."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.organisation: Organisation = world.organisation()
        self.contact = world.contact(self.organisation)
        self.user = db.session.get_one(PortalUser, self.contact.user_id)
        self.officer: PortalUser = world.officer("Payments officer", "nadia@council.example")
        self.id = self.open("Where is our payment?").id
        browser.sign_in(self.contact)

    def open(self, subject: str, team: str = "Payments") -> Conversation:
        opened = open_conversation(team, subject, "Nothing came.", self.user, organisation_id=self.organisation.id)
        db.session.commit()
        return opened

    def answer(self, text: str = "On Friday.") -> None:
        reply(self.id, text, Writer(self.officer, from_council=True, teams=("Payments",)))


@pytest.fixture
def sides(world: World, browser: Browser) -> Sides:
    return Sides(world, browser)


def state(conversation_id: int) -> ConversationState:
    db.session.rollback()
    found: ConversationState = db.session.scalars(
        select(Conversation.state).where(Conversation.id == conversation_id)
    ).one()
    return found


def test_a_provider_starts_a_conversation_with_a_team(sides: Sides) -> None:
    team = db.session.scalars(select(Team).where(Team.name == "Billing")).one()
    form = {"team": str(team.id), "subject": "VAT", "about": "", "message": "Which code?\r\nStandard or exempt?"}
    page = sides.browser.post(f"{LIST}/start", form).text
    assert '<h1 class="govuk-heading-l"><bdi>VAT</bdi></h1>' in page
    assert "With Billing, who answer by 22 November 2017." in page
    assert "Which code?\nStandard or exempt?" in page
    answer = sides.browser.post(f"{LIST}/start", form | {"subject": "", "message": ""})
    assert answer.status_code == 422
    assert 'id="topic-error"' in answer.text
    assert 'id="message-error"' in answer.text
    assert f'<option value="{team.id}" selected>Billing' in answer.text


def test_who_has_only_conversations_is_sent_to_no_page_they_cannot_open(sides: Sides) -> None:
    assert 'href="/exceptions"' in sides.browser.get(f"{LIST}/start").text
    sides.browser.sign_in(sides.world.contact(sides.organisation, may_conversations=True))
    for path in ("/", LIST, f"{LIST}/start", f"{LIST}/{sides.id}"):
        assert 'href="/exceptions"' not in sides.browser.get(path).text, path


def test_the_list_says_whose_turn_it_is_and_what_is_new(sides: Sides) -> None:
    page = sides.browser.get(LIST).text
    assert "Waiting for the council" in page
    assert "Answer by 22 November 2017" in page
    sides.answer()
    page = sides.browser.get(LIST).text
    assert "Waiting for you" in page
    assert '<span class="tag warn">New</span>' in page
    assert 'Conversations <span class="count">1</span>' in page
    assert "<b>1</b><p>answer to read</p>" in sides.browser.get("/").text
    page = sides.browser.get(f"{LIST}/{sides.id}").text
    assert "On Friday." in page
    assert '<span class="tag warn">New</span>' in page
    assert '<span class="tag warn">New</span>' not in sides.browser.get(LIST).text


def test_a_provider_replies_closes_and_reopens(sides: Sides) -> None:
    sides.answer()
    path = f"{LIST}/{sides.id}"
    assert "Your message has been sent." in sides.browser.post(path, {"do": "reply", "message": "Thank you"}).text
    assert state(sides.id) is ConversationState.WAITING_FOR_COUNCIL
    refused = sides.browser.post(path, {"do": "close", "reason": "It came", "seen": "1"})
    assert refused.status_code == 422
    assert "You wrote while you had this page open" in refused.text
    assert "It came</textarea>" in refused.text
    page = sides.browser.post(path, {"do": "close", "reason": "It came", "seen": "3"}).text
    assert "The conversation is closed." in page
    assert "It came" in sides.browser.get(f"{LIST}?show=closed").text
    assert "You have no open conversations." in sides.browser.get(LIST).text
    assert sides.browser.post(path, {"do": "reply", "message": "It did not"}).status_code == 200
    assert state(sides.id) is ConversationState.WAITING_FOR_COUNCIL


def test_the_function_actuals_opens_only_conversations_about_weeks(sides: Sides) -> None:
    actual = week(sides.world.line(sides.organisation), OCT_16)
    about = open_conversation("Service Brokerage", "This week", "Why?", sides.user, actual=actual)
    db.session.commit()
    sides.browser.sign_in(sides.world.contact(sides.organisation, may_actuals=True))
    page = sides.browser.get(LIST).text
    assert "This week" in page
    assert "Where is our payment?" not in page
    assert "Start a conversation" not in page
    assert sides.browser.get(f"{LIST}/{about.id}").status_code == 200
    assert sides.browser.get(f"{LIST}/{sides.id}").status_code == 404
    assert sides.browser.post(f"{LIST}/{sides.id}", {"message": "Hello"}).status_code == 404
    assert sides.browser.get(f"{LIST}/start").status_code == 403
    sides.browser.sign_in(sides.world.contact(sides.organisation, may_payments=True))
    assert sides.browser.get(LIST).status_code == 403


def test_another_organisations_conversation_is_not_there(sides: Sides) -> None:
    sides.browser.sign_in(sides.world.contact(sides.world.organisation("Broadland Care CIC")))
    assert sides.browser.get(f"{LIST}/{sides.id}").status_code == 404
    assert sides.browser.post(f"{LIST}/{sides.id}", {"message": "Mine"}).status_code == 404
    assert "Where is our payment?" not in sides.browser.get(LIST).text


def test_what_was_written_is_text_and_never_markup(sides: Sides) -> None:
    sides.answer("<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in sides.browser.get(f"{LIST}/{sides.id}").text


@pytest.mark.parametrize(
    ("role", "reads", "answers"),
    [
        ("Payments officer", 200, 200),
        ("Administrator", 200, 200),
        ("Service Brokerage", 200, 422),
        ("Procurement", 200, 422),
        ("Auditor", 200, 403),
        ("Payments approver", 200, 403),
    ],
)
def test_the_team_of_a_conversation_answers_it_and_others_read(
    sides: Sides, role: str, reads: int, answers: int
) -> None:
    browser = sides.browser.sign_in(sides.world.officer(role))
    page = browser.get(f"{STAFF}/{sides.id}")
    assert page.status_code == reads
    assert "Nothing came." in page.text
    assert ("Send reply" in page.text) == (answers == 200)
    assert "Where is our payment?" in browser.get(STAFF).text
    assert browser.post(f"{STAFF}/{sides.id}", {"do": "reply", "message": "On Friday."}).status_code == answers
    answered = state(sides.id) is ConversationState.WAITING_FOR_PROVIDER
    assert answered == (answers == 200)


def test_an_officer_closes_with_a_reason_the_provider_reads(sides: Sides) -> None:
    browser = sides.browser.sign_in(sides.officer)
    seen = {"seen": "1", "do": "close"}
    assert 'id="reason-error"' in browser.post(f"{STAFF}/{sides.id}", seen).text
    assert "The conversation is closed." in browser.post(f"{STAFF}/{sides.id}", seen | {"reason": "Paid today"}).text
    page = browser.get(f"{STAFF}?show=closed").text
    assert "Where is our payment?" in page
    provider = Browser(sides.world.app).sign_in(sides.contact)
    assert "<b>1</b><p>answer to read</p>" in provider.get("/").text
    assert "Paid today" in provider.get(f"{LIST}/{sides.id}").text
    assert "answer to read" not in provider.get("/").text


def test_today_leads_to_what_waits_and_says_what_is_overdue(sides: Sides) -> None:
    sides.world.app.config["PORTAL_TODAY"] = "2017-11-23"
    page = sides.browser.sign_in(sides.officer).get("/").text
    assert '<b>1</b><p>conversation waiting for us</p><p class="when">1 overdue</p>' in page
    assert f'href="{STAFF}?show=own"' in page
    assert '<span class="tag bad">Overdue</span> The answer was due 22 November 2017' in sides.browser.get(STAFF).text


def test_an_officer_counts_what_waits_for_their_own_teams(sides: Sides) -> None:
    sides.open("For brokerage", "Service Brokerage")
    for role, count in (
        ("Payments officer", "1"),
        ("Service Brokerage", "1"),
        ("Auditor", "2"),
        ("Administrator", "2"),
    ):
        page = sides.browser.sign_in(sides.world.officer(role)).get("/").text
        # An auditor answers nobody: the badge is for those who can.
        assert (f'Conversations <span class="count">{count}</span>' in page) is (role != "Auditor"), role
        assert f"<b>{count}</b><p>conversation" in page, role
    assert "conversation waiting" not in sides.browser.sign_in(sides.world.officer("Procurement")).get("/").text


def test_a_decision_that_was_read_waits_for_nobody(sides: Sides) -> None:
    actual = week(sides.world.line(sides.organisation), OCT_30, TEN)
    about = open_conversation("Service Brokerage", "Held", "Why?", sides.user, actual=actual)
    db.session.commit()
    officer = sides.world.officer("Service Brokerage")
    decide([Chosen(actual.id, actual.version)], Decision.REFUSED, "Not agreed", officer)
    assert "<b>1</b><p>answer to read</p>" in sides.browser.get("/").text
    assert "Not agreed" in sides.browser.get(f"{LIST}/{about.id}").text
    assert "answer to read" not in sides.browser.get("/").text
    page = sides.browser.get(LIST).text
    assert '<span class="tag ok">Answered</span>' in page
    assert "Waiting for you" not in page


def test_brokerage_is_led_from_a_conversation_to_the_decision(sides: Sides) -> None:
    line = sides.world.line(sides.organisation, reference="48213")
    about = open_conversation("Service Brokerage", "Held", "Why?", sides.user, actual=week(line, OCT_30, TEN))
    db.session.commit()
    browser = sides.browser.sign_in(sides.world.officer("Service Brokerage"))
    assert 'href="/staff/exceptions?q=48213"' in browser.get(f"{STAFF}/{about.id}").text
    assert f'href="{STAFF}/{about.id}"' in browser.get("/staff/exceptions").text


@pytest.mark.parametrize("path", [LIST, STAFF])
def test_thirty_conversations_are_asked_for_as_often_as_one(sides: Sides, path: str) -> None:
    for number in range(30):
        sides.open(f"Question {number}")
    if path == STAFF:
        sides.browser.sign_in(sides.officer)
    sides.browser.get(path)
    with Queries() as queries:
        page = sides.browser.get(path).text
    assert page.count("Question ") == 25 - (path == STAFF)
    assert len(queries) <= 8, "\n".join(queries)
    sides.browser.get(f"{path}/{sides.id}")  # the first look is kept
    with Queries() as queries:
        sides.browser.get(f"{path}/{sides.id}")
    assert len(queries) <= 8, "\n".join(queries)


@pytest.mark.parametrize("width", [1280, 375])
def test_both_sides_talk_with_the_keyboard_alone(sides: Sides, live: Live, width: int) -> None:
    page = live.sign_in(sides.contact).page
    page.set_viewport_size({"width": width, "height": 900})

    def look() -> None:
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    live.open(LIST)
    look()
    page.get_by_role("button", name="Start a conversation").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Start a conversation")
    look()
    page.get_by_label("Team").select_option("Procurement")
    page.get_by_label("Subject").select_option("Price uplift")
    page.get_by_label("In your own words").focus()
    page.keyboard.type("Our contract")
    page.get_by_label("Message").focus()
    page.keyboard.type("When does it end?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your message has been sent.")).to_be_visible()
    look()
    live.sign_out().sign_in(sides.world.officer("Procurement"))
    live.open(STAFF)
    look()
    page.get_by_role("link", name="Our contract").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Your reply").focus()
    page.keyboard.type("In March.")
    look()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("In March.")).to_be_visible()
    look()
