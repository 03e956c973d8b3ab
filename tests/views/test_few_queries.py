"""No page asks the database more than eight times, whoever opens it; of each kind there is a record to be shown."""

from typing import Final

from sqlalchemy import select

from models import Organisation, db
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_every_route import FILE, filled, read_table

MOST: Final = 8
# Pages that ask more, and how often at most; no page is added, and a figure only falls.
MORE: Final = {
    "/admin/line-items/show/<pk>": 10,  # of a draft
    "/staff/paper-isos": 10,
    "/staff/paper-isos/": 10,
}


def test_no_page_asks_more_than_eight_times(world: World) -> None:
    everything.build(world, world.officer("Administrator"), (1,))
    own = db.session.scalars(select(Organisation)).one()
    addresses = [address for method, address in read_table() if method == "GET" and not FILE.search(address)]
    found: dict[str, int] = {}
    for who in (world.officer("Administrator"), world.contact(own)):
        browser = Browser(world.app).sign_in(who)
        for address in addresses:
            if address.startswith("/sign"):
                continue
            asked = filled(address, own)
            browser.get(asked, follow=False)  # what a process keeps is read once
            with Queries() as queries:
                answer = browser.get(asked, follow=False)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found[address] = max(len(queries), found.get(address, 0))
    assert len(found) > 200
    assert {address: count for address, count in found.items() if count > MORE.get(address, MOST)} == {}
