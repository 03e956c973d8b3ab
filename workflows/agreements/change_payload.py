"""What stands in the payload of a proposal about a line, read back as values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from rules.plan import PlanVersion, SevenDays
from rules.scheduled import Deductions

Payload = Mapping[str, Any]


class RateFrom(NamedTuple):
    """A price per unit in pounds, from a day on."""

    start: date
    rate: Decimal


def rate_in(payload: Payload) -> RateFrom:
    """Return the rate of a change of rate."""
    return RateFrom(date.fromisoformat(payload["start"]), Decimal(payload["rate"]))


def plan_in(payload: Payload) -> PlanVersion:
    """Return the plan of a change of plan, or of a new line."""
    mon, tue, wed, thu, fri, sat, sun = (Decimal(units) for units in payload["days"])
    days: SevenDays = (mon, tue, wed, thu, fri, sat, sun)
    return PlanVersion(date.fromisoformat(payload["start"]), days, Decimal(payload["weekly"]))


def deduction_in(payload: Payload) -> Deductions:
    """Return the contribution and top-up of a change of them."""
    start = date.fromisoformat(payload["start"])
    return Deductions(start, Decimal(payload["contribution"]), Decimal(payload["top_up"]))


def end_in(payload: Payload) -> date | None:
    """Return the last day of an end, None where there is to be none."""
    return date.fromisoformat(payload["end"]) if payload["end"] else None
