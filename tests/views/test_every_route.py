"""Every route in one table: what each person gets there, from a stranger to each role of staff.

`answers.txt` is the table: method, address, and a letter for each of PEOPLE. An address that it lacks fails. After a
change on purpose `ANSWERS=write pytest tests/views/test_every_route.py -n 0` writes it anew; read the difference.
Each person asks some of the addresses, the next person others; EVERY_ROUTE=1 has each ask all.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import Contact, Organisation, db
from tests.models.test_isolation import MISSING, WITH_A_RECORD, address_of
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.people import GIVEN, give_password, newcomer, regular
from tests.support.worlds.world import World
from tests.views.test_routes import ask, listed
from views.access.roles import STAFF_ROLES

TABLE = Path(__file__).with_name("answers.txt")
# What a letter says. A form about a record is asked for one that is not there, so that nothing changes on the way.
OPEN, REFUSED, NOT_THERE, TO_SIGN_IN, MAY, NOT_ASKED = "y", "n", "-", "s", "m", "?"
# So many addresses came while this table was written; the number only falls.
MOST_NOT_ASKED: Final = 0
LETTERS: Final = {
    OPEN: "it opens, or the form is read",
    REFUSED: "403: their role does not include it",
    NOT_THERE: "404: there is no such record for them",
    MAY: "404 to a form: they may, but the record asked for is not there",
    TO_SIGN_IN: "302: to signing in, or to the step they have reached",
    NOT_ASKED: "nobody has asked yet: ANSWERS=write does",
}
FUNCTIONS: Final = ("documents", "actuals", "payments", "organisation", "conversations")
HALF_WAY: Final = ("password only", "must change password", "no code yet")
ANOTHER: Final = "all functions of another organisation"
PEOPLE: Final = ("signed out", *HALF_WAY, "no function", *FUNCTIONS, ANOTHER, *STAFF_ROLES)
# So many times longer may another organisation's record take than one that is not there.
LONGEST_RATIO: Final = 1.3
# What addresses of files have in them: whoever reads test_readings.py finds there that each of them is noted.
FILE: Final = re.compile(r"csv|excel|xlsx|pdf|zip|\.txt|json|<kind>|any\(|file|scan|download")
WRITE: Final = os.environ.get("ANSWERS") == "write"
EACH: Final = 1 if WRITE or os.environ.get("EVERY_ROUTE") else 5

Routes = dict[tuple[str, str], str]


def read_table() -> Routes:
    """The letters of every address."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(method, address): letters for method, address, letters in (line.split() for line in lines)}


def write_table(table: Routes) -> None:
    """Write the letters of every address, under a heading that says what they are."""
    places = [f"# {place:2} {who}" for place, who in enumerate(PEOPLE, 1)]
    meanings = [f"# {letter}  {meaning}" for letter, meaning in LETTERS.items()]
    width = max(len(address) for _method, address in table)
    rows = [f"{method:<5}{address:<{width}} {letters}" for (method, address), letters in sorted(table.items())]
    TABLE.write_text(
        "\n".join(["# Who gets what: a letter for each person, in this order.", *places, *meanings, *rows]) + "\n"
    )


def everywhere() -> list[tuple[str, str]]:
    """Every address; those that end or change a session last."""
    parts = listed()
    rest = [each for part, addresses in parts.items() if part != "open" for each in addresses]
    return rest + parts["open"]


@pytest.fixture
def two(world: World) -> tuple[Organisation, Organisation]:
    """Two organisations with a record of every kind each."""
    everything.build(world, world.officer("Administrator"), (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    return own, other


def arriving(world: World, own: Organisation, other: Organisation, who: str) -> Callable[[], Browser]:
    """What makes a browser of one of PEOPLE."""
    if who == "signed out":
        return lambda: Browser(world.app)
    if who in HALF_WAY:
        return half_way(world, own, who)
    if who in STAFF_ROLES:
        officer = world.officer(who)
        return lambda: Browser(world.app).sign_in(officer)
    contact = contact_with(world, own, other, who)
    return lambda: Browser(world.app).sign_in(contact)


def contact_with(world: World, own: Organisation, other: Organisation, who: str) -> Contact:
    if who == ANOTHER:
        return world.contact(other)
    return (
        world.contact(own, may_documents=False)
        if who == "no function"
        else world.contact(own, None, **{f"may_{who}": True})
    )


def half_way(world: World, own: Organisation, who: str) -> Callable[[], Browser]:
    """Somebody at one step of signing in."""
    contact = newcomer(world, own) if who == "must change password" else regular(world, own)
    if who == "no code yet":
        assert contact.user
        contact.user.code_kind = contact.user.security_code = None
        db.session.commit()
    email, given = contact.email, who == "must change password"

    def arrive() -> Browser:
        browser = Browser(world.app)
        assert give_password(browser, email, *([GIVEN] if given else [])).status_code == 200
        return browser

    return arrive


def letters_of(arrive: Callable[[], Browser], own: Organisation, place: int) -> Routes:
    """What somebody gets at the addresses they ask; another organisation sends even forms to records that are there."""
    with_ids = PEOPLE[place] == ANOTHER
    browser = arrive()
    found = {}
    for method, address in everywhere()[place % EACH :: EACH]:
        if method == "POST" and address.startswith("/sign"):
            browser = arrive()
        there = own if method == "GET" or with_ids else None
        answer = ask(browser, method, filled(address, there))
        assert method == "POST" or FILE.search(address) or not answer.headers.get("Content-Disposition"), address
        found[method, address] = letter(answer, form=there is None)
    return found


def filled(address: str, organisation: Organisation | None) -> str:
    address = address.replace("<kind>", "csv").replace("<name>.xlsx", "organisations.xlsx")
    # The import that `everything` makes holds no workbook that its own pages could read.
    address = address.replace("<int:import_id>", MISSING)
    if organisation is None:
        address = re.sub(r"<(?:int[^:]*:)?(pk|[a-z]+_id)>", MISSING, address)
    return address_of(address, organisation)


def letter(answer: TestResponse, *, form: bool) -> str:
    status, location = answer.status_code, answer.location or ""
    assert status < 500, answer
    if status == 302 and location.startswith("/sign-in"):
        return TO_SIGN_IN
    if status == 404:
        return MAY if form else NOT_THERE
    return REFUSED if status == 403 else OPEN


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", PEOPLE)
def test_at_every_address_everybody_gets_what_the_table_says(
    two: tuple[Organisation, Organisation], world: World, who: str
) -> None:
    own, other = two
    place = PEOPLE.index(who)
    found = letters_of(arriving(world, own, other, who), own, place)
    table = read_table() if TABLE.exists() else {}
    if WRITE:
        blank = " " * len(PEOPLE)
        rows = {each: table.get(each, blank) for each in found}
        write_table(
            {each: row[:place].ljust(place, "?") + found[each] + row[place + 1 :] for each, row in rows.items()}
        )
        return
    assert set(everywhere()) == set(table), "the table lacks an address, or has one that is gone"
    wrong = {
        each: (found[each], LETTERS[found[each]])
        for each in found
        if table[each][place] not in (found[each], NOT_ASKED)
    }
    assert wrong == {}


def asked_about() -> list[tuple[tuple[str, str], str]]:
    """The rows of which every letter is known."""
    return [(each, letters) for each, letters in read_table().items() if NOT_ASKED not in letters]


def test_few_addresses_wait_to_be_asked() -> None:
    assert len(read_table()) - len(asked_about()) <= MOST_NOT_ASKED


def test_the_table_lets_no_stranger_and_no_other_organisation_in() -> None:
    for (method, address), letters in asked_about():
        is_open = (method, address) in listed()["open"]
        assert is_open or set(letters[: 1 + len(HALF_WAY)]) == {TO_SIGN_IN}, address
        if (method, address) in WITH_A_RECORD:
            assert letters[PEOPLE.index(ANOTHER)] == NOT_THERE, address


def test_the_table_lets_staff_and_providers_into_their_own_half_only() -> None:
    first_of_staff = PEOPLE.index(next(iter(STAFF_ROLES)))
    for (_method, address), letters in asked_about():
        providers, staff = letters[1 + len(HALF_WAY) : first_of_staff], letters[first_of_staff:]
        if address.startswith(("/admin", "/staff")):
            # An action is looked for by its name first, and the one asked for is none.
            assert set(providers) <= ({REFUSED, NOT_THERE, MAY} if "/action" in address else {REFUSED, NOT_THERE}), (
                address
            )
        elif any(address == each for _, each in listed()["provider"]):
            assert set(staff) == {REFUSED}, address


def test_another_organisations_record_takes_as_long_as_one_that_is_not_there(
    two: tuple[Organisation, Organisation], browser: Browser
) -> None:
    own, other = two
    browser.sign_in(own.contacts[0])
    theirs = nobodys = 0.0
    for method, address in WITH_A_RECORD[::3]:
        asked = [address_of(address, organisation) for organisation in (other, None)]
        taken: list[list[float]] = [[], []]
        for turn in range(10):
            # By turns, and each first as often as the other: whatever slows the machine slows both.
            for which in (0, 1) if turn % 2 else (1, 0):
                began = time.perf_counter()
                answer = ask(browser, method, asked[which])
                taken[which].append(time.perf_counter() - began)
                assert answer.status_code == 404
        theirs, nobodys = theirs + min(taken[0]), nobodys + min(taken[1])
    assert 1 / LONGEST_RATIO < theirs / nobodys < LONGEST_RATIO, f"{theirs:.3f} s against {nobodys:.3f} s"
