"""What an organisation still lacks before the portal opens to it (rules.md 13)."""

from datetime import date

from rules.period import uk_date


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
