"""People who sign in by themselves, and the way through the steps."""

from werkzeug.test import TestResponse

from models import Contact, Organisation, PortalUser, db
from rules.states import CodeKind
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from workflows.hashes import hash_password

GIVEN = "given-by-council-1"
PASSWORD = "three small words"
DIGITS = "246810"
APP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# A recovery code as a page shows it; bare, it would be found in a token of the page too.
RECOVERY_CODE = "<strong>([A-Z0-9]{4}-[A-Z0-9]{4})</strong>"


def newcomer(world: World, organisation: Organisation | None = None, email: str = "new@wensum.example") -> Contact:
    """A contact who never signed in: a given password, no code."""
    contact = world.contact(organisation or world.organisation(), email)
    return _change(contact, password=hash_password(GIVEN), must_change_password=True)


def regular(world: World, organisation: Organisation | None = None, email: str = "manager@fenland.example") -> Contact:
    """A contact with a password and six digits of their own."""
    contact = world.contact(organisation or world.organisation(), email)
    return _change(
        contact, password=hash_password(PASSWORD), code_kind=CodeKind.DIGITS, security_code=hash_password(DIGITS)
    )


def officer(world: World, email: str = "payments@council.example") -> PortalUser:
    """An officer with a password and an authenticator app."""
    user = world.officer("Payments officer", email)
    user.password, user.code_kind, user.totp_secret = hash_password(PASSWORD), CodeKind.APP, APP_KEY
    db.session.commit()
    return user


def with_code(user: PortalUser) -> PortalUser:
    """Give somebody the six digits DIGITS, which they are asked for again before what pays."""
    user.code_kind, user.security_code = CodeKind.DIGITS, hash_password(DIGITS)
    db.session.commit()
    return user


def give_password(browser: Browser, email: str, password: str = PASSWORD, path: str = "/sign-in") -> TestResponse:
    """Send the first page."""
    return browser.post(path, {"email": email, "password": password})


def give_code(browser: Browser, code: str = DIGITS) -> TestResponse:
    """Send the security code."""
    return browser.post("/sign-in/code", {"security_code": code})


def _change(contact: Contact, **values: object) -> Contact:
    for name, value in values.items():
        setattr(contact.user, name, value)
    db.session.commit()
    return contact
