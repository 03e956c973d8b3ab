"""The weeks of a payment period as the Actuals page offers them, each with how much of it is confirmed."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, Select, and_, case, cast, func, literal, select, true, union_all

from models import Actual, ContractDocument, LineItem, PaymentPeriod, db
from rules.period import DAY, WEEK, monday_of, period_number, plan_period
from rules.states import ActualState
from workflows import policy
from workflows.clock import today
from workflows.line_week import IN_FORCE, active_in


@dataclass(frozen=True)
class WeekCount:
    """A week's lines: how many there are, have been started, and are confirmed or further."""

    monday: date
    lines: int
    started: int
    confirmed: int

    @property
    def is_over(self) -> bool:
        """Whether every day of the week has come."""
        return self.monday + 6 * DAY <= today()


@dataclass(frozen=True)
class PeriodWeeks:
    """A payment period, its weeks, and the one that is open; `earlier` and `later` lead to the periods around it."""

    start: date
    end: date
    submit_by: date
    weeks: list[WeekCount]
    week: date
    earlier: date | None
    later: date | None

    @property
    def untouched(self) -> list[date]:
        """The weeks that are over and have lines nobody has started."""
        return [week.monday for week in self.weeks if week.is_over and week.started < week.lines]


def period_weeks(day: date | None = None) -> PeriodWeeks:
    """Return the period a day belongs to, for the organisation in scope, in one query.

    Without a day it is the period that is to be submitted next, opened at its newest complete week.
    """
    rows = db.session.execute(_counts(day)).all()
    start, end, submit_by = rows[0].start, rows[0].end, rows[0].submit_by
    weeks = [WeekCount(row.week, row.lines, row.started, row.confirmed) for row in rows]
    first_day_of_care: date = policy.for_council("portal_start")
    newest = min(monday_of(today()) - WEEK, monday_of(end))
    return PeriodWeeks(
        start=start,
        end=end,
        submit_by=submit_by,
        weeks=weeks,
        week=monday_of(day) if day else max(newest, start),
        earlier=start - WEEK if start > first_day_of_care else None,
        later=end + DAY if end < today() else None,
    )


def _counts(day: date | None) -> Select[tuple[date, date, date, date, int, int, int]]:
    period = _period(day).subquery("period")
    a_week = timedelta(days=7)
    weeks = (
        select(cast(func.generate_series(period.c.start, period.c.end, a_week), Date).label("week"))
        .select_from(period)
        .subquery("weeks")
    )
    counts = (
        select(
            func.count().label("lines"),
            func.count(Actual.id).label("started"),
            func.count(Actual.id).filter(Actual.state != ActualState.DRAFT).label("confirmed"),
        )
        .select_from(LineItem)
        .join(LineItem.document)
        .outerjoin(Actual, and_(Actual.line_item_id == LineItem.id, Actual.week_starting == weeks.c.week))
        .where(*active_in(weeks.c.week), ContractDocument.state.in_(IN_FORCE) | Actual.id.is_not(None))
        .lateral("counts")
    )
    return (
        select(period, weeks.c.week, counts.c.lines, counts.c.started, counts.c.confirmed)
        .select_from(period)
        .join(weeks, true())
        .join(counts, true())
        .order_by(weeks.c.week)
    )


def _period(day: date | None) -> Select[tuple[date, date, date]]:
    """Return the query of one period: as staff keep it, else as it will be made."""
    on = day or today()
    number = period_number(on, policy.for_council("period_anchor"), policy.for_council("period_weeks"))
    made = plan_period(
        number,
        policy.for_council("period_anchor"),
        policy.for_council("period_weeks"),
        policy.for_council("submit_by_days"),
    )
    columns = (PaymentPeriod.start, PaymentPeriod.end, PaymentPeriod.submit_by)
    wanted = PaymentPeriod.start <= on
    if day:
        wanted = wanted & (PaymentPeriod.end >= on)
    is_open = and_(PaymentPeriod.end < on, PaymentPeriod.submit_by >= on)
    kept = (
        select(*columns, literal(0).label("rank"))
        .where(wanted)
        .order_by(is_open.desc(), case((is_open, PaymentPeriod.start)), PaymentPeriod.start.desc())
        .limit(1)
    ).cte("kept")
    planned = select(
        literal(made.start, Date).label("start"),
        literal(made.end, Date).label("end"),
        literal(made.submit_by, Date).label("submit_by"),
        literal(1).label("rank"),
    )
    either = union_all(select(kept), planned).subquery("either")
    return select(either.c.start, either.c.end, either.c.submit_by).order_by(either.c.rank).limit(1)
