"""What an organisation still lacks before the portal opens to it (rules.md 13), as it reads that and as staff do."""

from datetime import date
from enum import StrEnum

from rules.period import uk_date


class Lack(StrEnum):
    """What staff still have to see to before an organisation is ready for its sector's roll-out date."""

    CONFIRMATION = "your confirmation"
    BOTH = "both contacts"
    PAYMENTS = "payments contact"
    DOCUMENTS = "ISOs contact"
    ADDRESS = "a working e-mail address"
    SWITCH = "to be switched on"


class FormStage(StrEnum):
    """How far an organisation's contacts form has come."""

    NOT_SENT = "not sent"
    SENT = "sent"
    CAME_BACK = "e-mail came back"
    OPENED = "opened, not sent"
    ANSWERED = "answered"


LACKS_CONTACTS = frozenset({Lack.BOTH, Lack.PAYMENTS, Lack.DOCUMENTS, Lack.ADDRESS})


def what_is_missing(
    roll_out_date: date | None,
    today: date,
    switched_on: bool,
    has_payments_contact: bool,
    has_documents_contact: bool,
) -> list[str]:
    """Return a sentence for each thing missing, in the order it is put right; nothing missing means it is live.

    `roll_out_date` is the date of the organisation's sector, None where it has not been set.
    """
    missing = []
    if roll_out_date is None:
        missing.append("The council has not yet set the date on which your kind of service joins the portal.")
    elif today < roll_out_date:
        missing.append(f"Your kind of service joins the portal on {uk_date(roll_out_date)}.")
    if not switched_on:
        missing.append("The council has not yet switched the portal on for your organisation.")
    if not has_payments_contact:
        missing.append("Your organisation has not yet named a contact for payments.")
    if not has_documents_contact:
        missing.append("Your organisation has not yet named a contact for contract documents (ISOs).")
    return missing


def what_to_see_to(
    switched_on: bool, has_payments_contact: bool, has_documents_contact: bool, *, has_named: bool, can_be_asked: bool
) -> Lack | None:
    """Return the next thing that staff have to see to, None where an organisation is ready.

    `has_named`: people it named wait to be confirmed. `can_be_asked`: its contacts form reaches it by e-mail.
    """
    if has_named:
        return Lack.CONFIRMATION
    if has_payments_contact and has_documents_contact:
        return None if switched_on else Lack.SWITCH
    if not can_be_asked:
        return Lack.ADDRESS
    if has_payments_contact or has_documents_contact:
        return Lack.DOCUMENTS if has_payments_contact else Lack.PAYMENTS
    return Lack.BOTH
