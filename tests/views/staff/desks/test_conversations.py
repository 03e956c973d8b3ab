"""What officers do with a conversation on its page: take it, give it, note, move it; and how fast teams answer."""

import pytest
from sqlalchemy import select, update

from models import Conversation, Organisation, PortalUser, Team, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from workflows.conversations.thread import open_conversation

STAFF = "/staff/conversations"


class Desk:
    """A provider's conversation with Payments, and an officer of Payments in a browser."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.contact = world.contact(self.organisation)
        user = db.session.get_one(PortalUser, self.contact.user_id)
        opened = open_conversation("Payments", "Our letter", "See it.", user, organisation_id=self.organisation.id)
        db.session.commit()
        self.id = opened.id
        self.officer = world.officer("Payments officer", "nadia@council.example")
        self.browser = browser.sign_in(self.officer)

    def do(self, what: str, **form: str) -> str:
        return str(self.browser.post(f"{STAFF}/{self.id}", {"do": what} | form).text)


@pytest.fixture
def desk(world: World, browser: Browser) -> Desk:
    return Desk(world, browser)


def team_id(name: str) -> str:
    return str(db.session.scalars(select(Team.id).where(Team.name == name)).one())


def test_it_is_taken_given_and_listed_as_mine(desk: Desk) -> None:
    owen = desk.world.officer("Payments officer", "owen@council.example")
    assert "Our letter" not in desk.browser.get(f"{STAFF}?show=mine").text
    assert "You answer this conversation now." in desk.do("take")
    assert "Our letter" in desk.browser.get(f"{STAFF}?show=mine").text
    assert "Owen Lane answers this conversation now." in desk.do("give", officer=str(owen.id))
    assert "Nobody in particular answers it now." in desk.do("give", officer="")
    assert 'id="officer-error"' in desk.do("give", officer="999")


def test_a_note_stands_on_the_page_of_officers_alone(desk: Desk) -> None:
    assert "The ward rang." in desk.do("note", note="The ward rang.")
    assert "Providers never see these." in desk.browser.get(f"{STAFF}/{desk.id}").text
    provider = Browser(desk.world.app).sign_in(desk.contact)
    assert "The ward rang." not in provider.get(f"/conversations/{desk.id}").text
    page = desk.do("note", note="x" * 7501)
    assert f"{'x' * 7501}</textarea>" in page
    assert "these are 7,501" in page


def test_it_moves_and_the_provider_sees_where_it_went(desk: Desk) -> None:
    page = desk.do("move", team=team_id("Procurement"), move_note="It is about the contract.")
    assert "The conversation is with Procurement now." in page
    assert "Procurement answers this conversation." in page
    provider = Browser(desk.world.app).sign_in(desk.contact)
    shown = provider.get(f"/conversations/{desk.id}").text
    assert "Moved from Payments to Procurement." in shown
    assert "about the contract" not in shown


def test_what_is_wrong_with_a_move_keeps_what_was_typed(desk: Desk) -> None:
    page = desk.do("move", team="", move_note="It is about the contract.")
    assert 'id="team-error"' in page
    assert "It is about the contract.</textarea>" in page
    assert 'govuk-details" open' in page


def test_the_second_officer_reads_the_first_answer_and_keeps_their_own(desk: Desk) -> None:
    other = Browser(desk.world.app).sign_in(desk.world.officer("Payments officer", "owen@council.example"))
    seen = {"do": "reply", "seen": "1"}
    desk.do("reply", seen="1", message="On Friday.")
    refused = other.post(f"{STAFF}/{desk.id}", seen | {"message": "On Monday."})
    assert refused.status_code == 422
    assert "Nadia Lane wrote while you had this page open." in refused.text
    assert "On Friday." in refused.text
    assert "On Monday.</textarea>" in refused.text
    assert 'name="seen" value="2"' in refused.text
    assert other.post(f"{STAFF}/{desk.id}", seen | {"message": "On Monday.", "seen": "2"}).status_code == 200


@pytest.mark.parametrize("what", ["take", "give", "note", "move"])
def test_who_does_not_answer_for_its_team_does_none_of_it(desk: Desk, what: str) -> None:
    form = {"do": what, "note": "x", "move_note": "x", "team": team_id("Billing")}
    for role, status in (("Service Brokerage", 422), ("Auditor", 403), ("Payments approver", 403)):
        browser = Browser(desk.world.app).sign_in(desk.world.officer(role))
        assert browser.post(f"{STAFF}/{desk.id}", form).status_code == status, role
    provider = Browser(desk.world.app).sign_in(desk.contact)
    assert provider.post(f"{STAFF}/{desk.id}", form).status_code in (403, 404)


def test_the_page_says_in_words_what_is_overdue(desk: Desk) -> None:
    desk.world.app.config["PORTAL_TODAY"] = "2017-12-20"
    for path, who in ((STAFF, desk.officer), ("/conversations", desk.contact)):
        page = Browser(desk.world.app).sign_in(who).get(f"{path}/{desk.id}").text
        assert "Overdue</span> The answer was due 22 November 2017" in page, path
        assert "It should have been settled by 4 December 2017" in page, path


def test_how_fast_teams_answer_is_shown_and_handed_out(desk: Desk) -> None:
    db.session.execute(update(Conversation).values(opened_at="2017-11-20T10:00:00Z"))
    db.session.commit()
    desk.world.app.config["PORTAL_TODAY"] = "2017-11-23"
    page = desk.browser.get(f"{STAFF}/figures?team=Payments").text
    assert "Payments: answered in time, per cent" in page
    assert "November 2017" in page
    assert "<small>1 late</small>" in page
    assert "November 2017" not in desk.browser.get(f"{STAFF}/figures?team=Billing").text
    assert desk.browser.get(f"{STAFF}/figures?team=Nobody").status_code == 200
    file = desk.browser.get(f"{STAFF}/figures.csv")
    assert file.headers["Content-Disposition"] == "attachment; filename=conversations.csv"
    assert file.text.removeprefix("\ufeff").splitlines() == [
        "Team,Month,Opened,Answered in time,Answered late,Settled in time,Settled late",
        "Payments,2017-11,1,0,1,0,0",
    ]
