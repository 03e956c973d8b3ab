"""Lists of organisations, holds and roll-out dates say what is true today."""

from datetime import date

import pytest

from models import Hold, Organisation, Rollout, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from workflows.clock import now

LIST = "/admin/organisations/list/"


@pytest.fixture
def officer(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Procurement"))


@pytest.fixture
def fenland(world: World) -> Organisation:
    return world.organisation()


def test_an_organisation_that_is_switched_on_is_not_live_before_somebody_came_in(
    fenland: Organisation, world: World, officer: Browser
) -> None:
    assert "Contacts missing" in officer.get(LIST).text
    contact = world.contact(fenland)
    assert "Nobody in yet" in officer.get(LIST).text
    assert contact.user
    contact.user.last_login = now().replace(tzinfo=None)
    db.session.commit()
    for page in (LIST, f"/admin/organisations/show/{fenland.id}", f"/admin/sectors/show/{fenland.sector_id}"):
        assert '<span class="tag ok">Live</span>' in officer.get(page).text, page


def test_before_its_sectors_roll_out_it_opens_later(fenland: Organisation, world: World, officer: Browser) -> None:
    world.contact(fenland)
    rollout = fenland.sector.rollout
    assert rollout
    opened = rollout.opens_on
    rollout.opens_on = date(2017, 12, 1)
    db.session.commit()
    assert "Opens later" in officer.get(LIST).text
    assert "Opens later" in officer.get("/admin/organisations/export/csv").text
    assert "Begins later" in officer.get("/admin/roll-out/list/").text
    rollout = db.session.get(Rollout, rollout.id)
    assert rollout
    rollout.opens_on = opened
    db.session.commit()
    assert "In force" in officer.get("/admin/roll-out/list/").text


def test_a_hold_that_is_over_says_so(fenland: Organisation, officer: Browser) -> None:
    db.session.add(Hold(organisation=fenland, reason="Review", start=date(2017, 11, 1), end=date(2017, 11, 19)))
    db.session.commit()
    assert "Ended" in officer.get("/admin/holds/list/").text
