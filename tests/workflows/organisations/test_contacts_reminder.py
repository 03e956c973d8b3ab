"""Whoever looks after contacts is reminded by e-mail to check them, once a quarter and never twice."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from models import Contact, ContactReview, Email, Organisation, db
from rules.states import OrganisationState
from tests.support.processes.at_once import at_once
from tests.support.worlds.go_live import opens_on
from tests.support.worlds.world import World
from workflows.organisations import contacts
from workflows.organisations.contacts_reminder import remind_of_contacts

# Contacts of the world begin on 16 October 2017: a quarter later they want looking through.
DUE, DAY_BEFORE, NEXT_QUARTER = "2018-01-15", "2018-01-14", "2018-04-16"


@pytest.fixture
def mary(world: World, app: Flask) -> Contact:
    """Who looks after everything at an organisation whose contacts want looking through today."""
    app.config["PORTAL_TODAY"] = DUE
    return world.contact(world.organisation(), "mary@provider.example")


def recipients() -> list[str]:
    return list(db.session.scalars(select(Email.recipient).order_by(Email.id)))


def test_a_reminder_comes_on_the_day_on_which_the_page_asks_and_not_the_day_before(app: Flask, mary: Contact) -> None:
    app.config["PORTAL_TODAY"] = DAY_BEFORE
    assert remind_of_contacts() == 0
    assert contacts.contacts_page(mary.organisation_id).review_due == date.fromisoformat(DUE)
    app.config["PORTAL_TODAY"] = DUE
    assert remind_of_contacts() == 1
    assert recipients() == ["mary@provider.example"]


def test_a_second_run_sends_nothing_until_the_next_quarter(app: Flask, mary: Contact) -> None:
    remind_of_contacts()
    for day in (DUE, "2018-01-16", "2018-04-15"):
        app.config["PORTAL_TODAY"] = day
        assert remind_of_contacts() == 0, day
    app.config["PORTAL_TODAY"] = NEXT_QUARTER
    assert remind_of_contacts() == 1
    assert recipients() == ["mary@provider.example"] * 2


def test_two_runs_at_once_send_one(app: Flask, mary: Contact) -> None:
    assert sorted(at_once(app, remind_of_contacts, remind_of_contacts)) == [0, 1]
    assert recipients() == ["mary@provider.example"]


def test_who_has_checked_them_is_not_reminded(app: Flask, mary: Contact) -> None:
    assert mary.user_id
    checked = datetime(2018, 1, 10, 9, tzinfo=UTC)
    db.session.add(ContactReview(organisation=mary.organisation, reviewed_at=checked, reviewed_by_id=mary.user_id))
    db.session.commit()
    assert remind_of_contacts() == 0
    app.config["PORTAL_TODAY"] = "2018-04-11"
    assert remind_of_contacts() == 1


def test_everybody_who_looks_after_contacts_is_told_and_nobody_else(world: World, mary: Contact) -> None:
    own = mary.organisation
    world.contact(own, "jo@provider.example", may_organisation=True)
    world.contact(own, "payments@provider.example", may_payments=True)
    left = world.contact(own, "left@provider.example")
    left.end = date(2018, 1, 14)
    off = world.contact(own, "off@provider.example")
    assert off.user
    off.user.active = False
    db.session.add(
        Contact(organisation=own, name="New", email="new@x.example", start=left.start, may_organisation=True)
    )
    db.session.commit()
    assert remind_of_contacts() == 2
    assert recipients() == ["mary@provider.example", "jo@provider.example"]


def suspended(organisation: Organisation) -> None:
    organisation.state = OrganisationState.SUSPENDED


def before_its_date(_organisation: Organisation) -> None:
    opens_on("Home support", date(2018, 1, 16))


def without_a_payments_contact(organisation: Organisation) -> None:
    organisation.contacts[0].may_payments = False


def without_anybody_who_looks_after_them(organisation: Organisation) -> None:
    organisation.contacts[0].may_organisation = False


@pytest.mark.parametrize(
    "make", [suspended, before_its_date, without_a_payments_contact, without_anybody_who_looks_after_them]
)
def test_an_organisation_that_cannot_get_in_is_reminded_once_it_can(mary: Contact, make: object) -> None:
    assert callable(make)
    make(mary.organisation)
    db.session.commit()
    assert remind_of_contacts() == 0
    assert mary.organisation.contacts_reminded_on is None
    mary.organisation.state = OrganisationState.LIVE
    mary.may_payments = mary.may_organisation = True
    db.session.commit()
    opens_on("Home support", date(2018, 1, 15))
    assert remind_of_contacts() == 1


def test_the_e_mail_names_nobody(world: World, mary: Contact) -> None:
    world.line(mary.organisation, person=world.person(name="Ada Bell"))
    remind_of_contacts()
    email = db.session.scalars(select(Email)).one()
    assert email.subject == "Check your contacts in the provider portal"
    assert email.organisation_id == mary.organisation_id
    assert mary.name not in email.body
    assert "/contacts\n" in email.body
    assert "Ada" not in email.body
    assert "£" not in email.body
