"""The e-mails that ask an organisation for its contacts before its go-live, and ask again."""

from datetime import date, datetime

from flask import current_app

from rules.period import uk_date
from workflows.clock import LONDON

SUBJECT = "Name your contacts for the provider portal"
SUBJECT_AGAIN = "Reminder: name your contacts for the provider portal"
BODY = """To whoever runs {organisation}:

{opens}Before it can open to you, {council} needs to know two people: who looks after
payments, and who agrees contract documents (ISOs). It may be one person.

Name them here. It takes a few minutes, and nobody has to sign in:
{address}

The link is for {organisation} alone and works until {until}.

Questions: {telephone}
"""


def ask_for_contacts(organisation: str, address: str, until: datetime, opens_on: date | None) -> str:
    """Return the text; `address` is the form's personal link, `opens_on` the roll-out date of the sector."""
    settings = current_app.config
    return BODY.format(
        organisation=organisation,
        council=settings["COUNCIL_NAME"],
        address=address,
        until=uk_date(until.astimezone(LONDON).date()),
        telephone=settings["COUNCIL_TELEPHONE"] or settings["COUNCIL_NAME"],
        opens=f"Your kind of service joins the provider portal on {uk_date(opens_on)}.\n" if opens_on else "",
    )
