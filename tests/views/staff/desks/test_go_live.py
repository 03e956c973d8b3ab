"""The go-live workbench: a sector as a sum, what each provider lacks, and pages that say whom a button reaches."""

import html
import io
import re
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import Contact, Email, Invitation, Organisation, PortalUser, ProposedContact, db
from rules.agreement_states import InvitationState
from rules.states import OrganisationState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live, follow
from tests.support.processes.queue import work_off
from tests.support.queries import Queries
from tests.support.worlds.go_live import form, named, opens_on, person, provider
from tests.support.worlds.world import World
from workflows.clock import now

PATH = "/staff/go-live"


@pytest.fixture
def officer(world: World) -> PortalUser:
    return world.officer("Procurement")


@pytest.fixture
def desk(browser: Browser, officer: PortalUser) -> Browser:
    return browser.sign_in(officer)


def every_stage(world: World) -> dict[str, Organisation]:
    """One residential provider at every stage."""
    names = ("Alder Grange", "Beech Court", "Cley House", "Dunes", "Ferry Lane", "Gable End", "Hurn House")
    found = {name: provider(world, name) for name in names}
    found["Elm Tree"] = provider(world, "Elm Tree", switched_on=False)
    form(found["Alder Grange"])
    named(found["Beech Court"])
    form(found["Cley House"], opened_at=now())
    person(found["Dunes"], may_payments=True)
    person(found["Elm Tree"], "Gina Pask")
    person(found["Ferry Lane"], "Mark Ong", may_documents=True)
    form(found["Gable End"], came_back=True)
    person(found["Hurn House"])
    return found


def words_of(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def rows_of(page: str) -> list[str]:
    """The providers in the table of those that lack something."""
    return re.findall(r'aria-label="Choose ([^"]+)"', page.partition("<tbody")[2])


def test_a_sector_is_a_sum_of_what_its_providers_lack(world: World, desk: Browser) -> None:
    every_stage(world)
    words = words_of(desk.get(PATH).text)
    assert "Residential: 11 January 2018 In 52 days. 8 providers" in words
    assert "8 providers = 1 ready + 5 lack a contact + 1 to switch on + 1 for you to confirm" in words
    assert "What the other 7 lack 1 the payments contact, 1 the ISOs contact, 3 both" in words
    assert "1 of 1 sector has" in words or "1 of 6 sectors have a roll-out date" in words


def test_what_each_lacks_stands_beside_its_form_and_contacts(world: World, desk: Browser) -> None:
    every_stage(world)
    words = words_of(desk.get(PATH).text)
    for row in (
        "Alder Grange 1 service Both contacts Sent 13 Nov – – Yes",
        "Beech Court 1 service Your confirmation Answered",
        "Paula Hurn, to confirm Paula Hurn, to confirm Yes",
        "Cley House 1 service Both contacts Opened, not sent – – Yes",
        "Dunes 1 service ISOs contact Not sent Tom Lusher – Yes",
        "Elm Tree 1 service To be switched on Not sent Gina Pask Gina Pask No",
        "Ferry Lane 1 service Payments contact Not sent – Mark Ong Yes",
        "Gable End 1 service A working e-mail address E-mail came back – – Yes",
    ):
        assert row in words, row
    assert "Hurn House" not in words


def test_sectors_are_tabs_in_the_order_of_their_dates(world: World, desk: Browser) -> None:
    world.organisation()  # home support is live
    every_stage(world)
    opens_on("Nursing", date(2017, 12, 11))
    page = desk.get(PATH).text
    tabs = re.findall(r'<li><a href="[^"]*"[^>]*>([^<]+) <small>([^<]+)</small>', page)
    assert tabs[:3] == [
        ("Home support", "live, 1 provider"), ("Nursing", "0 of 0 ready"), ("Residential", "1 of 8 ready"),
    ]  # fmt: skip
    assert "Nursing: 11 December 2017" in words_of(page)


def test_who_left_or_is_suspended_is_not_counted(world: World, desk: Browser) -> None:
    found = every_stage(world)
    found["Alder Grange"].state, found["Dunes"].state = OrganisationState.ENDED, OrganisationState.SUSPENDED
    db.session.commit()
    assert "6 providers = 1 ready + 3 lack a contact" in words_of(desk.get(PATH).text)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("lacks=payments contact", ["Alder Grange", "Cley House", "Ferry Lane", "Gable End"]),
        ("lacks=ISOs contact", ["Alder Grange", "Cley House", "Dunes", "Gable End"]),
        ("lacks=to be switched on", ["Elm Tree"]),
        ("lacks=your confirmation", ["Beech Court"]),
        ("lacks=a working e-mail address", ["Gable End"]),
        ("provider=EL", ["Elm Tree"]),
        ("lacks=payments contact&provider=lane", ["Ferry Lane"]),
        ("provider=nobody", []),
    ],
)
def test_the_list_is_filtered_by_what_is_lacking_and_by_name(
    world: World, desk: Browser, asked: str, shown: list[str]
) -> None:
    every_stage(world)
    page = desk.get(f"{PATH}?{asked}").text
    assert rows_of(page) == shown
    if chosen := re.search(r"<option value=\"[^\"]+\" selected>.*?\((\d+)\)", page):
        assert "provider" in asked or int(chosen[1]) == len(shown)


def test_a_reminder_reaches_whom_its_check_page_names(world: World, desk: Browser) -> None:
    found = every_stage(world)
    chosen = {"rowid": [found[name].id for name in ("Alder Grange", "Beech Court", "Dunes")]}
    page = desk.post(f"{PATH}/check", chosen | {"deed": "remind"}).text
    words = words_of(page)
    assert "2 providers get an e-mail" in words
    assert "Alder Grange office@alder.example A reminder Dunes office@dunes.example The form for the first" in words
    assert "Beech Court has named its contacts: they wait for your confirmation" in words
    before = len(db.session.scalars(select(Email)).all())
    assert "2 e-mails on the way." in desk.post(f"{PATH}/remind", chosen).text
    assert len(db.session.scalars(select(Email)).all()) == before + 2
    assert "0 e-mails on the way." in desk.post(f"{PATH}/remind", chosen).text


def test_people_who_were_named_are_confirmed_on_a_page_that_shows_them(world: World, desk: Browser) -> None:
    proposed = named(provider(world, "Beech Court"))
    page = desk.post(f"{PATH}/check", {"rowid": [proposed.organisation_id], "deed": "confirm"}).text
    for words in ("Paula Hurn", "Beech Court", "Payments and ISOs", proposed.email, "01603 495702"):
        assert words in page
    answer = desk.post(f"{PATH}/confirm", {f"decision-{proposed.id}": "confirmed"})
    assert "1 contact confirmed, 0 left out." in answer.text
    assert db.session.scalars(select(Contact.name)).all() == ["Paula Hurn"]
    again = desk.post(f"{PATH}/confirm", {f"decision-{proposed.id}": "left out"})
    assert again.status_code == 422
    assert "Somebody else decided about these people meanwhile." in again.text


def test_the_badge_leads_to_everybody_who_waits_to_be_confirmed(world: World, desk: Browser) -> None:
    named(provider(world, "Beech Court"))
    named(provider(world, "Cley House"), "Ian Mace")
    page = desk.get("/").text
    assert f'href="{PATH}/confirm">Go-live <span class="count">2</span>' in page
    assert "<b>2</b><p>people named as contacts to confirm</p>" in page
    waiting = desk.get(f"{PATH}/confirm").text
    assert "Paula Hurn" in waiting
    assert "Ian Mace" in waiting


def test_switching_on_says_what_else_is_lacking(world: World, desk: Browser) -> None:
    found = every_stage(world)
    bare = provider(world, "Bare House", switched_on=False)
    chosen = {"rowid": [found["Elm Tree"].id, found["Dunes"].id, bare.id]}
    words = words_of(desk.post(f"{PATH}/check", chosen | {"deed": "switch-on"}).text)
    assert "2 providers are switched on" in words
    assert "Bare House Both contacts Elm Tree –" in words
    assert "2 providers switched on." in desk.post(f"{PATH}/switch-on", chosen).text
    db.session.refresh(bare)
    assert bare.state is OrganisationState.LIVE
    assert "0 providers switched on." in desk.post(f"{PATH}/switch-on", chosen).text


def test_nothing_chosen_is_said_and_nothing_done(world: World, desk: Browser) -> None:
    every_stage(world)
    answer = desk.post(f"{PATH}/check", {"deed": "remind"})
    assert answer.status_code == 422
    assert "Choose at least one provider." in answer.text
    assert desk.post(f"{PATH}/check", {"deed": "explode", "rowid": "1"}).status_code == 404


def test_the_list_can_be_filtered_from_a_page_that_refused_something(world: World, desk: Browser) -> None:
    every_stage(world)
    refused = desk.post(f"{PATH}/check", {"deed": "remind"}).text
    address = re.search(r'<form class="strip" method="get" action="([^"]*)"', refused)
    assert address
    assert desk.get(address[1], query_string={"lacks": "", "provider": ""}).status_code == 200


def test_a_sector_is_invited_after_a_page_that_says_whom_and_can_be_stopped(world: World, desk: Browser) -> None:
    found = every_stage(world)
    sector_id = found["Dunes"].sector_id
    page = desk.get(f"{PATH}/invite/{sector_id}").text
    assert "1 contact of 1 provider gets an e-mail" in words_of(page)
    assert "until seven days after 11 January 2018, the roll-out date" in page
    answer = desk.post(f"{PATH}/invite/{sector_id}").text
    assert "1 invitation on the way." in answer
    wave_id = db.session.scalars(select(Invitation.wave_id)).one()
    assert "0 of 1 invitations sent" in answer
    assert "being sent already" in desk.post(f"{PATH}/invite/{sector_id}").text
    assert desk.get(f"{PATH}/progress/{wave_id}").json == {"state": "sending", "done": 0, "total": 1, "busy": True}
    assert "Stopped. 1 contact not invited" in desk.post(f"{PATH}/stop/{wave_id}").text
    assert "1 invitation on the way." in desk.post(f"{PATH}/invite/{sector_id}").text
    work_off(world.app)
    assert set(db.session.scalars(select(Invitation.state))) == {InvitationState.STOPPED, InvitationState.SENT}
    assert "1 contact was invited on" in words_of(desk.get(f"{PATH}?sector={sector_id}").text)


def test_a_sector_without_a_date_asks_for_one(world: World, desk: Browser) -> None:
    provider(world, "Alder Grange")
    sector = opens_on("Residential", None)
    page = desk.get(f"{PATH}?sector={sector.id}").text
    assert "no roll-out date yet" in page
    assert 'href="/admin/roll-out/add">Set the date' in page
    opens_on("Residential", date(2018, 1, 11))
    assert "Change the date" in desk.get(f"{PATH}?sector={sector.id}").text


@pytest.mark.parametrize(
    ("role", "may"), [("Administrator", 200), ("Procurement", 200), ("Auditor", 403), ("Payments officer", 403)]
)
def test_procurement_and_administrators_change_auditors_read(
    world: World, browser: Browser, role: str, may: int
) -> None:
    found = every_stage(world)
    browser.sign_in(world.officer(role))
    page = browser.get(PATH)
    assert page.status_code == (403 if role == "Payments officer" else 200)
    assert ("Send a reminder" in page.text) is (may == 200)
    sector_id = found["Dunes"].sector_id
    for path in ("remind", "confirm", "switch-on", f"invite/{sector_id}"):
        assert browser.post(f"{PATH}/{path}").status_code in (may, 422 if may == 200 else may), path
    assert browser.post(f"{PATH}/stop/999").status_code == (404 if may == 200 else 403)


def six_hundred(world: World) -> None:
    provider(world, "House 000")
    kind = db.session.scalars(select(Organisation.sector_id)).one()
    for number in range(1, 600):
        state = OrganisationState.LIVE if number % 10 else OrganisationState.WAITING
        organisation = Organisation(
            name=f"House {number:03}", reference=f"H{number}", sector_id=kind, state=state, email=f"o@{number}.example"
        )
        organisation.contacts = [
            Contact(name="Tom", email=f"t{number}@x.example", start=date(2017, 10, 16), may_payments=True,
                    may_documents=number % 3 == 0),
            Contact(name="Ann", email=f"a{number}@x.example", start=date(2017, 10, 16), may_documents=number % 3 == 1),
        ]  # fmt: skip
        db.session.add(organisation)
    db.session.commit()


def test_six_hundred_providers_take_eight_queries(world: World, desk: Browser) -> None:
    six_hundred(world)
    desk.get(PATH)
    with Queries() as queries:
        page = desk.get(PATH).text
    assert len(queries) <= 8, queries
    assert "600 providers" in page


def in_file(answer: TestResponse) -> list[tuple[object, ...]]:
    """The rows of a workbook, its headings first."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_the_list_is_a_workbook_with_what_the_page_shows(world: World, desk: Browser) -> None:
    every_stage(world)
    page = desk.get(PATH).text
    address = html.unescape(re.findall(r'href="([^"]+list\.xlsx[^"]*)"', page)[0])
    answer = desk.get(address)
    assert answer.headers["Content-Disposition"] == "attachment; filename=go-live-residential-2017-11-20.xlsx"
    headings, *rows = in_file(answer)
    assert headings[:4] == ("Provider", "Services", "Lacks", "Contacts form")
    assert [row[0] for row in rows] == rows_of(page)
    assert next(row[4:] for row in rows if row[0] == "Beech Court") == (
        None, "Paula Hurn", None, "Paula Hurn", "Yes", "office@beech.example",
    )  # fmt: skip
    assert ("Elm Tree", 1, "To be switched on", "Not sent", "Gina Pask", None, "Gina Pask", None, "No",
            "office@elm.example") in rows  # fmt: skip


@pytest.mark.parametrize(
    ("narrowed", "left"),
    [
        ("lacks=to be switched on", ["Elm Tree"]),
        ("provider=court", ["Beech Court"]),
        ("lacks=to be switched on&provider=court", []),
    ],
)
def test_the_workbook_is_narrowed_as_the_page_is(world: World, desk: Browser, narrowed: str, left: list[str]) -> None:
    every_stage(world)
    assert [row[0] for row in in_file(desk.get(f"{PATH}/list.xlsx?{narrowed}"))[1:]] == left
    page = desk.get(f"{PATH}?{narrowed}").text
    assert rows_of(page) == left
    assert ("Download Excel" in page) is bool(left)
    if left:
        address = html.unescape(re.findall(r'href="([^"]+list\.xlsx[^"]*)"', page)[0])
        assert [row[0] for row in in_file(desk.get(address))[1:]] == left


def test_a_name_that_a_spreadsheet_would_run_is_text_in_the_workbook(world: World, desk: Browser) -> None:
    provider(world, "=1+1 Homes")
    answer = desk.get(f"{PATH}/list.xlsx")
    cell = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1 Homes", "s")


def test_the_workbook_of_six_hundred_providers_holds_all_and_takes_eight_queries(world: World, desk: Browser) -> None:
    six_hundred(world)
    desk.get(PATH)
    with Queries() as queries:
        answer = desk.get(f"{PATH}/list.xlsx")
    assert len(queries) <= 8, queries
    shown = re.search(r"of ([0-9]+) shown", words_of(desk.get(PATH).text))
    assert shown
    assert len(in_file(answer)) - 1 == int(shown[1])


def test_the_workbench_in_a_browser(world: World, live: Live, officer: PortalUser) -> None:
    found = every_stage(world)
    page = live.sign_in(officer).open(PATH)
    check_accessible(page)
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_label("Choose Dunes")).to_be_checked()
    page.get_by_role("button", name="Send a reminder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send a reminder")
    check_accessible(page)
    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Choose Beech Court").check()
    follow(page.get_by_role("button", name="Confirm contacts"))
    check_accessible(page)
    page.get_by_label("Decision about Paula Hurn").select_option("Leave out")
    page.get_by_role("button", name="Save decisions").click()
    expect(page.get_by_text("0 contacts confirmed, 1 left out.")).to_be_visible()
    assert not db.session.scalars(select(ProposedContact).where(ProposedContact.waits)).all()
    follow(page.get_by_role("button", name="Invite 1 contact"))
    check_accessible(page)
    page.get_by_role("button", name="Invite 1 contact").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    check_accessible(page)
    work_off(world.app)
    # The page finds out by itself.
    expect(page.get_by_text("1 contact was invited on")).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    check_accessible(page)
    assert found
