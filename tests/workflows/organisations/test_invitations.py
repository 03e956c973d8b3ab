"""Contacts are invited: whoever asks, each gets one e-mail, and a password that works for seven days."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from models import Contact, Email, Invitation, Organisation, PortalUser, Rollout, acting_for, db
from rules.agreement_states import InvitationState
from rules.refusal import Refused
from tests.support.pages.browser import Browser
from tests.support.processes.queue import waiting
from tests.support.worlds.people import give_password
from tests.support.worlds.world import START, World
from workflows.clock import now
from workflows.hashes import matches
from workflows.organisations import invitations


def new_contact(organisation: Organisation, email: str = "ann@yare.example") -> Contact:
    contact = Contact(
        organisation=organisation, name="Ann Lee", email=email, start=START, may_payments=True, may_documents=True
    )
    db.session.add(contact)
    db.session.commit()
    return contact


def invited(contact: Contact) -> Email:
    """Invite a contact and have the invitation sent; its e-mail."""
    invitations.invite(contact, None)
    db.session.commit()
    assert invitations.send_waiting() == 1
    email: Email = db.session.scalars(select(Email).order_by(Email.id.desc()).limit(1)).one()
    return email


def user_of(contact: Contact) -> PortalUser:
    assert contact.user
    return contact.user


def works_for(contact: Contact) -> timedelta:
    """How long a given password works from the invitation on."""
    until = user_of(contact).given_until
    assert until
    assert contact.invited_at
    return until - contact.invited_at


def password_in(email: Email) -> str:
    found = re.search(r"(?:[a-z0-9]{4}-){4}[a-z0-9]{4}", email.body)
    assert found, email.body
    return found[0]


def test_an_invited_contact_gets_a_user_and_a_password_by_e_mail(world: World, browser: Browser) -> None:
    contact = new_contact(world.organisation())
    email = invited(contact)
    assert (email.recipient, email.organisation_id, email.holds_secret) == (
        contact.email,
        contact.organisation_id,
        True,
    )
    assert "Fenland Homecare Ltd" in email.body
    assert "/sign-in" in email.body
    assert user_of(contact).must_change_password
    assert matches(user_of(contact).password, password_in(email))
    assert works_for(contact) == timedelta(days=7)
    assert "Choose a new password" in give_password(browser, contact.email, password_in(email)).text


def test_an_expired_given_password_says_so_and_nothing_else(world: World, browser: Browser) -> None:
    contact = new_contact(world.organisation())
    password = password_in(invited(contact))
    user_of(contact).given_until = now()
    db.session.commit()
    page = give_password(browser, contact.email, password)
    assert page.status_code == 422
    assert "This password has expired. Ask a colleague who looks after contacts, or the council, for a new" in page.text
    assert "Fenland" not in page.text
    wrong = give_password(browser, contact.email, "another password")
    assert "This password has expired" not in wrong.text
    assert "Choose a new password" in give_password(browser, contact.email, password_in(invited(contact))).text


def test_a_password_of_ones_own_does_not_expire(world: World) -> None:
    contact = world.contact(world.organisation())
    user_of(contact).given_until = now() - timedelta(days=300)
    assert not user_of(contact).given_password_is_over(now())


def test_before_the_sectors_turn_the_seven_days_count_from_its_roll_out_date(world: World) -> None:
    organisation = world.organisation()
    db.session.execute(update(Rollout).values(opens_on=date(2017, 11, 30)))
    db.session.expire_all()
    contact = new_contact(organisation)
    email = invited(contact)
    assert works_for(contact) == timedelta(days=17)
    assert "The portal opens to you on 30 November 2017." in email.body


def test_asked_for_twice_before_it_is_sent_it_is_sent_once(world: World) -> None:
    contact = new_contact(world.organisation())
    for _ in range(2):
        invitations.invite(contact, None)
        db.session.commit()
    assert invitations.send_waiting() == 1
    assert len(db.session.scalars(select(Email)).all()) == 1


def test_an_organisation_invites_its_own_contact_and_a_worker_sends(world: World) -> None:
    organisation = world.organisation()
    with acting_for(organisation.id):
        contact = Contact(organisation_id=organisation.id, name="Ann Lee", email="ann@yare.example", start=START)
        db.session.add(contact)
        invitations.invite(contact, None)
        db.session.commit()
    assert [name for name, *_ in waiting()] == ["invitations"]
    assert invitations.send_waiting() == 1
    assert db.session.scalars(select(Invitation.state)).all() == [InvitationState.SENT]


def test_without_a_commit_nobody_is_invited(world: World) -> None:
    contact = new_contact(world.organisation())
    invitations.invite(contact, None)
    db.session.rollback()
    assert (invitations.send_waiting(), waiting()) == (0, [])


def test_a_contact_of_two_organisations_has_one_user_and_one_password(world: World) -> None:
    first = new_contact(world.organisation())
    second = new_contact(world.organisation("Broadland Care CIC"))
    password = password_in(invited(first))
    assert "in the invitation we sent you for another organisation" in invited(second).body
    assert first.user is second.user
    assert matches(user_of(first).password, password)


def test_who_has_a_password_of_their_own_keeps_it(world: World) -> None:
    known = world.contact(world.organisation(), "ann@yare.example")
    kept = user_of(known).password
    other = new_contact(world.organisation("Broadland Care CIC"))
    assert "Your password and your security code are the ones you have." in invited(other).body
    assert (other.user, user_of(other).password) == (known.user, kept)


def test_after_a_change_of_address_the_password_is_that_of_the_new_address(world: World) -> None:
    contact = new_contact(world.organisation())
    invited(contact)
    before = user_of(contact)
    contact.email = "ann.lee@yare.example"
    db.session.commit()
    password = password_in(invited(contact))
    assert contact.user is not before
    assert user_of(contact).email == "ann.lee@yare.example"
    assert not matches(before.password, password)


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("ended", "The access of Ann Lee ended on 1 November 2017. Change that first."),
        ("officer", "ann@yare.example is the address of an officer of the council."),
        ("switched off", "The council has switched off the access of Ann Lee."),
    ],
)
def test_who_cannot_sign_in_is_not_invited(world: World, why: str, says: str) -> None:
    contact = new_contact(world.organisation())
    invitations.invite(contact, None)
    db.session.commit()
    if why == "ended":
        contact.end = date(2017, 11, 1)
    else:
        user: PortalUser = world.user("ann@yare.example", council=why == "officer")
        user.active = why == "officer"
    db.session.commit()
    with pytest.raises(Refused) as refused:
        invitations.invite(contact, None)
    assert str(refused.value) == says
    db.session.rollback()
    # What was written down before says so too, and holds nobody up.
    invitations.send_waiting()
    found = db.session.scalars(select(Invitation)).one()
    assert (found.state, found.problem) == (InvitationState.NOT_SENT, says)
