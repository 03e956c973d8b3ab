"""Devices that are known for a person: a signed cookie, given after a complete sign-in or a reset by e-mail.

A known device opens nothing. It only has wrong tries counted on its own, so that its owner is let in while strangers
guess (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

from datetime import timedelta

from flask import current_app, g
from itsdangerous import BadSignature, URLSafeTimedSerializer

from rules.browser import browser_in_words
from workflows.hashes import new_token

KNOWN_FOR = timedelta(days=180)
# One computer of a branch knows everybody who signed in on it lately.
MOST_PEOPLE = 20


def bring(cookie: str, user_agent: str) -> None:
    """Note the cookie and the user agent that a request came with, whatever they hold."""
    g.device_cookie, g.user_agent = cookie, user_agent


def browser() -> str:
    """Return in words which browser this request comes from."""
    return browser_in_words(g.get("user_agent", ""))


def known(user_id: int) -> str:
    """Return the name of the device this request comes from where it is known for a person, else nothing."""
    return _people(g.get("device_cookie", "")).get(str(user_id), "")


def remember(user_id: int) -> None:
    """Have this device known for a person from now on."""
    people = _people(g.get("device_cookie", ""))
    name = people.pop(str(user_id), "") or new_token()[:16]
    latest = dict([*people.items(), (str(user_id), name)][-MOST_PEOPLE:])
    g.device_cookie = g.new_device_cookie = str(_serializer().dumps(latest))


def to_give() -> str:
    """Return the cookie to answer with, nothing where the one there is stays."""
    return str(g.get("new_device_cookie", ""))


def _people(cookie: str) -> dict[str, str]:
    try:
        found = _serializer().loads(cookie, max_age=int(KNOWN_FOR.total_seconds()))
    except BadSignature:
        return {}
    return dict(found)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known device")
