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
# Pages that ask more, and how often; no page is added, and a figure only falls.
MORE: Final = {
    "/": 9,  # Today, for an administrator, who has every queue
    "/account": 9,
    "/account/": 9,
    "/actuals/upload/<int(max=2147483647):upload_id>": 12,
    "/admin/line-items/show/<pk>": 11,  # of a draft
    "/admin/organisations/show/<pk>": 9,
    "/admin/users/edit/<pk>": 11,
    "/invoices/<int(max=2147483647):invoice_id>": 9,
    "/scheduled-payments/<int(max=2147483647):payment_id>": 9,
    "/staff/contract-documents/<int(max=2147483647):document_id>/new-version": 10,
    "/staff/contract-documents/<int(max=2147483647):document_id>/withdraw": 9,
    "/staff/conversations/<int(max=2147483647):conversation_id>": 9,
    "/staff/paper-isos": 11,
    "/staff/paper-isos/": 11,
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
    more = {address: count for address, count in found.items() if count > MOST}
    assert more == MORE
