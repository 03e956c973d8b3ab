"""What a line's week costs at the rates in force: its priced segments, from figures as they are stored (rules.md 6)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, select

from models import AbortedVisit, Actual, ActualVersion, LineItem, db
from rules.money import NOTHING
from rules.plan import LAST_DAY, active_days
from rules.price import Segment, price_week, rate_on
from workflows.weeks.line_week import seven_days

ByDay = Mapping[date, Decimal]


def price_stored(line: LineItem, monday: date, week: Actual | ActualVersion, aborted: ByDay) -> list[Segment]:
    """Return the priced segments of a week, at least one; `aborted` are the payable units of aborted visits by day.

    Raises NoRate for a day without a rate, ValueError where the figures do not add up.
    """
    # A visit told of in time is paid nothing; its day has no units and needs no rate.
    days = {day: units for day, units in aborted.items() if monday <= day <= monday + LAST_DAY and units > 0}
    segments = price_week(line.plan, monday, week.payable, seven_days(week.days), line.rate_versions, days)
    if segments:
        return segments
    # A week in which nothing is payable stands on the invoice too, so that it is settled and not asked for again.
    first = (active_days(line.plan, monday) or [monday])[0]
    return [Segment(rate_on(line.rate_versions, first).rate, NOTHING, NOTHING, (first,))]


def aborted_by_day(*of: ColumnElement[bool]) -> dict[int, dict[date, Decimal]]:
    """Return the payable units of aborted visits by line and day, in the weeks whose actuals meet some conditions."""
    by_line: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
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
