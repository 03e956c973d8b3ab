"""A whole sector is invited: everybody at its ready organisations who has not been, and nobody twice."""

import pytest
from sqlalchemy import select

from models import Contact, Email, Invitation, InvitationWave, PortalUser, db
from rules.agreement_states import InvitationState
from rules.mail_states import EmailState
from rules.refusal import Refused
from tests.support.processes.at_once import at_once
from tests.support.worlds.go_live import person, provider
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.organisations import go_live, invitations
from workflows.organisations import go_live_waves as waves
from workflows.organisations.go_live import SectorReadiness


def residential() -> SectorReadiness:
    return next(each for each in go_live.sectors() if each.sector.name == "Residential")


def start() -> int:
    found = residential()
    return waves.start(found.sector.id, found.ready, None)


def test_everybody_of_the_ready_organisations_is_invited_once(world: World) -> None:
    for name in ("Alder Grange", "Beech Court"):
        organisation = provider(world, name)
        person(organisation, "Tom Lusher", may_payments=True)
        person(organisation, "Ann Lee", may_documents=True)
    person(provider(world, "Cley House"), may_payments=True)  # lacks a contact
    person(provider(world, "Elm Tree", switched_on=False))  # is not switched on
    assert start() == 4
    assert invitations.send_waiting() == 4
    recipients = db.session.scalars(select(Email.recipient)).all()
    assert len(set(recipients)) == len(recipients) == 4
    found = waves.last_of(residential().sector.id)
    assert found
    assert (found.total, found.waiting, found.sent, found.running) == (4, 0, 4, False)
    assert sum(row.to_invite for row in residential().ready) == 0


def test_asked_for_again_only_who_is_new_is_invited(world: World) -> None:
    organisation = provider(world, "Alder Grange")
    person(organisation)
    assert start() == 1
    with pytest.raises(Refused, match="being sent already"):
        start()
    invitations.send_waiting()
    with pytest.raises(Refused, match="has been invited"):
        start()
    person(organisation, "Ann Lee")
    assert start() == 1
    assert invitations.send_waiting() == 1
    assert len(db.session.scalars(select(Email)).all()) == 2


def test_of_two_officers_who_ask_at_once_one_does(world: World) -> None:
    person(provider(world, "Alder Grange"))
    db.session.commit()
    results = at_once(world.app, *[start] * 3)
    assert sorted(str(result) for result in results)[0] == "1"
    assert sum(isinstance(result, Refused) for result in results) == 2
    assert len(db.session.scalars(select(Invitation)).all()) == 1


def test_who_has_signed_in_or_cannot_is_left_out(world: World) -> None:
    organisation = provider(world, "Alder Grange")
    person(organisation)
    world.contact(organisation, "known@alder.example")
    off = world.contact(organisation, "off@alder.example")
    assert off.user
    off.user.active, off.user.must_change_password = False, True
    db.session.commit()
    assert start() == 1


def test_who_was_invited_alone_is_not_invited_with_the_sector(world: World) -> None:
    organisation = provider(world, "Alder Grange")
    ann, tom = person(organisation, "Ann Lee"), person(organisation, "Tom Lusher")
    invitations.invite(ann, None)
    db.session.commit()
    assert start() == 1  # Ann waits already
    invitations.send_waiting()
    assert sorted(db.session.scalars(select(Email.recipient))) == sorted([ann.email, tom.email])


def test_stopped_nobody_else_is_invited_and_a_new_start_goes_on(world: World) -> None:
    for name in ("Alder Grange", "Beech Court"):
        person(provider(world, name))
    start()
    wave = db.session.scalars(select(InvitationWave)).one()
    first = db.session.scalars(select(Invitation).order_by(Invitation.id)).first()
    assert first
    db.session.expunge_all()
    assert waves.stop(wave.id) == 2
    assert invitations.send_waiting() == 0
    assert set(db.session.scalars(select(Invitation.state))) == {InvitationState.STOPPED}
    assert start() == 2
    assert invitations.send_waiting() == 2


def test_e_mails_that_came_back_are_counted(world: World) -> None:
    person(provider(world, "Alder Grange"))
    start()
    invitations.send_waiting()
    db.session.scalars(select(Email)).one().state = EmailState.FAILED
    db.session.commit()
    found = waves.last_of(residential().sector.id)
    assert found
    assert (found.sent, found.came_back) == (1, 1)


def people_of_providers() -> list[PortalUser]:
    return list(db.session.scalars(select(PortalUser).where(~PortalUser.council)))


def test_a_contact_invited_meanwhile_is_passed_over(world: World) -> None:
    contact = person(provider(world, "Alder Grange"))
    start()
    contact.invited_at = now()
    db.session.commit()
    invitations.send_waiting()
    assert db.session.scalars(select(Invitation.problem)).all() == [invitations.INVITED_BEFORE]
    assert (db.session.scalars(select(Email)).all(), people_of_providers()) == ([], [])


def test_one_person_at_two_homes_has_two_invitations_and_one_password(world: World) -> None:
    for name in ("Alder Grange", "Beech Court"):
        contact = person(provider(world, name))
        contact.email = "owner@homes.example"
    db.session.commit()
    assert start() == 2
    assert at_once(world.app, *[invitations.send_waiting] * 2)
    assert len(people_of_providers()) == 1
    assert {contact.user_id for contact in db.session.scalars(select(Contact))} != {None}
    bodies = db.session.scalars(select(Email.body)).all()
    assert sum("The password to begin with:" in body for body in bodies) == 1
    assert len(bodies) == 2
