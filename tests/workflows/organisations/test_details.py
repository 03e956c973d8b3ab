"""Addresses an organisation changes itself: what was there before is kept, and the old e-mail address is told."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from models import Contact, DetailChange, Email, Organisation, Service, acting_for, db, say_who
from rules.problem_codes import Code
from rules.refusal import Refused
from tests.support.worlds.world import World
from workflows.organisations.details import Details, change_details, changes_of, get_service

NEW = Details("2 Mill Lane, King’s Lynn", "PE30 1JT", "01553 600000", "office@new.example")


@pytest.fixture
def contact(world: World) -> Contact:
    organisation = world.organisation(
        address="1 High Street", postcode="PE30 1JT", phone="01553 600000", email="office@old.example"
    )
    return world.contact(organisation)


def test_the_old_value_is_kept_with_who_changed_it(contact: Contact) -> None:
    with acting_for(contact.organisation_id):
        say_who(contact.user_id, "")
        change_details(db.session.get_one(Organisation, contact.organisation_id), NEW)
        found = changes_of(contact.organisation_id)
    assert {(change.field, change.was, change.became, change.changed_by_id) for change in found} == {
        ("address", "1 High Street", "2 Mill Lane, King’s Lynn", contact.user_id),
        ("email", "office@old.example", "office@new.example", contact.user_id),
    }


def test_what_an_officer_or_an_import_changes_is_kept_too(contact: Contact) -> None:
    service = contact.organisation.services[0]
    service.phone = "01553 611111"
    db.session.commit()
    assert [(change.service_id, change.became) for change in changes_of(contact.organisation_id)] == [
        (service.id, "01553 611111")
    ]


def test_the_old_e_mail_address_is_told_when_it_changes_and_only_then(contact: Contact) -> None:
    change_details(contact.organisation, NEW)
    emails = db.session.scalars(select(Email)).all()
    assert [email.recipient for email in emails] == ["office@old.example"]
    assert "office@new.example" not in emails[0].body
    change_details(contact.organisation, NEW)
    assert len(db.session.scalars(select(Email)).all()) == 1


def test_a_service_has_an_e_mail_address_of_its_own(contact: Contact) -> None:
    service_id = contact.organisation.services[0].id
    with acting_for(contact.organisation_id):
        change_details(get_service(service_id), NEW)
    assert db.session.scalars(select(Service.email)).all() == ["office@new.example"]
    assert db.session.scalars(select(Email)).all() == [], "there was no address before"


def test_an_address_is_needed_and_can_be_kept(contact: Contact) -> None:
    with pytest.raises(Refused) as refused:
        change_details(contact.organisation, Details("", "x" * 11, "", ""))
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [
        (Code.TOO_LONG, "postcode"),
        (Code.MISSING, "address"),
    ]


def test_a_postcode_is_read_by_the_rule_of_the_councils_own_form(contact: Contact) -> None:
    with pytest.raises(Refused) as refused:
        change_details(contact.organisation, Details("1 High Street", "Norwich", "", ""))
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(Code.NOT_A_POSTCODE, "postcode")]


def test_an_organisation_writes_no_history_and_no_legal_name(contact: Contact) -> None:
    own = contact.organisation_id
    with acting_for(own):
        for statement in (
            DetailChange.__table__.insert().values(organisation_id=own, field="x", was="", became=""),
            Organisation.__table__.update().values(name="Mine"),
            Organisation.__table__.update().values(vat_number="GB1"),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                db.session.execute(statement)
            db.session.rollback()
