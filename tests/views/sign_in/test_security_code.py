"""The second step: app or own digits, no code twice, and recovery codes that work once."""

import re

import pyotp
import pytest
from sqlalchemy import func, select

from models import PolicySetting, PortalUser, RecoveryCode, db
from rules.states import CodeKind
from tests.support.pages.browser import Browser
from tests.support.worlds.people import DIGITS, GIVEN, RECOVERY_CODE, give_code, give_password, newcomer, regular
from tests.support.worlds.world import START, World
from workflows.clock import now
from workflows.hashes import hash_password

NEW_PASSWORD = {"new_password": "correct horse portal", "new_password_again": "correct horse portal"}
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_app(world: World) -> PortalUser:
    """A contact's person who uses an authenticator app."""
    user = regular(world).user
    assert user
    user.code_kind, user.totp_secret, user.security_code = CodeKind.APP, KEY, None
    db.session.commit()
    return user


def code_at(steps: int) -> str:
    return pyotp.TOTP(KEY).at(int(now().timestamp()) + 30 * steps)


def at_new_code(world: World, browser: Browser) -> None:
    give_password(browser, newcomer(world).email, GIVEN)
    browser.post("/sign-in/new-password", NEW_PASSWORD)


def test_the_app_signs_in(world: World, browser: Browser) -> None:
    give_password(browser, with_app(world).email)
    assert "Main menu" in give_code(browser, code_at(0)).text


def test_a_code_that_was_used_is_refused(world: World, browser: Browser) -> None:
    user, code = with_app(world), code_at(0)
    give_password(browser, user.email)
    give_code(browser, code)
    browser.post("/sign-out")
    give_password(browser, user.email)
    page = give_code(browser, code)
    assert page.status_code == 422
    assert "This code has been used" in page.text


def test_a_code_out_of_time_is_told_from_a_wrong_one(world: World, browser: Browser) -> None:
    give_password(browser, with_app(world).email)
    ahead = code_at(2)
    assert "out of time" in give_code(browser, ahead).text
    wrong = "000000" if "000000" not in {code_at(steps) for steps in range(-12, 13)} else "000001"
    assert "The security code is not right" in give_code(browser, wrong).text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Choose how you get your security code"),
        ({"kind": "telepathy"}, "Choose how you get your security code"),
        ({"kind": "authenticator app", "app_code": "12345"}, "Enter all six digits"),
        ({"kind": "own six digits", "security_code": "111111", "security_code_again": "111111"}, "not all the same"),
        ({"kind": "own six digits", "security_code": "123456", "security_code_again": "123456"}, "count up or down"),
        ({"kind": "own six digits", "security_code": DIGITS, "security_code_again": "246811"}, "not the same"),
    ],
)
def test_a_code_that_cannot_be_taken_says_why(
    world: World, browser: Browser, form: dict[str, str], message: str
) -> None:
    at_new_code(world, browser)
    page = browser.post("/sign-in/new-code", form)
    assert page.status_code == 422
    assert message in page.text
    assert "There is a problem" in page.text
    assert DIGITS not in page.text


def test_own_digits_are_kept_as_a_hash(world: World, browser: Browser) -> None:
    at_new_code(world, browser)
    browser.post(
        "/sign-in/new-code", {"kind": "own six digits", "security_code": DIGITS, "security_code_again": DIGITS}
    )
    kept = db.session.scalar(select(PortalUser.security_code).where(~PortalUser.council))
    assert kept
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_the_kinds_that_policy_allows_are_offered(world: World, browser: Browser) -> None:
    db.session.add(PolicySetting(name="code_kinds", value="authenticator app", valid_from=START))
    db.session.commit()
    at_new_code(world, browser)
    page = browser.get("/sign-in/new-code")
    assert "Authenticator app" in page.text
    assert "Six digits I choose" not in page.text
    form = {"kind": "own six digits", "security_code": DIGITS, "security_code_again": DIGITS}
    assert browser.post("/sign-in/new-code", form).status_code == 422


def test_who_has_a_kind_that_is_allowed_no_longer_creates_another(world: World, browser: Browser) -> None:
    contact = regular(world)
    db.session.add(PolicySetting(name="code_kinds", value="authenticator app", valid_from=START))
    db.session.commit()
    give_password(browser, contact.email)
    assert "Create your six-digit security code" in give_code(browser).text


def test_a_recovery_code_works_once(world: World, browser: Browser) -> None:
    at_new_code(world, browser)
    form = {"kind": "own six digits", "security_code": DIGITS, "security_code_again": DIGITS}
    codes = re.findall(RECOVERY_CODE, browser.post("/sign-in/new-code", form).text)
    browser.post("/sign-in/recovery-codes")
    browser.post("/sign-out")

    give_password(browser, "new@wensum.example", "correct horse portal")
    assert "Use a recovery code" in browser.get("/sign-in/code").text
    typed = codes[3].lower().replace("-", " ")
    page = browser.post("/sign-in/recovery-code", {"recovery_code": typed})
    assert "Main menu" in page.text
    assert "You have 9 left" in page.text
    browser.post("/sign-out")

    give_password(browser, "new@wensum.example", "correct horse portal")
    page = browser.post("/sign-in/recovery-code", {"recovery_code": typed})
    assert page.status_code == 422
    assert "has been used" in page.text
    assert "Main menu" in browser.post("/sign-in/recovery-code", {"recovery_code": codes[4]}).text


def test_a_recovery_code_of_somebody_else_does_not_let_in(world: World, browser: Browser) -> None:
    other = regular(world, email="other@fenland.example")
    db.session.add(RecoveryCode(user_id=other.user_id, code_hash=hash_password("ACDEFGHJ")))
    db.session.commit()
    give_password(browser, regular(world, other.organisation).email)
    assert browser.post("/sign-in/recovery-code", {"recovery_code": "ACDE-FGHJ"}).status_code == 422
    unused = select(func.count()).where(RecoveryCode.used_at.is_(None))
    assert db.session.scalar(unused) == 1


def test_what_is_no_recovery_code_is_said_and_not_counted(world: World, browser: Browser) -> None:
    contact = regular(world)
    give_password(browser, contact.email)
    assert "Enter a recovery code" in browser.post("/sign-in/recovery-code", {"recovery_code": "1234"}).text
    assert db.session.get_one(PortalUser, contact.user_id).failed_attempts == 0
