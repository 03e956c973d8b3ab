"""Whatever an organisation has: each number on a front page and in the navigation is that of the list it leads to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import url_for

from models import Contact, PortalUser
from tests.support.pages.browser import Browser
from tests.support.worlds.random_world import RandomWorld
from tests.support.worlds.world import World
from views.access.roles import ADMINISTRATOR, STAFF_ROLES
from views.page.counted import OF_COUNCIL, OF_PROVIDER

# A Sunday, the Monday after it, and a Wednesday, when the last date of a period has passed.
DAYS = {1: "2018-02-18", 2: "2018-02-19", 3: "2018-02-21"}
# Lists whose page has other tables too.
CAPTIONS = {
    "/exceptions": "Weeks that are held",
    "/staff/exceptions": "Weeks over the exception level",
    "/staff/absence-claims": "Claims to decide",
}
NOT_LISTS = ("to_confirm", "to_invoice", "to_pay")
# Of approvers who release too: an administrator does neither, so it is no number of theirs.
NOT_THEIRS = {"runs"}


@dataclass
class People:
    """Who looks at the affairs on a day: a contact with every function, and an officer of each role."""

    day: str
    contact: Contact
    officers: dict[str, PortalUser]


class Walker:
    """Somebody who reads a front page and opens what its numbers lead to."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._seen: dict[str, list[Element]] = {}

    def page(self, address: str) -> Element:
        answer = self.browser.get(address)
        assert answer.status_code == 200, address
        tree: Element = html5lib.parse(answer.text, namespaceHTMLElements=False)
        return tree

    def pages(self, address: str) -> Iterator[Element]:
        """Yield a list's pages, by its own links from one to the next."""
        next_page: str | None = address
        while next_page:
            tree = self.page(next_page)
            yield tree
            onward = next((link.get("href") for link in tree.iter("a") if link.get("rel") == "next"), None)
            next_page = (
                urljoin(f"http://localhost{next_page}", onward).removeprefix("http://localhost") if onward else None
            )

    def rows(self, address: str) -> list[Element]:
        """Return the rows of a list, all its pages together."""
        if address not in self._seen:
            caption = CAPTIONS.get(address.partition("?")[0])
            self._seen[address] = [row for tree in self.pages(address) for row in _rows(tree, caption)]
        return self._seen[address]

    def front_page(self) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str, str]]]:
        """Return the navigation's numbers (number, address) and the cards' (number, address, what stands below)."""
        tree = self.page("/")
        places, cards = {}, {}
        for link in tree.iter("a"):
            count = next((each for each in link.iter("span") if each.get("class") == "count"), None)
            if count is not None:
                places[(link.text or "").strip()] = (_text(count), link.get("href", ""))
        for item in (each for todo in tree.iter("ul") if todo.get("class") == "todo" for each in todo):
            words = [_text(each) for each in item.iter("p")]
            link = next(item.iter("a"))
            cards[words[0]] = (_text(next(item.iter("b"))), link.get("href", ""), " ".join(words[1:]))
        return places, cards


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _rows(tree: Element, caption: str | None) -> list[Element]:
    for table in tree.iter("table"):
        named = [_text(each) for each in table.iter("caption")]
        if caption is None or caption in named:
            return [row for body in table.iter("tbody") for row in body]
    return []


@pytest.fixture(params=DAYS)
def people(request: pytest.FixtureRequest, world: World) -> People:
    """Two organisations' affairs, of which each must see its own only, and the council's."""
    for number in range(5):
        world.period(number)
    officers = {role: world.officer(role) for role in STAFF_ROLES}
    both = list(officers.values())
    affairs = RandomWorld(world, request.param)
    own, other = world.organisation(account=False), world.organisation("Broadland Care CIC", account=False)
    affairs.fill(own, both)
    affairs.fill(other, both)
    affairs.runs(both[0], both[1])
    return People(DAYS[request.param], world.contact(own), officers)


def test_every_number_is_that_of_the_list_it_leads_to(people: People, world: World, browser: Browser) -> None:
    world.app.config["PORTAL_TODAY"] = people.day
    _check(Walker(browser.sign_in(people.contact)), "provider", set(OF_PROVIDER))
    for role, officer in people.officers.items():
        everything = set(OF_COUNCIL) - NOT_THEIRS if role == ADMINISTRATOR else set()
        _check(Walker(browser.sign_in(officer)), role, everything)


def _check(walker: Walker, who: str, expected: set[str]) -> None:
    """Check all numbers of somebody's front page, and that the lists of `expected` that have no number are empty."""
    places, cards = walker.front_page()
    for words, (number, address) in places.items():
        assert len(walker.rows(address)) == int(number), f"{who}: {words}"
    for words, (number, address, below) in cards.items():
        if not any(map(str.isdigit, number)):  # a card that asks for something without counting it
            continue
        assert _number(walker, words, address) == number, f"{who}: {words}"
        _check_below(walker, below, address, f"{who}: {words}")
    named = {address for _, address, *_ in (*places.values(), *cards.values())}
    with walker.browser.app.test_request_context():
        lists = (OF_PROVIDER if who == "provider" else OF_COUNCIL).items()
        silent = [url_for(page, **chosen) for name, (page, chosen) in lists if name in expected - set(NOT_LISTS)]
    for address in set(silent) - named:
        assert len(walker.rows(address)) <= (1 if "/absence-claims?" in address else 0), f"{who}: {address}"


def _number(walker: Walker, words: str, address: str) -> str:
    """Return what the page behind a card says of its number: mostly it has so many rows."""
    path = address.partition("?")[0]
    if path == "/actuals":
        found = [re.match(r"(\d+) of (\d+) confirmed", _text(each)) for each in walker.page(address).iter("small")]
        pairs = [(int(each[1]), int(each[2])) for each in found if each]
        return f"{sum(done for done, _ in pairs)} of {sum(lines for _, lines in pairs)}"
    if path == "/invoices/create":
        return _to_invoice(walker, address)
    if re.fullmatch(r"/absence-claims/\d+", path):
        return "1"
    if words.startswith("accepted invoice"):
        figures = [re.fullmatch(r"(\d+) ?accepted invoices? waits?", _text(each)) for each in _divs(walker, address)]
        return next(each[1] for each in figures if each)
    return str(len(walker.rows(address)))


def _divs(walker: Walker, address: str) -> list[Element]:
    return list(walker.page(address).iter("div"))


def _tables(tree: Element, caption: str) -> list[Element]:
    return [each for each in tree.iter("table") if re.match(caption, _text(next(each.iter("caption"))))]


def _is_difference(row: Element) -> bool:
    return any(words in _text(row) for words in ("correction", "change of rate"))


def _to_invoice(walker: Walker, address: str) -> str:
    """Return how many weeks the page offers to invoice; its preview has so many, with those it must leave out."""
    tree = walker.page(address)
    chosen = next(each for each in tree.iter("input") if each.get("checked") is not None)
    hint = next(each for each in tree.iter() if each.get("id") == chosen.get("aria-describedby"))
    number = int(_text(hint).split()[0])
    draft = walker.browser.post(address, {"period": chosen.get("value")})
    path = draft.request.path
    lines = [table for page in walker.pages(path) for table in _tables(page, "Lines of ")]
    on_invoice = [row for table in lines for row in table.iterfind("tbody/tr") if not _is_difference(row)]
    left_out = _tables(walker.page(path), "Left out: (?!.*(not confirmed|exception level))")
    waiting = [int(_text(each)) for table in left_out for each in table.iter("td") if each.get("data-label") == "Lines"]
    assert len(on_invoice) + sum(waiting) == number, path
    return str(number)


def _check_below(walker: Walker, below: str, address: str, where: str) -> None:
    """Check a number in what stands below a card's own."""
    if not_asked := re.match(r"(\d+) not asked about yet|Not asked about yet", below):
        rows = walker.rows(address)
        assert sum("Not asked yet" in _text(row) for row in rows) == int(not_asked[1] or len(rows)), where
    if overdue := re.match(r"(\d+) overdue", below):
        assert sum("overdue" in _text(row).lower() for row in walker.rows(address)) == int(overdue[1]), where
