"""Contract documents as pages of the provider."""

import pytest

from models import Contact, ContractDocument, LineItem, db
from rules.states import DocumentState
from tests.support.browser import Browser
from tests.support.queries import Queries
from tests.support.world import World
from workflows.hashes import hash_password

PASSWORD = "correct-horse-portal"


@pytest.fixture
def line(world: World) -> LineItem:
    return world.line(world.organisation(), person=world.person("P000777", "Ada Mary Bell"))


@pytest.fixture
def contact(world: World, line: LineItem) -> Contact:
    contact = world.contact(line.organisation)
    assert contact.user
    contact.user.password = hash_password(PASSWORD)
    db.session.commit()
    return contact


def state_of(line: LineItem) -> DocumentState:
    db.session.expire_all()
    state: DocumentState = db.session.get_one(ContractDocument, line.document_id).state
    return state


def test_the_list_shows_initials_and_hides_what_is_over(browser: Browser, world: World, contact: Contact) -> None:
    world.line(contact.organisation, state=DocumentState.WITHDRAWN, reference="1")
    page = browser.sign_in(contact).get("/contract-documents").text
    assert "A. M. B." in page
    assert "P000777" in page
    assert "Ada Mary Bell" not in page
    assert "1 document<" in page
    assert "Replaced, withdrawn and ended documents are hidden" in page
    assert "1 document<" in browser.get("/contract-documents?status=withdrawn").text


def test_a_document_is_a_page(browser: Browser, line: LineItem, contact: Contact) -> None:
    page = browser.sign_in(contact).get(f"/contract-documents/{line.document_id}").text
    for words in ("Ada Mary Bell", "Personal care", "19.6800", "7.00", "16 October 2017", "Accept", "Reject"):
        assert words in page


def test_a_document_is_accepted_with_the_password(browser: Browser, line: LineItem, contact: Contact) -> None:
    address = f"/contract-documents/{line.document_id}"
    assert "Password" in browser.sign_in(contact).get(f"{address}/accept").text
    page = browser.post(f"{address}/accept", {"password": PASSWORD})
    assert page.request.path == address
    assert "You have accepted" in page.text
    assert state_of(line) is DocumentState.ACCEPTED
    again = browser.post(f"{address}/accept", {"password": PASSWORD})
    assert "accepted already" in again.text


def test_a_wrong_password_is_told_at_its_field(browser: Browser, line: LineItem, contact: Contact) -> None:
    page = browser.sign_in(contact).post(f"/contract-documents/{line.document_id}/accept", {"password": "no"})
    assert page.status_code == 422
    assert 'href="#password"' in page.text
    assert "There is a problem" in page.text


def test_a_rejection_keeps_the_reason_typed(browser: Browser, line: LineItem, contact: Contact) -> None:
    address = f"/contract-documents/{line.document_id}/reject"
    page = browser.sign_in(contact).post(address, {"password": "no", "reason": "Too <late>"})
    assert page.status_code == 422
    assert "Too &lt;late&gt;" in page.text
    empty = browser.post(address, {"password": PASSWORD, "reason": ""})
    assert 'href="#reason"' in empty.text
    done = browser.post(address, {"password": PASSWORD, "reason": "Too late"})
    assert "You have rejected" in done.text
    assert "Too late" in done.text


def test_others_and_drafts_answer_as_what_does_not_exist(browser: Browser, world: World, contact: Contact) -> None:
    other = world.line(world.organisation("Broadland Care Ltd"))
    draft = world.line(contact.organisation, state=DocumentState.DRAFT)
    browser.sign_in(contact)
    for line in (other, draft):
        for suffix in ("", "/accept", "/reject"):
            answer = browser.get(f"/contract-documents/{line.document_id}{suffix}")
            assert answer.status_code == 404
            assert "Page not found" in answer.text
        assert browser.post(f"/contract-documents/{line.document_id}/accept", {"password": PASSWORD}).status_code == 404


def test_it_takes_the_function_contract_documents(browser: Browser, world: World, line: LineItem) -> None:
    browser.sign_in(world.contact(line.organisation, may_actuals=True))
    assert browser.get("/contract-documents", follow=False).status_code in (302, 403)
    assert browser.get(f"/contract-documents/{line.document_id}", follow=False).status_code in (302, 403)


@pytest.mark.parametrize("address", ["/contract-documents", "/line-items"])
def test_a_list_takes_the_same_few_queries_at_any_length(
    browser: Browser, world: World, contact: Contact, address: str
) -> None:
    counts = []
    browser.sign_in(contact)
    for more in (1, 30):
        for _ in range(more):
            world.line(contact.organisation)
        browser.get(address)
        counts.append(_queries(browser, f"{address}?rows=200"))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def _queries(browser: Browser, address: str) -> int:
    with Queries() as statements:
        assert browser.get(address).status_code == 200
    return sum("set_config" not in statement for statement in statements)
