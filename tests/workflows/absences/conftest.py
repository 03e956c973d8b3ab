"""What tests of absences start from: a line, who claims for it, and who decides."""

import pytest

from models import Contact, LineItem, PortalUser
from tests.support.worlds.world import World


@pytest.fixture
def line(world: World) -> LineItem:
    """An hour a day at £20.00."""
    return world.line(world.organisation(), rate="20.0000")


@pytest.fixture
def contact(world: World, line: LineItem) -> Contact:
    """Who claims."""
    return world.contact(line.organisation)


@pytest.fixture
def user(contact: Contact) -> PortalUser:
    """The same, as who signs in."""
    assert contact.user
    return contact.user


@pytest.fixture
def officer(world: World) -> PortalUser:
    """Who decides."""
    return world.officer("Payments officer")
