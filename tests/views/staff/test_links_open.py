"""No link on a page of staff leads to a refusal, to nothing or to an error: each role follows what it is shown."""

import html
import re
from collections import deque
from typing import Final
from urllib.parse import urljoin, urlsplit

import pytest

from models import Email, db
from rules.mail_states import EmailState
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.access.roles import STAFF_ROLES

# Sorting, pages and sizes of lists are followed by tests of their own; files and signing out lead away.
LEFT: Final = re.compile(r"psize_|_oc_|/static/|/sign-|/export/|\.(?:csv|xlsx|pdf|txt|svg)$|^/help/|/file")
# Of addresses that differ by a number alone so many are opened.
OF_A_KIND: Final = 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_link_that_a_role_is_shown_opens_for_it(world: World, browser: Browser, role: str) -> None:
    everything.build(world, world.officer("Administrator"), (1,))
    failed = Email(recipient="a@b.example", subject="A notice", body="Sign in.\n", state=EmailState.FAILED, attempts=5)
    db.session.add(failed)
    db.session.commit()
    opened = follow(browser.sign_in(world.officer(role)))
    assert len(opened) > 100
    assert {address: answer for address, answer in opened.items() if answer[0] != 200} == {}


def follow(browser: Browser) -> dict[str, tuple[int, str]]:
    """What every address answered, and the page that led there."""
    opened: dict[str, tuple[int, str]] = {}
    waiting, kinds = deque([("/", "")]), dict[str, int]()
    while waiting:
        address, shown_on = waiting.popleft()
        kind = re.sub(r"\d+|=[^&]*", "0", address)
        if address in opened or LEFT.search(address) or kinds.get(kind, 0) >= OF_A_KIND:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = browser.get(address)
        opened[address] = answer.status_code, shown_on
        if answer.mimetype == "text/html":
            links = re.findall(r'href="([^"#]+)', answer.text)
            waiting.extend((reached, address) for link in links if (reached := within(address, html.unescape(link))))
    return opened


def within(page: str, link: str) -> str:
    """Where a link on a page leads, nothing where that is another site."""
    found = urlsplit(urljoin(f"http://localhost{page}", link))
    return "" if found.netloc != "localhost" else found.path + (f"?{found.query}" if found.query else "")
