"""What a week comes to once the file is in it: also one that waits for a tick, whose verdict leaves it as it is."""

from decimal import Decimal

from models import DAYS
from rules.exception import left_of
from rules.money import NOTHING
from workflows.uploads.file_week import WeekIn
from workflows.uploads.finding import RowFate
from workflows.uploads.judge import Figures, Verdict
from workflows.uploads.staging import CHECK, WEEK

# Where in a week as it will be saved (staging.week_values) its figures stand.
_AT = {name: index for index, name in enumerate((*WEEK, *CHECK))}
_MON = _AT[DAYS[0]]


def offered(given: WeekIn, verdict: Verdict) -> tuple[Figures, Decimal]:
    """Return the units of a week, and what is payable of it, once the file is in."""
    if verdict.fate is not RowFate.ASKED or not verdict.values:
        return verdict.figures, verdict.payable
    values = verdict.values
    figures = (values[_AT["delivered"]],) if given.is_weekly else tuple(values[_MON : _MON + 7])
    return figures, values[_AT["payable"]]


def units_over(given: WeekIn, verdict: Verdict) -> Decimal:
    """Return the units of a week beyond what its exception level allows, nothing where it is within it."""
    if not verdict.over:
        return NOTHING
    claimed, planned, allowed = (verdict.values[_AT[name]] for name in ("claimed", "planned", "allowance"))
    over: Decimal = claimed + given.aborted_payable - left_of(planned, given.absent) - allowed
    return over
