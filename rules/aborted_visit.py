"""A visit that could not take place though the carer went, or was about to: what of it is payable (rules.md 4)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from rules.money import NOTHING, round2
from rules.states import Unit

REASONS: Mapping[str, str] = {
    "NO_REPLY": "No reply at the door",
    "REFUSED": "The person refused care",
    "HOSPITAL": "The person was in hospital",
    "AWAY": "The person was away",
    "DECEASED": "The person had died",
    "OTHER": "Another reason, see the comment",
}


def units_of_visit(unit: Unit, planned_minutes: int) -> Decimal:
    """Return the planned units of one visit: its length in hours, or one of any other unit."""
    return round2(Decimal(planned_minutes) / 60) if unit is Unit.HOUR else Decimal("1.00")


def payable_part(
    unit: Unit, planned_minutes: int, notice: timedelta | None, minutes_paid: int, fraction: Decimal, notice_hours: int
) -> Decimal:
    """Return the units payable for one aborted visit.

    `notice` is how long before the planned start the provider was told: None where nobody told them, negative where
    they heard after the start. `minutes_paid`, `fraction` (of one unit) and `notice_hours` are policy settings.
    """
    if notice is not None and notice >= timedelta(hours=notice_hours):
        return NOTHING
    if unit is Unit.HOUR:
        return round2(Decimal(min(planned_minutes, minutes_paid)) / 60)
    return round2(fraction)
