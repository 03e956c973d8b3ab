"""The people of the morning, played by locust: who they are comes on stdin as JSON, what they met goes out on stdout.

It is a process of its own, for locust makes every socket and every sleep of its process cooperative.
"""

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from html import unescape
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import gevent
from locust import FastHttpUser, User, task
from locust.env import Environment
from locust.exception import StopUser

from bench.morning import page as page
from bench.morning.page import Missing
from demonstration.council import CODE, PASSWORD

FILE = "File of the first page"
THINKING = (1.0, 3.0)
OFFICER_THINKING = (2.0, 5.0)
HEADERS = {"Accept-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
REDIRECTS = (302, 303)
OK = 200


@dataclass
class Morning:
    """What is asked for, and what happened: steps as (kind, milliseconds), errors as sentences."""

    host: str
    people: list[str]
    officers: list[str]
    seconds: float
    most_seconds: float
    period_day: str
    steps: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: int = 0
    finished: int = 0
    without: Counter[str] = field(default_factory=Counter)


class WrongPage(Exception):
    """An answer is not the one the step leads to."""


class Browser(FastHttpUser):
    """Somebody at a browser. A step is what they wait for: a form is sent and its page shown, or a link opened."""

    abstract = True
    morning: Morning
    thinking = THINKING
    email: str
    chance: Random

    def step(self, kind: str, address: str, fields: dict[str, str] | None = None, expect: str = "") -> str:
        """Take a step and return the page, whose heading or text has to hold `expect`. Raises WrongPage."""
        began = perf_counter()
        status, text, at = self._ask(address, fields)
        self.morning.steps.append((kind, (perf_counter() - began) * 1000))
        if status != OK or expect not in text:
            wanted = "" if status != OK else f" without “{expect}”"
            raise WrongPage(f"{kind}: {at} answered {status}, “{page.heading(text) or text[:80]}”{wanted}")
        return text

    def think(self) -> None:
        """Read the page."""
        gevent.sleep(self.chance.uniform(*self.thinking))

    def sign_in(self, expect: str) -> str:
        """Open the portal, give password and code, and return the page they lead to."""
        first = self.step("Sign-in page", "/", expect="Sign in")
        self._files_of(first)
        self.think()
        known = page.form(first, "novalidate") | {"email": self.email, "password": PASSWORD}
        asked = self.step("Password", "/sign-in", known, "Enter your security code")
        self.think()
        return self.step(
            "Security code", "/sign-in/code", page.form(asked, "novalidate") | {"security_code": CODE}, expect
        )

    def sign_out(self, last: str) -> None:
        """Leave by the button of the last page."""
        self.step("Sign out", "/sign-out", page.form(last, 'action="/sign-out"'), "You are signed out.")

    def told(self, story: Callable[[], None]) -> bool:
        """Let somebody live through a story; what went wrong is noted, and ends it."""
        try:
            story()
        except (WrongPage, Missing) as wrong:
            self.morning.errors.append(f"{wrong} ({self.email})")
            return False
        return True

    def _ask(self, address: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        data = None if fields is None else urlencode(fields)
        for _ in range(4):
            method = "GET" if data is None else "POST"
            answer = self.client.request(method, address, data=data, headers=HEADERS, allow_redirects=False)
            self.morning.requests += 1
            if answer.status_code not in REDIRECTS:
                break
            address, data = str(answer.headers["location"] if answer.headers else "/"), None
        text = (answer.content or b"").decode(errors="replace") or str(getattr(answer, "error", ""))
        return answer.status_code, text, f"{method} {address}"

    def _files_of(self, first: str) -> None:
        for address in page.files(first):
            text = self.step(FILE, address)
            if address.endswith(".js"):
                for beside in page.files(text):
                    self.step(FILE, f"{address.rpartition('/')[0]}/{beside}")


class Visitor(Browser):
    """A contact of a provider, who tells the whole story once."""

    @task
    def tell(self) -> None:
        """Begin in turn, tell the story, and be gone."""
        morning, index = self.morning, self.fixed_count - len(self.left)
        self.email = self.left.pop()
        self.chance = Random(self.email)
        gevent.sleep(index * morning.seconds / self.fixed_count)
        try:
            done = self.told(self._story)  # others add to the sum meanwhile
            morning.finished += done
        finally:
            self.over()
        raise StopUser

    left: list[str]
    over: Callable[[], None]

    def _story(self) -> None:
        self.sign_in("Main menu")
        self.think()
        self._documents()
        self._week()
        last = self._invoice()
        self.think()
        self.sign_out(last)

    def _documents(self) -> None:
        listed = self.step("Contract documents", "/contract-documents", expect="Contract documents</h1>")
        self.think()
        documents = page.links(listed, r"/contract-documents/\d+")
        if documents:
            self.step("A contract document", self.chance.choice(documents), expect=">Contract document ")
            self.think()
        else:
            self.morning.without["contract documents"] += 1

    def _week(self) -> None:
        """Put a figure of a week right, save, and confirm the week."""
        overview = f"/actuals/overview?period={self.morning.period_day}"
        shown = self.step("Overview of a period", overview, expect="overview</h1>")
        self.think()
        address = page.open_week(shown)
        week = self.step("Week of Actuals", address, expect='id="actuals"')
        self.think()
        changed = page.put_right(page.form(week, 'id="actuals"'), page.open_lines(week))
        saved = self.step("Save a week", address, {**changed, "do": "save"}, "saved as ")
        self.think()
        confirmed = page.with_reasons(page.form(saved, 'id="actuals"'))
        self.step("Confirm a week", address, {**confirmed, "do": "week"}, " confirmed.")
        self.think()

    def _invoice(self) -> str:
        """Send what is ready of the period, and return the last page."""
        asked = self.step("Create invoice", "/invoices/create", expect="Create invoice</h1>")
        self.think()
        if "to invoice" not in asked:
            self.morning.without["anything to invoice"] += 1
            return asked
        chosen = page.form(asked, 'action="/invoices/create"')
        preview = self.step("Preview of an invoice", "/invoices/create", chosen, "not sent yet")
        self.think()
        if not (address := page.action(preview, r"/invoices/\d+")):
            self.morning.without["anything that can be sent"] += 1
            return preview
        sent = page.form(preview, f'action="{address}"') | {"own_reference": "Morning"}
        return self.step("Submit an invoice", address, sent, " was sent.")


class Officer(Browser):
    """Somebody of the council, who goes round lists, records and desks until the last person is gone."""

    thinking = OFFICER_THINKING
    left: list[str]

    @task
    def go_round(self) -> None:
        """Sign in, and go round; an error ends the round and is noted, and the next begins."""
        self.email = self.left.pop()
        self.chance = Random(f"{self.email} {len(self.left)}")
        gevent.sleep(len(self.left))
        if not self.told(lambda: setattr(self, "places", _places(self.sign_in("Today</h1>")))):
            raise StopUser
        while True:
            self.think()
            self.told(self._round)

    places: list[str]

    def _round(self) -> None:
        address = self.chance.choice(self.places)
        shown = self.step(_kind(address), address, expect="<h1")
        self.think()
        ways = [way for way in (self._record, self._search, self._sorted) if self.chance.random() < 0.6]
        for way in ways:
            way(shown, address)

    def _record(self, shown: str, _: str) -> None:
        if found := page.links(shown, r"/admin/[a-z-]+/show/\d+|/staff/[a-z-]+/\d+"):
            self.step("Staff: a record", self.chance.choice(found), expect="<h1")
            self.think()

    def _search(self, shown: str, address: str) -> None:
        if searched := _searched(shown):
            fields = page.form(shown, 'role="search"') | searched
            asked = urlencode({name: typed for name, typed in fields.items() if typed})
            self.step("Staff: a search", f"{address.partition('?')[0]}?{asked}", expect="<h1")
            self.think()

    def _sorted(self, shown: str, _: str) -> None:
        if found := page.links(shown, r"/admin/[a-z-]+/list/\?[^\"]*_o[cd]_[^\"]*"):
            self.step("Staff: a list sorted", self.chance.choice(found), expect="<h1")
            self.think()


def _places(today: str) -> list[str]:
    """Return where the navigation leads."""
    begins = today.index('<nav class="nav"')
    navigation = today[begins : today.index("</nav>", begins)]
    return [unescape(href) for href in re.findall(r'href="(/[^"]*)"', navigation)]


def _kind(address: str) -> str:
    path = address.partition("?")[0]
    if path == "/":
        return "Staff: Today"
    return "Staff: a list" if path.endswith("/list/") else f"Staff: {path}"


def _searched(shown: str) -> dict[str, str]:
    """Return what is typed into one text field of a list's search: what the list shows of its first row there."""
    for id_, label in re.findall(r'<label class="govuk-label" for="(search-\d+)">([^<]+)<', shown):
        field_ = re.search(rf'type="text" id="{id_}" name="([^"]+)"', shown)
        value = re.search(rf'data-label="{re.escape(label)}">(?:<[^>]*>)*([^<]+)<', shown)
        if field_ and value:
            return {field_[1]: value[1].strip()}
    return {}


def play(morning: Morning) -> None:
    """Run the morning to its end: the last person is gone, or it took too long."""
    users: list[type[User]] = [user for user, who in ((Visitor, morning.people), (Officer, morning.officers)) if who]
    logging.getLogger("locust").setLevel(logging.CRITICAL)  # our errors end a user with a traceback of gevent's
    environment = Environment(user_classes=users, host=morning.host, catch_exceptions=False)
    runner = environment.create_local_runner()
    gone: list[None] = []
    everybody = len(morning.people)

    def over() -> None:
        gone.append(None)
        if len(gone) == everybody:
            gevent.spawn(runner.quit)

    Browser.morning = morning
    Visitor.left, Visitor.fixed_count, Visitor.over = morning.people[::-1], everybody, staticmethod(over)
    Officer.left, Officer.fixed_count = morning.officers[::-1], len(morning.officers)
    runner.start(everybody + len(morning.officers), spawn_rate=1000)
    gevent.spawn_later(morning.most_seconds, runner.quit)
    runner.greenlet.join()


def main() -> None:
    """Play what stdin asks for."""
    asked: dict[str, Any] = json.load(sys.stdin)
    morning = Morning(**asked)
    began = perf_counter()
    play(morning)
    json.dump({**asdict(morning), "took": perf_counter() - began}, sys.stdout)


if __name__ == "__main__":
    main()
