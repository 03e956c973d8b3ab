"""A provider changes its own addresses, and asks the council to change its name, VAT number and bank account."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from models import (
    ChangeRequest,
    Contact,
    ContactService,
    DetailChange,
    Email,
    Organisation,
    Service,
    acting_for,
    db,
    limit_to_services,
)
from rules.bank_account import BankDetails
from rules.states import ChangeKind, ChangeState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live, follow
from tests.support.queries import Queries
from tests.support.worlds.people import DIGITS, with_code
from tests.support.worlds.world import World
from workflows.organisations import change_requests

ADDRESS = "/organisation"
DETAILS = f"{ADDRESS}/details"
BANK = f"{ADDRESS}/ask?what=bank-details"
MOVED = {"address": "2 New Road, King's Lynn", "postcode": "pe30 1aa", "phone": "01553 600000", "email": ""}


def account(**changes: str) -> dict[str, str]:
    """What a browser sends to ask for another account."""
    return {
        "name": "Fenland Homecare Ltd", "sort_code": "08-99-99", "account_number": "66374958", "security_code": DIGITS,
    } | changes  # fmt: skip


@pytest.fixture
def organisation(world: World) -> Organisation:
    """An organisation that has not told the council its account."""
    return world.organisation(account=False)


@pytest.fixture
def contact(contact: Contact) -> Contact:
    """Somebody with every function and a security code, of an organisation with an address."""
    assert contact.user
    with_code(contact.user)
    organisation = contact.organisation
    organisation.address, organisation.email = "1 Old Road, King's Lynn", "office@fenland.example"
    db.session.commit()
    return contact


def requests() -> list[ChangeRequest]:
    return list(db.session.scalars(select(ChangeRequest).order_by(ChangeRequest.id)))


def mails() -> list[str]:
    return list(db.session.scalars(select(Email.recipient).order_by(Email.id)))


def of(organisation: Organisation) -> tuple[Any, ...]:
    own = select(Organisation.address, Organisation.postcode, Organisation.phone, Organisation.email)
    return tuple(db.session.execute(own.where(Organisation.id == organisation.id)).one())


def kept_of(organisation: Organisation) -> list[tuple[int | None, str]]:
    """Of which service what was changed, in order."""
    own = select(DetailChange.service_id, DetailChange.field).where(DetailChange.organisation_id == organisation.id)
    return [(service_id, field) for service_id, field in db.session.execute(own.order_by(DetailChange.id))]


def test_a_changed_address_counts_at_once_and_the_old_one_stays_readable(provider: Browser, contact: Contact) -> None:
    page = provider.post(DETAILS, MOVED | {"email": "new@fenland.example"}).text
    assert "The details of Fenland Homecare Ltd have been saved. We have written to the old e-mail address." in page
    assert of(contact.organisation) == (
        "2 New Road, King's Lynn", "PE30 1AA", "01553 600000", "new@fenland.example",
    )  # fmt: skip
    for words in ("What was there before", "1 Old Road", "office@fenland.example", f"by {contact.user}"):
        assert words in page, words
    assert mails() == ["office@fenland.example"]


def test_a_service_has_an_address_of_its_own(provider: Browser, contact: Contact) -> None:
    service = contact.organisation.services[0]
    page = provider.post(f"{ADDRESS}/services/{service.id}", MOVED).text
    assert f"The details of {service.name} have been saved." in page
    assert kept_of(contact.organisation)[-2:] == [(service.id, "postcode"), (service.id, "phone")]
    assert of(contact.organisation)[0] == "1 Old Road, King's Lynn"


def test_a_home_and_its_organisation_of_one_name_are_told_apart(provider: Browser, contact: Contact) -> None:
    service = contact.organisation.services[0]
    service.name = contact.organisation.name
    db.session.commit()
    page = provider.post(f"{ADDRESS}/services/{service.id}", MOVED).text
    for kind in ("Organisation", "Service"):
        assert f"{service.name}<small>{kind}</small>" in page
        assert page.count(f"the details of the {kind.lower()} {service.name}</span>") == 1
    assert f"<title>Details of the service {service.name} - " in provider.get(f"{ADDRESS}/services/{service.id}").text
    assert f"<title>Details of the organisation {service.name} - " in provider.get(DETAILS).text


def test_refused_details_say_everything_at_once_and_keep_what_was_typed(provider: Browser, contact: Contact) -> None:
    page = provider.post(DETAILS, {"address": "", "postcode": "PE30", "phone": "12", "email": "not-an-email"})
    assert page.status_code == 422
    for words in ('value="PE30"', 'value="12"', 'value="not-an-email"'):
        assert words in page.text, words
    assert page.text.count('<li><a href="#') == 2
    assert of(contact.organisation)[0] == "1 Old Road, King's Lynn"


def test_a_service_of_another_organisation_is_not_there(provider: Browser, world: World) -> None:
    theirs = world.organisation("Broadland Care CIC").services[0]
    path = f"{ADDRESS}/services/{theirs.id}"
    assert provider.get(path).status_code == 404
    assert provider.post(path, MOVED).status_code == 404
    assert kept_of(theirs.organisation) == []


@pytest.mark.parametrize("what", ["sector", "", "LEGAL-NAME"])
def test_only_three_things_can_be_asked_for(provider: Browser, what: str) -> None:
    assert provider.get(f"{ADDRESS}/ask?what={what}").status_code == 404


def test_a_legal_name_is_asked_for_and_stays_until_it_is_decided(provider: Browser, contact: Contact) -> None:
    page = provider.post(f"{ADDRESS}/ask?what=legal-name", {"wanted": "Fenland Care Ltd"}).text
    assert "You have asked the council to change your legal name. Two officers will look at it first." in page
    for words in ("What you asked for", "Fenland Care Ltd", "Withdraw"):
        assert words in page, words
    assert [(each.kind, each.state) for each in requests()] == [(ChangeKind.LEGAL_NAME, ChangeState.ASKED)]
    assert set(mails()) == {"office@fenland.example", contact.email}
    db.session.refresh(contact.organisation)
    assert contact.organisation.name == "Fenland Homecare Ltd"


def test_a_second_request_of_a_kind_waits_for_the_first_and_keeps_what_was_typed(provider: Browser) -> None:
    path = f"{ADDRESS}/ask?what=legal-name"
    provider.post(path, {"wanted": "Fenland Care Ltd"})
    page = provider.post(path, {"wanted": "Fenland Ltd"})
    assert page.status_code == 422
    assert "A change of your legal name is waiting for the council already." in page.text
    assert 'value="Fenland Ltd"' in page.text


def test_a_vat_number_that_cannot_be_one_is_refused(provider: Browser) -> None:
    page = provider.post(f"{ADDRESS}/ask?what=vat-number", {"wanted": "GB 123 4567 83"})
    assert page.status_code == 422
    assert 'value="GB 123 4567 83"' in page.text
    assert requests() == []


def test_bank_details_ask_for_the_security_code_and_are_shown_by_their_last_four_digits(provider: Browser) -> None:
    for wrong in ("", "135790"):
        page = provider.post(BANK, account(security_code=wrong))
        assert page.status_code == 422
        assert 'id="security_code-error"' in page.text
        assert 'value="66374958"' in page.text
        assert 'value="135790"' not in page.text
    assert requests() == []
    page = provider.post(BANK, account())
    assert "Fenland Homecare Ltd, account ending 4958" in page.text
    for secret in ("66374958", "08-99-99", "089999"):
        assert secret not in page.text, secret
    assert [each.kind for each in requests()] == [ChangeKind.BANK_DETAILS]


def test_bank_details_say_everything_that_is_wrong_at_once(provider: Browser) -> None:
    page = provider.post(BANK, account(name="", sort_code="12", account_number="x"))
    assert page.status_code == 422
    assert "Enter the name on the account." in page.text
    assert page.text.count('<li><a href="#') == 3


def test_a_request_can_be_withdrawn_once(provider: Browser) -> None:
    provider.post(f"{ADDRESS}/ask?what=legal-name", {"wanted": "Fenland Care Ltd"})
    path = f"{ADDRESS}/requests/{requests()[0].id}/withdraw"
    assert "You have withdrawn your request. Nothing was changed." in provider.post(path).text
    assert "The change is withdrawn already." in provider.post(path).text


def test_a_request_of_another_organisation_is_not_there(provider: Browser, world: World) -> None:
    other = world.contact(world.organisation("Broadland Care CIC", account=False), "other@provider.example")
    assert other.user
    asked = change_requests.ask(other.organisation, ChangeKind.LEGAL_NAME, "Broadland Ltd", other.user)
    assert provider.post(f"{ADDRESS}/requests/{asked}/withdraw").status_code == 404
    assert requests()[0].state is ChangeState.ASKED
    assert "Broadland" not in provider.get(ADDRESS).text


def test_changed_bank_details_say_that_payments_wait_for_a_call(
    provider: Browser, contact: Contact, world: World
) -> None:
    assert contact.user
    asked = change_requests.ask(
        contact.organisation, ChangeKind.BANK_DETAILS, BankDetails("Fenland", "089999", "66374958"), contact.user
    )
    assert "wait for a telephone call" not in provider.get(ADDRESS).text
    for _ in range(2):
        change_requests.confirm(asked, world.officer("Payments officer"))
    assert "wait for a telephone call" in provider.get(ADDRESS).text


def test_who_has_another_function_gets_in_to_none_of_it(app: Flask, contact: Contact, world: World) -> None:
    browser = Browser(app).sign_in(world.contact(contact.organisation, "jo@provider.example", may_payments=True))
    for path in (ADDRESS, DETAILS, BANK, f"{ADDRESS}/services/{contact.organisation.services[0].id}"):
        assert browser.get(path).status_code == 403, path
    for path in (DETAILS, BANK, f"{ADDRESS}/services/1", f"{ADDRESS}/requests/1/withdraw"):
        assert browser.post(path, MOVED).status_code == 403, path


def test_a_form_without_its_token_changes_nothing(app: Flask, provider: Browser, contact: Contact) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        provider.post(DETAILS, MOVED)
        provider.post(BANK, account())
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert of(contact.organisation)[0] == "1 Old Road, King's Lynn"
    assert requests() == []


def test_the_page_takes_as_many_queries_for_many_requests_as_for_one(provider: Browser) -> None:
    counts = []
    for what, wanted in (("legal-name", "Fenland Care Ltd"), ("vat-number", "GB 123 4567 82")):
        provider.post(f"{ADDRESS}/ask?what={what}", {"wanted": wanted})
        provider.post(DETAILS, MOVED | {"phone": "01553 600001" if what == "legal-name" else "01553 600002"})
        with Queries() as queries:
            assert provider.get(ADDRESS).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_asking_for_a_new_account_in_a_browser(live: Live, contact: Contact, width: int) -> None:
    live.sign_in(contact).page.set_viewport_size({"width": width, "height": 900})
    page = live.open(ADDRESS)
    check_accessible(page)
    follow(page.get_by_role("link", name="Ask for a change of the bank details"))
    check_accessible(page)
    for label, typed in (
        ("Name on the account", "Fenland Homecare Ltd"), ("Sort code", "08 99 99"), ("Account number", "66374958"),
    ):  # fmt: skip
        page.get_by_label(label).fill(typed)
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Ask the council").click()
    page.get_by_text("You have asked the council to change your bank details.").wait_for()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def branch(world: World, contact: Contact) -> Contact:
    """A colleague who looks after organisation details, limited to the organisation's first service of two."""
    own = contact.organisation
    other = Service(name="Holt House", organisation=own, address="9 Mill Lane, Holt")
    db.session.add(other)
    who = world.contact(own, "branch@provider.example", may_organisation=True)
    who.limits = [ContactService(organisation_id=own.id, service_id=own.services[0].id)]
    db.session.commit()
    db.session.refresh(own)
    return who


def services_of(contact: Contact) -> tuple[Service, Service]:
    """The service the colleague is limited to, and the other one."""
    own = contact.limits[0].service_id
    found = sorted(contact.organisation.services, key=lambda each: each.id != own)
    return found[0], found[1]


def test_who_is_limited_to_a_service_changes_its_details(app: Flask, branch: Contact) -> None:
    own, _other = services_of(branch)
    page = Browser(app).sign_in(branch).post(f"{ADDRESS}/services/{own.id}", MOVED).text
    assert f"The details of {own.name} have been saved." in page
    assert kept_of(branch.organisation)[-1] == (own.id, "phone")


def test_who_is_limited_changes_no_other_service_and_not_the_organisation(app: Flask, branch: Contact) -> None:
    browser, (_own, other) = Browser(app).sign_in(branch), services_of(branch)
    before = kept_of(branch.organisation)
    for path in (DETAILS, f"{ADDRESS}/services/{other.id}"):
        assert browser.get(path).status_code == 404, path
        assert browser.post(path, MOVED).status_code == 404, path
    assert of(branch.organisation)[0] == "1 Old Road, King's Lynn"
    assert kept_of(branch.organisation) == before


def test_the_page_says_what_a_limit_leaves_and_shows_no_other_service(
    app: Flask, provider: Browser, branch: Contact
) -> None:
    own, other = services_of(branch)
    provider.post(f"{ADDRESS}/services/{other.id}", MOVED)
    page = Browser(app).sign_in(branch).get(ADDRESS).text
    assert f"Your access is limited to {own.name}, so you can change the details of this service yourself." in page
    assert "A colleague whose access is not limited changes the organisation’s own details." in page
    assert f"{ADDRESS}/services/{own.id}" in page
    for elsewhere in (other.name, f"{ADDRESS}/services/{other.id}", f'href="{DETAILS}"'):
        assert elsewhere not in page, elsewhere


def test_who_is_limited_neither_asks_for_other_bank_details_nor_withdraws_what_a_colleague_asked(
    app: Flask, provider: Browser, branch: Contact
) -> None:
    provider.post(f"{ADDRESS}/ask?what=legal-name", {"wanted": "Another name Ltd"})
    request_id = db.session.scalars(select(ChangeRequest.id)).one()
    limited = Browser(app).sign_in(branch)
    page = limited.get(ADDRESS).text
    assert "A colleague whose access is not limited asks for a change" in page
    assert "Another name Ltd" in page
    assert "/organisation/ask" not in page
    assert "/withdraw" not in page
    for what in ("legal-name", "bank-details"):
        assert limited.get(f"{ADDRESS}/ask?what={what}").status_code == 404
        assert limited.post(f"{ADDRESS}/ask?what={what}", {"wanted": "Thieves Ltd"}).status_code == 404
    assert limited.post(f"{ADDRESS}/requests/{request_id}/withdraw").status_code == 404
    kept = db.session.execute(select(ChangeRequest.wanted, ChangeRequest.state)).one()
    assert kept == ("Another name Ltd", ChangeState.ASKED)


def test_a_colleague_without_a_limit_changes_them_all(provider: Browser, branch: Contact) -> None:
    page = provider.get(ADDRESS).text
    assert "Your access is limited" not in page
    for each in services_of(branch):
        page = provider.post(f"{ADDRESS}/services/{each.id}", MOVED).text
        assert f"The details of {each.name} have been saved." in page
    assert "have been saved." in provider.post(DETAILS, MOVED).text


ASKED = text(
    "INSERT INTO change_request (organisation_id, kind, state, was, wanted, asked_by_id)"
    " VALUES (:whose, 'legal name', 'asked for', '', 'Thieves Ltd', :who)"
)


def test_below_the_orm_a_limited_session_changes_no_other_address(branch: Contact) -> None:
    own, other = services_of(branch)
    moved = {}
    with acting_for(branch.organisation_id):
        limit_to_services([own.id])
        for table in ("service", "organisation"):
            sql = text(f"UPDATE {table} SET phone = '01553 699999' RETURNING id")
            moved[table] = db.session.scalars(sql).all()
        with pytest.raises(DBAPIError, match="own_services_asked"), db.session.begin_nested():
            db.session.execute(ASKED, {"whose": branch.organisation_id, "who": branch.user_id})
        limit_to_services([])
        db.session.rollback()
    assert moved == {"service": [own.id], "organisation": []}
    assert other.phone == ""
