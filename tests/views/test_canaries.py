"""No name of a person in care reaches a log, an e-mail, an address or the name of a file, whatever is done.

Canaries are planted wherever the portal keeps words about people; then everything a provider and an officer can open is
opened, forms are sent rightly and wrongly, files are given and taken, and the jobs run.
"""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from flask import Flask
from sqlalchemy import Connection, select, text, update
from werkzeug.test import TestResponse

from jobs import JOBS
from jobs.scheduler import run_job
from models import Contact, Email, ImportFile, LineItem, Organisation, db
from tests.support.pages.browser import Browser
from tests.support.processes.queue import work_off
from tests.support.worlds import everything
from tests.support.worlds.world import World
from workflows.imports.kinds import NOTHING_FOUND
from workflows.mail.smtp import MailServerAway

FIRST, LAST, WORDS, BORN = "Philomena", "Quackenbush", "zephyrous confidence", "1931-05-07"
CANARIES = re.compile(f"{FIRST}|{LAST}|{WORDS}|{BORN}|07/05/1931", re.IGNORECASE)
# Where words about people are kept; what is sealed or of the council alone has tests of its own.
PLANTED = (
    f"UPDATE person SET name = '{FIRST} {LAST}'",
    f"UPDATE paper_order SET person_name = '{FIRST} {LAST}'",
    f"UPDATE missing_package SET person_name = '{FIRST} {LAST}', born_on = '{BORN}', comment = '{WORDS}'",
    f"UPDATE message SET body = '{FIRST} {LAST}: {WORDS}'",
    f"UPDATE conversation_note SET body = '{FIRST} {LAST}: {WORDS}'",
    f"UPDATE actual SET comment = '{WORDS}'",
    f"UPDATE absence_claim SET comment = '{WORDS}'",
    f"UPDATE aborted_visit SET comment = '{WORDS}'",
    f"UPDATE upload SET content = convert_to('{FIRST} {LAST}', 'UTF8')",
    f"UPDATE upload_finding SET value = '{FIRST} {LAST}'",
)
# Lists show initials; a name stands in the page of one line, document, invoice or conversation alone.
LISTS = ("/actuals?week=2017-10-16", "/actuals/overview", "/line-items", "/contract-documents", "/absence-claims",
         "/invoices", "/remittances", "/conversations", "/scheduled-payments", "/exceptions",
         "/line-items/workbook.xlsx")  # fmt: skip
MOST_PAGES = 90


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, at every level, with tracebacks."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def organisation(world: World, owner: Connection) -> Organisation:
    """An organisation with a record of every kind, about one person whose name is a canary."""
    everything.build(world, world.officer("Administrator"))
    world.period(1)
    # What every check of an import writes down.
    db.session.execute(update(ImportFile).values(findings=NOTHING_FOUND))
    db.session.commit()
    db.session.rollback()
    for statement in ("SET LOCAL session_replication_role = replica", *PLANTED):
        owner.execute(text(statement))
    owner.commit()
    found: Organisation = db.session.scalars(select(Organisation)).one()
    return found


class Walk:
    """Goes wherever links lead, and remembers every address and every name of a file it was shown."""

    def __init__(self, browser: Browser, begin: list[str]) -> None:
        self.browser, self.to_see, self.seen = browser, begin, set(begin)
        self.addresses: list[str] = []
        self.filenames: list[str] = []
        self.shapes: dict[str, int] = {}

    def go(self) -> None:
        """Walk until there is nothing new, or MOST_PAGES."""
        opened = 0
        while self.to_see and opened < MOST_PAGES:
            opened += 1
            self.look(self.browser.get(self.to_see.pop(0)))

    def look(self, answer: TestResponse) -> None:
        """Remember what an answer shows of addresses and names of files."""
        assert answer.status_code < 500, answer.request.path
        self.addresses.append(unquote(answer.request.url))
        self.filenames.append(unquote(answer.headers.get("Content-Disposition", "")))
        if answer.mimetype != "text/html":
            return
        tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
        for each in tree.iter():
            for name in ("href", "action", "formaction", "src"):
                if address := each.get(name):
                    self.addresses.append(unquote(address))
                    self._want(address) if name == "href" else None

    def _want(self, address: str) -> None:
        parts = urlsplit(address)
        wanted = f"{parts.path}?{parts.query}" if parts.query else parts.path
        shape = re.sub("[0-9]+", "1", parts.path)
        is_page = wanted.startswith("/") and not wanted.startswith(("/static", "/sign-out", "/organisations/change"))
        # Of pages that differ by their query alone, two are enough.
        if is_page and wanted not in self.seen and self.shapes.get(shape, 0) < 2:
            self.shapes[shape] = self.shapes.get(shape, 0) + 1
            self.seen.add(wanted)
            self.to_see.append(wanted)


def found_in(texts: list[str]) -> list[str]:
    """The texts that hold a canary."""
    return [each[:200] for each in texts if CANARIES.search(each)]


def send_forms(walk: Walk, browser: Browser, line: LineItem) -> None:
    """Save rightly and wrongly, start a conversation, and give a file with the name in it, in its contents alone."""
    said = f"{FIRST} {LAST}: {WORDS}"
    walk.look(browser.post("/actuals?week=2017-10-23", {f"v-{line.id}": "", f"d0-{line.id}": said}))
    form = {"line": str(line.id), "first_day": said, "last_day": said, "reason": said, "comment": said}
    walk.look(browser.post("/absence-claims/new", form))
    walk.look(browser.post("/line-items/missing", {"person_name": said, "born_on": BORN, "comment": said}))
    sent = {"team": "1", "topic": "other", "subject": "A question", "message": said}
    walk.look(browser.post("/conversations/start", sent))
    content = f"CPLI,Person,Week starting,Mon\n{line.reference},{said},16/10/2017,{said}\n".encode()
    walk.look(browser.post("/actuals/upload", {"file": (io.BytesIO(content), "week.csv")}))


@pytest.mark.timeout(400)  # it opens 180 pages
def test_no_canary_of_a_person_gets_out_of_its_pages(
    organisation: Organisation, world: World, app: Flask, log: io.StringIO
) -> None:
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    line = db.session.scalars(select(LineItem).order_by(LineItem.id.desc())).first()
    assert contact is not None
    assert line is not None
    officer = world.officer("Administrator", "canary@council.example")
    db.session.commit()
    provider, staff = Browser(app).sign_in(contact), Browser(app).sign_in(officer)
    walks = Walk(provider, ["/", *LISTS]), Walk(staff, ["/", "/admin", "/admin/people/list/"])
    send_forms(walks[0], provider, line)
    for walk in walks:
        walk.go()
    work_off(app)
    for name in JOBS:
        with suppress(MailServerAway):
            run_job(app, name, date(2017, 11, 20))
    assert len(walks[0].addresses) > 300, "the walk saw too little to say anything"
    assert any(walks[0].filenames), "no file was handed out"
    for walk in walks:
        assert found_in(walk.addresses) == []
        assert found_in(walk.filenames) == []
    db.session.rollback()
    emails = db.session.scalars(select(Email)).all()
    assert emails
    assert found_in([f"{each.subject}\n{each.body}\n{each.recipient}" for each in emails]) == []
    assert found_in(log.getvalue().splitlines()) == []


@pytest.mark.parametrize("address", LISTS)
def test_lists_show_initials_and_no_name(organisation: Organisation, browser: Browser, address: str) -> None:
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    answer = browser.sign_in(contact).get(address)
    assert answer.status_code == 200
    assert re.search(f"{FIRST}|{LAST}".encode(), answer.data) is None


def test_the_search_for_canaries_finds_one() -> None:
    assert found_in(["/line-items?search=Philomena+Q", "/line-items/4"]) == ["/line-items?search=Philomena+Q"]
