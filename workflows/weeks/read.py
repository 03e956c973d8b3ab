"""The one reader of weeks: lines of the organisation in scope, and what is stored of their weeks, as plain values."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Numeric,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

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
from models.written_out import WrittenOut
from rules.plan import LinePlan, PlanVersion, nothing_planned
from rules.policy import Target
from rules.price import RateVersion
from workflows import policy
from workflows.weeks.line_week import LevelCheck, Line, LineWeek, StoredWeek, WeekKey

_NOTHING_STORED = (None, None)
_LINE: tuple[Any, ...] = (
    LineItem.id, LineItem.reference, LineItem.organisation_id, LineItem.service_id, Service.name,
    LineItem.plan_kind, LineItem.unit, LineItem.start, LineItem.end, LineItem.extras_allowed,
    Person.reference, Person.name, Element.name, ContractDocument.state, literal_column("line_item.xmin::text"),
    Organisation.sector_id, Sector.name,
)  # fmt: skip
_AFTER_LINE = len(_LINE)
_STORED: tuple[Any, ...] = (
    Actual.line_item_id, Actual.week_starting, Actual.id, Actual.state, Actual.version,
    *(getattr(Actual, day) for day in DAYS), Actual.delivered, Actual.planned, Actual.aborted, Actual.aborted_payable,
    Actual.payable, Actual.reason, Actual.comment,
    func.concat_ws(" ", PortalUser.first_name, PortalUser.last_name), Actual.source,
    *(getattr(ExceptionCheck, name) for name in LevelCheck._fields[:-2]),
    ExceptionDecision.decision, ExceptionDecision.units,
)  # fmt: skip
# What stands before the check of a week: the line, the Monday, and the week with its seven days.
_AFTER_STORED = 2 + len(StoredWeek._fields) - 1 + len(DAYS)


def read_weeks(weeks: Sequence[date], *of: ColumnElement[bool]) -> list[LineWeek]:
    """Return the weeks (Mondays) of every line that takes actuals in them: week by week, by person and reference.

    `of` are further conditions on the lines. Three queries, however many lines and weeks.
    """
    asked = {"weeks": list(weeks), "since": policy.claimed_since()}
    rows = db.session.execute(_LINES_OF_WEEKS.where(*of), asked).all() if of else _ALL_LINES_OF_WEEKS.all(asked)
    lines = _lines(rows)
    stored = read_stored(lines, weeks)
    taking = [(lines[row[0]], row[0], row[_AFTER_LINE]) for row in rows]
    return [
        LineWeek(line, week, *stored.get((id_, week), _NOTHING_STORED))
        for week in sorted(weeks)
        for line, id_, mondays in taking
        if week in mondays
    ]


def read_lines(*of: ColumnElement[bool]) -> dict[int, Line]:
    """Return the lines of the organisation in scope that meet the conditions, by id, in the order of references."""
    return _lines(db.session.execute(_LINES.where(*of).order_by(LineItem.reference)).all())


def read_lines_with(more: Sequence[ColumnElement[Any]], *of: ColumnElement[bool]) -> dict[int, tuple[Line, Row[Any]]]:
    """Return lines as `read_lines` does, each beside a row that holds some more columns of it or its document.

    The columns have labels that none of the reader's own has.
    """
    rows = db.session.execute(_LINES.add_columns(*more).where(*of).order_by(LineItem.reference)).all()
    lines = _lines(rows)
    return {row[0]: (lines[row[0]], row) for row in rows}


def read_stored(
    line_ids: Collection[int], weeks: Collection[date]
) -> dict[WeekKey, tuple[StoredWeek, LevelCheck | None]]:
    """Return what is stored of the weeks of some lines, with the check of those over their level, in one query."""
    if not line_ids or not weeks:
        return {}
    rows = _STORED_WEEKS.all({"lines": list(line_ids), "weeks": list(weeks)})
    return {(row[0], row[1]): (_stored(row), _check(row)) for row in rows}


def _lines(rows: Sequence[Sequence[Any]]) -> dict[int, Line]:
    plans, rates = _plans_and_rates([row[0] for row in rows])
    return {row[0]: _line(row, plans[row[0]], rates[row[0]]) for row in rows}


def _line(row: Sequence[Any], plans: Sequence[PlanVersion], rates: Sequence[RateVersion]) -> Line:
    # Of a row's columns in their order: by name each takes as long as all of them.
    id_, reference, organisation_id, service_id, service, kind, unit, start, end, extras_allowed = row[:10]
    person_reference, person_name, element, document_state, written, sector_id, sector = row[10:_AFTER_LINE]
    return Line(
        id=id_,
        reference=reference,
        organisation_id=organisation_id,
        service_id=service_id,
        service=service,
        plan=LinePlan(kind, unit, tuple(plans) or nothing_planned(start), start, end),
        rate_versions=rates,
        extras_allowed=extras_allowed,
        person_reference=person_reference,
        person_name=person_name,
        element=element,
        document_state=document_state,
        written=written,
        policy_target=Target(sector_id, sector, organisation_id, id_),
    )


def _stored(row: Sequence[Any]) -> StoredWeek:
    # The seven days are one value of the week; its other fields stand as the columns do.
    return StoredWeek._make((*row[2:5], row[5:12], *row[12:_AFTER_STORED]))


def _check(row: Sequence[Any]) -> LevelCheck | None:
    return None if row[_AFTER_STORED] is None else LevelCheck._make(row[_AFTER_STORED:])


def _plans_and_rates(
    line_ids: Collection[int],
) -> tuple[Mapping[int, list[PlanVersion]], Mapping[int, list[RateVersion]]]:
    """Return the plans and the rates of lines by line, oldest first, in one query."""
    plans: dict[int, list[PlanVersion]] = defaultdict(list)
    rates: dict[int, list[RateVersion]] = defaultdict(list)
    if not line_ids:
        return plans, rates
    found = _PLANS_AND_RATES.all({"lines": list(line_ids)})
    for line_id, start, end, rate, weekly, mon, tue, wed, thu, fri, sat, sun in found:
        if rate is None:
            plans[line_id].append(PlanVersion(start, (mon, tue, wed, thu, fri, sat, sun), weekly))
        else:
            rates[line_id].append(RateVersion(rate, start, end))
    return plans, rates


def _select_lines_of_weeks() -> Select[Any]:
    """Return the query of lines that take actuals in any of some weeks; the weeks of each stand behind its columns."""
    monday = func.unnest(_weeks()).table_valued(column("monday", Date)).render_derived()
    takes_actuals = LineItem.takes_actuals_in(monday.c.monday, bindparam("since", type_=Date))
    # Once for each line, where a row for each of its weeks would repeat all of it.
    taking = select(func.array_agg(monday.c.monday).label("mondays")).select_from(monday).where(takes_actuals).lateral()
    return (
        _LINES.add_columns(taking.c.mondays)
        .join(taking, taking.c.mondays.is_not(None))
        .order_by(Person.reference, LineItem.reference)
    )


def _select_plans_and_rates() -> CompoundSelect[Any]:
    days = [getattr(Plan, day) for day in DAYS]
    of_plans = select(
        Plan.line_item_id, Plan.start, literal(None, Date).label("end"), literal(None, Numeric).label("rate"),
        Plan.weekly_quantity, *days,
    ).where(_among_lines(Plan.line_item_id))  # fmt: skip
    of_rates = select(
        Rate.line_item_id, Rate.start, Rate.end, Rate.rate, *(literal(None, Numeric) for _ in range(1 + len(days)))
    ).where(_among_lines(Rate.line_item_id), Rate.replaced_at.is_(None))
    return union_all(of_plans, of_rates).order_by("start")


def _among_lines(of: SQLColumnExpression[int]) -> ColumnElement[bool]:
    # One parameter and one prepared statement for any number of ids; a table of them, for of `= ANY (array)` a plan
    # that is kept compares each row with id after id (2 of 3 ms for the rates of 300 lines).
    asked = func.unnest(bindparam("lines", type_=ARRAY(Integer))).table_valued("id").render_derived()
    return of.in_(select(asked.c.id))


def _weeks() -> BindParameter[Any]:
    return bindparam("weeks", type_=ARRAY(Date))


# Put together once: to do so at each reading takes as long as sending them.
_LINES: Select[Any] = (
    select(*_LINE)
    .select_from(LineItem)
    .join(LineItem.person)
    .join(LineItem.element)
    .join(LineItem.service)
    .join(LineItem.document)
    .join(LineItem.organisation)
    .join(Organisation.sector)
)
_LINES_OF_WEEKS = _select_lines_of_weeks()
# Written out, as those below: saves 1.8 of 14 ms of a save of 25 lines, 1 of 24 of a week of 200 (make bench).
_ALL_LINES_OF_WEEKS = WrittenOut(_LINES_OF_WEEKS)
_STORED_WEEKS = WrittenOut(
    select(*_STORED)
    .outerjoin(ExceptionCheck, and_(ExceptionCheck.actual_id == Actual.id, ExceptionCheck.over))
    .outerjoin(ExceptionDecision, ExceptionDecision.id == ExceptionCheck.decision_id)
    .outerjoin(PortalUser, PortalUser.id == Actual.changed_by_id)
    .where(_among_lines(Actual.line_item_id), Actual.week_starting == any_(_weeks()))
)
_PLANS_AND_RATES = WrittenOut(_select_plans_and_rates())
