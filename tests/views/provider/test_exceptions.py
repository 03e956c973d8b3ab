"""A provider sees each held week with its figures, asks about it once, and reads what was decided."""

from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from models import Actual, Conversation, Email, LineItem, Message, Organisation, PortalUser, Team, acting_for, db
from rules.refusal import Refused
from rules.states import ConversationState, Decision
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import clone
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.processes.at_once import at_once
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_30, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.exceptions.ask import ask
from workflows.exceptions.decide import Chosen, decide

TEN = ("4", "1", "1", "1", "1", "1", "1")


@pytest.fixture
def held(line: LineItem) -> Actual:
    """A week of 10.00 hours where 7.00 were planned."""
    actual = week(line, OCT_30, TEN)
    actual.comment = "Fell at night"
    db.session.commit()
    return actual


@pytest.fixture
def officer(world: World) -> PortalUser:
    """An officer of Service Brokerage."""
    return world.officer("Service Brokerage", "carol@council.example")


def conversations() -> list[Conversation]:
    db.session.rollback()
    return list(db.session.scalars(select(Conversation).order_by(Conversation.id)))


def test_a_held_week_is_shown_with_its_figures_and_that_nobody_was_asked(held: Actual, provider: Browser) -> None:
    page = provider.get("/exceptions").text
    assert '<h1 class="govuk-heading-l">Over exception level</h1>' in page
    for words in (
        "A. B.",
        "30 October 2017",
        "7.00",
        "10.00",
        "3.00",
        "1.00 allowed, EL-1",
        "£196.80",
        "Not asked yet",
    ):
        assert words in page, words
    assert f'href="/exceptions/{held.id}/ask"' in page
    assert "Ada Bell" not in page


def test_the_form_comes_filled_in_and_the_question_takes_line_week_figures_and_reason_along(
    held: Actual, line: LineItem, provider: Browser, world: World
) -> None:
    db.session.execute(
        Team.__table__.update().where(Team.name == "Service Brokerage").values(email="team@council.example")
    )
    db.session.commit()
    page = provider.get(f"/exceptions/{held.id}/ask").text
    for words in (
        f"CPLI {line.reference}",
        "30 October 2017",
        "10.00 hours, 7.00 planned",
        "An extra visit was needed",
    ):
        assert words in page, words
    assert "Fell at night</textarea>" in page
    answer = provider.post(f"/exceptions/{held.id}/ask", {"why": "Fell at night, a second carer until Sunday"})
    assert "Service Brokerage has been asked." in answer.text
    (asked,) = conversations()
    assert (asked.actual_id, asked.team.name, asked.state, asked.target_on) == (
        held.id,
        "Service Brokerage",
        ConversationState.WAITING_FOR_COUNCIL,
        date(2017, 11, 22),
    )
    assert asked.subject == f"Over exception level: line {line.reference}, week of 30 October 2017"
    body = asked.messages[0].body
    assert body.startswith("Fell at night, a second carer until Sunday\n\nFigures when asked: line ")
    assert "10.00 hours against 7.00 planned; 1.00 above the plan are allowed, rule EL-1." in body
    assert body.endswith("Reason in the week: An extra visit was needed.")
    assert db.session.scalars(select(Email.recipient)).all() == ["team@council.example"]
    page = provider.get("/exceptions").text
    assert "Waiting for Service Brokerage" in page
    assert "They answer by 22 November 2017." in page


def test_a_question_without_a_sentence_is_refused_at_its_field(held: Actual, provider: Browser) -> None:
    for why, words in (("  ", "Say why more was needed."), ("x" * 7500, "Write at most 7,")):
        answer = provider.post(f"/exceptions/{held.id}/ask", {"why": why})
        assert answer.status_code == 422
        assert 'id="why-error"' in answer.text
        assert words in answer.text
    assert conversations() == []


def test_asking_twice_leads_to_the_conversation_there_is(held: Actual, provider: Browser) -> None:
    provider.post(f"/exceptions/{held.id}/ask", {"why": "She fell."})
    (asked,) = conversations()
    for answer in (
        provider.get(f"/exceptions/{held.id}/ask"),
        provider.post(f"/exceptions/{held.id}/ask", {"why": "Now"}),
    ):
        assert answer.request.path == f"/conversations/{asked.id}"
        assert "has been asked about this week already. They answer by 22 November 2017." in answer.text
    assert db.session.scalar(select(func.count(Message.id))) == 1


def test_two_colleagues_who_ask_at_the_same_moment_open_one_conversation(
    world: World, held: Actual, organisation: Organisation
) -> None:
    user_ids = [world.contact(organisation).user_id for _ in range(2)]

    def deed(user_id: int | None) -> None:
        with acting_for(organisation.id):
            ask(held.id, "She fell.", db.session.get_one(PortalUser, user_id))

    results = at_once(world.app, *(lambda user_id=each: deed(user_id) for each in user_ids))
    assert sum(isinstance(each, Refused) for each in results) == 1
    assert len(conversations()) == 1


def test_a_week_that_is_not_held_is_not_asked_about(line: LineItem, provider: Browser) -> None:
    planned = week(line, OCT_16)
    for answer in (provider.get(f"/exceptions/{planned.id}/ask"), provider.post(f"/exceptions/{planned.id}/ask")):
        assert answer.request.path == "/exceptions"
        assert "This week is not over the exception level" in answer.text
    assert provider.get("/exceptions/999/ask").status_code == 404


def test_a_week_of_another_organisation_is_not_there(world: World, held: Actual, browser: Browser) -> None:
    browser.sign_in(world.contact(world.organisation("Broadland Care CIC")))
    assert browser.get(f"/exceptions/{held.id}/ask").status_code == 404
    assert browser.post(f"/exceptions/{held.id}/ask", {"why": "Mine"}).status_code == 404
    assert "No week is held." in browser.get("/exceptions").text
    assert conversations() == []


def test_an_answer_says_how_many_units_why_and_when(held: Actual, provider: Browser, officer: PortalUser) -> None:
    decide([Chosen(held.id, held.version, "8.5")], Decision.UP_TO, "Eight and a half, until the review", officer)
    page = provider.get("/exceptions").text
    assert "No week is held." in page
    for words in ("Approved up to", "8.50", "£167.28", "Eight and a half, until the review", "Carol Lane",
                  "Ready for your next invoice."):  # fmt: skip
        assert words in page, words
    answer = provider.get(f"/exceptions/{held.id}/ask")
    assert "Service Brokerage has decided about this week." in answer.text


def test_what_was_claimed_anew_after_a_refusal_is_asked_in_the_same_conversation(
    held: Actual, line: LineItem, provider: Browser, organisation: Organisation, officer: PortalUser
) -> None:
    provider.post(f"/exceptions/{held.id}/ask", {"why": "She fell."})
    decide([Chosen(held.id, held.version)], Decision.REFUSED, "Not agreed", officer)
    with acting_for(organisation.id):
        save_week(OCT_30, [Entry(line.id, ("3", *TEN[1:]), "EXTRA")], None, confirm=True)
    assert "Waiting for you" in provider.get("/exceptions").text
    answer = provider.post(f"/exceptions/{held.id}/ask", {"why": "Nine, as the nurse wrote"})
    assert "Service Brokerage has been asked." in answer.text
    (asked,) = conversations()
    assert asked.state is ConversationState.WAITING_FOR_COUNCIL
    assert [message.from_council for message in asked.messages] == [False, True, False]
    assert "9.00 hours against 7.00 planned" in asked.messages[-1].body


def test_a_late_answer_says_so(world: World, held: Actual, provider: Browser) -> None:
    provider.post(f"/exceptions/{held.id}/ask", {"why": "She fell."})
    world.app.config["PORTAL_TODAY"] = str(date(2017, 11, 23))
    assert "Their answer was due 22 November 2017: telephone them if it is urgent." in provider.get("/exceptions").text


def test_it_takes_the_function_actuals(
    world: World, held: Actual, organisation: Organisation, browser: Browser
) -> None:
    browser.sign_in(world.contact(organisation, may_actuals=True))
    assert "Not asked yet" in browser.get("/exceptions").text
    assert "Service Brokerage has been asked." in browser.post(f"/exceptions/{held.id}/ask", {"why": "She fell."}).text
    browser.sign_in(world.contact(organisation, may_payments=True, may_conversations=True))
    assert browser.get("/exceptions").status_code == 403
    assert browser.post(f"/exceptions/{held.id}/ask", {"why": "She fell."}).status_code == 403


def test_the_main_menu_leads_there_and_says_how_many_were_not_asked_about(
    line: LineItem, held: Actual, provider: Browser
) -> None:
    page = provider.get("/").text
    assert "Not asked about yet; everything else can be invoiced" in page
    week(line, NOV_6, TEN)
    provider.post(f"/exceptions/{held.id}/ask", {"why": "She fell."})
    page = provider.get("/").text
    assert "<b>2</b><p>weeks over the exception level</p>" in page
    assert "1 not asked about yet; everything else" in page


def test_fifty_held_weeks_are_asked_for_as_often_as_one(
    world: World, line: LineItem, held: Actual, provider: Browser, officer: PortalUser
) -> None:
    clone(line, 49)
    lines = db.session.scalars(select(LineItem).where(LineItem.reference.like("C%"))).all()
    for each in lines:
        week(each, OCT_30, TEN)
    for each in lines[:20]:
        done = week(each, OCT_16, TEN)
        decide([Chosen(done.id, done.version)], Decision.AS_CLAIMED, "Agreed", officer)
    with Queries() as queries:
        page = provider.get("/exceptions").text
    assert page.count("Not asked yet") == 25
    assert "All 20 answers" in page
    # Session and roles, scope, contact with what waits, settings; weeks, plans and aborted visits, of held and of
    # answered; what was decided about the held before.
    assert len(queries) <= 10, "\n".join(queries)
    assert provider.get("/exceptions?page=2").text.count("Not asked yet") == 25
    assert provider.get("/exceptions?show=answered").text.count("Approved as claimed") == 20


@pytest.mark.parametrize("width", [1280, 375])
def test_a_manager_asks_and_reads_the_answer_with_the_keyboard_alone(
    world: World, held: Actual, organisation: Organisation, officer: PortalUser, live: Live, width: int
) -> None:
    contact = world.contact(organisation)
    page = live.sign_in(contact).page
    page.set_viewport_size({"width": width, "height": 900})

    def look() -> None:
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    live.open("/exceptions")
    look()
    page.get_by_role("link", name="Ask Service Brokerage").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask Service Brokerage")
    look()
    page.get_by_label("Why was more needed?").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("She fell at night")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Service Brokerage has been asked.")).to_be_visible()
    look()
    decide([Chosen(held.id, held.version)], Decision.REFUSED, "Not agreed with us", officer)
    live.open("/conversations")
    look()
    page.get_by_role("link", name="Over exception level: line").click()
    expect(page.get_by_text("Not agreed with us")).to_be_visible()
    look()
    live.open("/exceptions")
    expect(page.get_by_text("Refused", exact=True)).to_be_visible()
    look()
