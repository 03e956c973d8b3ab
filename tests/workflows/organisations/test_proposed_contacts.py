"""Whom an organisation named becomes a contact when Procurement confirms them, once."""

from datetime import date

import pytest
from sqlalchemy import select

from models import Contact, ProposedContact, db
from rules.agreement_states import NamingState
from rules.refusal import Refused
from tests.support.processes.at_once import at_once
from tests.support.worlds.go_live import named, person, provider
from tests.support.worlds.world import World
from workflows.organisations.proposed_contacts import decide, waiting_of

CONFIRM, LEAVE_OUT, LATER = NamingState.CONFIRMED, NamingState.LEFT_OUT, NamingState.PROPOSED


def test_who_is_confirmed_is_a_contact_from_today_with_what_they_were_named_for(world: World) -> None:
    proposed = named(provider(world, "Beech Court"), may_payments=True)
    assert decide({proposed.id: CONFIRM}, world.officer("Procurement")) == (1, 0)
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.name, contact.email, contact.phone) == (proposed.name, proposed.email, "01603 495702")
    assert (contact.start, contact.end, contact.invited_at) == (date(2017, 11, 20), None, None)
    assert [function.value for function in contact.functions] == [
        "Invoices and payments", "Contacts and organisation", "Conversations",
    ]  # fmt: skip
    assert (proposed.state, proposed.contact_id) == (CONFIRM, contact.id)
    assert waiting_of(None) == []


def test_a_contact_named_again_is_given_more_functions(world: World) -> None:
    organisation = provider(world, "Beech Court")
    contact = person(organisation, "Paula Hurn", may_payments=True)
    proposed = named(organisation, "Paula Hurn", may_documents=True)
    assert waiting_of([organisation.id]) == [(proposed, contact)]
    decide({proposed.id: CONFIRM}, world.officer("Procurement"))
    assert db.session.scalars(select(Contact)).all() == [contact]
    assert contact.may_payments
    assert contact.may_documents


def test_who_is_left_out_or_decided_about_later_is_no_contact(world: World) -> None:
    first, second = named(provider(world, "Beech Court")), named(provider(world, "Cley House"))
    assert decide({first.id: LEAVE_OUT, second.id: LATER}, world.officer("Procurement")) == (0, 1)
    assert db.session.scalars(select(Contact)).all() == []
    assert [proposed for proposed, _ in waiting_of(None)] == [second]


def test_of_two_officers_at_once_one_confirms(world: World) -> None:
    proposed_id, officer = named(provider(world, "Beech Court")).id, world.officer("Procurement")
    db.session.commit()
    results = at_once(world.app, *[lambda: decide({proposed_id: CONFIRM}, officer)] * 3)
    assert sum(result == (1, 0) for result in results) == 1
    assert [str(each) for each in results if isinstance(each, Refused)] == [
        "Somebody else decided about these people meanwhile."
    ] * 2
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_a_contact_whose_access_ended_does_not_come_back_by_the_form(world: World) -> None:
    organisation = provider(world, "Beech Court")
    person(organisation, "Paula Hurn").end = date(2017, 11, 1)
    proposed, other = named(organisation, "Paula Hurn"), named(provider(world, "Cley House"))
    with pytest.raises(Refused) as refused:
        decide({proposed.id: CONFIRM, other.id: CONFIRM}, world.officer("Procurement"))
    assert str(refused.value) == (
        "The access of Paula Hurn of Beech Court ended on 1 November 2017. Change that in their record first."
    )
    assert len(db.session.scalars(select(ProposedContact).where(ProposedContact.waits)).all()) == 2
