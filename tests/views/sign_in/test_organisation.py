"""Contacts of several organisations choose one; an organisation that is not live yet is told what it lacks."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models import Organisation, UserSession, db
from rules.states import OrganisationState
from tests.support.pages.browser import Browser
from tests.support.worlds.people import give_code, give_password, newcomer, regular
from tests.support.worlds.world import World

EMAIL = "manager@fenland.example"


def two(world: World) -> tuple[int, int]:
    """Contacts of one person at two organisations: their ids."""
    first = regular(world, email=EMAIL)
    second = world.contact(world.organisation("Broadland Care Ltd"), EMAIL)
    return first.id, second.id


def test_who_has_several_organisations_chooses_one(world: World, browser: Browser) -> None:
    _, broadland = two(world)
    give_password(browser, EMAIL)
    page = give_code(browser)
    assert "Choose an organisation" in page.text
    assert "Sign in" in browser.get("/").text
    page = browser.post("/sign-in/organisation", {"organisation": broadland})
    assert "Main menu" in page.text
    assert "Broadland Care Ltd" in page.text
    assert "Fenland Homecare Ltd" not in page.text


def test_changing_the_organisation_ends_one_session_and_opens_another(world: World, browser: Browser) -> None:
    fenland, broadland = two(world)
    give_password(browser, EMAIL)
    give_code(browser)
    browser.post("/sign-in/organisation", {"organisation": broadland})
    kept = browser.client.get_cookie("portal")
    assert kept
    assert "Choose an organisation" in browser.get("/sign-in/organisation").text
    assert "Fenland Homecare Ltd" in browser.post("/sign-in/organisation", {"organisation": fenland}).text
    sessions = db.session.scalars(select(UserSession).order_by(UserSession.id)).all()
    assert [each.ended_at is None for each in sessions] == [False, True]
    assert sessions[0].created_at == sessions[1].created_at  # the greatest age is counted from the sign-in
    browser.client.set_cookie("portal", kept.value)
    assert "Sign in" in browser.get("/").text


@pytest.mark.parametrize("typed", ["", "x", "999999"])
def test_no_other_organisation_can_be_chosen(world: World, browser: Browser, typed: str) -> None:
    two(world)
    stranger = world.contact(world.organisation("Stranger Care Ltd"), "other@stranger.example")
    give_password(browser, EMAIL)
    give_code(browser)
    for contact_id in (typed, stranger.id):
        page = browser.post("/sign-in/organisation", {"organisation": contact_id})
        assert page.status_code == 422
        assert "There is a problem" in page.text


def lacks_a_date(organisation: Organisation) -> None:
    db.session.delete(organisation.sector.rollout)


def comes_later(organisation: Organisation) -> None:
    assert organisation.sector.rollout
    organisation.sector.rollout.opens_on = date(2017, 12, 4)


def is_not_switched_on(organisation: Organisation) -> None:
    organisation.state = OrganisationState.WAITING


def is_suspended(organisation: Organisation) -> None:
    organisation.state = OrganisationState.SUSPENDED


def lacks_a_payments_contact(organisation: Organisation) -> None:
    organisation.contacts[0].may_payments = False


def lacks_an_iso_contact(organisation: Organisation) -> None:
    organisation.contacts[0].may_documents = False


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lacks_a_date, "has not yet set the date"),
        (comes_later, "on 4 December 2017"),
        (is_not_switched_on, "has not yet switched the portal on"),
        (is_suspended, "has suspended"),
        (lacks_a_payments_contact, "a contact for payments"),
        (lacks_an_iso_contact, "a contact for contract documents (ISOs)"),
    ],
)
def test_a_correct_password_before_go_live_is_told_what_is_missing(
    world: World, browser: Browser, change: Callable[[Organisation], None], sentence: str
) -> None:
    organisation = newcomer(world, email=EMAIL).organisation
    change(organisation)
    db.session.commit()
    page = give_password(browser, EMAIL, "given-by-council-1")
    assert "Not open to you yet" in page.text
    assert page.text.count("<li>") >= 1
    assert sentence in page.text
    assert "Not open to you yet" not in browser.get("/").text
    assert db.session.scalar(select(UserSession)) is None


def test_only_the_live_one_of_several_is_entered(world: World, browser: Browser) -> None:
    two(world)
    broadland = db.session.scalars(select(Organisation).where(Organisation.name.like("Broad%"))).one()
    broadland.state = OrganisationState.WAITING
    db.session.commit()
    give_password(browser, EMAIL)
    page = give_code(browser)
    assert "Main menu" in page.text
    assert "Fenland Homecare Ltd" in page.text


@pytest.mark.parametrize("dates", [(date(2017, 10, 16), date(2017, 11, 19)), (date(2017, 11, 21), None)])
def test_a_contact_whose_access_ended_or_has_not_begun_is_refused(
    world: World, browser: Browser, dates: tuple[date, date | None]
) -> None:
    contact = regular(world)
    contact.start, contact.end = dates
    db.session.commit()
    page = give_password(browser, contact.email)
    assert page.status_code == 422
    assert "has ended or has not begun" in page.text


def test_the_last_day_of_access_still_counts(world: World, browser: Browser) -> None:
    contact = regular(world)
    contact.end = date(2017, 11, 20)
    db.session.commit()
    give_password(browser, contact.email)
    assert "Main menu" in give_code(browser).text
    contact.end = contact.end - timedelta(days=1)
    db.session.commit()
    assert "Your access has ended" in browser.get("/").text
