"""What a period's workbook holds: every line's week of an organisation, read in sets (files.md 1)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy import select

from files.actuals.row_key import row_key
from files.actuals.workbook import AbortedLine, SheetLine, write_actuals_workbook
from models import (
    AbortedVisit,
    LineItem,
    Organisation,
    PaymentPeriod,
    Service,
    db,
)
from rules.money import NOTHING, short_rate
from rules.open_days import Calendar, closed_because, is_over
from rules.period import DAY, DAY_NAMES, date_range, short_date, weeks_of
from rules.plan import active_days, days_planned, plan_of_week, step_of, unit_words
from rules.price import NoRate, RateVersion, rate_on, rate_throughout
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import PlanKind, Unit, label
from workflows import policy
from workflows.clock import LONDON, today
from workflows.collecting import without_collecting
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import calendar_now
from workflows.weeks.line_week import Line, LineWeek, StoredWeek
from workflows.weeks.read import read_weeks

NOTHING_THERE = "There is nothing to download: no line that is paid on actuals is active in this period."


@dataclass(frozen=True)
class Choices:
    """What can be downloaded: the periods that have begun, newest first, and the services."""

    periods: list[PaymentPeriod]
    services: list[Service]
    chosen: PaymentPeriod | None


@dataclass(frozen=True)
class Download:
    """A workbook in a temporary file, which is gone once it is closed, with its size in bytes and its name."""

    file: IO[bytes]
    size: int
    name: str


def choices() -> Choices:
    """Return what the organisation in scope can download; chosen is the period that is to be submitted next."""
    begun = select(PaymentPeriod).where(
        PaymentPeriod.start <= today(), PaymentPeriod.end >= policy.for_council("portal_start")
    )
    periods = list(db.session.scalars(begun.order_by(PaymentPeriod.start.desc())))
    services = list(db.session.scalars(select(Service).order_by(Service.name)))
    due = [period for period in periods if period.end < today() <= period.submit_by]
    return Choices(periods, services, due[-1] if due else periods[0] if periods else None)


@without_collecting()
def write_download(
    organisation: Organisation, period_id: int, service_ids: Sequence[int], *, fill: bool = False
) -> Download:
    """Write the workbook of a period, of some services or with none named of all of them.

    With `fill`, weeks that nobody has started hold their plan, as the sheet in the portal shows them: of the days that
    have come, less those claimed as an absence; a line planned by the week once its week is over.

    Raises Refused where it would hold no row, Unknown for a period or a service that is not there.
    """
    period = db.session.get(PaymentPeriod, period_id)
    own = set(db.session.scalars(select(Service.id)))
    if period is None or not own.issuperset(service_ids):
        raise Unknown
    rows = list(period_rows(period, service_ids or sorted(own), fill=fill))
    if not rows:
        raise Refused(Problem(Code.NOTHING_PLANNED, NOTHING_THERE, field="period"))
    file = TemporaryFile()  # noqa: SIM115 - it is closed, and gone, when the answer has been sent
    write_actuals_workbook(
        file,
        rows,
        _aborted(period, service_ids or sorted(own)),
        organisation=organisation.name,
        period=(period.start, period.end),
        period_words=date_range(period.start, period.end),
    )
    size = file.tell()
    file.seek(0)
    return Download(file, size, f"actuals-{period.start}-{_slug(organisation.name)}.xlsx")


def period_rows(period: PaymentPeriod, service_ids: Sequence[int], *, fill: bool = False) -> Iterator[SheetLine]:
    """Yield a row for each line of the services and each week of a period in which it takes actuals.

    By service, person and reference; the weeks of a line in order. `fill` is as in `write_download`.
    """
    weeks = weeks_of(period.start, period.end)
    by_line: dict[int, list[LineWeek]] = {}
    for stored in read_weeks(weeks, LineItem.service_id.in_(service_ids)):
        by_line.setdefault(stored.line.id, []).append(stored)
    opens: date = policy.for_council("portal_start")
    settings, calendar = policy.known(), calendar_now()
    claimed = ClaimedWeeks.of(weeks) if fill else None
    for found in sorted(by_line.values(), key=lambda found: _place(found[0].line)):
        line = found[0].line
        person, target = line.person_shown, settings.shared(line)
        for stored in found:
            step = step_of(line.plan.unit, settings.resolved("hour_step", target, stored.week).value)
            row = _row(stored, opens, person, step)
            yield _filled(row, stored, claimed, calendar) if claimed and not stored.actual else row


def _place(line: Line) -> tuple[str, str, str]:
    return line.service, line.person_reference, line.reference


def _row(stored: LineWeek, opens: date, person: str, step: Decimal) -> SheetLine:
    line, week, actual, _ = stored
    plan, weekly = line.plan, line.plan.kind is PlanKind.WEEKLY
    planned = plan_of_week(plan, week)
    figures = (planned,) if weekly else days_planned(plan, week)
    active = active_days(plan, week)
    is_open = [False] * 7
    for day in active:
        is_open[day.weekday()] = day >= opens
    return SheetLine(
        row_key(line.id, week, actual.version if actual else 0),
        line.service,
        line.reference,
        line.person_reference,
        person,
        line.element,
        plan.unit,
        week=week,
        planned=actual.planned if actual and actual.is_money else planned,
        day_plan=[None] * 7 if weekly else _day_plan(figures, active),
        weekly=weekly,
        open_days=is_open,
        days=[None] * 7 if weekly or not actual else _days(actual, is_open),
        total=actual.delivered if actual else None,
        reason=actual.reason if actual else "",
        comment=actual.comment if actual else "",
        rate=_rate_words(line.rate_versions, active[:1] if weekly else active),
        status=label(actual.state) if actual else "Not started",
        step=step,
        off_step=_off_step(figures, step),
        plan=_plan_words(plan.unit, figures),
    )


def _day_plan(planned: Sequence[Decimal], active: Sequence[date]) -> list[Decimal | None]:
    """Return the planned units of Monday to Sunday, None for the days on which the line is not active."""
    days = {day.weekday() for day in active}
    return [units if index in days else None for index, units in enumerate(planned)]


def _filled(row: SheetLine, stored: LineWeek, claimed: ClaimedWeeks, calendar: Calendar) -> SheetLine:
    """Return the row of a week that nobody has started with what the sheet in the portal would fill in."""
    shown = claimed.shown(stored, calendar)
    if row.weekly:
        if not is_over(stored.plan, stored.week, calendar.today):
            return row
        return replace(row, total=shown.figures[0], reason=shown.reason, comment=shown.comment)
    come = [not closed_because(stored.plan, stored.week + index * DAY, calendar) for index in range(7)]
    if not any(come):
        return row
    days = [units if has_come else None for units, has_come in zip(shown.figures, come, strict=True)]
    return replace(row, days=days, total=sum(shown.figures, NOTHING), reason=shown.reason, comment=shown.comment)


def _aborted(period: PaymentPeriod, service_ids: Sequence[int]) -> list[AbortedLine]:
    statement = (
        select(AbortedVisit, LineItem.reference)
        .join(LineItem, LineItem.id == AbortedVisit.line_item_id)
        .where(AbortedVisit.visit_date.between(period.start, period.end), LineItem.service_id.in_(service_ids))
        .order_by(AbortedVisit.visit_date, AbortedVisit.planned_start, AbortedVisit.id)
    )
    return [
        AbortedLine(
            line=reference,
            day=visit.visit_date,
            planned_start=visit.planned_start,
            planned_minutes=visit.planned_minutes,
            told_at=visit.told_at.astimezone(LONDON).replace(tzinfo=None) if visit.told_at else None,
            arrived_at=visit.arrived_at,
            waited_minutes=visit.waited_minutes,
            informed=visit.informed,
            reason=visit.reason,
            comment=visit.comment,
        )
        for visit, reference in db.session.execute(statement)
    ]


def _days(actual: StoredWeek, is_open: Sequence[bool]) -> list[Decimal | None]:
    """Return the units of each day; a day outside the line stands empty unless something is stored on it."""
    return [units if units or free else None for units, free in zip(actual.days, is_open, strict=True)]


@lru_cache(maxsize=4_096)
def _off_step(planned: tuple[Decimal, ...], step: Decimal) -> tuple[Decimal, ...]:
    """Return the planned quantities that are not on the unit's step: the same for one week of a line after another."""
    return tuple(sorted({each for each in planned if each % step}))


def _rate_words(rates: Sequence[RateVersion], active: Sequence[date]) -> Decimal | str:
    """Return the rate of some days, or words: both rates with the day of the change, or that there is none."""
    if active and (throughout := rate_throughout(rates, active[0], active[-1])):
        return throughout.rate
    found: dict[Decimal, date] = {}
    for day in active:
        try:
            found.setdefault(rate_on(rates, day).rate, day)
        except NoRate:
            continue
    if len(found) == 1:
        return next(iter(found))
    changes = [f"{short_rate(rate)} from {short_date(day)}" for rate, day in found.items()]
    return ", ".join(changes) or "no rate yet"


@lru_cache(maxsize=4_096)
def _plan_words(unit: Unit, planned: tuple[Decimal, ...]) -> str:
    """Return the plan of a week, its total or its days, as it is shown beside the cell that is being filled in."""
    words = unit_words(unit, NOTHING)
    if len(planned) == 1:
        return f"{_short_units(planned[0])} {words} a week"
    days = zip(DAY_NAMES, planned, strict=True)
    return f"{', '.join(f'{name} {_short_units(units)}' for name, units in days)} {words}"


def _short_units(units: Decimal) -> str:
    return f"{units.normalize():f}"


def _slug(name: str) -> str:
    """Return a name as part of a file's name: "Fenland Homecare Ltd" is "fenland-homecare-ltd"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60] or "organisation"
