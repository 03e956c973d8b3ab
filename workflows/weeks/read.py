"""The lines of a week for the Actuals sheet, as plain values: two hundred mapped rows take longer than the whole page.

The names are those of the mapped classes.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Enum,
    Select,
    Text,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    true,
    type_coerce,
)

from models import (
    DAYS,
    Actual,
    ContractDocument,
    Element,
    ExceptionCheck,
    LineItem,
    Organisation,
    Person,
    Rate,
    db,
)
from models.person import initials_of
from models.prepared import Own, Prepared
from rules.plan import LinePlan, SevenDays
from rules.price import RateVersion
from rules.states import ActualState, Decision, PlanKind, Unit
from workflows.weeks.line_week import IN_FORCE, Calendar, KeptWeek, active_in, claimed_since, seven_days


class SheetLine(NamedTuple):
    """A line of the organisation in scope with its rates, oldest first."""

    plan: LinePlan
    rates: list[RateVersion]
    id: int
    reference: str
    organisation_id: int
    service_id: int
    extras_allowed: bool | None
    person_reference: str
    person_name: str
    element: str

    @property
    def organisation(self) -> Organisation:
        """The organisation: who signed in for it has it at hand."""
        found: Organisation = db.session.get_one(Organisation, self.organisation_id)
        return found

    @property
    def as_item(self) -> LineItem:
        """The line for those who know mapped lines only: they ask for nothing that is not here."""
        return cast(LineItem, self)

    def person(self, calendar: Calendar) -> str:
        """Return the person's initials, or the full name where the council shows names in lists (policy)."""
        return self.person_name if calendar.full_names else initials_of(self.person_name)


class SheetCheck(NamedTuple):
    """The check of a stored week that is over its exception level, and what was decided about it."""

    actual_id: int
    planned: Decimal
    claimed: Decimal
    percent: Decimal
    least_units: Decimal
    extras_allowed: bool
    rule: str
    decision: Decision | None
    decided_units: Decimal | None


class SheetWeek(NamedTuple):
    """A line and what the database holds of one of its weeks; `check` only where it is over its exception level."""

    line: SheetLine
    week: date
    actual: KeptWeek | None
    check: SheetCheck | None

    @property
    def plan(self) -> LinePlan:
        """The line's plan."""
        return self.line.plan

    @property
    def is_money(self) -> bool:
        """Whether the week is on an invoice, so that a change of its figures is a correction."""
        return self.actual is not None and self.actual.is_money


def _columns(of: type[Any], *names: str) -> list[ColumnElement[Any]]:
    """Return columns, those that hold words of `rules.states` as text.

    To turn each into its word as it comes takes longer than to look up the few that are different.
    """
    columns = [getattr(of, name) for name in names]
    return [type_coerce(each, Text) if isinstance(each.type, Enum) else each for each in columns]


def _by_day(of: type[Any]) -> ColumnElement[str]:
    """Return the seven quantities of a row as one text, for they are most of its columns: "1.00 0.75 ..."."""
    return func.concat_ws(" ", *(getattr(of, day) for day in DAYS), type_=Text)


@lru_cache(maxsize=4096)
def _seven(quantities: str) -> SevenDays:
    """Read the text of `_by_day`. Kept, for most lines have a week that others have too."""
    return seven_days([Decimal(each) for each in quantities.split()])


_LINE = (
    *_columns(LineItem, "id", "reference", "organisation_id", "service_id", "extras_allowed"),
    Person.reference, Person.name, Element.name,
)  # fmt: skip
_PLAN = (*_columns(LineItem, "plan_kind", "unit", "weekly_quantity", "start", "end"), _by_day(LineItem))
_RATE = _columns(Rate, "rate", "start", "end")
_ACTUAL = (*_columns(Actual, *(name for name in KeptWeek._fields if name not in DAYS)), _by_day(Actual))
_CHECK = _columns(ExceptionCheck, *SheetCheck._fields)
_KINDS, _UNITS = {kind.value: kind for kind in PlanKind}, {unit.value: unit for unit in Unit}
_STATES, _DECISIONS = {state.value: state for state in ActualState}, {each.value: each for each in Decision}


def _weeks(own: Own, monday: ColumnElement[date], lines: Any) -> Select[Any]:
    return (
        select(monday, *_LINE, *_PLAN, *_RATE, *_ACTUAL, *_CHECK)
        .select_from(lines)
        .join(Person, Person.id == LineItem.person_id)
        .join(Element, Element.id == LineItem.element_id)
        .join(ContractDocument, ContractDocument.id == LineItem.document_id)
        .outerjoin(Rate, Rate.line_item_id == LineItem.id)
        .outerjoin(Actual, and_(Actual.line_item_id == LineItem.id, Actual.week_starting == monday, own(Actual)))
        .outerjoin(ExceptionCheck, and_(ExceptionCheck.actual_id == Actual.id, ExceptionCheck.over))
        .where(own(LineItem), *active_in(monday, bindparam("since", type_=Date)))
        .where(or_(ContractDocument.state.in_(IN_FORCE), Actual.id.is_not(None)))
        .order_by(monday, Person.reference, LineItem.reference, Rate.start)
    )


_MONDAY = bindparam("monday", type_=Date)
_MONDAYS = func.unnest(bindparam("mondays", type_=ARRAY(Date))).table_valued(column("monday", Date)).render_derived()
# One week is what is asked most, and is answered in half the time by a question that knows of one only.
_ONE = Prepared(lambda own: _weeks(own, _MONDAY, LineItem))
_SEVERAL = Prepared(lambda own: _weeks(own, _MONDAYS.c.monday, _MONDAYS.join(LineItem, true())))


def read_lines(weeks: Sequence[date]) -> list[SheetWeek]:
    """Return every line's weeks of the organisation in scope, in one query: week by week, by person and reference."""
    asked: dict[str, object] = {"since": claimed_since()}
    if len(weeks) == 1:
        return _put_together(_ONE.rows(asked | {"monday": weeks[0]}))
    return _put_together(_SEVERAL.rows(asked | {"mondays": list(weeks)}))


# Where the parts of a row begin.
_PLAN_AT = 1 + len(_LINE)
_RATE_AT = _PLAN_AT + len(_PLAN)
_ACTUAL_AT = _RATE_AT + len(_RATE)
_CHECK_AT = _ACTUAL_AT + len(_ACTUAL)


def _put_together(rows: Iterable[Sequence[Any]]) -> list[SheetWeek]:
    """Return the weeks of the rows, of which there is one for each rate of a line in each week."""
    found: list[SheetWeek] = []
    rates: list[RateVersion] = []
    known: Sequence[Any] = ()
    for row in rows:
        if row[:2] != known:
            known, rates = row[:2], []
            kind, unit, weekly, start, end, days = row[_PLAN_AT:_RATE_AT]
            plan = LinePlan(_KINDS[kind], _UNITS[unit], _seven(days), weekly, start, end)
            line = SheetLine(plan, rates, *row[1:_PLAN_AT])
            state, version, *figures, days = row[_ACTUAL_AT:_CHECK_AT]
            actual = KeptWeek(_STATES[state], version, *_seven(days), *figures) if state else None
            check = _check(row[_CHECK_AT:]) if row[_CHECK_AT] is not None else None
            found.append(SheetWeek(line, row[0], actual, check))
        if row[_RATE_AT] is not None:
            rates.append(RateVersion(*row[_RATE_AT:_ACTUAL_AT]))
    return found


def _check(row: Sequence[Any]) -> SheetCheck:
    check = SheetCheck(*row)
    return check._replace(decision=_DECISIONS.get(row[SheetCheck._fields.index("decision")]))
