"""The one reader of weeks: lines of the organisation in scope, and what is stored of their weeks, as plain values."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Row,
    Select,
    and_,
    any_,
    column,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Bundle

from models import (
    DAYS,
    Actual,
    ContractDocument,
    Element,
    ExceptionCheck,
    ExceptionDecision,
    LineItem,
    Organisation,
    Person,
    Plan,
    PortalUser,
    Rate,
    Sector,
    Service,
    db,
)
from rules.plan import LinePlan, PlanVersion, SevenDays, nothing_planned
from rules.policy import Target
from rules.price import RateVersion
from workflows import policy
from workflows.weeks.line_week import LevelCheck, Line, LineWeek, StoredWeek, WeekKey

_LINE: tuple[Any, ...] = (
    LineItem.id, LineItem.reference, LineItem.organisation_id, LineItem.service_id, Service.name.label("service"),
    LineItem.plan_kind, LineItem.unit, LineItem.start, LineItem.end, LineItem.extras_allowed,
    Person.reference.label("person_reference"), Person.name.label("person_name"), Element.name.label("element"),
    ContractDocument.state.label("document_state"), literal_column("line_item.xmin::text").label("written"),
    Organisation.sector_id, Sector.name.label("sector"),
)  # fmt: skip
_STORED: tuple[Any, ...] = (
    Actual.line_item_id, Actual.week_starting, Actual.id, Actual.state, Actual.version,
    *(getattr(Actual, day) for day in DAYS), Actual.delivered, Actual.planned, Actual.aborted, Actual.aborted_payable,
    Actual.payable, Actual.reason, Actual.comment, Actual.source,
    func.concat_ws(" ", PortalUser.first_name, PortalUser.last_name).label("changed_by"),
    Bundle("level_check", *(getattr(ExceptionCheck, name) for name in LevelCheck._fields[:-2]),
           ExceptionDecision.decision, ExceptionDecision.units),
)  # fmt: skip


def read_weeks(weeks: Sequence[date], *of: ColumnElement[bool]) -> list[LineWeek]:
    """Return the weeks (Mondays) of every line that takes actuals in them: week by week, by person and reference.

    `of` are further conditions on the lines. Three queries, however many lines and weeks.
    """
    monday = func.unnest(literal(list(weeks), ARRAY(Date))).table_valued(column("monday", Date)).render_derived()
    week = monday.c.monday.label("monday")
    takes_actuals = LineItem.takes_actuals_in(monday.c.monday, policy.claimed_since())
    rows = db.session.execute(
        _lines_with(week).join(monday, takes_actuals).where(*of).order_by(week, Person.reference, LineItem.reference)
    ).all()
    lines = _lines({row.id: row for row in rows})
    stored = read_stored(lines, weeks)
    return [LineWeek(lines[row.id], row.monday, *stored.get((row.id, row.monday), (None, None))) for row in rows]


def read_lines(*of: ColumnElement[bool]) -> dict[int, Line]:
    """Return the lines of the organisation in scope that meet the conditions, by id, in the order of references."""
    return {id_: line for id_, (line, _) in read_lines_with((), *of).items()}


def read_lines_with(more: Sequence[ColumnElement[Any]], *of: ColumnElement[bool]) -> dict[int, tuple[Line, Row[Any]]]:
    """Return lines as `read_lines` does, each beside a row that holds some more columns of it or its document.

    The columns have labels that none of the reader's own has.
    """
    rows = {row.id: row for row in db.session.execute(_lines_with(*more).where(*of).order_by(LineItem.reference)).all()}
    return {id_: (line, rows[id_]) for id_, line in _lines(rows).items()}


def read_stored(
    line_ids: Collection[int], weeks: Collection[date]
) -> dict[WeekKey, tuple[StoredWeek, LevelCheck | None]]:
    """Return what is stored of the weeks of some lines, with the check of those over their level, in one query."""
    if not line_ids or not weeks:
        return {}
    rows = db.session.execute(
        select(*_STORED)
        .outerjoin(ExceptionCheck, and_(ExceptionCheck.actual_id == Actual.id, ExceptionCheck.over))
        .outerjoin(ExceptionDecision, ExceptionDecision.id == ExceptionCheck.decision_id)
        .outerjoin(PortalUser, PortalUser.id == Actual.changed_by_id)
        .where(_among(Actual.line_item_id, line_ids), Actual.week_starting == any_(literal(list(weeks), ARRAY(Date))))
    ).all()
    return {(row.line_item_id, row.week_starting): (_stored(row), _check(row)) for row in rows}


def _lines_with(*columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query of lines with some more columns before their own."""
    return (
        select(*columns, *_LINE)
        .select_from(LineItem)
        .join(LineItem.person)
        .join(LineItem.element)
        .join(LineItem.service)
        .join(LineItem.document)
        .join(LineItem.organisation)
        .join(Organisation.sector)
    )


def _lines(rows: Mapping[int, Row[Any]]) -> dict[int, Line]:
    plans, rates = _plans_and_rates(rows)
    return {id_: _line(row, plans[id_], rates[id_]) for id_, row in rows.items()}


def _line(row: Row[Any], plans: Sequence[PlanVersion], rates: Sequence[RateVersion]) -> Line:
    return Line(
        id=row.id,
        reference=row.reference,
        organisation_id=row.organisation_id,
        service_id=row.service_id,
        service=row.service,
        plan=LinePlan(row.plan_kind, row.unit, tuple(plans) or nothing_planned(row.start), row.start, row.end),
        rate_versions=rates,
        extras_allowed=row.extras_allowed,
        person_reference=row.person_reference,
        person_name=row.person_name,
        element=row.element,
        document_state=row.document_state,
        written=row.written,
        policy_target=Target(row.sector_id, row.sector, row.organisation_id, row.id),
    )


def _stored(row: Row[Any]) -> StoredWeek:
    return StoredWeek(
        id=row.id,
        state=row.state,
        version=row.version,
        days=_by_day(row),
        delivered=row.delivered,
        planned=row.planned,
        aborted=row.aborted,
        aborted_payable=row.aborted_payable,
        payable=row.payable,
        reason=row.reason,
        comment=row.comment,
        changed_by=row.changed_by,
        source=row.source,
    )


def _check(row: Row[Any]) -> LevelCheck | None:
    check = row.level_check
    return None if check.actual_id is None else LevelCheck._make(check)


def _by_day(row: Row[Any]) -> SevenDays:
    return row.mon, row.tue, row.wed, row.thu, row.fri, row.sat, row.sun


def _plans_and_rates(
    line_ids: Collection[int],
) -> tuple[Mapping[int, list[PlanVersion]], Mapping[int, list[RateVersion]]]:
    """Return the plans and the rates of lines by line, oldest first, in one query."""
    plans: dict[int, list[PlanVersion]] = defaultdict(list)
    rates: dict[int, list[RateVersion]] = defaultdict(list)
    if not line_ids:
        return plans, rates
    days = [getattr(Plan, day) for day in DAYS]
    of_plans = select(
        Plan.line_item_id, Plan.start, literal(None, Date).label("end"), literal(None, Numeric).label("rate"),
        Plan.weekly_quantity, *days,
    ).where(_among(Plan.line_item_id, line_ids))  # fmt: skip
    of_rates = select(
        Rate.line_item_id, Rate.start, Rate.end, Rate.rate, *(literal(None, Numeric) for _ in range(1 + len(days)))
    ).where(_among(Rate.line_item_id, line_ids), Rate.replaced_at.is_(None))
    # All at once: row by row, as unions are iterated, the driver takes three times as long.
    found = db.session.execute(union_all(of_plans, of_rates).order_by("start")).all()
    for line_id, start, end, rate, weekly, mon, tue, wed, thu, fri, sat, sun in found:
        if rate is None:
            plans[line_id].append(PlanVersion(start, (mon, tue, wed, thu, fri, sat, sun), weekly))
        else:
            rates[line_id].append(RateVersion(rate, start, end))
    return plans, rates


def _among(of: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    # An array, not IN: one parameter and one prepared statement for any number of ids.
    condition: ColumnElement[bool] = of == any_(literal(list(ids), ARRAY(Integer)))
    return condition
