"""The steps of signing in, in order; none can be left out, and each page says what the guidance calls it."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from models import PortalUser, SignIn, UserSession, db
from tests.support.browser import Browser
from tests.support.people import (
    APP_KEY,
    DIGITS,
    GIVEN,
    PASSWORD,
    RECOVERY_CODE,
    give_code,
    give_password,
    newcomer,
    officer,
    regular,
)
from tests.support.world import World
from workflows.clock import now

NEW = "correct horse portal"
NEW_PASSWORD = {"new_password": NEW, "new_password_again": NEW}
OWN_DIGITS = {"kind": "own six digits", "security_code": DIGITS, "security_code_again": DIGITS}
# What anybody may see: signing in itself, a forgotten password, and that the portal is up.
OPEN_TO_ALL = {
    "/sign-in", "/sign-in/forgotten", "/sign-in/forgotten/sent", "/health", "/help/codes", "/help/codes/",
    "/accessibility", "/help", "/privacy", "/status",
}  # fmt: skip


def heading(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    assert found
    return re.sub("<[^>]+>", "", found[1]).strip()


def test_a_newcomer_goes_through_every_step_to_the_main_menu(world: World, browser: Browser) -> None:
    contact = newcomer(world)
    assert heading(browser.get("/").text) == "Sign in"
    assert heading(give_password(browser, contact.email, GIVEN).text) == "Choose a new password"
    page = browser.post("/sign-in/new-password", NEW_PASSWORD)
    assert heading(page.text) == "Create your six-digit security code"
    page = browser.post("/sign-in/new-code", OWN_DIGITS)
    assert heading(page.text) == "Save your recovery codes"
    assert len(set(re.findall(RECOVERY_CODE, page.text))) == 10
    assert heading(browser.post("/sign-in/recovery-codes").text) == "Main menu"
    assert heading(browser.get("/").text) == "Main menu"


def test_the_second_time_it_is_password_and_code(world: World, browser: Browser) -> None:
    contact = regular(world)
    page = give_password(browser, contact.email)
    assert heading(page.text) == "Enter your security code"
    assert 'inputmode="numeric"' in page.text
    assert 'autocomplete="one-time-code"' in page.text
    assert heading(give_code(browser, " 246 810 ").text) == "Main menu"
    assert db.session.get_one(PortalUser, contact.user_id).login_count == 1


def test_an_officer_has_no_organisation_to_choose(world: World, browser: Browser) -> None:
    give_password(browser, officer(world).email.upper())
    assert heading(give_code(browser, pyotp.TOTP(APP_KEY).at(now())).text) == "Today"


def test_an_authenticator_app_shows_its_key_as_picture_and_text(world: World, browser: Browser) -> None:
    contact = newcomer(world)
    give_password(browser, contact.email, GIVEN)
    page = browser.post("/sign-in/new-password", NEW_PASSWORD)
    assert 'src="data:image/svg+xml' in page.text
    key = db.session.get_one(PortalUser, contact.user_id).totp_secret
    assert key
    assert " ".join(re.findall("....", key)) in page.text
    code = pyotp.TOTP(key).now()
    page = browser.post("/sign-in/new-code", {"kind": "authenticator app", "app_code": f"{code[:3]} {code[3:]}"})
    assert heading(page.text) == "Save your recovery codes"
    assert heading(browser.post("/sign-in/recovery-codes").text) == "Main menu"


def test_recovery_codes_can_be_kept_as_a_text_file(world: World, browser: Browser) -> None:
    give_password(browser, newcomer(world).email, GIVEN)
    browser.post("/sign-in/new-password", NEW_PASSWORD)
    page = browser.post("/sign-in/new-code", OWN_DIGITS)
    file = browser.get("/sign-in/recovery-codes.txt")
    assert file.mimetype == "text/plain"
    assert "attachment" in file.headers["Content-Disposition"]
    codes = re.findall(RECOVERY_CODE, page.text)
    assert [line for line in file.text.split("\r\n") if line in codes] == codes
    browser.post("/sign-in/recovery-codes")
    assert browser.get("/sign-in/recovery-codes.txt", follow=False).status_code == 302


def sweep(app: Flask, browser: Browser) -> set[str]:
    """Every address by every method: which answered with a page."""
    answered = set()
    for rule in app.url_map.iter_rules():
        path = re.sub("<[^>]*>", "1", rule.rule)
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            if rule.endpoint == "static" or path == "/sign-out":  # signing out would end the step itself
                continue
            cookie = browser.client.get_cookie("portal")
            answer = browser.client.open(path, method=method)
            if answer.status_code < 300 and (answer.data or method == "HEAD"):
                answered.add(path)
            assert answer.status_code < 500, (method, path)
            if cookie:  # each request is the first after the step
                browser.client.set_cookie("portal", cookie.value)
            else:
                browser.client.delete_cookie("portal")
    return answered


def test_nothing_answers_a_stranger(app: Flask, world: World, browser: Browser) -> None:
    assert sweep(app, browser) == OPEN_TO_ALL


def test_nothing_but_the_next_step_answers_after_the_password(app: Flask, world: World, browser: Browser) -> None:
    give_password(browser, newcomer(world).email, GIVEN)
    assert sweep(app, browser) == {*OPEN_TO_ALL, "/sign-in/new-password"}


def test_nothing_but_the_next_step_answers_after_the_new_password(app: Flask, world: World, browser: Browser) -> None:
    give_password(browser, newcomer(world).email, GIVEN)
    browser.post("/sign-in/new-password", NEW_PASSWORD)
    assert sweep(app, browser) == {*OPEN_TO_ALL, "/sign-in/new-code"}


def test_nothing_but_the_code_answers_after_the_password_of_a_regular(
    app: Flask, world: World, browser: Browser
) -> None:
    give_password(browser, regular(world).email)
    assert sweep(app, browser) == {*OPEN_TO_ALL, "/sign-in/code", "/sign-in/passkey", "/sign-in/recovery-code"}


def test_the_cookie_of_each_step_is_dead_at_the_next(world: World, browser: Browser) -> None:
    contact = newcomer(world)
    give_password(browser, contact.email, GIVEN)
    first = browser.client.get_cookie("portal")
    browser.post("/sign-in/new-password", NEW_PASSWORD)
    second = browser.client.get_cookie("portal")
    browser.post("/sign-in/new-code", OWN_DIGITS)
    for old in (first, second):
        assert old
        browser.client.set_cookie("portal", old.value)
        for path in ("/sign-in/new-password", "/sign-in/new-code", "/sign-in/recovery-codes"):
            assert heading(browser.get(path).text) == "Sign in"


def test_a_step_left_for_a_quarter_of_an_hour_starts_again(world: World, browser: Browser) -> None:
    give_password(browser, regular(world).email)
    db.session.execute(update(SignIn).values(at=now() - timedelta(minutes=16)))
    db.session.commit()
    page = give_code(browser)
    assert heading(page.text) == "Sign in"
    assert "15 minutes" in page.text


def test_the_page_asked_for_comes_after_the_last_step(world: World, browser: Browser) -> None:
    contact = regular(world)
    path = browser.get("/line-items?week=2017-10-16", follow=False).headers["Location"]
    assert path.startswith("/sign-in?next=")
    give_password(browser, contact.email, path=path)
    answer = browser.post("/sign-in/code", {"security_code": DIGITS}, follow=False)
    assert answer.headers["Location"] == "/line-items?week=2017-10-16"


@pytest.mark.parametrize("wanted", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_signing_in_leads_nowhere_else(world: World, browser: Browser, wanted: str) -> None:
    give_password(browser, regular(world).email, path=f"/sign-in?next={wanted}")
    assert browser.post("/sign-in/code", {"security_code": DIGITS}, follow=False).headers["Location"] == "/"


def test_who_is_signed_in_is_not_asked_again(world: World, browser: Browser) -> None:
    browser.sign_in(regular(world))
    assert heading(browser.get("/sign-in").text) == "Main menu"
    assert heading(browser.get("/sign-in/code").text) == "Main menu"


def test_signing_out_ends_the_session_on_the_server(world: World, browser: Browser) -> None:
    give_password(browser, regular(world).email)
    give_code(browser)
    kept = browser.client.get_cookie("portal")
    assert kept
    assert "You are signed out" in browser.post("/sign-out").text
    browser.client.set_cookie("portal", kept.value)
    assert heading(browser.get("/").text) == "Sign in"
    assert db.session.scalar(select(UserSession.ended_at)) is not None


def test_signing_out_is_not_a_link(world: World, browser: Browser) -> None:
    browser.sign_in(regular(world))
    assert browser.get("/sign-out").status_code == 405
    assert heading(browser.get("/").text) == "Main menu"


@pytest.mark.parametrize(
    ("column", "ago"),
    [("last_seen_at", timedelta(minutes=31)), ("created_at", timedelta(hours=12, minutes=1))],
)
def test_a_session_ends_when_idle_or_old(world: World, browser: Browser, column: str, ago: timedelta) -> None:
    browser.sign_in(regular(world))
    assert heading(browser.get("/").text) == "Main menu"
    db.session.execute(update(UserSession).values({column: now() - ago}))
    db.session.commit()
    page = browser.get("/")
    assert heading(page.text) == "Sign in"
    assert "You were signed out" in page.text


def test_an_old_password_form_cannot_be_sent_twice(world: World, browser: Browser) -> None:
    contact = regular(world)
    give_password(browser, contact.email, PASSWORD)
    waiting = browser.client.get_cookie("portal")
    give_code(browser)
    signed_in = browser.client.get_cookie("portal")
    assert waiting
    assert signed_in
    browser.client.set_cookie("portal", waiting.value)
    answer = browser.client.post("/sign-in/code", data={"security_code": DIGITS})
    assert answer.status_code == 302
    assert "Set-Cookie" not in answer.headers  # the first answer's cookie stays


def test_only_the_demonstration_shows_its_sign_ins(app: Flask, browser: Browser) -> None:
    assert "correct-horse-portal" not in browser.get("/sign-in").text
    app.config["DEMONSTRATION"] = True
    try:
        shown = browser.get("/sign-in").text
    finally:
        app.config["DEMONSTRATION"] = False
    assert "correct-horse-portal" in shown
    assert "manager@fenland-homecare.example" in shown
