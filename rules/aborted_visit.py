"""A visit that could not take place though the carer went, or was about to: what of it is payable (rules.md 4)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from rules.money import NOTHING, round2
from rules.period import uk_date
from rules.plan import unit_words
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


def explain(
    unit: Unit, payable: Decimal, notice: timedelta | None, *, code: str, valid_from: date | None = None
) -> str:
    """Return the sentence that says what is paid for an aborted visit and why.

    `payable` is what `payable_part` returned, `notice` as there; `code` and `valid_from` name the policy setting that
    decided, None where it is what the portal came with.
    """
    since = "" if valid_from is None else f" of {uk_date(valid_from)}"
    if payable == 0:
        paid = "Nothing is paid"
    elif unit is Unit.HOUR:
        minutes = int(round2(payable * 60).to_integral_value())
        paid = f"{_counted(minutes, 'minute')} {'is' if minutes == 1 else 'are'} paid"
    else:
        paid = f"{payable:.2f} {unit_words(unit, Decimal(1))} is paid"
    return f"{paid}: {_told(notice)}, rule {code}{since}."


def _told(notice: timedelta | None) -> str:
    if notice is None:
        return "you were not told"
    minutes = int(notice.total_seconds() // 60)
    if minutes < 0:
        return "told after the planned start"
    hours, rest = divmod(minutes, 60)
    parts = [_counted(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(_counted(rest, "minute"))
    return f"told {' '.join(parts)} before"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
