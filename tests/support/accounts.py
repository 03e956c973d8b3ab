"""Accounts that organisations are paid into, as two officers have confirmed them."""

from models import ChangeRequest, Organisation
from rules.bank_account import BankDetails, DigitCheck
from rules.states import ChangeKind, ChangeState
from tests.support.world import World
from workflows.clock import now
from workflows.organisations import bank_details


def confirmed_account(
    world: World, organisation: Organisation, number: str = "66374958", *, called: bool = True
) -> ChangeRequest:
    """An account in the organisation's name; `called`: the council has rung back about it."""
    details = BankDetails(organisation.name, "089999", number)
    first, second = world.officer("Payments officer"), world.officer("Procurement")
    request = ChangeRequest(
        organisation_id=organisation.id, kind=ChangeKind.BANK_DETAILS, state=ChangeState.CONFIRMED,
        wanted=bank_details.in_words(details), sealed=bank_details.seal(details), digits=DigitCheck.UNCHECKED,
        asked_by=world.contact(organisation).user, checked_by=first, checked_at=now(), decided_by=second,
        decided_at=now(),
    )  # fmt: skip
    if called:
        request.called_at, request.called_by_id = now(), second.id
        request.called_who, request.called_number = "The manager", "01632 960417"
    return world._keep(request)
