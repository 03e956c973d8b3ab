"""Names find people on every page of a provider that lists them, and beyond the last page is the last page."""

from datetime import date
from typing import NamedTuple

import html5lib
import pytest

from models import Contact, Organisation, PaymentPeriod
from tests.support.pages.browser import Browser
from tests.support.worlds.claims import make
from tests.support.worlds.papers import paper
from tests.support.worlds.scheduled import CareHome, payment_of
from tests.support.worlds.visits import visit_on
from tests.support.worlds.weeks import OCT_16, OCT_30, send, week
from tests.support.worlds.world import World
from workflows.aborted_visits.record import record
from workflows.exceptions.ask import ask
from workflows.invoices import invoice
from workflows.scheduled.prepare import prepare_due

SEAN, ADA = "Seán O’Brien", "Ada Bell"
# The day after the period was to be submitted.
AFTER = "2017-11-28"
LISTS = (
    "/contract-documents", "/line-items", "/exceptions", "/absence-claims", "/conversations", "/actuals/late",
    "/paper-isos", "/scheduled-payments/absences", "/actuals/aborted-visits?week=2017-11-06", "/invoices/{sent}",
    "/invoices/{draft}", "/scheduled-payments/{scheduled}",
)  # fmt: skip


class Two(NamedTuple):
    """What two people have, each of everything; and the ids of what holds lines of both."""

    ids: dict[str, int]


@pytest.fixture
def two(world: World, contact: Contact, organisation: Organisation, period: PaymentPeriod) -> Two:
    user = contact.user
    assert user
    home = CareHome.of(world, organisation)
    for name, reference in ((SEAN, "SEAN"), (ADA, "ADA")):
        person = world.person(f"P-{reference}", name)
        line = world.line(organisation, person=person, reference=f"L-{reference}", extras_allowed=None)
        week(line, OCT_16)
        held = week(line, OCT_30, ("4", "4", "4", "4", "4", "4", "4"))
        ask(held.id, "Fell at night", user)
        record(visit_on(line), user, take_off=True, correct=False)
        make(line, user, date(2017, 10, 24), date(2017, 10, 25))
        paper(world, organisation, f"PAP-{reference}", person_reference=person.reference, person_name=name)
        paid = home.line(reference=f"S-{reference}", person=person)
        home.away(paid, date(2017, 10, 20))
    prepare_due(period.finalise_on)
    sent = send(contact, period)
    world_line = world.line(organisation, person=world.person("P-SEAN-2", SEAN), reference="L-SEAN-2")
    week(world_line, OCT_16)
    week(world.line(organisation, person=world.person("P-ADA-2", ADA), reference="L-ADA-2"), OCT_16)
    draft = invoice.draft_for(organisation, period.id, user.id)
    world.app.config["PORTAL_TODAY"] = AFTER
    return Two({"sent": sent.id, "draft": draft.id, "scheduled": payment_of(period).id})


def table_of(text: str) -> str:
    """The text of the page's main part; of an invoice only that of its people."""
    page = html5lib.parse(text, namespaceHTMLElements=False)
    found = page.find(".//*[@class='people']")
    main = page.find(".//main") if found is None else found
    assert main is not None
    return " ".join("".join(main.itertext()).split())


@pytest.mark.parametrize("address", LISTS)
def test_a_surname_finds_one_of_two_people(address: str, two: Two, provider: Browser) -> None:
    address = address.format(**two.ids)
    sign = "&" if "?" in address else "?"
    everybody = table_of(provider.get(address).text)
    assert "-SEAN" in everybody
    assert "-ADA" in everybody
    for typed in ("obrien", "O'BRIEN", "sean o’brien"):
        found = table_of(provider.get(f"{address}{sign}q={typed}").text)
        assert "-SEAN" in found, typed
        assert "-ADA" not in found, typed
    for typed in ("%25", "_", "obrien bell"):
        found = table_of(provider.get(f"{address}{sign}q={typed}").text)
        assert "-SEAN" not in found, typed
        assert "-ADA" not in found, typed


@pytest.mark.parametrize("address", LISTS)
def test_beyond_the_last_page_is_the_last_page(address: str, two: Two, provider: Browser) -> None:
    address = address.format(**two.ids)
    sign = "&" if "?" in address else "?"
    assert "-SEAN" in table_of(provider.get(f"{address}{sign}page=999").text)
