"""Who gets in, and when (rules.md 13): every combination of what has to be so, and the page that answers each."""

from datetime import date
from itertools import product

import pytest

from models import Contact, Organisation, db
from rules.states import OrganisationState
from tests.support.pages.browser import Browser
from tests.support.worlds.go_live import SECTOR, opens_on
from tests.support.worlds.people import PASSWORD, give_password, regular
from tests.support.worlds.world import START, World
from tests.views.sign_in.test_steps import heading

# Today is 20 November 2017.
DATES = {"come": START, "today": date(2017, 11, 20), "to come": date(2017, 11, 21), "not set": None}
MISSING = {
    "to come": "Your kind of service joins the portal on 21 November 2017.",
    "not set": "The council has not yet set the date on which your kind of service joins the portal.",
}
NOT_SWITCHED_ON = "The council has not yet switched the portal on for your organisation."
NO_PAYMENTS = "Your organisation has not yet named a contact for payments."
NO_DOCUMENTS = "Your organisation has not yet named a contact for contract documents (ISOs)."
EVERY_SENTENCE = (*MISSING.values(), NOT_SWITCHED_ON, NO_PAYMENTS, NO_DOCUMENTS)

WAYS = list(product(DATES, (True, False), (True, False), (True, False), (True, False)))


def residential(world: World, dated: str, *, switched_on: bool) -> Organisation:
    state = OrganisationState.LIVE if switched_on else OrganisationState.WAITING
    organisation = world.organisation("Yare Lodge", SECTOR, state=state)
    opens_on(SECTOR, DATES[dated])
    return organisation


def carer_of(world: World, organisation: Organisation, *, in_force: bool) -> Contact:
    """Who signs in: they enter actuals, and are the contact for nothing."""
    contact = regular(world, organisation)
    contact.may_payments = contact.may_documents = False
    contact.end = None if in_force else date(2017, 11, 19)
    db.session.commit()
    return contact


@pytest.mark.parametrize(("dated", "switched_on", "payments", "documents", "in_force"), WAYS)
def test_the_portal_opens_to_a_contact_in_force_of_an_organisation_that_lacks_nothing(
    world: World, browser: Browser, dated: str, switched_on: bool, payments: bool, documents: bool, in_force: bool
) -> None:
    organisation = residential(world, dated, switched_on=switched_on)
    carer = carer_of(world, organisation, in_force=in_force)
    if payments:
        world.contact(organisation, may_payments=True)
    if documents:
        world.contact(organisation, may_documents=True)
    page = give_password(browser, carer.email, PASSWORD)
    missing = [MISSING[dated]] if dated in MISSING else []
    missing += [NOT_SWITCHED_ON] * (not switched_on)
    missing += [NO_PAYMENTS] * (not payments) + [NO_DOCUMENTS] * (not documents)
    if not in_force:
        assert page.status_code == 422
        assert "Your access has ended or has not begun." in page.text
        missing = []
    elif missing:
        assert heading(page.text) == "Not open to you yet"
    else:
        assert heading(page.text) == "Enter your security code"
    assert [sentence for sentence in EVERY_SENTENCE if sentence in page.text] == missing


@pytest.mark.parametrize("function", ["may_payments", "may_documents"])
@pytest.mark.parametrize(("start", "end"), [(date(2017, 11, 21), None), (START, date(2017, 11, 19))])
def test_a_contact_who_is_not_in_force_is_the_contact_for_nothing(
    world: World, browser: Browser, function: str, start: date, end: date | None
) -> None:
    organisation = residential(world, "come", switched_on=True)
    carer = carer_of(world, organisation, in_force=True)
    found = {
        "may_payments": world.contact(organisation, may_payments=True),
        "may_documents": world.contact(organisation, may_documents=True),
    }
    found[function].start, found[function].end = start, end
    db.session.commit()
    page = give_password(browser, carer.email, PASSWORD)
    missing = NO_PAYMENTS if function == "may_payments" else NO_DOCUMENTS
    assert [sentence for sentence in EVERY_SENTENCE if sentence in page.text] == [missing]


@pytest.mark.parametrize("state", [OrganisationState.SUSPENDED, OrganisationState.ENDED])
def test_an_organisation_that_left_or_is_suspended_reads_that_alone(
    world: World, browser: Browser, state: OrganisationState
) -> None:
    organisation = residential(world, "to come", switched_on=True)
    organisation.state = state
    page = give_password(browser, carer_of(world, organisation, in_force=True).email, PASSWORD)
    assert heading(page.text) == "Not open to you yet"
    assert ("suspended" in page.text) is (state is OrganisationState.SUSPENDED)
    assert not [sentence for sentence in EVERY_SENTENCE if sentence in page.text]
