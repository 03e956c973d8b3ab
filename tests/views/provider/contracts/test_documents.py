"""Contract documents as pages of the provider."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import html5lib
import pytest
from pypdf import PdfReader

from models import Contact, ContractDocument, Conversation, LineItem, Rate, db
from rules.agreement_states import DocumentState
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.world import World
from workflows.contracts.versions import publish_versions
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
    for words in ("Ada Mary Bell", "Personal care", "£19.68 per hour", "7.00", "16 October 2017", "Accept", "Reject"):
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


@pytest.fixture
def two_versions(world: World, line: LineItem) -> LineItem:
    """A document of which a second version, with a rise of the rate, waits for an answer."""
    proposal = world.confirmed()
    line.rates[0].end = date(2017, 11, 5)
    db.session.flush()
    own = {"organisation_id": line.organisation_id, "line_item_id": line.id}
    db.session.add(Rate(**own, start=date(2017, 11, 6), rate=Decimal("20.5"), reason="Yearly uplift"))
    db.session.flush()
    publish_versions([line.document_id], proposal)
    db.session.commit()
    return line


def seen(page: str) -> str:
    """Return what a document's page says without its blanks, and without what is there for screen readers alone."""
    main = html5lib.parse(page, namespaceHTMLElements=False).find(".//main")
    assert main is not None
    for table in main.iterfind(".//article//table"):
        for caption in table.findall("caption"):
            table.remove(caption)
    parts = [*main.iterfind(".//h1"), *main.iterfind(".//article")]
    return without_blanks("".join(text for part in parts for text in part.itertext()))


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_pdf_says_what_the_page_says(browser: Browser, two_versions: LineItem, contact: Contact) -> None:
    address = f"/contract-documents/{two_versions.document_id}"
    page = browser.sign_in(contact).get(address).text
    assert f"{address}/versions/2.pdf" in page
    answer = browser.get(f"{address}/versions/2.pdf")
    assert answer.mimetype == "application/pdf"
    paper = PdfReader(BytesIO(answer.data))
    footer = re.compile(r"Contract document [^\n]*, version 2\s*Page \d+ of \d+\s*$")
    text = "".join(footer.sub("", each.extract_text()) for each in paper.pages)
    assert without_blanks(text) == seen(page)


def test_an_earlier_version_stays_as_it_was_published(
    browser: Browser, two_versions: LineItem, contact: Contact
) -> None:
    address = f"/contract-documents/{two_versions.document_id}"
    page = browser.sign_in(contact).get(f"{address}/versions/1").text
    assert "This is an earlier version" in page
    assert "20.50" not in seen(page)
    assert f'href="{address}/accept"' not in page
    assert browser.get(f"{address}/versions/3").status_code == 404
    assert browser.get(f"{address}/versions/3.pdf").status_code == 404


def test_two_versions_stand_side_by_side_and_their_differences_in_words(
    browser: Browser, two_versions: LineItem, contact: Contact
) -> None:
    address = f"/contract-documents/{two_versions.document_id}"
    page = browser.sign_in(contact).get(f"{address}/compare?old=2&new=1").text
    change = f"Line {two_versions.reference}: Rate £20.50 per hour instead of £19.68 per hour from 6 November 2017"
    assert change in page
    document = browser.get(address).text
    assert change in document
    assert "What changed since version 1" in document
    assert f'href="{address}/compare?old=1&amp;new=2"' in document
    assert "<del>£19.68 per hour from 16 October 2017, no end date</del>" in page
    assert "£20.50 per hour from 6 November 2017, no end date</ins>" in page
    assert page.count("<ins>") == 1
    assert browser.get(f"{address}/compare").text.count("<ins>") == 1
    assert browser.get(f"{address}/compare?old=1&new=1", follow=False).status_code == 302


def test_after_an_answer_the_next_document_waits_one_click_away(
    browser: Browser, world: World, line: LineItem, contact: Contact
) -> None:
    others = [world.line(contact.organisation) for _ in range(2)]
    address = f"/contract-documents/{line.document_id}"
    page = browser.sign_in(contact).post(f"{address}/accept", {"password": PASSWORD}).text
    assert f"Next of 2 waiting: {others[0].document}" in page
    assert f'href="/contract-documents/{others[0].document_id}"' in page


def test_a_rejection_leads_to_the_conversation_it_opened(browser: Browser, line: LineItem, contact: Contact) -> None:
    contact.may_conversations = True
    db.session.commit()
    form = {"password": PASSWORD, "reason": "Too late"}
    page = browser.sign_in(contact).post(f"/contract-documents/{line.document_id}/reject", form).text
    opened = db.session.query(Conversation).one()
    assert f'href="/conversations/{opened.id}">conversation {opened.id}</a>' in page


def test_a_document_takes_few_queries(browser: Browser, two_versions: LineItem, contact: Contact) -> None:
    browser.sign_in(contact).get("/contract-documents")
    for suffix in ("", "/versions/2.pdf", "/compare"):
        assert _queries(browser, f"/contract-documents/{two_versions.document_id}{suffix}") <= 8
