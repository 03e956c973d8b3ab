"""Where an organisation stands today: it is live once somebody of it has come in, not once it is switched on."""

from datetime import date
from enum import StrEnum

from rules.states import OrganisationState


class Standing(StrEnum):
    """Where an organisation stands, as lists say it."""

    LIVE = "live"
    NOBODY_YET = "nobody in yet"
    NO_CONTACTS = "contacts missing"
    OPENS_LATER = "opens later"
    NO_DATE = "no roll-out date"
    WAITING = "waiting"
    SUSPENDED = "suspended"
    ENDED = "ended"


def standing_of(
    state: OrganisationState, opens_on: date | None, today: date, *, has_contacts: bool, has_signed_in: bool
) -> Standing:
    """Return where an organisation stands on a day.

    `opens_on` is the roll-out date of its sector, None where there is none. `has_contacts`: one for payments and one
    for contract documents are in force. `has_signed_in`: any contact of it ever did.
    """
    if state is not OrganisationState.LIVE:
        return Standing(state.value)
    if opens_on is None:
        return Standing.NO_DATE
    if today < opens_on:
        return Standing.OPENS_LATER
    if not has_contacts:
        return Standing.NO_CONTACTS
    return Standing.LIVE if has_signed_in else Standing.NOBODY_YET
