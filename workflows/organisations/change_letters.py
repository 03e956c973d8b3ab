"""What an organisation is written about a change that two officers decide: no figures, and no names."""

from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from models import ChangeRequest, Contact, Organisation, db
from rules.states import ChangeKind
from workflows.clock import today
from workflows.mail.outbox import write_email


class ChangeLetter(NamedTuple):
    """What somebody is written about a request: subject and body, with the kind of change and others to fill in."""

    subject: str
    body: str


ASKED = ChangeLetter(
    "Somebody asked the council to change your {kind}",
    "{council} was asked in the provider portal to change the {kind} of {organisation}.\n\n"
    "If you know of this, there is nothing to do: two officers look at it first. If not, telephone {telephone} at once,"
    " on a number you knew before this e-mail if you can.\n\n{address}\n",
)
DECIDED = ChangeLetter(
    "The council has decided about your {kind}",
    "{council} has decided about a change of the {kind} of {organisation}.\n\n"
    "Sign in to the provider portal to read what became of it:\n{address}\n",
)


def tell_organisation(organisation: Organisation, kind: ChangeKind, letter: ChangeLetter) -> None:
    """Write to who looks after the organisation's contacts or payments, and to its own address. Does not commit."""
    own = select(Contact.email).where(
        Contact.organisation_id == organisation.id,
        Contact.in_force(today()),
        Contact.may_organisation | Contact.may_payments,
    )
    recipients = {*db.session.scalars(own), organisation.email} - {""}
    for recipient in sorted(recipients):
        _write(recipient, letter, organisation, kind)


def tell_asker(request: ChangeRequest) -> None:
    """Write to who asked that it is decided. Does not commit."""
    _write(request.asked_by.email, DECIDED, request.organisation, request.kind)


def _write(recipient: str, letter: ChangeLetter, organisation: Organisation, kind: ChangeKind) -> None:
    settings = current_app.config
    words = letter.body.format(
        council=settings["COUNCIL_NAME"],
        telephone=settings["COUNCIL_TELEPHONE"],
        kind=kind.value,
        organisation=organisation.name,
        address=f"{settings['PORTAL_ADDRESS']}/organisation",
    )
    write_email(recipient, letter.subject.format(kind=kind.value), words, organisation.id)
