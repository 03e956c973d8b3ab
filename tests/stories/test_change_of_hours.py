"""A change of hours from both sides: proposed, confirmed, read and accepted, entered, and priced by both plans.

It is Monday 20 November 2017. Ada Bell has an hour a day; from Wednesday 15 November on it is two. Carol of Service
Brokerage proposes it, Ruth confirms it, and the provider accepts it and enters the week that has both plans.
"""

import re
from typing import Protocol

from playwright.sync_api import Locator, Page, expect

from models import Contact, LineItem, PortalUser, db
from tests.support.keys import Keys
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.world import World
from workflows.hashes import hash_password

PASSWORD = "correct-horse-portal"
WEEK = "2017-11-13"


class Hand(Protocol):
    """How somebody works a page: by pointing, or by keys alone."""

    def press(self, what: Locator) -> None: ...
    def write(self, what: Locator, text: str) -> None: ...


class Pointing:
    """Somebody with a mouse or a finger."""

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)


class Story:
    """The line, and the three people who have to do with it. `axe` says whether pages are checked at each stop."""

    def __init__(self, world: World, live: Live, hand: Hand, *, axe: bool = True) -> None:
        self.live, self.hand, self.axe = live, hand, axe
        world.period(0)
        world.period(1)
        self.line: LineItem = world.line(world.organisation(), reference="48213")
        self.line_id, self.document_id = self.line.id, self.line.document_id
        self.carol: PortalUser = world.officer("Service Brokerage", "carol@council.example")
        self.ruth: PortalUser = world.officer("Service Brokerage", "ruth@council.example")
        self.contact: Contact = world.contact(self.line.organisation)
        assert self.contact.user
        self.contact.user.password = hash_password(PASSWORD)
        db.session.commit()

    def stop(self, page: Page) -> None:
        """What every page has to bear: axe finds nothing, and nothing is wider than the window."""
        if self.axe:
            check_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} pixels too wide"

    def carol_proposes(self) -> None:
        page = self.live.sign_in(self.carol).open(f"/admin/line-items/show/{self.line_id}")
        self.stop(page)
        self.hand.press(page.get_by_role("button", name="Change plan from"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Change plan from: line 48213")
        self.hand.write(page.get_by_label("From", exact=True), "15/11/2017")
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
            self.hand.write(page.get_by_label(day, exact=True), "2")
        self.hand.write(page.get_by_label("Why it changes"), "Two carers after the review of 14 November")
        self.hand.press(page.get_by_role("button", name="Show what it does"))
        expect(page.get_by_role("row", name=re.compile("13 November 2017"))).to_contain_text("£236.16")
        self.stop(page)
        self.hand.press(page.get_by_role("button", name="Send for confirmation"))
        expect(page.get_by_text("Sent for confirmation: Change plan of line 48213")).to_be_visible()

    def ruth_confirms(self) -> None:
        page = self.live.sign_out().sign_in(self.ruth).open("/staff/confirm")
        expect(page.get_by_text("Two carers after the review of 14 November")).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("^Wednesday"))).to_contain_text("2.00")
        self.stop(page)
        self.hand.press(page.get_by_role("button", name="Confirm", exact=True))
        expect(page.get_by_text("Confirmed: Change plan of line 48213 from 15 November 2017.")).to_be_visible()
        expect(page.get_by_text("You have nothing to confirm.")).to_be_visible()
        self.stop(page)

    def the_provider_accepts(self) -> Page:
        page = self.live.sign_out().sign_in(self.contact).open(f"/contract-documents/{self.document_id}")
        said = "Line 48213: Wednesday 2.00 hours instead of 1.00 hour from 15 November 2017"
        expect(page.get_by_text(said)).to_be_visible()
        self.stop(page)
        self.hand.press(page.get_by_role("link", name="See both versions side by side"))
        expect(page.get_by_text(said)).to_be_visible()
        self.stop(page)
        page.go_back()
        self.hand.press(page.get_by_role("button", name="Accept"))
        self.hand.write(page.get_by_label("Password"), PASSWORD)
        self.stop(page)
        self.hand.press(page.get_by_role("button", name="Accept"))
        expect(page.get_by_text("You have accepted")).to_be_visible()
        return page

    def the_provider_enters_the_week(self) -> None:
        page = self.live.open(f"/actuals?week={WEEK}")
        for day, units in enumerate(("1", "1", "2", "2", "2", "2", "2")):
            self.hand.write(page.locator(f"#d{day}-{self.line_id}"), units)
        self.hand.press(page.get_by_role("button", name="Confirm week"))
        row = page.locator("tr", has_text="48213").first
        expect(row).to_contain_text("Confirmed")
        expect(row).to_contain_text("£236.16")
        self.stop(page)

    def tell(self) -> None:
        self.carol_proposes()
        self.ruth_confirms()
        self.the_provider_accepts()
        self.the_provider_enters_the_week()


def test_a_change_of_hours_from_proposal_to_price(world: World, live: Live) -> None:
    Story(world, live, Pointing()).tell()


def test_the_same_by_keyboard_alone(world: World, live: Live) -> None:
    Story(world, live, Keys(), axe=False).tell()


def test_the_same_on_a_phone(world: World, phone: Live) -> None:
    Story(world, phone, Pointing()).tell()


def test_the_same_without_scripts(world: World, plain: Live) -> None:
    Story(world, plain, Pointing(), axe=False).tell()
