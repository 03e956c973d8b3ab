"""Contract documents: published once, answered once."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from models import (
    COUNCIL,
    Contact,
    ContractDocument,
    Conversation,
    DocumentVersion,
    Email,
    LineItem,
    PortalUser,
    acting_for,
    db,
    enter,
)
from rules.agreement_states import DocumentState
from rules.document_content import digest_of, from_text
from rules.refusal import Refused, Unknown
from rules.states import ConversationState
from tests.support.worlds.agreements import propose_rate
from tests.support.worlds.world import START, World
from workflows.confirm import desk
from workflows.contracts import documents, publication
from workflows.hashes import hash_password

PASSWORD, BROKERAGE = "correct-horse-portal", "Service Brokerage"


@pytest.fixture
def line(world: World) -> LineItem:
    return world.line(world.organisation())


@pytest.fixture
def contact(world: World, line: LineItem) -> Contact:
    contact = world.contact(line.organisation)
    assert contact.user
    contact.user.password = hash_password(PASSWORD)
    db.session.commit()
    return contact


def answer(
    contact: Contact, line: LineItem, reason: str | None = None, password: str = PASSWORD, digest: str = ""
) -> ContractDocument:
    user = db.session.get_one(PortalUser, contact.user_id)
    with acting_for(contact.organisation_id):
        if reason is None:
            return documents.accept(line.document_id, contact, user, password, digest)
        return documents.reject(line.document_id, contact, user, password, reason)


def publish(world: World, line: LineItem) -> None:
    """Let one officer propose to publish a draft, and another confirm, whatever is unusual about it."""
    proposal = publication.propose([line.document_id], world.officer(BROKERAGE))
    desk.confirm(proposal.id, world.officer(BROKERAGE), [each["code"] for each in proposal.unusual])


def state_of(line: LineItem) -> DocumentState:
    db.session.expire_all()
    state: DocumentState = db.session.get_one(ContractDocument, line.document_id).state
    return state


def test_publishing_tells_the_contacts_for_documents(world: World) -> None:
    line = world.line(world.organisation(), state=DocumentState.DRAFT)
    told = world.contact(line.organisation, may_documents=True)
    world.contact(line.organisation, may_actuals=True)
    publish(world, line)
    assert state_of(line) is DocumentState.PUBLISHED
    email = db.session.scalars(select(Email)).one()
    assert email.recipient == told.email
    assert line.person.name not in email.body
    assert line.document.reference not in email.body


def test_only_drafts_are_published_and_all_or_none(world: World) -> None:
    organisation = world.organisation()
    draft = world.line(organisation, state=DocumentState.DRAFT)
    with pytest.raises(Refused, match="only a draft"):
        publication.propose([draft.document_id, world.line(organisation).document_id], world.officer(BROKERAGE))
    assert state_of(draft) is DocumentState.DRAFT


def test_a_document_without_lines_is_not_published(world: World) -> None:
    line = world.line(world.organisation())
    empty = ContractDocument(
        organisation_id=line.organisation_id, service_id=line.service_id, person_id=line.person_id, reference="ISO-E"
    )
    db.session.add(empty)
    db.session.commit()
    with pytest.raises(Refused, match="no line items"):
        publication.propose([empty.id], world.officer(BROKERAGE))


def test_nothing_is_published_by_one_officer_alone(world: World) -> None:
    line, officer = world.line(world.organisation(), state=DocumentState.DRAFT), world.officer(BROKERAGE)
    proposal = publication.propose([line.document_id], officer)
    with pytest.raises(Refused, match="another officer"):
        desk.confirm(proposal.id, officer, ())
    with pytest.raises(Refused, match="waits already"):
        publication.propose([line.document_id], world.officer(BROKERAGE))
    assert state_of(line) is DocumentState.DRAFT


def test_accepting_keeps_who_and_when(line: LineItem, contact: Contact) -> None:
    accepted = answer(contact, line)
    assert (accepted.state, accepted.accepted_by_id) == (DocumentState.ACCEPTED, contact.user_id)
    assert accepted.accepted_at is not None


def test_accepting_twice_is_refused(line: LineItem, contact: Contact) -> None:
    answer(contact, line)
    with pytest.raises(Refused, match="accepted already"):
        answer(contact, line)
    with pytest.raises(Refused, match="accepted already"):
        answer(contact, line, "I changed my mind")


@pytest.mark.parametrize("state", [DocumentState.WITHDRAWN, DocumentState.ENDED])
def test_what_is_over_takes_no_answer(line: LineItem, contact: Contact, state: DocumentState) -> None:
    line.document.state, line.document.withdrawn_reason = state, "Not needed"
    db.session.commit()
    with pytest.raises(Refused, match="any more"):
        answer(contact, line)


def test_a_wrong_password_accepts_nothing(line: LineItem, contact: Contact) -> None:
    with pytest.raises(Refused) as refused:
        answer(contact, line, password="not it")
    assert refused.value.problems[0].field == "password"
    assert state_of(line) is DocumentState.PUBLISHED


def test_rejecting_opens_a_conversation_with_service_brokerage(line: LineItem, contact: Contact) -> None:
    answer(contact, line, " The start date is wrong. ")
    opened = db.session.scalars(select(Conversation)).one()
    assert (opened.team.name, opened.state) == ("Service Brokerage", ConversationState.WAITING_FOR_COUNCIL)
    assert [(message.body, message.from_council) for message in opened.messages] == [
        ("The start date is wrong.", False)
    ]
    assert f"{opened.target_on}" == "2017-11-22"
    assert state_of(line) is DocumentState.REJECTED


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 7501, "The start\ufffe is wrong."])
def test_rejecting_needs_a_reason_that_fits(line: LineItem, contact: Contact, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        answer(contact, line, reason)
    assert refused.value.problems[0].field == "reason"
    assert state_of(line) is DocumentState.PUBLISHED


def test_another_organisations_document_is_unknown(world: World, contact: Contact) -> None:
    other = world.line(world.organisation("Broadland Care Ltd"))
    with pytest.raises(Unknown):
        answer(contact, other)


def test_a_draft_is_unknown_to_its_provider(world: World, contact: Contact) -> None:
    draft = world.line(contact.organisation, state=DocumentState.DRAFT)
    with pytest.raises(Unknown):
        answer(contact, draft)
    with acting_for(contact.organisation_id), pytest.raises(Unknown):
        documents.document(draft.document_id)


def test_accepting_and_rejecting_at_once_is_one_answer(app: Flask, line: LineItem, contact: Contact) -> None:
    start, results = Barrier(2), []

    def one(act: Callable[[], object]) -> None:
        with app.app_context():
            enter(COUNCIL)
            start.wait()
            try:
                act()
                results.append("done")
            except Refused:
                results.append("refused")
            finally:
                db.session.remove()

    acts = (lambda: answer(contact, line), lambda: answer(contact, line, "No."))
    threads = [Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused"]
    assert len(db.session.scalars(select(Conversation)).all()) == (state_of(line) is DocumentState.REJECTED)


def test_accepting_signs_what_was_shown(world: World, line: LineItem, contact: Contact) -> None:
    answer(contact, line)
    version = db.session.scalars(select(DocumentVersion)).one()
    assert version.signed_digest == version.digest == digest_of(version.content)
    assert from_text(version.content).lines[0].reference == line.reference


def test_a_version_that_came_while_somebody_read_the_one_before_is_not_accepted(
    world: World, line: LineItem, contact: Contact
) -> None:
    read = db.session.scalars(select(DocumentVersion.digest)).one()
    proposal = propose_rate(line.id, START, Decimal("20.0000"), world.officer(BROKERAGE), "Agreed")
    desk.confirm(proposal.id, world.officer(BROKERAGE), ())
    with pytest.raises(Refused, match="newer version"):
        answer(contact, line, digest=read)
    assert answer(contact, line).version == 2
    states = db.session.scalars(select(DocumentVersion.state).order_by(DocumentVersion.number)).all()
    assert states == [DocumentState.REPLACED, DocumentState.ACCEPTED]
