"""What an invoice leaves out, summed by reason and week, with the pounds that wait (rules.md 8)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import or_, select

from models import Actual, db
from rules.invoice import NOT_ACCEPTED, NOT_CONFIRMED, OVER_LEVEL, LeftOut
from rules.money import NOTHING
from rules.states import ActualState
from workflows.invoices.preview import LeftOutWeek, Preview
from workflows.weeks.line_week import WeekKey
from workflows.weeks.price import aborted_by_day, price_at_plan, price_of

# What a person can do something about at once comes first.
ORDER: Final = (OVER_LEVEL.code, NOT_ACCEPTED.code, "on-hold", "no-rate", "figures", NOT_CONFIRMED.code)


@dataclass(frozen=True)
class LeftOutSum:
    """The weeks of some lines that begin on one Monday and are left out for one reason.

    `pounds` is what they come to, net, None where a price is not known: by plan where they are `planned` only, that is
    not confirmed. Of a correction it is the whole week as it is now.
    """

    why: LeftOut
    week: date
    weeks: tuple[LeftOutWeek, ...]
    pounds: Decimal | None

    @property
    def planned(self) -> bool:
        """Whether nobody has confirmed what was delivered."""
        return self.why is NOT_CONFIRMED


def left_out_sums(found: Preview) -> list[LeftOutSum]:
    """Return what a preview leaves out, by reason in the order of ORDER, then by week; two queries at most."""
    pounds = _pounds(found.left_out)
    groups: dict[tuple[LeftOut, date], list[LeftOutWeek]] = {}
    for each in found.left_out:
        groups.setdefault((each.why, each.week), []).append(each)
    sums = [
        LeftOutSum(why, week, tuple(weeks), _sum([pounds[each.line.id, week] for each in weeks]))
        for (why, week), weeks in groups.items()
    ]
    return sorted(sums, key=lambda each: (ORDER.index(each.why.code), each.why.reason, each.week))


def _sum(pounds: list[Decimal | None]) -> Decimal | None:
    known = [each for each in pounds if each is not None]
    return sum(known, NOTHING) if len(known) == len(pounds) else None


def _pounds(left_out: list[LeftOutWeek]) -> dict[WeekKey, Decimal | None]:
    """Return the price of each week: a confirmed one at what is payable, any other at its plan."""
    lines = {each.line.id: each.line for each in left_out}
    found = {
        (each.line.id, each.week): price_at_plan(each.line, each.week).amount
        for each in left_out
        if each.why is NOT_CONFIRMED
    }
    entered = [each for each in left_out if each.why is not NOT_CONFIRMED]
    if not entered:
        return found
    weeks = or_(*(Actual.of_line(each.line.id, each.week) for each in entered))
    actuals = db.session.scalars(select(Actual).where(weeks, Actual.state != ActualState.DRAFT)).all()
    aborted = aborted_by_day(Actual.id.in_([actual.id for actual in actuals]))
    for actual in actuals:
        line = lines[actual.line_item_id]
        found[line.id, actual.week_starting] = price_of(line, actual.week_starting, actual, aborted[line.id]).amount
    return found
