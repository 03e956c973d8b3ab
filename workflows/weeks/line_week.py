"""A line's week: what is stored of it, what was typed for it, and on which days anything can be."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol

from sqlalchemy import ColumnElement, and_, literal, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from models import Actual, ContractDocument, ExceptionCheck, LineItem, Organisation, Person, PortalUser, db
from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.period import short_date
from rules.plan import LAST_DAY, NO_DAYS, LinePlan, SevenDays, active_days, plan_of_day, plan_of_week
from rules.states import ActualState, DocumentState, PaymentMethod, PlanKind
from workflows import policy
from workflows.clock import today

ON_INVOICE = (ActualState.INVOICED, ActualState.PAID)
# Documents whose lines take actuals; an ended one still has weeks that nobody entered.
IN_FORCE = (DocumentState.PUBLISHED, DocumentState.ACCEPTED, DocumentState.ENDED)


@dataclass(frozen=True)
class Entry:
    """One line's week as somebody typed it: `figures` are the texts of Monday to Sunday, or the one of the week.

    `seen` is what SheetRow.seen was when the figures were read; empty where nobody read them, so that they replace
    whatever is stored.
    """

    line_id: int
    figures: tuple[str, ...]
    reason: str = ""
    comment: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Refusal:
    """What was typed for a line and not taken: messages by field (d0 … d6, total, reason; empty: the whole line)."""

    entry: Entry
    messages: Mapping[str, str]
    conflict: bool = False


class Kept(Protocol):
    """What a form shows of a stored week, be it a mapped row or plain values: figures in units, and the words."""

    @property
    def version(self) -> int: ...
    @property
    def days(self) -> tuple[Decimal, ...]: ...
    @property
    def delivered(self) -> Decimal: ...
    @property
    def reason(self) -> str: ...
    @property
    def comment(self) -> str: ...


class KeptWeek(NamedTuple):
    """A stored week as plain values, in units of its line; its names are those of Actual."""

    state: ActualState
    version: int
    mon: Decimal
    tue: Decimal
    wed: Decimal
    thu: Decimal
    fri: Decimal
    sat: Decimal
    sun: Decimal
    delivered: Decimal
    planned: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal
    reason: str
    comment: str

    @property
    def days(self) -> tuple[Decimal, ...]:
        """The units delivered Monday to Sunday."""
        return self[2:9]

    @property
    def is_money(self) -> bool:
        """Whether the week is on an invoice."""
        return self.state in ON_INVOICE


class LineWeek(Protocol):
    """A line's week as its figures are read off it: `Stored`, or the sheet's plain values."""

    @property
    def plan(self) -> LinePlan: ...
    @property
    def week(self) -> date: ...
    @property
    def actual(self) -> Kept | None: ...


@dataclass(frozen=True)
class Stored:
    """A line and what the database holds of one of its weeks; `changed_by` is the name of who saved it last.

    `check` is there where the week is over its exception level.
    """

    line: LineItem
    week: date
    actual: Actual | None
    check: ExceptionCheck | None
    changed_by: str

    @cached_property
    def plan(self) -> LinePlan:
        """The line's plan, put together once."""
        return self.line.plan

    @property
    def key(self) -> tuple[int, date]:
        """The line's id and the week."""
        return self.line.id, self.week

    @property
    def is_money(self) -> bool:
        """Whether the week is on an invoice, so that a change of its figures is a correction."""
        return self.actual is not None and self.actual.state in ON_INVOICE


@dataclass(frozen=True)
class Calendar:
    """What days are judged by: the business date, the first day of care, and whether names are shown in full."""

    today: date
    portal_start: date
    full_names: bool


def calendar_now() -> Calendar:
    """Return what days are judged by at this moment."""
    return Calendar(today(), policy.for_council("portal_start"), policy.for_council("full_names_in_lists"))


def claimed_since() -> date:
    """Return the day since when a line may have ended and still be claimed for."""
    window: int = policy.for_council("claim_window_days")
    return today() - timedelta(days=window)


def active_in(week: ColumnElement[date] | date, since: ColumnElement[date] | None = None) -> list[ColumnElement[bool]]:
    """Return the conditions under which a line item is paid on actuals and active in a week, for any query.

    `since` stands for `claimed_since()` in a query that is made before anybody asks.
    """
    sunday = week + LAST_DAY if isinstance(week, date) else week + 6
    since = literal(claimed_since()) if since is None else since
    return [
        LineItem.payment_method == PaymentMethod.ACTUALS,
        LineItem.start <= sunday,
        or_(LineItem.end.is_(None), and_(LineItem.end >= week, LineItem.end >= since)),
    ]


def read_weeks(weeks: Sequence[date], line_ids: Collection[int] | None = None) -> list[Stored]:
    """Return every line's week of the organisation in scope, in one query: week by week, by person and reference.

    With `line_ids` only the weeks of these lines.
    """
    statement = (
        select(LineItem, Actual, ExceptionCheck, PortalUser.first_name, PortalUser.last_name)
        .join(LineItem.person)
        .join(LineItem.document)
        .outerjoin(Actual, and_(Actual.line_item_id == LineItem.id, Actual.week_starting.in_(weeks)))
        .outerjoin(ExceptionCheck, and_(ExceptionCheck.actual_id == Actual.id, ExceptionCheck.over))
        .outerjoin(PortalUser, PortalUser.id == Actual.changed_by_id)
        .where(or_(*(and_(*active_in(week)) for week in weeks)))
        .where(or_(ContractDocument.state.in_(IN_FORCE), Actual.id.is_not(None)))
        .where(LineItem.id.in_(line_ids) if line_ids is not None else true())
        .options(
            contains_eager(LineItem.person),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
            joinedload(LineItem.rates),
        )
        .order_by(Person.reference, LineItem.reference)
        .execution_options(populate_existing=True)
    )
    found: dict[int, LineItem] = {}
    kept: dict[tuple[int, date], tuple[Actual, ExceptionCheck | None, str]] = {}
    for line, actual, check, first, last in db.session.execute(statement).unique():
        found[line.id] = line
        if actual:
            kept[line.id, actual.week_starting] = (actual, check, f"{first} {last}" if first else "")
    return [
        Stored(line, week, *kept.get((line.id, week), (None, None, "")))
        for week in weeks
        for line in found.values()
        if active_days(line.plan, week)
    ]


def figures_of(stored: LineWeek, calendar: Calendar) -> tuple[Decimal, ...]:
    """Return a week's units as the sheet shows them: what is stored, else the plan of the days that are over."""
    actual, plan = stored.actual, stored.plan
    if plan.kind is PlanKind.WEEKLY:
        if actual:
            return (actual.delivered,)
        days = active_days(plan, stored.week)
        return (plan_of_week(plan, stored.week) if days and days[-1] <= calendar.today else NOTHING,)
    if actual:
        return actual.days
    if is_open_throughout(plan, stored.week, calendar):
        return plan.days
    days = [stored.week + timedelta(days=index) for index in range(7)]
    return tuple(NOTHING if closed_because(plan, day, calendar) else plan_of_day(plan, day) for day in days)


def read_figures(entry: Entry) -> tuple[Decimal, ...] | None:
    """Return what was typed as units, or nothing where a text cannot be read."""
    try:
        return tuple(read_quantity(text) for text in entry.figures)
    except NotAQuantity:
        return None


def closed_because(plan: LinePlan, day: date, calendar: Calendar) -> str:
    """Return in a word or two why nothing can be entered on a day, empty where it can."""
    if day < plan.start:
        return f"starts {short_date(plan.start)}"
    if plan.end is not None and day > plan.end:
        return f"ended {short_date(plan.end)}"
    if day < calendar.portal_start:
        return f"before {short_date(calendar.portal_start)}"
    return "not yet" if day > calendar.today else ""


def is_open_throughout(plan: LinePlan, week: date, calendar: Calendar) -> bool:
    """Say at once what is true of most weeks: that nothing is closed on any of their days."""
    sunday = week + LAST_DAY
    return (
        plan.start <= week
        and (plan.end is None or plan.end >= sunday)
        and calendar.portal_start <= week
        and sunday <= calendar.today
    )


def opening(plan: LinePlan, week: date, calendar: Calendar) -> date | None:
    """Return the first day of the week on which something can be entered, or nothing."""
    if is_open_throughout(plan, week, calendar):
        return week
    return next((day for day in active_days(plan, week) if not closed_because(plan, day, calendar)), None)


@lru_cache(maxsize=4096)
def _bare(figures: tuple[Decimal, ...]) -> str:
    """Return figures without zeros at their ends. Kept, for most lines of a sheet have those of others."""
    # Zero may have been typed with a sign, and is the same figure.
    return "|".join([f"{(figure + 0).normalize():f}" for figure in figures])


def fingerprint(figures: tuple[Decimal, ...], reason: str, comment: str) -> str:
    """Return a short word that is the same exactly for the same figures, reason and comment."""
    words = f"{_bare(figures)}|{reason}|{comment}"
    return hashlib.blake2s(words.encode(), digest_size=6).hexdigest()


class Shown(NamedTuple):
    """A week as the sheet shows it: its units, and the reason and comment beside them."""

    figures: tuple[Decimal, ...]
    reason: str
    comment: str


def seen_of(stored: LineWeek, shown: Shown) -> str:
    """Return what a form remembers of a week it shows: its version, and what it looked like."""
    return f"{stored.actual.version if stored.actual else 0}.{fingerprint(*shown)}"


def seven_days(figures: Sequence[Decimal]) -> SevenDays:
    """Return seven days' units; a weekly line has none by day."""
    if len(figures) != 7:
        return NO_DAYS
    mon, tue, wed, thu, fri, sat, sun = figures
    return mon, tue, wed, thu, fri, sat, sun
