"""The e-mails that invite a contact: with a password to begin with, or to who has one already."""

from datetime import datetime

from flask import current_app

from rules.period import uk_date
from workflows.clock import LONDON

SUBJECT = "You can sign in to the provider portal"
BEGINS = """{name},

{council} has made you a contact of {organisation} in its provider portal.

Sign in here, with your e-mail address:
{portal}/sign-in

"""
# What follows is one of these.
FIRST = """The password to begin with:
{password}

It works until {until}, and only once: you then choose a password of your own
and a security code. If it has expired, ask for a new invitation.
"""
TOLD_BEFORE = """The password to begin with is in the invitation we sent you for another organisation.
If you do not have it any more, ask for a new invitation.
"""
AS_ALWAYS = """Your password and your security code are the ones you have. After them you choose the organisation.
"""
ENDS = """
{opens}Help: {portal}/help
Questions: {telephone}
"""


def first_invitation(name: str, organisation: str, password: str, until: datetime, opens: str) -> str:
    """Return the text for who gets a password, which works until an instant; `opens` says when, or is empty."""
    day = f"{until.astimezone(LONDON):%H:%M} on {uk_date(until.astimezone(LONDON).date())}"
    return _text(FIRST, name, organisation, opens, password=password, until=day)


def another_organisation(name: str, organisation: str, *, has_signed_in: bool, opens: str) -> str:
    """Return the text for who has a password: of their own, or from an invitation that still works."""
    return _text(AS_ALWAYS if has_signed_in else TOLD_BEFORE, name, organisation, opens)


def _text(middle: str, name: str, organisation: str, opens: str, **more: str) -> str:
    settings = current_app.config
    known = {
        "name": name,
        "organisation": organisation,
        "council": settings["COUNCIL_NAME"],
        "portal": settings["PORTAL_ADDRESS"],
        "telephone": settings["COUNCIL_TELEPHONE"] or settings["COUNCIL_NAME"],
        "opens": f"{opens}\n\n" if opens else "",
    }
    return (BEGINS + middle + ENDS).format(**known, **more)
