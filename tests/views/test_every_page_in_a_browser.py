"""A browser opens the pages as every role: none breaks the content security policy, none logs an error.

Each role opens some of its pages, the next role others; EVERY_PAGE=1 has each open all of them.
"""

import os
from contextlib import suppress
from typing import Final

import pytest
from playwright.sync_api import Error
from sqlalchemy import select

from models import Contact, Organisation, PortalUser, db
from tests.support.pages.live import Live
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_every_route import FUNCTIONS, PEOPLE, filled, read_table
from views.access.roles import STAFF_ROLES

EACH: Final = 1 if os.environ.get("EVERY_PAGE") else 35
OPENS: Final = "y"
# The import that `everything` makes has found nothing, as no real one has; the rest are files to be saved.
NOT_OPENED: Final = ("/staff/imports", "/export/", ".csv", ".xlsx", ".txt", "/file", "/csv", "/excel", "<any", ".pdf")
# What the policy stopped, also where it is told without a word in the console.
LISTEN: Final = "addEventListener('securitypolicyviolation', (e) => console.error('stopped: ' + e.blockedURI));"


@pytest.mark.timeout(1_800)
def test_no_page_breaks_the_policy_or_logs_an_error(world: World, live: Live) -> None:
    everything.build(world, world.officer("Administrator"), (1,))
    own = db.session.scalars(select(Organisation)).one()
    live.page.add_init_script(LISTEN)
    opened = 0
    for place, (name, who) in enumerate(people(world, own).items()):
        live.sign_out()
        if who is not None:
            live.sign_in(who)
        for address in pages_of(name)[place % EACH :: EACH]:
            with suppress(Error):  # what turns out to be a file is saved
                live.open(filled(address, own))
                opened += 1
            assert not live.broken, (name, address, live.broken)
    assert opened >= 20


def people(world: World, own: Organisation) -> dict[str, Contact | PortalUser | None]:
    """Everybody who sees a page, by what the table calls them."""
    contacts = {each: world.contact(own, None, **{f"may_{each}": True}) for each in FUNCTIONS}
    return {"signed out": None} | contacts | {role: world.officer(role) for role in STAFF_ROLES}


def pages_of(who: str) -> list[str]:
    """The pages that open for somebody, as the table of routes says."""
    place = PEOPLE.index(who)
    return [
        address
        for (method, address), letters in read_table().items()
        if method == "GET" and letters[place] == OPENS and not any(each in address for each in NOT_OPENED)
    ]
