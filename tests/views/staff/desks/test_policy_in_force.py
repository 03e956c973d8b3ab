"""Every officer sees which rules are in force today, where each comes from, and what comes next."""

from datetime import date
from html import unescape

import html5lib
import pytest

from models import Organisation, PolicySetting, PortalUser, db
from rules.policy import SETTINGS
from rules.states import PolicyScope
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.world import World
from workflows.confirm import desk
from workflows.confirm.policy_values import NewValue, value_change
from workflows.proposals import steps

PAGE = "/staff/policy-in-force"


@pytest.fixture
def auditor(world: World) -> PortalUser:
    return world.officer("Auditor")


@pytest.fixture
def officer(auditor: PortalUser, browser: Browser) -> Browser:
    return browser.sign_in(auditor)


def give(value: str, valid_from: date, by: PortalUser, organisation: Organisation | None = None) -> None:
    scope = PolicyScope.COUNCIL if organisation is None else PolicyScope.ORGANISATION
    row = PolicySetting(
        name="aborted_minutes", value=value, scope=scope, scope_id=organisation and organisation.id,
        valid_from=valid_from, changed_by=by, why="Agreed in March",
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()


def rows(page: str) -> list[list[str]]:
    main = html5lib.parse(page, namespaceHTMLElements=False).find(".//main")
    assert main is not None
    return [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in main.iter("tr")]


def test_a_setting_nobody_changed_is_what_the_portal_came_with(officer: Browser) -> None:
    found = {row[0]: row[1:] for row in reversed(rows(officer.get(PAGE).text))}
    assert found["Most minutes paid for an aborted visit, unit hour AV-1"] == [
        "Everybody", "30", "The portal came with it", "–",
    ]  # fmt: skip
    assert {each.wording for each in SETTINGS.values()} == {
        name.rpartition(" ")[0] for name in found if name != "Setting"
    }


def test_a_value_says_who_gave_it_from_which_day_and_why_and_what_comes_next(
    world: World, auditor: PortalUser, officer: Browser
) -> None:
    fenland = world.organisation("Fenland Homecare Ltd")
    give("45", date(2017, 10, 1), auditor)
    give("60", date(2100, 4, 1), auditor)
    give("15", date(2017, 10, 2), auditor, fenland)
    give("20", date(2100, 1, 1), auditor, world.organisation("Holt Ltd"))
    page = officer.get(PAGE).text
    found = [row[1:] for row in rows(page) if row[0].startswith("Most minutes paid")]
    by = f"{auditor}, from"
    assert found == [
        ["Everybody", "45", f"{by} 1 October 2017: Agreed in March", "60 from 1 April 2100"],
        ["Fenland Homecare Ltd", "15", f"{by} 2 October 2017: Agreed in March", "–"],
        ["Holt Ltd", "As for everybody", "–", "20 from 1 January 2100"],
    ]
    row = db.session.query(PolicySetting).filter_by(value="45").one()
    assert f'href="/admin/policy-settings/show/{row.id}"' in page


def test_a_value_that_another_officer_has_to_confirm_comes_next_until_it_is_decided(
    world: World, auditor: PortalUser, officer: Browser
) -> None:
    proposer, fenland = world.officer("Administrator"), world.organisation("Fenland Homecare Ltd")
    give("60", date(2100, 4, 1), auditor)
    of_one = NewValue("aborted_notice_hours", "12", PolicyScope.ORGANISATION, fenland.id, date(2100, 2, 1), "Agreed")
    of_all = NewValue("aborted_minutes", "25", PolicyScope.COUNCIL, None, date(2100, 1, 1), "Agreed")
    first, second = (desk.submit(value_change(new), proposer, ()) for new in (of_one, of_all))
    page = officer.get(PAGE).text
    found = {row[0]: row[4] for row in reversed(rows(page))}
    assert found["Hours of notice from which an aborted visit is not paid AV-3"] == (
        "12 from 1 February 2100, for some only: waits to be confirmed"
    )
    assert found["Most minutes paid for an aborted visit, unit hour AV-1"] == (
        "60 from 1 April 2100; 25 from 1 January 2100: waits to be confirmed"
    )
    assert f'href="/admin/proposals/show/{first.id}"' in page
    for proposal in (first, second):
        steps.withdraw(proposal.id, proposer)
    assert "waits to be confirmed" not in officer.get(PAGE).text


def test_what_the_portal_came_with_for_a_sector_stands_beside_what_is_for_everybody(officer: Browser) -> None:
    found = [row[1:3] for row in rows(officer.get(PAGE).text) if row[0].startswith("Whether a week may go above")]
    assert found == [["Everybody", "Yes"], ["Supported living", "No"]]


def test_the_page_is_among_all_records_and_takes_few_queries(
    world: World, auditor: PortalUser, officer: Browser
) -> None:
    assert PAGE in officer.get("/admin").text
    for number in range(5):
        give(str(number), date(2017, 10, 1), auditor, world.organisation(f"Provider {number}"))
    with Queries() as seen:
        assert "Provider 4" in unescape(officer.get(PAGE).text)
    assert len(seen) <= 8
