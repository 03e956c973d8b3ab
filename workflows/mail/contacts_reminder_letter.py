"""The e-mail that reminds an organisation, once a quarter, to check who its contacts are."""

from flask import current_app

SUBJECT = "Check your contacts in the provider portal"
BODY = """{name},

Please check who may use the provider portal of {council} for {organisation}.
It takes a minute, and {council} asks for it every three months.

Sign in and open Contacts:
{portal}/contacts

End the access of whoever has left, and add who is missing. If everybody on the
list is right, choose "All of these are right" there.

Questions: {telephone}
"""


def check_your_contacts(name: str, organisation: str) -> str:
    """Return the text to one contact of an organisation."""
    settings = current_app.config
    return BODY.format(
        name=name,
        organisation=organisation,
        council=settings["COUNCIL_NAME"],
        portal=settings["PORTAL_ADDRESS"],
        telephone=settings["COUNCIL_TELEPHONE"] or settings["COUNCIL_NAME"],
    )
