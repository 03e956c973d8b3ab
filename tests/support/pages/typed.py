"""Forms that are opened in one moment and sent in another, by a client without scripts."""

import re
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from models import UserSession, db
from tests.support.pages.browser import Browser
from workflows.clock import now

TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


def token_on(page: TestResponse) -> str:
    """Return the token of the last form of a page."""
    return str(TOKEN.findall(page.text)[-1])


def opened(browser: Browser, path: str, typed: dict[str, Any]) -> dict[str, Any]:
    """Open a page, type into its last form, and return what that would send."""
    return {"csrf_token": token_on(browser.get(path)), **typed}


def idle_out() -> None:
    """End every session as thirty idle minutes do."""
    db.session.execute(update(UserSession).values(last_seen_at=now().replace(year=2016)))
    db.session.commit()


def sign_in_by_form(browser: Browser, page: TestResponse, email: str, password: str, code: str) -> TestResponse:
    """Sign in on the page one was led to, with password and code."""
    form = {"email": email, "password": password, "csrf_token": token_on(page)}
    page = browser.post(f"{page.request.path}?{page.request.query_string.decode()}", form)
    return browser.post("/sign-in/code", {"security_code": code, "csrf_token": token_on(page)})
