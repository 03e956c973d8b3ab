"""Finds the portal's addresses and forms by itself, as somebody who follows every link would."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask import Flask
from sqlalchemy import String, func, select
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from models import db, metadata
from tests.support.pages.browser import Browser

Fields = list[tuple[str, str]]
# What a page says anew each time, and what is a secret of the one who asked.
CHANGING = re.compile(r'(nonce|value|data-idle|data-longest)="[^"]*"')
# Shorter words stand in many places.
LEAST_CANARY = 5


@dataclass
class Form:
    """A form as a page shows it: where it is sent, what stands in it, and which of it nobody types."""

    method: str
    action: str
    fields: Fields = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    """Reads the links and forms of one page."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at, self.links, self.forms = at, set[str](), list[Form]()
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.add(urljoin(self.at, given["href"]))
        elif tag == "form":
            action = urljoin(self.at, given.get("action") or self.at)
            self.forms.append(Form(given.get("method", "get").upper(), action))
        elif self.forms and tag == "input" and given.get("name"):
            self._input(given)
        elif tag == "select":
            self._select = given.get("name", "")
        elif self.forms and tag == "option" and self._select:
            self._add(self._select, given.get("value", ""), key=True)
        elif self.forms and tag == "textarea" and given.get("name"):
            self._add(given["name"], "", key=False)
        elif self.forms and tag == "button" and given.get("name"):
            self._add(given["name"], given.get("value", ""), key=True)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if given["name"] != "csrf_token" and kind not in ("file", "submit"):
            self._add(given["name"], given.get("value", ""), key=kind in ("hidden", "radio", "checkbox"))

    def _add(self, name: str, value: str, *, key: bool) -> None:
        form = self.forms[-1]
        form.fields.append((name, value))
        if key:
            form.keys.add(name)


@dataclass
class Found:
    """What a walk found: every address that opened, and every form, by where it is sent."""

    addresses: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


def walk(browser: Browser, starts: Iterable[str] = ("/",), *, alike: int = 2, follow: bool = True) -> Found:
    """Follow every link from some addresses on; of addresses of one route with the same names asked, `alike` many.

    Without `follow` those addresses alone are read.
    """
    found, seen = Found(), Counter[str]()
    waiting, known = deque(starts), set(starts)
    sent: set[tuple[str, str, frozenset[str]]] = set()
    while waiting:
        address = waiting.popleft()
        kind = _kind(browser.app, address)
        seen[kind] += 1
        if not kind or seen[kind] > alike:
            continue
        answer = browser.get(address, follow=False)
        if answer.status_code >= 400:
            continue
        found.addresses.append(address)
        links, forms = read(answer, address)
        for form in forms:
            shape = (form.method, urlsplit(form.action).path, frozenset(name for name, _ in form.fields))
            if form.method == "GET":
                links.add(f"{urlsplit(form.action).path}?{urlencode(dict(form.fields))}")
            elif shape not in sent:
                sent.add(shape)
                found.forms.append(form)
        for link in sorted(links - known) if follow else ():
            known.add(link)
            waiting.append(link)
    return found


def read(answer: TestResponse, address: str) -> tuple[set[str], list[Form]]:
    """Return the addresses within the portal that an answer leads to, and its forms."""
    if answer.location:
        return {urljoin(address, answer.location)}, []
    if answer.mimetype != "text/html":
        return set(), []
    reader = _Reader(address)
    reader.feed(answer.text)
    links = {link.partition("#")[0] for link in reader.links if link.startswith("/") and "sign-out" not in link}
    return links, [form for form in reader.forms if "sign-out" not in form.action]


def route(app: Flask, address: str, method: str = "GET") -> tuple[str, dict[str, object]]:
    """Return the endpoint of an address and what stands in its angle brackets; nothing where it has none."""
    try:
        endpoint, values = app.url_map.bind("localhost").match(urlsplit(address).path, method=method)
    except HTTPException:
        return "", {}
    return str(endpoint), dict(values)


def _kind(app: Flask, address: str) -> str:
    endpoint, _values = route(app, address)
    asked = sorted({name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)})
    return f"{endpoint} {asked}" if endpoint and endpoint != "static" else ""


def canaries(own: int, other: int) -> set[str]:
    """Return every word that the database holds of another organisation and not of one's own; as the council.

    A plain word in lower case, such as a key of a record's own, is no canary: every page may hold it.
    """
    return {word for word in {*_words_of(other)} - {*_words_of(own)} if not (word.isalpha() and word.islower())}


def _words_of(organisation_id: int) -> Iterator[str]:
    for table in metadata.sorted_tables:
        key = table.c.get("id" if table.name == "organisation" else "organisation_id")
        if key is None:
            continue
        for column in table.columns:
            if isinstance(column.type, String) and column.type.python_type is str:
                of_theirs = select(column).where(key == organisation_id, func.length(column) >= LEAST_CANARY)
                yield from (str(each) for each in db.session.scalars(of_theirs))


def sung(answer: TestResponse, words: set[str], sent: str = "") -> set[str]:
    """Return which canaries an answer holds, but those that the request itself sent."""
    page = CHANGING.sub("", answer.get_data().decode("utf-8", "replace"))
    return {word for word in words if word in page and word not in sent and re.search(rf"\b{re.escape(word)}\b", page)}
