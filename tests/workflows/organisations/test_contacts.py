"""An organisation's contacts: added and invited, limited, changed, ended, looked through."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from models import Contact, ContactReview, Email, Invitation, Organisation, PortalUser, Service, acting_for, db
from rules.contact import ContactEntry
from rules.problem_codes import Code
from rules.refusal import Refused, Unknown
from rules.states import ProviderFunction
from tests.support.pages.browser import Browser
from tests.support.worlds.people import give_code, give_password, regular
from tests.support.worlds.world import World
from workflows.access.sign_in import find_user
from workflows.clock import today
from workflows.organisations import contacts, invitations

ALL = frozenset(ProviderFunction)


def entry(**more: object) -> ContactEntry:
    values = {
        "name": "Josef Nowak", "job": "Co-ordinator", "email": "josef@provider.example", "phone": "01603 495702",
        "functions": frozenset({ProviderFunction.ACTUALS}), "services": frozenset(), "start": today(), "end": None,
    }  # fmt: skip
    return ContactEntry(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def mary(world: World) -> Contact:
    return world.contact(world.organisation(), "mary@provider.example")


def user_of(contact: Contact) -> PortalUser:
    assert contact.user
    return contact.user


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[Code, str]]:
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_a_contact_who_is_added_by_a_colleague_is_invited(mary: Contact) -> None:
    with acting_for(mary.organisation_id):
        added = contacts.add(mary.organisation, entry(), user_of(mary))
    assert (added.functions, added.phone) == ([ProviderFunction.ACTUALS], "01603 495702")
    assert db.session.scalars(select(Invitation.contact_id)).all() == [added.id]
    invitations.send_waiting()
    assert db.session.scalars(select(Email.recipient)).all() == ["josef@provider.example"]


def test_an_address_the_organisation_has_already_is_refused_with_whose_it_is(mary: Contact) -> None:
    with pytest.raises(Refused, match="has this address already") as refused:
        contacts.add(mary.organisation, entry(email=mary.email), user_of(mary))
    assert codes(refused) == [(Code.TAKEN, "email")]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (-9, -1, "has this address, with access until 19 November 2017. Change that contact to give access again."),
        (-9, 0, "has this address already. Change that contact instead."),
        (7, 30, "has this address already. Change that contact instead."),
    ],
    ids=["over", "on the last day", "to come"],
)
def test_who_has_an_address_is_said_to_be_without_access_only_once_it_is_over(
    mary: Contact, start: int, end: int, message: str
) -> None:
    of = {"start": today() + timedelta(days=start), "end": today() + timedelta(days=end)}
    db.session.add(Contact(organisation_id=mary.organisation_id, name="Josef", email="josef@provider.example", **of))
    db.session.commit()
    with pytest.raises(Refused) as refused:
        contacts.add(mary.organisation, entry(), user_of(mary))
    assert [problem.message for problem in refused.value.problems] == [f"Josef {message}"]


def test_an_officers_address_is_refused_at_the_address(world: World, mary: Contact) -> None:
    officer = world.officer("Procurement")
    with pytest.raises(Refused) as refused:
        contacts.add(mary.organisation, entry(email=officer.email), user_of(mary))
    assert codes(refused) == [(Code.TAKEN, "email")]
    assert db.session.scalar(select(func.count(Contact.id))) == 1


def test_a_service_of_another_organisation_is_unknown(world: World, mary: Contact) -> None:
    other = world.organisation("Broadland Care CIC")
    with pytest.raises(Unknown):
        contacts.add(mary.organisation, entry(services=frozenset({other.services[0].id})), user_of(mary))


def test_a_contact_is_limited_to_services_and_freed_again(world: World, mary: Contact) -> None:
    branches = [mary.organisation.services[0], Service(organisation=mary.organisation, name="Swaffham")]
    db.session.add(branches[1])
    db.session.commit()
    josef = contacts.add(mary.organisation, entry(services=frozenset({branches[0].id})), user_of(mary))
    contacts.change(josef.id, entry(services=frozenset({branches[1].id})), user_of(mary), known=False)
    assert [limit.service_id for limit in contacts.get_contact(josef.id).limits] == [branches[1].id]
    contacts.change(josef.id, entry(), user_of(mary), known=False)
    assert contacts.get_contact(josef.id).limits == []


def test_ended_access_ends_on_the_next_click_and_lets_nobody_in_again(world: World, browser: Browser) -> None:
    josef = regular(world, email="josef@provider.example")
    mary = world.contact(josef.organisation, "mary@provider.example")
    browser.sign_in(josef)
    assert browser.get("/").status_code == 200
    josef_id, email, colleague = josef.id, josef.email, user_of(mary)
    with acting_for(mary.organisation_id):
        contacts.end_access(josef_id, colleague, known=False)
    answer = browser.get("/actuals")
    assert answer.request.path == "/sign-in"
    assert "Your access has ended." in answer.text
    give_password(browser, email)
    assert "Main menu" not in give_code(browser).text
    assert find_user(email), "the person is kept"


def test_who_begins_and_ends_on_one_day_has_no_access_left(mary: Contact) -> None:
    josef = contacts.add(mary.organisation, entry(), user_of(mary))
    ended = contacts.end_access(josef.id, user_of(mary), known=False)
    assert not ended.in_force(today())
    assert db.session.scalars(select(Contact.id).where(Contact.in_force(today()))).all() == [mary.id]
    with pytest.raises(Refused, match="ended on 20 November 2017"):
        contacts.end_access(josef.id, user_of(mary), known=False)


def test_an_invitation_that_waits_is_not_sent_to_somebody_whose_access_was_ended(mary: Contact) -> None:
    josef = contacts.add(mary.organisation, entry(), user_of(mary))
    contacts.end_access(josef.id, user_of(mary), known=False)
    invitations.send_waiting()
    assert db.session.scalars(select(Email.recipient)).all() == []


def test_access_is_given_again_with_a_new_invitation(mary: Contact) -> None:
    josef = contacts.add(mary.organisation, entry(), user_of(mary))
    invitations.send_waiting()
    contacts.end_access(josef.id, user_of(mary), known=False)
    contacts.change(josef.id, entry(), user_of(mary), known=False)
    assert contacts.get_contact(josef.id).in_force(today())
    assert db.session.scalar(select(func.count(Invitation.id))) == 2


def test_the_last_contact_for_payments_and_isos_is_not_ended_unknowingly(mary: Contact) -> None:
    with pytest.raises(Refused, match="last contact of Fenland Homecare Ltd for payments") as refused:
        contacts.end_access(mary.id, user_of(mary), known=False)
    assert codes(refused) == [(Code.STILL_NEEDED, contacts.KNOWN)] * 2
    assert contacts.get_contact(mary.id).in_force(today())
    contacts.end_access(mary.id, user_of(mary), known=True)
    assert not contacts.get_contact(mary.id).in_force(today())


@pytest.mark.parametrize(
    "changed",
    [{"functions": ALL - {ProviderFunction.PAYMENTS}}, {"functions": ALL, "end": date(2017, 12, 31)}],
    ids=["loses the function", "gets an end"],
)
def test_nor_is_the_last_one_changed_so_that_nobody_is_left(mary: Contact, changed: dict[str, object]) -> None:
    wanted = entry(name="Mary Lane", email=mary.email, start=mary.start, **changed)
    with pytest.raises(Refused, match="last contact of Fenland Homecare Ltd for payments"):
        contacts.change(mary.id, wanted, user_of(mary), known=False)
    contacts.change(mary.id, wanted, user_of(mary), known=True)


def test_a_second_contact_for_the_same_is_enough(world: World, mary: Contact) -> None:
    world.contact(mary.organisation, "deputy@provider.example", may_payments=True, may_documents=True)
    assert contacts.losses(mary, None) == []
    contacts.end_access(mary.id, user_of(mary), known=False)


def test_a_review_records_who_and_when_and_is_due_a_quarter_later(mary: Contact) -> None:
    due = contacts.contacts_page(mary.organisation_id).review_due
    assert due == mary.start + timedelta(weeks=13)
    with acting_for(mary.organisation_id):
        contacts.review(mary.organisation, user_of(mary))
    found = contacts.contacts_page(mary.organisation_id)
    assert found.review
    assert found.review.reviewed_by_id == mary.user_id
    assert found.review_due > due


def test_the_list_is_of_one_organisation_those_with_access_first(world: World, mary: Contact) -> None:
    world.contact(world.organisation("Broadland Care CIC"))
    gone = contacts.add(mary.organisation, entry(name="Ada Gone"), user_of(mary))
    contacts.end_access(gone.id, user_of(mary), known=False)
    found = contacts.contacts_page(mary.organisation_id).contacts
    assert [contact.id for contact in found] == [mary.id, gone.id]


def test_a_contact_who_has_signed_in_cannot_be_deleted(mary: Contact, browser: Browser) -> None:
    browser.sign_in(mary)
    with pytest.raises(IntegrityError):
        db.session.execute(delete(Contact).where(Contact.id == mary.id))
    db.session.rollback()


def test_an_organisation_deletes_no_contact_and_no_review(mary: Contact) -> None:
    organisation: Organisation = mary.organisation
    contacts.review(organisation, user_of(mary))
    with acting_for(organisation.id):
        for table in (Contact, ContactReview):
            with pytest.raises(ProgrammingError, match="permission denied"):
                db.session.execute(table.__table__.delete())
            db.session.rollback()
