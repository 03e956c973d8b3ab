"""What an organisation is written about a change that two officers decide: no figures, and no names."""

from typing import Final

from flask import current_app
from sqlalchemy import select

from models import ChangeRequest, Contact, Organisation, db
from rules.states import ChangeKind
from workflows.clock import today
from workflows.mail.letters import write_letter

ASKED: Final = "change asked"
DECIDED: Final = "change decided"


def tell_organisation(organisation: Organisation, kind: ChangeKind, letter: str) -> None:
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


def _write(recipient: str, letter: str, organisation: Organisation, kind: ChangeKind) -> None:
    address = f"{current_app.config['PORTAL_ADDRESS']}/organisation"
    named = {"kind": kind.value, "organisation": organisation.name, "address": address}
    write_letter(recipient, letter, organisation.id, **named)
