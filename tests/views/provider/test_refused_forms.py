"""A refused form names its problems in the order of its fields, every one at once, each leading to its field."""

import re

import pytest

from models import Contact, LineItem
from rules.agreement_states import DocumentState
from rules.states import PaymentMethod
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World

# Each form as somebody sends it who has filled in nothing.
EMPTY = {
    "/absence-claims/new": {"do": "submit"},
    "/actuals/aborted-visit": {"do": "save"},
    "/actuals/upload": {},
    "/contacts/new": {},
    "/contract-documents/accept": {},
    "/conversations/start": {},
    "/line-items/missing": {},
    "/organisation/ask?what=bank-details": {},
    "/organisation/ask?what=legal-name": {},
    "/scheduled-payments/absences/new": {},
    "/account/password": {},
    "/sign-in": {},
}


@pytest.mark.parametrize("address", EMPTY)
def test_problems_stand_in_the_order_of_their_fields(
    contact: Contact, line: LineItem, world: World, provider: Browser, address: str
) -> None:
    world.line(contact.organisation, state=DocumentState.PUBLISHED)
    world.line(contact.organisation, payment_method=PaymentMethod.SCHEDULED)
    if address == "/sign-in":
        provider.post("/sign-out")
    page = provider.post(address, EMPTY[address])
    assert page.status_code == 422
    linked = re.findall(r'<li><a href="#([^"]+)">', page.text)
    assert linked
    places = [page.text.index(f'id="{field}"') for field in linked]
    assert places == sorted(places), linked


def test_an_aborted_visit_without_a_reason_says_so_with_the_rest(provider: Browser, line: LineItem) -> None:
    page = provider.post("/actuals/aborted-visit", {"do": "save", "line": str(line.id)}).text
    for field in ("day", "planned_start", "planned_minutes", "told", "reason"):
        assert f'<li><a href="#{field}">' in page, field
