"""What a line's week costs at the rates in force (rules.md 6): the one place every page, file and invoice asks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from sqlalchemy import ColumnElement, and_, func, select

from models import AbortedVisit, Actual, ActualVersion, db
from rules.money import NOTHING
from rules.period import DAY
from rules.plan import LAST_DAY, LinePlan, SevenDays, active_days, plan_of_day, plan_of_week
from rules.price import (
    DoesNotAddUp,
    NoRate,
    RateVersion,
    Segment,
    amount_at_one_rate,
    amount_of,
    price_week,
    rate_on,
)
from rules.states import PlanKind

ByDay = Mapping[date, Decimal]


class Priced(Protocol):
    """A line as its price is worked out: a plain Line, or a mapped LineItem."""

    @property
    def plan(self) -> LinePlan: ...
    @property
    def rate_versions(self) -> Sequence[RateVersion]: ...


class Figures(Protocol):
    """What a week's price follows from: payable units after any decision, and the units delivered by day."""

    @property
    def payable(self) -> Decimal: ...
    @property
    def days(self) -> SevenDays: ...


class UnstoredFigures(NamedTuple):
    """Figures that are stored nowhere: typed, out of a file, or asked about."""

    payable: Decimal
    days: SevenDays


class WeekPrice(NamedTuple):
    """The priced segments of a week, or the problem that keeps its price from being known: then there are none."""

    segments: list[Segment]
    problem: NoRate | DoesNotAddUp | None = None

    @property
    def amount(self) -> Decimal | None:
        """The pounds of the week, None where its price is not known: never a guess."""
        return None if self.problem else amount_of(self.segments)


def price_of(line: Priced, monday: date, figures: Figures, aborted: ByDay) -> WeekPrice:
    """Return the price of a line's week; `aborted` are the payable units of its aborted visits by day.

    A week in which nothing is payable has one segment of no units, so that it is settled on an invoice like any other.
    """
    # A visit told of in time is paid nothing; its day has no units and needs no rate.
    days = {day: units for day, units in aborted.items() if monday <= day <= monday + LAST_DAY and units > 0}
    try:
        segments = price_week(line.plan, monday, figures.payable, figures.days, line.rate_versions, days)
        if not segments:
            first = (active_days(line.plan, monday) or [monday])[0]
            segments = [Segment(rate_on(line.rate_versions, first).rate, NOTHING, NOTHING, (first,))]
    except (NoRate, DoesNotAddUp) as problem:
        return WeekPrice([], problem)
    return WeekPrice(segments)


def pounds_of(line: Priced, monday: date, figures: Figures, aborted: ByDay) -> Decimal | None:
    """Return the pounds of a line's week as `price_of` does, and none of its segments; None where it has no price.

    Nearly every week has one rate: the check of a file prices two weeks for each of its rows (saves 50 of 790 ms for a
    workbook of 10,000, make bench).
    """
    if not aborted:
        amount = amount_at_one_rate(line.plan, monday, figures.payable, figures.days, line.rate_versions)
        if amount is not None:
            return amount
    return price_of(line, monday, figures, aborted).amount


def price_at_plan(line: Priced, monday: date) -> WeekPrice:
    """Return what a line's week costs when exactly its plan is delivered."""
    by_day = line.plan.kind is PlanKind.TIMETABLED
    days = [plan_of_day(line.plan, monday + index * DAY) if by_day else NOTHING for index in range(7)]
    mon, tue, wed, thu, fri, sat, sun = days
    figures = UnstoredFigures(plan_of_week(line.plan, monday), (mon, tue, wed, thu, fri, sat, sun))
    return price_of(line, monday, figures, {})


def aborted_then(monday: date, version: ActualVersion) -> ByDay:
    """Return the payable units of a week's aborted visits by day, as they were when a version of it was saved."""
    return {monday + index * DAY: units for index, units in enumerate(version.aborted_days or ())}


def aborted_by_day(*of: ColumnElement[bool]) -> dict[int, dict[date, Decimal]]:
    """Return the payable units of aborted visits by line and day, in the weeks whose actuals meet some conditions."""
    by_line: dict[int, dict[date, Decimal]] = defaultdict(dict)
    statement = (
        select(AbortedVisit.line_item_id, AbortedVisit.visit_date, func.sum(AbortedVisit.payable))
        .join(
            Actual,
            and_(
                Actual.line_item_id == AbortedVisit.line_item_id,
                AbortedVisit.visit_date.between(Actual.week_starting, Actual.week_starting + 6),
            ),
        )
        .where(*of)
        .group_by(AbortedVisit.line_item_id, AbortedVisit.visit_date)
    )
    for line_id, day, payable in db.session.execute(statement):
        by_line[line_id][day] = payable
    return by_line
