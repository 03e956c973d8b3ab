"""What an organisation lacks follows from its sector, its state, and its contacts of today."""

from datetime import date

from models import db
from rules.states import OrganisationState
from tests.support.worlds.world import World
from workflows.organisations.roll_out import what_is_missing


def test_an_organisation_with_both_contacts_lacks_nothing(world: World) -> None:
    organisation = world.organisation()
    world.contact(organisation, may_payments=True)
    world.contact(organisation, may_documents=True)
    assert what_is_missing(organisation) == []


def test_a_contact_whose_access_ended_does_not_count(world: World) -> None:
    organisation = world.organisation()
    world.contact(organisation, may_payments=True, may_documents=True).end = date(2017, 11, 19)
    db.session.commit()
    assert len(what_is_missing(organisation)) == 2


def test_an_organisation_without_contacts_lacks_both(world: World) -> None:
    assert len(what_is_missing(world.organisation())) == 2


def test_an_organisation_that_left_is_told_so_alone(world: World) -> None:
    assert what_is_missing(world.organisation(state=OrganisationState.ENDED)) == [
        "Your organisation’s contract with the council has ended."
    ]
