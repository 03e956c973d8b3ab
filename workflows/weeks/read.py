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
    Row,
    Select,
    and_,
    any_,
    column,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.orm import Bundle

from models import (
    DAYS,
    Actual,
    ContractDocument,
    Element,
    ExceptionCheck,
    LineItem,
    Organisation,
    Person,
    PortalUser,
    Rate,
    Sector,
    Service,
    db,
)
from rules.plan import LinePlan, SevenDays
from rules.policy import Target
from rules.price import RateVersion
from workflows import policy
from workflows.weeks.line_week import LevelCheck, Line, LineWeek, StoredWeek, WeekKey

_LINE: tuple[Any, ...] = (
    LineItem.id, LineItem.reference, LineItem.organisation_id, LineItem.service_id, Service.name.label("service"),
    LineItem.plan_kind, LineItem.unit, LineItem.weekly_quantity, LineItem.start, LineItem.end,
    *(getattr(LineItem, day) for day in DAYS), LineItem.extras_allowed,
    Person.reference.label("person_reference"), Person.name.label("person_name"), Element.name.label("element"),
    ContractDocument.state.label("document_state"), literal_column("line_item.xmin::text").label("written"),
    Organisation.sector_id, Sector.name.label("sector"),
)  # fmt: skip
_STORED: tuple[Any, ...] = (
    Actual.line_item_id, Actual.week_starting, Actual.id, Actual.state, Actual.version,
    *(getattr(Actual, day) for day in DAYS), Actual.delivered, Actual.planned, Actual.aborted, Actual.aborted_payable,
    Actual.payable, Actual.reason, Actual.comment,
    func.concat_ws(" ", PortalUser.first_name, PortalUser.last_name).label("changed_by"),
    Bundle("level_check", *(getattr(ExceptionCheck, name) for name in LevelCheck._fields)),
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
    rows = db.session.execute(_lines_with().where(*of).order_by(LineItem.reference)).all()
    return _lines({row.id: row for row in rows})


def read_stored(
    line_ids: Collection[int], weeks: Collection[date]
) -> dict[WeekKey, tuple[StoredWeek, LevelCheck | None]]:
    """Return what is stored of the weeks of some lines, with the check of those over their level, in one query."""
    if not line_ids or not weeks:
        return {}
    rows = db.session.execute(
        select(*_STORED)
        .outerjoin(ExceptionCheck, and_(ExceptionCheck.actual_id == Actual.id, ExceptionCheck.over))
        .outerjoin(PortalUser, PortalUser.id == Actual.changed_by_id)
        .where(_among(Actual.line_item_id, line_ids), Actual.week_starting == any_(literal(list(weeks), ARRAY(Date))))
    )
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
    rates = _rates(rows)
    return {id_: _line(row, rates[id_]) for id_, row in rows.items()}


def _line(row: Row[Any], rates: Sequence[RateVersion]) -> Line:
    return Line(
        id=row.id,
        reference=row.reference,
        organisation_id=row.organisation_id,
        service_id=row.service_id,
        service=row.service,
        plan=LinePlan(row.plan_kind, row.unit, _by_day(row), row.weekly_quantity, row.start, row.end),
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
    )


def _check(row: Row[Any]) -> LevelCheck | None:
    check = row.level_check
    return None if check.actual_id is None else LevelCheck._make(check)


def _by_day(row: Row[Any]) -> SevenDays:
    return row.mon, row.tue, row.wed, row.thu, row.fri, row.sat, row.sun


def _rates(line_ids: Collection[int]) -> dict[int, list[RateVersion]]:
    found: dict[int, list[RateVersion]] = defaultdict(list)
    if line_ids:
        statement = select(Rate.line_item_id, Rate.rate, Rate.start, Rate.end).order_by(Rate.start)
        for row in db.session.execute(statement.where(_among(Rate.line_item_id, line_ids))):
            found[row.line_item_id].append(RateVersion(row.rate, row.start, row.end))
    return found


def _among(of: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    # An array, not IN: one parameter and one prepared statement for any number of ids.
    condition: ColumnElement[bool] = of == any_(literal(list(ids), ARRAY(Integer)))
    return condition
