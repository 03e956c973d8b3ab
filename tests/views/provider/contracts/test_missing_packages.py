"""A care package that its provider does not find: the form, and what became of earlier reports."""

import pytest
from sqlalchemy import select

from models import Contact, Conversation, MissingPackage, Service, db
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.world import World

ADDRESS = "/line-items/missing"


@pytest.fixture
def contact(world: World) -> Contact:
    return world.contact(world.organisation())


@pytest.fixture
def form(contact: Contact) -> dict[str, str]:
    service = db.session.scalars(select(Service.id).where(Service.organisation_id == contact.organisation_id)).one()
    return {
        "person_reference": "P105118", "service": str(service), "start": "9/11/2017", "plan": "7 hours a week",
        "agreed_with": "Discharge team", "agreed_on": "6/11/2017",
    }  # fmt: skip


def test_the_list_of_lines_leads_to_the_form(browser: Browser, contact: Contact) -> None:
    browser.sign_in(contact)
    assert f'href="{ADDRESS}' in browser.get("/line-items").text
    assert "Report a missing care package" in browser.get(ADDRESS).text


def test_a_report_arrives_as_a_conversation_and_is_listed(
    browser: Browser, contact: Contact, form: dict[str, str]
) -> None:
    page = browser.sign_in(contact).post(ADDRESS, form).text
    opened = db.session.scalars(select(Conversation)).one()
    assert "Your report has been sent" in page
    assert "Service Brokerage is looking for it." in page
    assert f'href="/conversations/{opened.id}"' in page
    assert "7 hours a week" in browser.get(f"/conversations/{opened.id}").text


def test_everything_wrong_is_told_at_once_and_nothing_typed_is_lost(
    browser: Browser, contact: Contact, form: dict[str, str]
) -> None:
    answer = browser.sign_in(contact).post(ADDRESS, {**form, "start": "the 9th", "plan": "", "comment": "Ring <me>"})
    assert answer.status_code == 422
    for words in ('href="#start"', 'href="#plan"', 'value="the 9th"', "Ring &lt;me&gt;", "P105118"):
        assert words in answer.text, words
    assert db.session.scalars(select(MissingPackage)).all() == []


def test_the_same_report_twice_is_refused(browser: Browser, contact: Contact, form: dict[str, str]) -> None:
    browser.sign_in(contact).post(ADDRESS, form)
    again = browser.post(ADDRESS, {**form, "person_reference": "p105118"})
    assert again.status_code == 422
    assert "This care package is reported already." in again.text


def test_another_organisations_service_is_no_choice(
    browser: Browser, world: World, contact: Contact, form: dict[str, str]
) -> None:
    line = world.line(world.organisation("Broadland Care Ltd"))
    answer = browser.sign_in(contact).post(ADDRESS, {**form, "service": str(line.service_id)})
    assert answer.status_code == 422
    assert 'href="#service"' in answer.text


def test_the_form_takes_few_queries(browser: Browser, contact: Contact, form: dict[str, str]) -> None:
    browser.sign_in(contact).post(ADDRESS, form)
    with Queries() as queries:
        assert browser.get(ADDRESS).status_code == 200
    assert len(queries) <= 8, "\n".join(queries)


def test_it_takes_the_function_contract_documents(browser: Browser, world: World) -> None:
    browser.sign_in(world.contact(world.organisation(), may_actuals=True))
    assert browser.get(ADDRESS, follow=False).status_code in (302, 403)
