"""The weeks of a payment period as the Actuals page offers them, each with how much of it is confirmed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    Date,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)

from models import Actual, LineItem, PaymentPeriod, db
from models.written_out import WrittenOut
from rules.period import DAY, WEEK, monday_of, period_number, weeks_of
from rules.states import ActualState
from workflows import policy
from workflows.clock import today
from workflows.upkeep.periods import planned


@dataclass(frozen=True)
class WeekCount:
    """A week's lines for which it is over: how many there are, have been started, and are confirmed or further."""

    monday: date
    lines: int
    started: int
    confirmed: int

    @property
    def is_over(self) -> bool:
        """Whether the week is over for every line: its Sunday has passed."""
        return self.monday + 6 * DAY < today()


@dataclass(frozen=True)
class Period:
    """A payment period and the one of its weeks that is open; `earlier` and `later` lead to the periods around it."""

    start: date
    end: date
    submit_by: date
    pay_on: date
    week: date
    earlier: date | None
    later: date | None

    @property
    def mondays(self) -> list[date]:
        """The Mondays of its weeks."""
        return weeks_of(self.start, self.end)


@dataclass(frozen=True)
class PeriodWeeks(Period):
    """A payment period, and its weeks with how far their lines are."""

    weeks: list[WeekCount]

    @property
    def untouched(self) -> list[date]:
        """The weeks with lines for which they are over and that nobody has started."""
        return [week.monday for week in self.weeks if week.started < week.lines]

    @property
    def lines(self) -> int:
        """How many weeks of lines there are to confirm or confirmed."""
        return sum(week.lines for week in self.weeks)

    @property
    def confirmed(self) -> int:
        """How many of them are confirmed or further."""
        return sum(week.confirmed for week in self.weeks)


def period_of(day: date | None = None) -> Period:
    """Return the period a day belongs to, in one query that counts nothing.

    Without a day it is the period that is to be submitted next, opened at its newest complete week.
    """
    return Period(**_dates(day, *db.session.execute(_PERIOD, _asked(day)).one()))


def period_weeks(day: date | None = None) -> PeriodWeeks:
    """Return the period as `period_of` does with its weeks, for the organisation in scope, in one query."""
    rows = _COUNTS.all(_asked(day))
    return PeriodWeeks(**_dates(day, *rows[0][:4]), weeks=[WeekCount(*row[4:]) for row in rows])


def _dates(day: date | None, start: date, end: date, submit_by: date, pay_on: date) -> dict[str, Any]:
    """Return the fields of a period that was asked for by a day."""
    first_day_of_care: date = policy.for_council("portal_start")
    newest = min(monday_of(today()) - WEEK, monday_of(end))
    return {
        "start": start,
        "end": end,
        "submit_by": submit_by,
        "pay_on": pay_on,
        "week": monday_of(day) if day else max(newest, start),
        "earlier": start - WEEK if start > first_day_of_care else None,
        "later": end + DAY if end < today() else None,
    }


def _asked(day: date | None) -> dict[str, object]:
    """Return what the query asks for: the day, and the period as it would be made for it."""
    on = day or today()
    anchor, weeks = policy.for_council("period_anchor"), policy.for_council("period_weeks")
    made = planned(period_number(on, anchor, weeks), today())
    return {
        "on": on,
        "ends_from": day or date.min,
        "today": today(),
        "since": policy.claimed_since(),
        "portal_start": policy.for_council("portal_start"),
        "start": made.start,
        "end": made.end,
        "submit_by": made.submit_by,
        "pay_on": made.pay_on,
    }


def _day(name: str) -> BindParameter[date]:
    return bindparam(name, type_=Date)


def _period() -> CTE:
    """Return the query of one period: as staff keep it, else as it will be made."""
    is_open = and_(PaymentPeriod.end < _day("on"), PaymentPeriod.submit_by >= _day("on"))
    columns = (PaymentPeriod.start, PaymentPeriod.end, PaymentPeriod.submit_by, PaymentPeriod.pay_on)
    kept = (
        select(*columns, literal(0).label("rank"))
        .where(PaymentPeriod.start <= _day("on"), PaymentPeriod.end >= _day("ends_from"))
        .order_by(is_open.desc(), case((is_open, PaymentPeriod.start)), PaymentPeriod.start.desc())
        .limit(1)
    ).subquery("kept")
    made = select(_day("start"), _day("end"), _day("submit_by"), _day("pay_on"), literal(1).label("rank"))
    either = union_all(select(kept), made).subquery("either").c
    return (
        select(either.start, either.end, either.submit_by, either.pay_on).order_by(either.rank).limit(1).cte("period")
    )


def _counts() -> Select[tuple[date, date, date, date, date, int, int, int]]:
    """Return the query of a period's weeks, and how far their lines are."""
    period = _period()
    mondays = select(cast(func.generate_series(period.c.start, period.c.end, timedelta(days=7)), Date))
    # PostgreSQL estimates generate_series at 1,000 rows and re-plans every time; unnest(array) keeps a generic plan.
    monday = func.unnest(func.array(mondays.correlate(period).scalar_subquery()), type_=Date)
    weeks = select(period, monday.label("week")).cte("weeks")
    week = weeks.c.week
    # By line and not by week: whether its document takes actuals is asked once of each (0.6 of 3.8 ms at 300 lines).
    to_confirm = LineItem.to_confirm_in(
        week, claimed_since=_day("since"), portal_start=_day("portal_start"), today=_day("today")
    )
    of_line = select(func.array_agg(week).label("weeks")).select_from(weeks).where(to_confirm).lateral("of_line")
    to_count = (
        select(LineItem.id.label("line_id"), func.unnest(of_line.c.weeks, type_=Date).label("week"))
        .select_from(LineItem)
        .join(of_line, of_line.c.weeks.is_not(None))
        .subquery("to_count")
    )
    counts = (
        select(
            to_count.c.week,
            func.count().label("lines"),
            func.count(Actual.id).filter(Actual.started()).label("started"),
            func.count(Actual.id).filter(Actual.state != ActualState.DRAFT).label("confirmed"),
        )
        .select_from(to_count)
        .outerjoin(Actual, Actual.of_line(to_count.c.line_id, to_count.c.week))
        .group_by(to_count.c.week)
        .subquery("counts")
    )
    counted = (func.coalesce(each, 0) for each in (counts.c.lines, counts.c.started, counts.c.confirmed))
    return select(weeks, *counted).select_from(weeks).outerjoin(counts, counts.c.week == week).order_by(week)


_PERIOD = select(_period())
_COUNTS = WrittenOut(_counts())
