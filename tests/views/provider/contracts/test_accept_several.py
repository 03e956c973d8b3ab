"""Several contract documents are accepted at once with one password: all of them, or none."""

import re

import pytest
from sqlalchemy import select

from models import Contact, ContractDocument, DocumentVersion, Organisation, db
from rules.agreement_states import DocumentState
from tests.support.pages.browser import Browser
from tests.support.worlds.people import PASSWORD, regular
from tests.support.worlds.world import World

ADDRESS = "/contract-documents/accept"


@pytest.fixture
def contact(world: World) -> Contact:
    """Somebody of an organisation with three documents to answer."""
    organisation = world.organisation()
    for _ in range(3):
        world.line(organisation)
    return regular(world, organisation)


@pytest.fixture
def provider(browser: Browser, contact: Contact) -> Browser:
    return browser.sign_in(contact)


def _form(page: str, *chosen: int, password: str = PASSWORD) -> dict[str, object]:
    digests = dict(re.findall(r'name="(digest-\d+)" value="(\w+)"', page))
    return digests | {"documents": [str(each) for each in chosen], "password": password}


def _ids() -> list[int]:
    return list(db.session.scalars(select(ContractDocument.id).order_by(ContractDocument.id)))


def _states() -> list[DocumentState]:
    db.session.rollback()
    return list(db.session.scalars(select(ContractDocument.state).order_by(ContractDocument.id)))


def test_those_that_are_ticked_are_accepted_and_signed(provider: Browser) -> None:
    first, second, third = _ids()
    assert "Accept several at once" in provider.get("/contract-documents").text
    done = provider.post(ADDRESS, _form(provider.get(ADDRESS).text, first, third))
    assert "You have accepted 2 contract documents." in done.text
    assert _states() == [DocumentState.ACCEPTED, DocumentState.PUBLISHED, DocumentState.ACCEPTED]
    signed = db.session.scalars(select(DocumentVersion).where(DocumentVersion.document_id == third)).one()
    assert signed.signed_digest == signed.digest
    assert signed.answered_by is not None
    # One that is left is accepted as any other.
    assert "Accept several at once" not in provider.get("/contract-documents").text
    assert provider.get(f"/contract-documents/{second}/accept").status_code == 200


def test_nothing_chosen_and_a_wrong_password_are_told_with_what_was_ticked(provider: Browser) -> None:
    first, *_ = _ids()
    page = provider.get(ADDRESS).text
    nothing = provider.post(ADDRESS, _form(page))
    assert (nothing.status_code, "Choose the documents you accept." in nothing.text) == (422, True)
    wrong = provider.post(ADDRESS, _form(page, first, password="guessed"))
    assert wrong.status_code == 422
    assert f'value="{first}" checked' in wrong.text
    assert set(_states()) == {DocumentState.PUBLISHED}


def test_one_that_was_changed_since_it_was_read_keeps_all_from_being_accepted(provider: Browser) -> None:
    first, second, _ = _ids()
    form = _form(provider.get(ADDRESS).text, first, second) | {f"digest-{second}": "0" * 64}
    answer = provider.post(ADDRESS, form)
    assert answer.status_code == 422
    assert "A newer version has been published since you opened this." in answer.text
    assert set(_states()) == {DocumentState.PUBLISHED}


def test_another_organisations_document_is_not_found(world: World, provider: Browser) -> None:
    theirs = world.line(world.organisation("Broadland Care Ltd")).document_id
    assert provider.post(ADDRESS, {"documents": [str(theirs)], "password": PASSWORD}).status_code == 404


def test_with_nothing_to_answer_the_page_says_so(world: World, browser: Browser) -> None:
    organisation: Organisation = world.organisation("Yare Lodge")
    assert "You have no document to answer." in browser.sign_in(regular(world, organisation)).get(ADDRESS).text
