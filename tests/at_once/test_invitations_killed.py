"""A sector is invited by processes that are killed at any moment, and by two at once: each contact exactly once.

INVITATION_KILLS is how many processes are killed; the suite is content with twenty.
"""

import os
import random
import signal
from collections import Counter
from threading import Event

import pytest

import database
from models import Contact, Email, Invitation, InvitationWave, Organisation, PortalUser, db
from rules.agreement_states import InvitationState
from rules.states import OrganisationState
from tests.support.processes.forks import Forks
from tests.support.worlds.go_live import provider
from tests.support.worlds.world import START, World
from workflows.organisations import go_live
from workflows.organisations import go_live_waves as waves

KILLS = int(os.environ.get("INVITATION_KILLS", "20"))
# Seconds until one is killed: some have invited nobody yet, some a dozen.
LONGEST = 0.5
CONTACTS = max(300, KILLS * 12)
# Seconds for the two that nobody kills: each password that is given takes a slow hash, on purpose.
PATIENCE = 60 + CONTACTS // 4
INVITE = "invitations.send_waiting()"


def a_sector(world: World) -> int:
    """Invite a sector whose providers have two contacts each, some of them at two providers; how many contacts."""
    kind = provider(world, "House").sector_id
    for number in range(0, CONTACTS, 2):
        organisation = Organisation(
            name=f"House {number:04}", reference=f"H{number}", sector_id=kind, state=OrganisationState.LIVE
        )
        shared = f"owner{number % 40}@homes.example" if number % 10 == 0 else f"t{number}@x.example"
        for email in (shared, f"a{number}@x.example"):
            db.session.add(
                Contact(organisation=organisation, name="Ann Lee", email=email, start=START, may_payments=True,
                        may_documents=True)
            )  # fmt: skip
    db.session.commit()
    (sector,) = [each for each in go_live.sectors() if each.rows]
    return waves.start(sector.sector.id, sector.ready, None)


@pytest.mark.timeout(60 + 2 * KILLS + PATIENCE)
def test_each_contact_is_invited_once_whenever_a_process_is_killed(world: World, test_database: database.Urls) -> None:
    asked = a_sector(world)
    db.session.rollback()
    chance = random.Random(20171120)
    with Forks(test_database, "from workflows.organisations import invitations") as forks:
        for _ in range(KILLS // 2):
            for pid in forks.start(INVITE, 2):  # at once; one is killed before the other
                Event().wait(chance.uniform(0, LONGEST))
                os.kill(pid, signal.SIGKILL)
            forks.ended()
        waiting = db.session.query(Invitation).filter_by(state=InvitationState.WAITING).count()
        assert waiting > 0, "all were invited before the last kill: make the sector greater"
        assert waiting < asked, "nobody was invited before the last kill: the processes were killed too early"
        db.session.rollback()
        forks.start(INVITE, 2)
        assert forks.ended(within=PATIENCE) == [0, 0]
    everyone_once(asked)


def everyone_once(asked: int) -> None:
    db.session.expire_all()
    invitations = db.session.query(Invitation).all()
    assert Counter(each.state for each in invitations) == {InvitationState.SENT: asked}
    emails = Counter(db.session.query(Email.organisation_id, Email.recipient).all())
    assert len(emails) == asked
    assert set(emails.values()) == {1}
    assert {each.email_id for each in invitations} == {id_ for (id_,) in db.session.query(Email.id)}
    contacts = db.session.query(Contact).all()
    assert all(contact.invited_at and contact.user_id for contact in contacts)
    # One user for each address, and one password told for each user.
    people = db.session.query(PortalUser).filter(~PortalUser.council)
    assert people.count() == len({contact.email for contact in contacts})
    told = sum("The password to begin with:" in email.body for email in db.session.query(Email))  # it is sealed
    assert told == people.count()
    assert db.session.query(InvitationWave).one().ended_at
