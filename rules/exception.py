"""The exception level: how far above plan a week may go before it is held, and what a decision pays (rules.md 5)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.money import NOTHING
from rules.period import uk_date
from rules.plan import unit_words
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import Decision, Unit


@dataclass(frozen=True)
class ExceptionLevel:
    """The level in force for a line and week: per cent of plan, units, and whether there may be extras at all."""

    percent: Decimal
    units: Decimal
    extras_allowed: bool


def allowance(planned: Decimal, level: ExceptionLevel) -> Decimal:
    """Return the units a week may go above its plan: the larger of the two, unrounded; 0 without extras."""
    if not level.extras_allowed:
        return NOTHING
    return max(planned * level.percent / 100, level.units)


def left_of(planned: Decimal, absent: Decimal) -> Decimal:
    """Return what is left of a week's plan beside the units claimed for an absence in it; never below 0."""
    return max(planned - absent, NOTHING)


def is_over(planned: Decimal, payable: Decimal, level: ExceptionLevel, absent: Decimal = NOTHING) -> bool:
    """Say whether a week is over the exception level, so that it is held. Exactly the allowance is not over.

    `absent` are units claimed for an absence in the week, which count beside those payable (rules.md 7).
    """
    return payable - left_of(planned, absent) > allowance(planned, level)


def explain(
    unit: Unit,
    planned: Decimal,
    delivered: Decimal,
    payable: Decimal,
    level: ExceptionLevel,
    *,
    code: str,
    valid_from: date | None = None,
) -> list[str]:
    """Return the sentences that explain to a provider why a week is held, or that it is not.

    Quantities are units of the week. `code` and `valid_from` name the policy setting; None is what the portal came
    with.
    """
    with_aborted = "" if payable == delivered else f", payable with aborted visits {_units(payable)}"
    rule = f"Rule {code}." if valid_from is None else f"Rule {code}, {uk_date(valid_from)}."
    sentences = [f"Planned {_counted(planned, unit)}, delivered {_units(delivered)}{with_aborted}."]
    if level.extras_allowed:
        share = f"{_bare(level.percent)}% ({_units(planned * level.percent / 100)})"
        sentences.append(f"Allowance: the larger of {share} and {_counted(level.units, unit)}. {rule}")
    else:
        sentences.append(f"No extra {unit_words(unit, Decimal(0))} are allowed for this service. {rule}")
    above = payable - planned
    if is_over(planned, payable, level):
        sentences.append(f"{_counted(above, unit)} above plan, so this week is held. Everything else can be invoiced.")
        sentences.append("Service Brokerage can approve it; then it is paid with your next invoice.")
    elif above > 0:
        sentences.append(f"{_counted(above, unit)} above plan, within the allowance, so nothing is held.")
    else:
        sentences.append("Not above plan, so nothing is held.")
    return sentences


def cap(planned: Decimal, payable: Decimal, decision: Decision, up_to: Decimal | None) -> Decimal:
    """Return the payable units after a decision on a held week: as claimed, up to so many, or the plan.

    Raises Refused, field `up_to`, where "approved up to" comes without units from the plan to below what was claimed.
    """
    if decision is Decision.AS_CLAIMED:
        return payable
    if decision is Decision.REFUSED:
        return min(planned, payable)
    if up_to is None:
        raise Refused(Problem(Code.MISSING, "Enter how many units are approved.", field="up_to"))
    if not planned <= up_to < payable or -int(up_to.normalize().as_tuple().exponent) > 2:
        between = f"Enter units from {_units(planned)} (the plan) to less than {_units(payable)} (what is claimed)"
        raise Refused(Problem(Code.OUT_OF_RANGE, f"{between}, with at most two decimal places.", field="up_to"))
    return up_to


def decision_in_words(decision: Decision, unit: Unit, planned: Decimal, claimed: Decimal, up_to: Decimal | None) -> str:
    """Return the sentence that tells a provider what was decided about a week; quantities are units of the week.

    Raises as `cap` does.
    """
    payable = cap(planned, claimed, decision, up_to)
    if decision is Decision.AS_CLAIMED:
        return f"Approved as claimed: {_counted(claimed, unit)} are payable."
    of = f"of the {_units(claimed)} claimed,"
    if decision is Decision.UP_TO:
        return f"Approved up to {_counted(payable, unit)}: {of} {_units(payable)} are payable."
    return f"Refused above the plan: {of} the planned {_counted(payable, unit)} are payable."


def _units(quantity: Decimal) -> str:
    """Write a quantity with two places, or with all its places where two would hide some."""
    two = f"{quantity:.2f}"
    return two if Decimal(two) == quantity else _bare(quantity)


def _bare(quantity: Decimal) -> str:
    """Write a quantity without zeros at its end: "10", "7.5"."""
    return f"{quantity.normalize():f}"


def _counted(quantity: Decimal, unit: Unit) -> str:
    return f"{_units(quantity)} {unit_words(unit, quantity)}"
