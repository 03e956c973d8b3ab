"""The portal on a real port with a real Chromium before it, for what only a browser can show.

    def test_a_fact(world: World, live: Live) -> None:
        page = live.sign_in(world.contact(world.organisation())).open("/actuals")

A test fails where a page logs an error: a script that breaks, or one that the content security policy stopped.
"""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright
from werkzeug.serving import make_server

from models import COUNCIL, Contact, PortalUser, acting_for
from workflows.access.sessions import open_session

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


# Answers of seconds are looked for in tests of speed; a test beside eleven others waits for what is sure to come.
expect.set_options(timeout=20_000)


class Live:
    """One browser with a window on the running portal. `page` is the window, `address` where the portal is."""

    def __init__(self, app: Flask, address: str, context: BrowserContext) -> None:
        self.app, self.address, self.context = app, address, context
        self.broken: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Open one more window of the same person."""
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self._mind)
        return page

    def sign_in(self, who: Contact | PortalUser) -> "Live":
        """Be signed in as a contact or an officer by a cookie, as after the last step of signing in."""
        user_id = who.user_id if isinstance(who, Contact) else who.id
        with self.app.app_context(), acting_for(COUNCIL):
            person = _Id(user_id)
            token = open_session(person, who if isinstance(who, Contact) else None)  # type: ignore[arg-type]
        cookie = {"token": token, "_user_id": str(user_id), "_fresh": True}
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        name = self.app.config["SESSION_COOKIE_NAME"]
        self.context.add_cookies([{"name": name, "value": serializer.dumps(cookie), "url": self.address}])
        return self

    def sign_out(self) -> "Live":
        """Forget who was signed in, so that somebody else can be."""
        self.context.clear_cookies()
        return self

    def open(self, path: str) -> Page:
        """Go to a path of the portal and return the window."""
        self.page.goto(self.address + path)
        return self.page

    def _mind(self, message: ConsoleMessage) -> None:
        # A refused form answers 422, which Chromium logs as a failed load though nothing is broken.
        if message.type == "error" and "status of 4" not in message.text:
            self.broken.append(message.text)


def follow(control: Locator, key: str = "") -> None:
    """Click what leads to another page, or press `key` on it, and return when that page stands in the window.

    A click returns while the old page still stands: whatever looks at once looks at that one, or at neither.
    """
    with leaving(control.page):
        control.press(key) if key else control.click()


@contextmanager
def leaving(page: Page) -> Iterator[None]:
    """Do what leads to another page, and go on when that has loaded."""
    # The page's script writes into the history, which is a navigation too.
    with page.expect_event("load"):
        yield


class _Id:
    def __init__(self, user_id: int | None) -> None:
        self.id = user_id


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Chromium, started once for a worker."""
    with launched() as browser:
        yield browser


@contextmanager
def launched() -> Iterator[Chromium]:
    """Start Chromium; CHROMIUM names another than the one on the path."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the portal, served by threads on a port of its own until the test ends."""
    app.config["WTF_CSRF_ENABLED"] = True  # a real browser sends the real forms
    with serving(app) as address:
        yield address
    app.config["WTF_CSRF_ENABLED"] = False


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application by threads on a port of its own; its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for every file drowns what failed
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds until it notices its end
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def live(app: Flask, served: str, chromium: Chromium) -> Iterator[Live]:
    """A browser with scripts, 1280 by 900, before the running portal."""
    with window(app, served, chromium) as live:
        yield live


@pytest.fixture
def plain(app: Flask, served: str, chromium: Chromium) -> Iterator[Live]:
    """The same without JavaScript."""
    with window(app, served, chromium, scripts=False) as live:
        yield live


@pytest.fixture
def phone(app: Flask, served: str, chromium: Chromium) -> Iterator[Live]:
    """A phone, 375 by 812."""
    with window(app, served, chromium, width=375, height=812) as live:
        yield live


@contextmanager
def window(
    app: Flask, served: str, chromium: Chromium, *, width: int = 1280, height: int = 900, scripts: bool = True
) -> Iterator[Live]:
    """Open a browser of its own before a portal that is served; at the end no page may have logged an error."""
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", java_script_enabled=scripts
    )
    live = Live(app, served, context)
    yield live
    context.close()
    assert not live.broken, f"The page logged errors: {live.broken}"


@pytest.fixture
def page(live: Live) -> Page:
    """The window of `live`."""
    return live.page
