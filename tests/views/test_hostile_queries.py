"""No address of the portal breaks, whatever stands behind its question mark or in the place of a number."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

import views
from models import Organisation, db
from tests.models.test_isolation import address_of
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_routes import listed

# What url_for and the framework would take as their own.
TAKEN = ("_method", "_scheme", "_anchor", "_external", "endpoint", "values", "self", "name", "pk", "filename", "token",
         "week", "from", "to", "kind", "sort", "order", "page", "reason", "visit_date", "first", "last")  # fmt: skip
# Larger than any column, no number, no date, no text that a database keeps, and what would be SQL, HTML or a header.
VALUES = (
    "99999999999999999999", "-1", "2147483648", "9" * 5_000, "x" * 3_000, "0001-01-01", "9999-12-31", "2017-13-45",
    "\x00", "\x01\x1b[31m", "'\"<script>\\", "a\r\nSet-Cookie: b=c", "\ud7ff\U0010fffd", "", "١٢", "1e999", "NaN",
)  # fmt: skip
NUMBERS = ("99999999999999999999", "2147483648", "-1", "x", "9" * 5_000, "%00", "١")


def asked_names() -> set[str]:
    """Every name that a page reads from its query string."""
    source = "".join(path.read_text() for path in Path(views.__path__[0]).rglob("*.py"))
    return set(re.findall(r'args\.get(?:list)?\(\s*"(\w+)"', source))


def broken(browser: Browser, addresses: list[str]) -> list[str]:
    """The addresses at which the portal fails.

    Each is asked with every fourth value, the next one with those after: 350 pages of staff times 16 take too long, and
    most of them are the same few generated screens.
    """
    found = []
    names = sorted({*TAKEN, *asked_names()})
    for place, address in enumerate(addresses):
        for value in VALUES[place % 4 :: 4]:
            answer = browser.get(address, query_string=dict.fromkeys(names, value), follow=False)
            if answer.status_code >= 500:
                found.append(f"{address} {value[:20]!r}")
    return found


def gets(part: str, organisation: Organisation) -> list[str]:
    # The import that `everything` makes has found nothing, as no real one has: its pages cannot show it.
    wanted = [address for method, address in listed()[part] if method == "GET" and "/staff/imports" not in address]
    return [address_of(address, organisation) for address in wanted]


def with_other_numbers(part: str) -> list[str]:
    """The addresses with a number or word in them that no record has."""
    addresses = [address for method, address in listed()[part] if method == "GET" and "<" in address]
    return [re.sub("<[^>]*>", number, address) for address in addresses for number in NUMBERS]


@pytest.fixture
def own(world: World) -> Organisation:
    """An organisation with a record of every kind."""
    everything.build(world, world.officer("Administrator"), (1,))
    found: Organisation = db.session.scalars(select(Organisation)).one()
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", ["provider", "everybody signed in"])
def test_no_query_string_breaks_a_page_of_a_provider(own: Organisation, browser: Browser, part: str) -> None:
    browser.sign_in(own.contacts[0])
    assert broken(browser, gets(part, own)) == []


@pytest.mark.timeout(900)
def test_no_query_string_breaks_a_page_of_staff(own: Organisation, world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    assert broken(browser, gets("staff", own)) == []


def test_no_query_string_breaks_an_open_page(own: Organisation, browser: Browser) -> None:
    assert broken(browser, gets("open", own)) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", ["provider", "staff"])
def test_no_number_breaks_an_address(own: Organisation, world: World, browser: Browser, part: str) -> None:
    browser.sign_in(own.contacts[0] if part == "provider" else world.officer("Administrator"))
    answers = {address: browser.get(address, follow=False).status_code for address in with_other_numbers(part)}
    assert {address: status for address, status in answers.items() if status >= 500} == {}
