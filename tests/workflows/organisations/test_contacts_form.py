"""The contacts form: one link an organisation and a day, answered once, by whoever has it; what was named waits."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from models import SIGN_IN, Contact, ContactsForm, Email, ProposedContact, acting_for, db
from rules.agreement_states import NamingState
from rules.go_live import FormStage, Lack
from rules.refusal import Refused
from rules.states import OrganisationState
from tests.support.processes.at_once import at_once
from tests.support.worlds.go_live import form, link_of, named, person, provider
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.organisations import contacts_form
from workflows.organisations.contacts_form import FormLinkIsDead, OpenForm
from workflows.organisations.go_live import readiness

PAULA = {"payments_name": "Paula Hurn", "payments_email": "paula@beech.example", "payments_phone": "01603 495702"}
BOTH = PAULA | {"documents_same": "y"}


def tomorrow() -> None:
    """Let what was sent today have been sent yesterday."""
    db.session.execute(update(ContactsForm).values(sent_on=date(2017, 11, 19)))
    db.session.commit()


def test_the_link_is_kept_as_a_hash_and_its_e_mail_only_until_it_is_sent(world: World) -> None:
    token = link_of(provider(world, "Beech Court"))
    kept = db.session.scalars(select(ContactsForm)).one()
    assert token not in kept.token_hash
    assert kept.email.holds_secret
    assert (kept.email.recipient, kept.email.organisation_id) == ("office@beech.example", kept.organisation_id)
    assert kept.expires_at - now() > timedelta(days=29)


def test_opening_the_link_says_what_is_asked_and_is_noted(world: World) -> None:
    organisation = provider(world, "Beech Court")
    found = contacts_form.open_form(link_of(organisation))
    assert (found.organisation, found.opens_on) == ("Beech Court", date(2018, 1, 11))
    assert (found.wants_payments, found.wants_documents, found.answered) == (True, True, False)
    assert db.session.scalars(select(ContactsForm.opened_at)).one()


def test_only_who_is_lacking_is_asked_for(world: World) -> None:
    organisation = provider(world, "Dunes")
    person(organisation, may_payments=True)
    found = contacts_form.open_form(link_of(organisation))
    assert (found.wants_payments, found.wants_documents) == (False, True)


def test_what_is_named_waits_to_be_confirmed(world: World) -> None:
    organisation = provider(world, "Beech Court")
    contacts_form.answer(link_of(organisation), BOTH)
    proposed = db.session.scalars(select(ProposedContact)).one()
    assert (proposed.organisation_id, proposed.name, proposed.email) == (
        organisation.id, "Paula Hurn", "paula@beech.example",
    )  # fmt: skip
    assert (proposed.may_payments, proposed.may_documents, proposed.state) == (True, True, NamingState.PROPOSED)
    assert db.session.scalars(select(Contact)).all() == []


def test_a_form_is_answered_once_whoever_sends_it_again(world: World) -> None:
    token = link_of(provider(world, "Beech Court"))
    results = at_once(world.app, *[lambda: contacts_form.answer(token, BOTH)] * 4)
    assert all(isinstance(result, OpenForm) for result in results), results
    contacts_form.answer(token, BOTH | {"payments_email": "another@beech.example"})
    assert len(db.session.scalars(select(ProposedContact)).all()) == 1
    assert contacts_form.open_form(token).answered


def test_a_refused_form_can_be_sent_again(world: World) -> None:
    token = link_of(provider(world, "Beech Court"))
    with pytest.raises(Refused):
        contacts_form.answer(token, BOTH | {"payments_phone": "none"})
    contacts_form.answer(token, BOTH)
    assert contacts_form.open_form(token).answered


def test_a_reminder_has_a_link_of_its_own_and_the_one_before_goes_on_working(world: World) -> None:
    organisation = provider(world, "Beech Court")
    first = link_of(organisation)
    tomorrow()
    second = link_of(organisation)
    subjects = db.session.scalars(select(Email.subject).order_by(Email.id)).all()
    assert subjects[1].startswith("Reminder: ")
    assert not subjects[0].startswith("Reminder: ")
    assert not contacts_form.open_form(first).answered
    contacts_form.answer(second, BOTH)
    assert contacts_form.open_form(first).answered


def test_an_older_link_that_was_still_at_hand_answers_for_both(world: World) -> None:
    organisation = provider(world, "Beech Court")
    first = link_of(organisation)
    tomorrow()
    second = link_of(organisation)
    contacts_form.answer(first, BOTH)
    assert contacts_form.open_form(second).answered
    [row] = readiness([organisation.id])
    assert (row.form, row.lack) == (FormStage.ANSWERED, Lack.CONFIRMATION)


def sent_ago(days: int) -> None:
    # The oldest first: no two of an organisation were ever sent on one day.
    for sent in db.session.scalars(select(ContactsForm).order_by(ContactsForm.sent_on)).all():
        sent.sent_on -= timedelta(days=days)
        db.session.flush()
    db.session.commit()


def test_who_has_not_answered_for_a_week_is_reminded_by_itself_three_times(world: World) -> None:
    organisation = provider(world, "Beech Court")
    link_of(organisation)
    reminded = []
    for days in (6, 1, 6, 1, 7, 7):
        sent_ago(days)
        reminded.append(contacts_form.remind_by_itself())
        assert contacts_form.remind_by_itself() == 0  # nobody twice
    assert reminded == [0, 1, 0, 1, 1, 0]
    assert db.session.scalars(select(ContactsForm.sent_by_id)).all() == [None] * 4


def test_who_answered_or_was_never_asked_or_has_both_contacts_is_not_reminded(world: World) -> None:
    asked, answered, complete, back, never = (
        provider(world, name) for name in ("Alder Grange", "Beech Court", "Cley House", "Dunes", "Elm Tree")
    )
    for organisation in (asked, answered, complete):
        form(organisation)
    form(back, came_back=True)
    db.session.execute(
        update(ContactsForm).where(ContactsForm.organisation_id == answered.id).values(answered_at=now())
    )
    person(complete)
    assert contacts_form.remind_by_itself() == 1
    again = select(ContactsForm.organisation_id).where(ContactsForm.sent_on == date(2017, 11, 20))
    assert db.session.scalars(again).all() == [asked.id]
    assert never.id != asked.id


def test_after_what_was_named_was_left_out_a_new_link_asks_again(world: World) -> None:
    organisation = provider(world, "Beech Court")
    first = link_of(organisation)
    contacts_form.answer(first, BOTH)
    db.session.execute(update(ProposedContact).values(state=NamingState.LEFT_OUT, decided_at=now()))
    tomorrow()
    assert not contacts_form.open_form(link_of(organisation)).answered
    assert contacts_form.open_form(first).answered


@pytest.mark.parametrize("why", ["never one", "expired", "ended"])
def test_a_link_that_does_not_work_says_no_more_than_that(world: World, why: str) -> None:
    organisation = provider(world, "Beech Court")
    token = link_of(organisation)
    if why == "expired":
        db.session.execute(update(ContactsForm).values(expires_at=now()))
    organisation.state = OrganisationState.ENDED if why == "ended" else organisation.state
    db.session.commit()
    token = "x" if why == "never one" else token
    with pytest.raises(FormLinkIsDead):
        contacts_form.open_form(token)
    with pytest.raises(FormLinkIsDead):
        contacts_form.answer(token, BOTH)
    assert db.session.scalars(select(ProposedContact)).all() == []


def test_each_is_sent_one_a_day_however_often_it_is_asked_for(world: World) -> None:
    providers = [provider(world, name) for name in ("Alder Grange", "Beech Court", "Cley House")]
    ids = [each.id for each in providers]
    assert sorted(at_once(world.app, *[lambda: contacts_form.send(ids, None)] * 3)) == [0, 0, 3]
    reach = contacts_form.whom_it_reaches(ids)
    assert (reach.reached, [why for _, why in reach.left_out]) == ([], ["was sent one today"] * 3)
    assert len(db.session.scalars(select(Email)).all()) == 3


def test_who_is_left_out_is_named_with_why(world: World) -> None:
    everyone = [provider(world, name) for name in ("Alder Grange", "Beech Court", "Cley House", "Dunes", "Elm Tree")]
    alder, beech, cley, dunes, elm = everyone
    person(beech)
    cley.email = "not an address @ all"
    named(dunes)
    elm.state = OrganisationState.ENDED
    db.session.commit()
    reach = contacts_form.whom_it_reaches([each.id for each in everyone])
    assert [(row.name, address) for row, address in reach.reached] == [(alder.name, "office@alder.example")]
    assert [(row.name, why) for row, why in reach.left_out] == [
        ("Beech Court", "has both contacts"),
        ("Cley House", "has no e-mail address that can be used"),
        ("Dunes", "has named its contacts: they wait for your confirmation"),
    ]


def test_after_an_e_mail_came_back_the_form_can_be_sent_again(world: World) -> None:
    organisation = provider(world, "Gable End")
    form(organisation, came_back=True)
    assert contacts_form.send([organisation.id], None) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("answered_at = now()", "row-level security"),
        ("expires_at = now()", "row-level security"),
        ("answered_at = NULL", ""),
    ],
)
def test_the_pages_of_signing_in_add_people_only_for_a_link_that_works(world: World, change: str, says: str) -> None:
    organisation, other = provider(world, "Beech Court"), provider(world, "Cley House")
    form_id = form(organisation)
    db.session.execute(text(f"UPDATE contacts_form SET {change}"))
    db.session.commit()
    insert = text(
        "INSERT INTO proposed_contact (organisation_id, contacts_form_id, name, email, may_payments, may_documents,"
        " state) VALUES (:organisation, :form, 'Eve', 'eve@x.example', true, true, :state)"
    )
    values = {"organisation": organisation.id, "form": form_id, "state": "proposed"}
    tries = [(values, says), (values | {"organisation": other.id}, "row-level security")]
    tries.append((values | {"state": "confirmed"}, "row-level security"))
    for tried, refused in tries:
        with acting_for(SIGN_IN):
            if refused:
                with pytest.raises(ProgrammingError, match=refused):
                    db.session.execute(insert, tried)
            else:
                db.session.execute(insert, tried)
            db.session.rollback()
    with pytest.raises(ProgrammingError, match="permission denied"), acting_for(SIGN_IN):
        db.session.execute(text("SELECT name FROM proposed_contact"))
