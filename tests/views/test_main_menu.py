"""What the main menu tells a contact, and what it keeps from them."""

import re
from datetime import date

from models import Announcement, db
from rules.states import DocumentState
from tests.models.test_promises import confirmed_week
from tests.support.browser import Browser
from tests.support.queries import Queries
from tests.support.world import World


def test_documents_to_accept_are_counted(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    for _ in range(2):
        world.line(organisation)
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert "contract documents to accept" in page


def test_weeks_to_confirm_are_those_of_the_period_due_next(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.period(0)
    world.period(1)
    line = world.line(organisation, state=DocumentState.PUBLISHED)
    confirmed_week(line)
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert "1 of 4" in page
    assert "weeks confirmed for 16 October to 12 November 2017" in page
    assert "Due in 7 days, 27 November 2017" in page


def test_weeks_whose_date_has_passed_are_late_not_forgotten(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.period(0)
    world.period(1)
    confirmed_week(world.line(organisation))
    world.app.config["PORTAL_TODAY"] = "2017-11-28"
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert re.search(r"<b>3</b><p>weeks not confirmed in time</p>", page)
    assert "/actuals?week=2017-10-23" in page


def test_a_contact_with_one_function_sees_only_that(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.line(organisation)
    page = browser.sign_in(world.contact(organisation, may_actuals=True)).get("/").text
    assert "/actuals" in page
    assert "/invoices" not in page
    assert "/contract-documents" not in page


def test_announcements_are_for_their_audience_and_their_days(world: World, browser: Browser) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    db.session.add_all(
        [
            Announcement(title="For everybody", body=".", start=date(2017, 11, 1)),
            Announcement(title="For another", body=".", start=date(2017, 11, 1), organisation_id=other.id),
            Announcement(title="Long over", body=".", start=date(2017, 10, 1), end=date(2017, 10, 31)),
        ]
    )
    db.session.commit()
    page = browser.sign_in(world.contact(own)).get("/").text
    assert "For everybody" in page
    assert "For another" not in page
    assert "Long over" not in page


def test_change_organisation_is_offered_to_a_contact_of_several(world: World, browser: Browser) -> None:
    first, second = world.organisation(), world.organisation("Broadland Care CIC")
    contact = world.contact(first, "both@provider.example")
    assert "Change organisation" not in browser.sign_in(contact).get("/").text
    world.contact(second, "both@provider.example")
    assert "Change organisation" in browser.get("/").text


def test_the_main_menu_takes_eight_queries(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation())
    browser.sign_in(contact).get("/")
    with Queries() as queries:
        browser.get("/")
    # session and roles; scope; contact; settings; what waits (navigation); what waits (cards); paid; announcements
    assert len(queries) <= 8, queries
