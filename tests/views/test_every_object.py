"""Every link and form of one organisation, found by a walk, tried by another: nothing is seen, nothing changes.

And no field that a form does not have, sent with it, does anything.
"""

import re
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import DateTime, Engine, select, text

from models import COUNCIL, Organisation, db, enter, metadata
from tests import conftest
from tests.support.pages.browser import Browser
from tests.support.pages.crawl import Form, Found, canaries, route, sung, walk
from tests.support.worlds import everything
from tests.support.worlds.world import World

OWN: Final = [table for table in metadata.sorted_tables if "organisation_id" in table.c]
# Sessions, tokens and hashes are made by chance.
BY_CHANCE: Final = {
    "request_id", "message_id", "token_hash", "digest", "fingerprint", "sealed", "secret", "content", "code_hash",
    "key", "email_hash", "decided_in", "before", "after",
}  # fmt: skip
# Numbers of invoices and the like go on where the first run ended.
NUMBER: Final = re.compile(r"\b[A-Z]{1,3}-\d{6}\b")
KINDS: Final = ("invoices", "remittances", "contract-documents", "actuals/upload", "conversations", "line-items")


@pytest.fixture
def two(world: World) -> tuple[Organisation, Organisation]:
    """Two organisations with a record of every kind each."""
    return build_two(world)


def build_two(world: World) -> tuple[Organisation, Organisation]:
    everything.build(world, world.officer("Administrator"), (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    return own, other


def rows_of(organisation_id: int) -> dict[str, str]:
    """A digest of an organisation's rows of each table."""
    asked = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{}\" AS t WHERE organisation_id = :whose"
    return {
        each.name: str(db.session.scalar(text(asked.format(each.name)), {"whose": organisation_id})) for each in OWN
    }


def walked(app: Flask, organisation: Organisation) -> Found:
    """What a contact with every function finds in their own organisation."""
    found = walk(Browser(app).sign_in(organisation.contacts[0]), alike=3)
    for kind in KINDS:
        assert any(each.startswith(f"/{kind}/") for each in found.addresses), f"no {kind} was found"
    return found


def test_every_address_of_one_organisation_shows_another_nothing_of_it(
    two: tuple[Organisation, Organisation], app: Flask, browser: Browser
) -> None:
    own, other = two
    addresses = walked(app, other).addresses
    browser.sign_in(own.contacts[0])
    words = canaries(own.id, other.id)
    assert len(words) > 20
    assert other.name in words
    wrong: list[tuple[str, object]] = []
    for address in addresses:
        answer = browser.get(address, follow=False)
        _endpoint, values = route(app, address)
        about_a_record = any(isinstance(each, int) for each in values.values())
        if answer.status_code >= 500 or (about_a_record and answer.status_code != 404):
            wrong.append((address, answer.status_code))
        wrong += [(address, word) for word in sung(answer, words, address)]
    assert wrong == []


def test_a_canary_is_heard_where_it_belongs(two: tuple[Organisation, Organisation], app: Flask) -> None:
    own, other = two
    words = canaries(own.id, other.id)
    theirs = Browser(app).sign_in(other.contacts[0])
    assert sum(bool(sung(theirs.get(address), words)) for address in walked(app, other).addresses) > 20


def test_every_form_of_one_organisation_sent_by_another_changes_nothing_of_it(
    two: tuple[Organisation, Organisation], app: Flask, browser: Browser
) -> None:
    own, other = two
    forms = walked(app, other).forms
    assert len(forms) > 20
    browser.sign_in(own.contacts[0])
    words, before = canaries(own.id, other.id), rows_of(other.id)
    wrong: list[tuple[str, object]] = []
    for form in forms:
        sent = hidden_of(form)
        answer = browser.post(form.action, sent)
        wrong += [(form.action, answer.status_code)] if answer.status_code >= 500 else []
        wrong += [(form.action, word) for word in sung(answer, words, urlencode(sent, doseq=True) + form.action)]
    assert wrong == []
    after = rows_of(other.id)
    assert [name for name in before if before[name] != after[name]] == []


def hidden_of(form: Form) -> dict[str, list[str]]:
    """The keys of a form as they are, and something typed into the rest of it."""
    sent: dict[str, list[str]] = {}
    for name, value in form.fields:
        sent.setdefault(name, []).append(value if name in form.keys else "Typed")
    return sent


EXTRA: Final = sorted({column.name for table in metadata.sorted_tables for column in table.columns})


def carried_out(world: World, who: str, *, extra: bool) -> tuple[list[Any], dict[str, Any]]:
    """Send every form that somebody finds, and return what was answered and what the tables hold then."""
    own, _other = build_two(world)
    person = own.contacts[0] if who == "provider" else world.officer("Administrator", "walks@council.example")
    browser = Browser(world.app).sign_in(person)
    forms = walk(browser, alike=1).forms
    # What one form has for people to fill another may take too; what none has nobody may set.
    named = {name for form in forms for name, _ in form.fields}
    more = {name: "2" for name in EXTRA if name not in named} if extra else {}
    answers = []
    for form in forms:
        answer = browser.post(form.action, more | as_it_stands(form), follow=False)
        answers.append((form.action, answer.status_code, answer.location))
    return answers, {table.name: content_of(table) for table in metadata.sorted_tables}


def as_it_stands(form: Form) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in form.fields:
        found.setdefault(name, []).append(value)
    return {name: values[:1] if name in form.keys else values for name, values in found.items()}


def content_of(table: Any) -> list[str]:
    """The rows of a table without what differs from one run to the next."""
    columns = [each for each in table.columns if each.name not in BY_CHANCE and not isinstance(each.type, DateTime)]
    rows = db.session.execute(select(*columns)).all()
    return sorted(NUMBER.sub("number", str(tuple(row))) for row in rows)


def difference(name: str, before: list[str], after: list[str]) -> str:
    gone, new = ([each for each in one if each not in other][:2] for one, other in ((before, after), (after, before)))
    return f"{name}: {gone} became {new}"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("who", ["provider", "staff"])
def test_a_field_that_a_form_lacks_changes_nothing(world: World, emptying: Engine, who: str) -> None:
    without, kept = carried_out(world, who, extra=False)
    db.session.rollback()
    conftest._empty(emptying)
    enter(COUNCIL)
    db.session.expunge_all()
    answered, changed = carried_out(World(world.app), who, extra=True)
    assert len(answered) > 20
    assert [pair for pair in zip(without, answered, strict=True) if pair[0] != pair[1]] == []
    different = [difference(name, kept[name], changed[name]) for name in kept if kept[name] != changed[name]]
    assert not different, "\n".join(different)
