"""No page leads to a refusal, to nothing or to an error: everybody follows the links and the forms they are shown."""

import html
import re
from collections import deque
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from models import Email, Organisation, db
from rules.mail_states import EmailState
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.access.roles import STAFF_ROLES

# Sorting, pages and sizes of lists are followed by tests of their own; files and signing out lead away.
LEFT: Final = re.compile(r"psize_|_oc_|/static/|/sign-|/export/|\.(?:csv|xlsx|pdf|txt|svg)$|^/help/|/file")
POSTED: Final = re.compile(r'<form[^>]*method="post"[^>]*>|<button[^>]*formaction=[^>]*>')
CONTACT: Final = "a contact"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", [*STAFF_ROLES, CONTACT])
def test_every_link_and_every_form_that_somebody_is_shown_leads_to_an_address_that_takes_it(
    world: World, browser: Browser, who: str
) -> None:
    everything.build(world, world.officer("Administrator"), (1,))
    failed = Email(recipient="a@b.example", subject="A notice", body="Sign in.\n", state=EmailState.FAILED, attempts=5)
    db.session.add(failed)
    db.session.commit()
    own = db.session.query(Organisation).first()
    assert own
    walk = Walk(browser.sign_in(world.contact(own) if who == CONTACT else world.officer(who)))
    walk.all_from("/")
    assert len(walk.opened) > (20 if who == CONTACT else 80)
    assert {address: answer for address, answer in walk.opened.items() if answer[0] != 200} == {}
    assert {address: page for address, page in walk.sent_to.items() if not takes_forms(world.app, address)} == {}


class Walk:
    """Somebody who opens every kind of page they are shown: one of those whose addresses differ by a number alone.

    `opened` is what an address answered, and the page that led there; `sent_to` where forms go, and their page.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.opened: dict[str, tuple[int, str]] = {}
        self.sent_to: dict[str, str] = {}

    def all_from(self, first: str) -> None:
        waiting, kinds = deque([(first, "")]), set[str]()
        while waiting:
            address, shown_on = waiting.popleft()
            kind = re.sub(r"\d+|=[^&]*", "0", address)
            if kind in kinds or LEFT.search(address):
                continue
            kinds.add(kind)
            answer = self.browser.get(address)
            self.opened[address] = answer.status_code, shown_on
            if answer.mimetype == "text/html":
                at = answer.request.full_path.removesuffix("?")
                self.sent_to |= dict.fromkeys(forms_on(at, answer.text), address)
                links = [within(at, link) for link in re.findall(r'href="([^"#]+)', answer.text)]
                waiting.extend((link, address) for link in links if link)


def forms_on(page: str, text: str) -> set[str]:
    """Where the forms of a page are sent; one that does not say goes where the page itself is."""
    said = [re.search(r'action="([^"]*)"', tag) for tag in POSTED.findall(text)]
    return {within(page, found[1] if found else "") for found in said}


def within(page: str, link: str) -> str:
    """Where a link on a page leads, nothing where that is another site."""
    found = urlsplit(urljoin(f"http://localhost{page}", html.unescape(link)))
    return "" if found.netloc != "localhost" else found.path + (f"?{found.query}" if found.query else "")


def takes_forms(app: Flask, address: str) -> bool:
    """Say whether there is a route that takes forms at an address."""
    try:
        app.url_map.bind("localhost").match(unquote(urlsplit(address).path), method="POST")
    except HTTPException:
        return False
    return True
