"""What a period's workbook holds: every line's week of an organisation, read in sets (files.md 1)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from sqlalchemy import Row, and_, or_, select

from files.actuals.workbook import DAY_NAMES, AbortedLine, SheetLine, row_key, write_actuals_workbook
from models import (
    DAYS,
    AbortedVisit,
    Actual,
    ContractDocument,
    Element,
    LineItem,
    Organisation,
    PaymentPeriod,
    Person,
    Rate,
    Service,
    db,
)
from models.person import initials_of
from rules.money import NOTHING
from rules.period import date_range, short_date, weeks_of
from rules.plan import LinePlan, active_days, plan_of_week, step_of, unit_words
from rules.policy import resolve
from rules.price import NoRate, RateVersion, rate_on
from rules.refusal import Problem, Refused, Unknown
from rules.states import ActualState, PlanKind, PolicyScope, Unit, label
from workflows import policy
from workflows.clock import LONDON, today
from workflows.weeks.line_week import IN_FORCE, active_in

NOTHING_THERE = "There is nothing to download: no line that is paid on actuals is active in this period."
# Where the plan of Monday to Sunday stands among the values of a line.
_PLANNED = slice(0, len(DAYS))
_FIGURES = (*DAYS, "delivered", "planned", "reason", "comment", "state", "version")


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


def write_download(organisation: Organisation, period_id: int, service_ids: Sequence[int]) -> Download:
    """Write the workbook of a period, of some services or with none named of all of them.

    Raises Refused where it would hold no row, Unknown for a period or a service that is not there.
    """
    period = db.session.get(PaymentPeriod, period_id)
    own = set(db.session.scalars(select(Service.id)))
    if period is None or not own.issuperset(service_ids):
        raise Unknown
    rows = list(period_rows(organisation, period, service_ids or sorted(own)))
    if not rows:
        raise Refused(Problem(NOTHING_THERE, "period"))
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


def period_rows(organisation: Organisation, period: PaymentPeriod, service_ids: Sequence[int]) -> Iterator[SheetLine]:
    """Return a row for each line of the services and each week of a period in which it is active."""
    weeks = weeks_of(period.start, period.end)
    lines, rates, stored = _lines(weeks, service_ids), _rates(), _stored(weeks)
    steps = _Steps(organisation)
    opens, full_names = policy.for_council("portal_start"), policy.for_council("full_names_in_lists")
    for line in lines:
        plan = LinePlan(line.plan_kind, line.unit, line[_PLANNED], line.weekly_quantity, line.start, line.end)
        weekly, words = plan.kind is PlanKind.WEEKLY, _plan_words(plan)
        person = line.name if full_names else initials_of(line.name)
        fixed = (line.service, line.reference, line.person_reference, person, line.element, plan.unit)
        for week in weeks:
            active = active_days(plan, week)
            if not active:
                continue
            actual = stored.get((line.id, week))
            is_open = [False] * 7
            for day in active:
                is_open[day.weekday()] = day >= opens
            yield SheetLine(
                row_key(line.id, week, actual.version if actual else 0),
                *fixed,
                week=week,
                planned=actual.planned if actual and _is_money(actual.state) else plan_of_week(plan, week),
                weekly=weekly,
                open_days=is_open,
                days=[None] * 7 if weekly or not actual else _days(actual, is_open),
                total=actual.delivered if actual else None,
                reason=actual.reason if actual else "",
                comment=actual.comment if actual else "",
                rate=_rate_words(rates.get(line.id, ()), active[:1] if weekly else active),
                status=label(actual.state) if actual else "Not started",
                step=steps.of(line.id, plan.unit, week),
                plan=words,
            )


def _lines(weeks: Sequence[date], service_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the lines with a row in any of the weeks, by service, person and reference, as plain values."""
    begun = select(Actual.line_item_id).where(Actual.week_starting.in_(weeks))
    columns = [LineItem.id, LineItem.reference, LineItem.unit, LineItem.plan_kind, LineItem.start, LineItem.end]
    statement = (
        select(*(getattr(LineItem, day) for day in DAYS), *columns, LineItem.weekly_quantity, Person.name)
        .add_columns(
            Service.name.label("service"), Person.reference.label("person_reference"), Element.name.label("element")
        )
        .join(LineItem.person)
        .join(LineItem.document)
        .join(LineItem.service)
        .join(LineItem.element)
        .where(or_(*(and_(*active_in(week)) for week in weeks)), LineItem.service_id.in_(service_ids))
        .where(or_(ContractDocument.state.in_(IN_FORCE), LineItem.id.in_(begun)))
        .order_by(Service.name, Person.reference, LineItem.reference)
    )
    return list(db.session.execute(statement))


def _rates() -> dict[int, list[RateVersion]]:
    """Return the rates of every line of the organisation, oldest first."""
    found: dict[int, list[RateVersion]] = {}
    for line_id, *rate in db.session.execute(
        select(Rate.line_item_id, Rate.rate, Rate.start, Rate.end).order_by(Rate.start)
    ):
        found.setdefault(line_id, []).append(RateVersion(*rate))
    return found


def _stored(weeks: Sequence[date]) -> dict[tuple[int, date], Row[Any]]:
    """Return what is stored of the weeks, by line and week: plain values, for they are only read."""
    columns = [getattr(Actual, name) for name in _FIGURES]
    statement = select(Actual.line_item_id, Actual.week_starting, *columns).where(Actual.week_starting.in_(weeks))
    return {(row.line_item_id, row.week_starting): row for row in db.session.execute(statement)}


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


class _Steps:
    """The step of a line's unit in a week; the policy is asked once for all lines that share its answer."""

    def __init__(self, organisation: Organisation) -> None:
        self._versions, self._organisation = policy.versions(), organisation
        self._known: dict[tuple[int, date], Decimal] = {}
        self._by_line = any(
            version.name == "hour_step" and version.scope is PolicyScope.LINE for version in self._versions
        )

    def of(self, line_id: int, unit: Unit, week: date) -> Decimal:
        if unit is not Unit.HOUR:
            return step_of(unit, NOTHING)
        key = (line_id if self._by_line else 0, week)
        if key not in self._known:
            self._known[key] = resolve(
                self._versions, "hour_step", week, line_id=line_id, organisation_id=self._organisation.id,
                sector_id=self._organisation.sector_id, sector=self._organisation.sector.name,
            ).value  # fmt: skip
        return self._known[key]


def _days(actual: Row[Any], is_open: Sequence[bool]) -> list[Decimal | None]:
    """Return the units of each day; a day outside the line stands empty unless something is stored on it."""
    days: list[Decimal] = [getattr(actual, day) for day in DAYS]
    return [units if units or free else None for units, free in zip(days, is_open, strict=True)]


def _is_money(state: ActualState) -> bool:
    return state in (ActualState.INVOICED, ActualState.PAID)


def _rate_words(rates: Sequence[RateVersion], active: Sequence[date]) -> Decimal | str:
    """Return the rate of some days, or words: both rates with the day of the change, or that there is none."""
    found: dict[Decimal, date] = {}
    for day in active:
        try:
            found.setdefault(rate_on(rates, day).rate, day)
        except NoRate:
            continue
    if len(found) == 1:
        return next(iter(found))
    changes = [f"£{_short(rate)} from {short_date(day)}" for rate, day in found.items()]
    return ", ".join(changes) or "no rate yet"


def _short(rate: Decimal) -> str:
    two = f"{rate:.2f}"
    return two if Decimal(two) == rate else f"{rate.normalize():f}"


def _plan_words(plan: LinePlan) -> str:
    """Return the plan of a line as it is shown beside the cell that is being filled in."""
    words = unit_words(plan.unit, NOTHING)
    if plan.kind is PlanKind.WEEKLY:
        return f"{_short_units(plan.weekly)} {words} a week"
    days = zip(DAY_NAMES, plan.days, strict=True)
    return f"{', '.join(f'{name} {_short_units(units)}' for name, units in days)} {words}"


def _short_units(units: Decimal) -> str:
    return f"{units.normalize():f}"


def _slug(name: str) -> str:
    """Return a name as part of a file's name: "Fenland Homecare Ltd" is "fenland-homecare-ltd"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60] or "organisation"
