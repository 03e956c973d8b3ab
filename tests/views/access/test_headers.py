"""Whatever is answered, and by whom, a browser does nothing with it that was not meant."""

import http.client
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app import create_app
from config import connections, settings
from database import Urls
from models import RateCount, db
from rules.rates import RATES, SIGN_IN
from tests.at_once.test_slow_connections import serving
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.people import give_password, regular
from tests.support.worlds.world import World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS = {"base_url": "https://portal.example"}


def lacking(headers: Any) -> list[str]:
    """What an answer that is not a file of the page's own lacks."""
    missing = [name for name, value in ALWAYS.items() if headers.get(name) != value]
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
        missing.append("Content-Security-Policy")
    if "camera=()" not in headers.get("Permissions-Policy", "") or "usb=()" not in headers["Permissions-Policy"]:
        missing.append("Permissions-Policy")
    if headers.get("Cache-Control") != "no-store":
        missing.append("Cache-Control")
    return missing


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sign-in", 200),
        ("GET", "/health", 200),
        ("GET", "/", 302),
        ("GET", "/help/codes", 200),
        ("GET", "/static/x/no-such.css", 404),
        ("GET", "/static/x/..%2fapp.py", 404),
        ("OPTIONS", "/sign-in", 200),
        ("HEAD", "/sign-in", 200),
    ],
)
def test_a_stranger_gets_every_header(world: World, browser: Browser, method: str, path: str, status: int) -> None:
    answer = browser.client.open(path, method=method)
    assert answer.status_code == status
    assert lacking(answer.headers) == []


def test_pages_files_and_refusals_have_every_header(world: World, browser: Browser) -> None:
    everything.build(world, world.officer("Administrator"))
    browser.sign_in(world.officer("Administrator"))
    wrong = browser.post("/admin/people/list/")
    assert wrong.status_code == 405
    found = {"a wrong method": lacking(wrong.headers)}
    for path, status in {
        "/": 200, "/admin/people/list/": 200, "/admin/people/export/csv": 200, "/no-such-page": 404, "/actuals": 403,
    }.items():  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == status, path
        found[path] = lacking(answer.headers)
    assert [(path, missing) for path, missing in found.items() if missing] == []


def test_too_large_too_many_and_broken_have_every_header(world: World, browser: Browser) -> None:
    large = browser.client.post("/sign-in", data=b"x" * (20 * 1024 * 1024 + 1))
    assert (large.status_code, lacking(large.headers)) == (413, [])
    fields = b"".join(b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\n\r\n' % each for each in range(20_001))
    parts = browser.client.post("/sign-in", data=fields + b"--x--", content_type="multipart/form-data; boundary=x")
    assert (parts.status_code, lacking(parts.headers)) == (413, [])
    db.session.execute(update(RateCount).values(requests=RATES[SIGN_IN].from_address))
    db.session.commit()
    many = browser.post("/sign-in")
    assert (many.status_code, lacking(many.headers)) == (429, [])
    world.app.config["PORTAL_TODAY"] = "not a date"
    browser.sign_in(world.contact(world.organisation()))
    broken = browser.get("/")
    assert (broken.status_code, lacking(broken.headers)) == (500, [])


def test_a_form_of_another_session_has_every_header(world: World, guarded: Flask) -> None:
    answer = Browser(guarded).post("/sign-in")
    assert (answer.status_code, lacking(answer.headers)) == (400, [])


def test_without_the_database_every_header_is_there() -> None:
    away = create_app(
        **connections(Urls(*["postgresql+psycopg://somebody@/portal?host=/nowhere"] * 4)),
        TESTING=True, PROPAGATE_EXCEPTIONS=False, SECRET_KEY="a key for tests only",
    )  # fmt: skip
    answer = Browser(away).get("/health")
    assert (answer.status_code, lacking(answer.headers)) == (503, [])


def test_style_and_scripts_may_be_kept_and_have_the_rest(world: World, browser: Browser) -> None:
    answer = browser.get("/static/another-release/portal.js")
    assert answer.status_code == 200
    assert lacking(answer.headers) == ["Cache-Control"]
    assert "public" in answer.headers["Cache-Control"]


def test_https_alone_is_promised_over_https_alone(world: World, browser: Browser) -> None:
    secure = browser.client.get("/sign-in", **HTTPS)
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in browser.client.get("/sign-in").headers


def test_behind_https_cookies_are_of_this_host_and_secure(
    world: World, test_database: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BANK_DETAILS_KEY", "SECRETS_KEY"):
        monkeypatch.setenv(name, world.app.config[name])
    monkeypatch.setenv("SECRET_KEY", "a key for tests only")
    monkeypatch.setenv("MAIL_URL", "smtp://mail.example:587")
    monkeypatch.setenv("PORTAL_HTTPS", "1")
    assert settings()["SESSION_COOKIE_NAME"] == "__Host-portal"
    secure = create_app(
        **connections(test_database, pooled=False), TESTING=True, WTF_CSRF_ENABLED=False, TRUSTED_PROXIES=0,
        SECRET_KEY="a key for tests only", PORTAL_TODAY="2017-11-20", PREFERRED_URL_SCHEME="https",
    )  # fmt: skip
    contact = regular(world)
    browser = Browser(secure)
    browser.client.environ_base["wsgi.url_scheme"] = "https"
    cookies = give_password(browser, contact.email, path="https://localhost/sign-in").headers.getlist("Set-Cookie")
    assert browser.client.get_cookie("__Host-portal")
    answer = browser.post("https://localhost/sign-in/code", {"security_code": "246810"}, follow=False)
    cookies += answer.headers.getlist("Set-Cookie")
    names = {each.partition("=")[0] for each in cookies}
    assert names == {"__Host-portal", "__Secure-portal_device"}
    for each in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(each.split("; ")), each
        assert "Domain=" not in each
        assert not each.startswith("__Host-") or "Path=/" in each.split("; ")


@pytest.fixture
def port(app: Flask, test_database: Urls) -> Iterator[int]:
    """Where the real server answers."""
    with serving(test_database.web) as found:
        yield found


@pytest.mark.timeout(300)
def test_what_the_server_itself_refuses_has_every_header(port: int) -> None:
    asked = {
        400: b"GET / HTTP/1.1\r\nHost: portal\r\nContent-Length: x\r\n\r\n",
        413: b"POST /sign-in HTTP/1.1\r\nHost: portal\r\nContent-Length: 999999999\r\n\r\n",
        431: b"GET / HTTP/1.1\r\nHost: portal\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
    }
    for status, sent in asked.items():
        with socket.create_connection(("127.0.0.1", port), 30) as connection:
            connection.sendall(sent)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == status
            assert lacking(answer.headers) == []
            assert "Server" not in answer.headers or "waitress" not in answer.headers["Server"]
