"""A missing care package arrives with brokerage, and its provider is told once it is published."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models import (
    Contact,
    Conversation,
    Element,
    Email,
    LineItem,
    MissingPackage,
    Organisation,
    PortalUser,
    Service,
    acting_for,
    db,
)
from rules.agreement_states import DocumentState, MissingState
from rules.refusal import Refused
from rules.states import ConversationState
from tests.rules.test_missing_package import ENTRY
from tests.support.worlds.world import World
from workflows.contracts import missing_package as packages


@pytest.fixture
def contact(world: World) -> Contact:
    return world.contact(world.organisation())


def own(contact: Contact) -> Organisation:
    """The organisation of a contact, as the session knows it now: another scope begins with an empty one."""
    organisation: Organisation = db.session.get_one(Organisation, contact.organisation_id)
    return organisation


def report(contact: Contact, element: Element | None = None, **changed: Any) -> MissingPackage:
    element_id = element.id if element else None
    with acting_for(contact.organisation_id):
        service = db.session.scalars(select(Service.id)).one()
        user = db.session.get_one(PortalUser, contact.user_id)
        package_id = packages.report(replace(ENTRY, **changed), service, element_id, user).id
    package: MissingPackage = db.session.get_one(MissingPackage, package_id)
    return package


def draft(world: World, contact: Contact, **more: Any) -> LineItem:
    """A line of the person that was reported, on a document that is about to be published."""
    person = more.pop("person", None) or world.person("p105118")
    return world.line(own(contact), state=DocumentState.DRAFT, person=person, **more)


def found(line: LineItem) -> int:
    count = packages.tell_found(line.document)
    db.session.commit()
    return count


def test_a_report_is_kept_and_arrives_as_a_conversation_with_brokerage(contact: Contact) -> None:
    package = report(contact)
    conversation = db.session.get_one(Conversation, package.conversation_id)
    assert package.state is MissingState.REPORTED
    assert (conversation.team.name, conversation.subject) == (
        "Service Brokerage",
        "A care package is missing: P105118",
    )
    assert "Agreed with: Discharge team" in conversation.messages[0].body
    assert conversation.state is ConversationState.WAITING_FOR_COUNCIL


def test_what_is_reported_already_is_not_reported_again(contact: Contact, world: World) -> None:
    report(contact)
    with pytest.raises(Refused, match="reported already"):
        report(contact, person_reference="p105118", person_name="Ada")
    report(contact, element=world.element())


def test_a_person_whose_line_is_there_is_not_missing(contact: Contact, world: World) -> None:
    line = world.line(own(contact), person=world.person("P105118"))
    with pytest.raises(Refused, match=f"Line {line.reference} is this person’s Personal care already"):
        report(contact, element=line.element)
    report(contact, element=world.element("Sitting service"))


def test_publishing_a_line_that_fits_tells_the_provider(contact: Contact, world: World) -> None:
    package = report(contact)
    line = draft(world, contact)
    assert found(line) == 1
    db.session.expire_all()
    assert (package.state, package.line_item_id) == (MissingState.FOUND, line.id)
    conversation = package.conversation
    assert conversation.line_item_id == line.id
    assert conversation.state is ConversationState.CLOSED
    last = conversation.messages[-1]
    assert last.from_council
    published = f"Line {line.reference} (Personal care) has been published with contract document {line.document}."
    assert last.body.startswith(f"{published} It is the care package that you reported missing on ")
    assert contact.email in db.session.scalars(select(Email.recipient)).all()


def test_another_element_another_person_or_another_organisation_is_not_the_same_care(
    contact: Contact, world: World
) -> None:
    package = report(contact, element=world.element("Sitting service"))
    other = world.contact(world.organisation("Broadland Care CIC"))
    person = world.person("P105118")
    assert found(draft(world, contact, person=person)) == 0
    assert found(draft(world, contact, person=world.person("P999999"), element=package.element)) == 0
    assert found(draft(world, other, person=person, element=package.element)) == 0
    assert found(draft(world, contact, person=person, element=package.element, end=date(2017, 11, 8))) == 0
    assert found(draft(world, contact, person=person, element=package.element)) == 1


def test_a_package_is_found_once(contact: Contact, world: World) -> None:
    report(contact)
    person = world.person("P105118")
    assert [found(draft(world, contact, person=person)) for _ in range(2)] == [1, 0]


def test_a_reference_that_is_put_right_finds_what_is_published_already(contact: Contact, world: World) -> None:
    package = report(contact, person_reference="", person_name="Ada Bell", born_on=date(1940, 5, 3))
    line = world.line(own(contact), person=world.person("P105118", "Ada Bell"))
    assert not packages.look_again(package)
    package.person_reference = "P105118"
    assert packages.look_again(package)
    db.session.commit()
    assert package.line_item_id == line.id


def test_two_documents_that_fit_are_no_ground_for_a_guess(contact: Contact, world: World) -> None:
    package = report(contact, person_reference="P1")
    twice = world.person("P777")
    for _ in range(2):
        world.line(own(contact), person=twice)
    package.person_reference = "P777"
    assert not packages.look_again(package)
