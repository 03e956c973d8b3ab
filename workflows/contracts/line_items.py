"""Care package line items as their provider sees them: the list, and one line with its weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from models import Actual, ContractDocument, Element, Hold, LineItem, Organisation, Person, Rate, Service, db
from rules.invoice import INVOICED, why_left_out
from rules.period import weeks_of
from rules.plan import active_days, plan_of_week
from rules.refusal import Unknown
from rules.states import ActualState, DocumentState, PaymentMethod
from workflows import policy
from workflows.clock import today

WEEKS_ON_A_PAGE = 13
SCHEDULED = "Paid every four weeks without an invoice."
WITHDRAWN = "The contract document was rejected or withdrawn."


@dataclass(frozen=True)
class LineFilter:
    """What a list of lines is narrowed to; `sought` is a part of the line's, document's or person's reference."""

    service_id: int | None = None
    element_id: int | None = None
    historical: bool = False
    sought: str = ""


@dataclass(frozen=True)
class ListedLine:
    """A line in a list with the price per unit in force today, in pounds, None where none is."""

    line: LineItem
    rate: Decimal | None


@dataclass(frozen=True)
class LineList:
    """A page of lines: `total` counts all that match, `hidden_days` after its end a line is historical."""

    lines: list[ListedLine]
    total: int
    page: int
    size: int
    hidden_days: int
    services: list[tuple[int, str]]
    elements: list[tuple[int, str]]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class LineItemWeek:
    """One week of a line in its units; `why_not_paid` says what stands between the week and its payment."""

    monday: date
    planned: Decimal
    actual: Actual | None
    held: bool
    why_not_paid: str


@dataclass(frozen=True)
class LinePage:
    """One line with a page of its weeks, the newest first."""

    line: LineItem
    weeks: list[LineItemWeek]
    holds: list[Hold]
    page: int
    pages: int


def lines_of(chosen: LineFilter, *, page: int = 1, size: int = 25) -> LineList:
    """Return a page of the lines of the organisation in scope, by person.

    Lines that ended more than `line_hidden_days` ago are left out unless historical ones are asked for; those beyond
    the claim window always are (rules.md 13).
    """
    hidden_days = policy.for_council("line_hidden_days")
    days = policy.for_council("claim_window_days")
    latest = max(days, hidden_days) if chosen.historical else min(days, hidden_days)
    rows = db.session.execute(
        select(LineItem, _rate_on(today()), func.count().over())
        .join(LineItem.document)
        .join(LineItem.person)
        .join(LineItem.service)
        .join(LineItem.element)
        .where(*_may_see(latest), *_narrowed(chosen))
        .options(
            contains_eager(LineItem.document),
            contains_eager(LineItem.person),
            contains_eager(LineItem.service),
            contains_eager(LineItem.element),
            lazyload(LineItem.rates),
        )
        .order_by(Person.reference, LineItem.reference)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    services, elements = _choices()
    total = rows[0][2] if rows else 0
    listed = [ListedLine(line, rate) for line, rate, _ in rows]
    return LineList(listed, total, page, size, hidden_days, services, elements)


def line_page(line_id: int, page: int = 1) -> LinePage:
    """Return one line with a page of its weeks. Raises Unknown for what its provider may not see."""
    line: LineItem | None = db.session.scalar(
        select(LineItem)
        .join(LineItem.document)
        .where(LineItem.id == line_id, *_may_see(policy.for_council("claim_window_days")))
        .options(
            contains_eager(LineItem.document),
            joinedload(LineItem.person),
            joinedload(LineItem.service),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
        )
    )
    if line is None:
        raise Unknown
    mondays = _weeks(line)
    pages = max(1, -(-len(mondays) // WEEKS_ON_A_PAGE))
    page = min(page, pages)
    shown = mondays[(page - 1) * WEEKS_ON_A_PAGE : page * WEEKS_ON_A_PAGE]
    holds = _holds(line)
    return LinePage(line, _line_weeks(line, shown, holds), holds, page, pages)


def _weeks(line: LineItem) -> list[date]:
    """Return the Mondays of the line's weeks since the portal began, until this one, the newest first."""
    first = max(line.start, policy.for_council("portal_start"))
    return weeks_of(first, min(line.end or today(), today()))[::-1]


def _line_weeks(line: LineItem, mondays: Sequence[date], holds: Sequence[Hold]) -> list[LineItemWeek]:
    found = db.session.scalars(
        select(Actual)
        .where(Actual.line_item_id == line.id, Actual.week_starting.in_(mondays))
        .options(joinedload(Actual.check))
    )
    actuals = {actual.week_starting: actual for actual in found}
    return [_line_week(line, monday, actuals.get(monday), holds) for monday in mondays]


def _line_week(line: LineItem, monday: date, actual: Actual | None, holds: Sequence[Hold]) -> LineItemWeek:
    held = actual is not None and actual.is_held
    reason = _why_not_paid(line, monday, actual, holds)
    return LineItemWeek(monday, plan_of_week(line.plan, monday), actual, held, reason)


def _why_not_paid(line: LineItem, monday: date, actual: Actual | None, holds: Sequence[Hold]) -> str:
    state = actual.state if actual else None
    if state is ActualState.PAID:
        return ""
    if line.payment_method is PaymentMethod.SCHEDULED:
        return SCHEDULED
    if line.document.state in (DocumentState.REJECTED, DocumentState.WITHDRAWN) and actual is None:
        return WITHDRAWN
    if state is not ActualState.CONFIRMED and active_days(line.plan, monday)[-1] > today():
        return "This week is not over yet."
    left_out = why_left_out(
        state,
        held=actual is not None and actual.is_held,
        document_accepted=line.document.accepted_at is not None,
        acceptance_required=policy.of("acceptance_required", line, monday).value,
        hold=next((hold.reason for hold in holds), None),
    )
    if left_out is None:
        return "Ready for your next invoice."
    return "On an invoice, not paid yet." if left_out is INVOICED else left_out.reason


def _holds(line: LineItem) -> list[Hold]:
    return list(
        db.session.scalars(
            select(Hold).where(
                Hold.in_force(today()),
                or_(Hold.line_item_id == line.id, Hold.line_item_id.is_(None)),
                or_(Hold.document_id == line.document_id, Hold.document_id.is_(None)),
            )
        )
    )


def _may_see(days: int) -> list[ColumnElement[bool]]:
    """Return the conditions under which a provider sees a line: no draft, and live or ended at most `days` ago."""
    return [
        ContractDocument.state != DocumentState.DRAFT,
        LineItem.can_be_claimed(today() - timedelta(days=days)),
    ]


def _narrowed(chosen: LineFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.service_id:
        conditions.append(LineItem.service_id == chosen.service_id)
    if chosen.element_id:
        conditions.append(LineItem.element_id == chosen.element_id)
    if chosen.sought:
        references = (LineItem.reference, ContractDocument.reference, Person.reference)
        conditions.append(or_(*(each.icontains(chosen.sought, autoescape=True) for each in references)))
    return conditions


def _rate_on(day: date) -> ScalarSelect[Decimal]:
    return (
        select(Rate.rate)
        .where(Rate.line_item_id == LineItem.id, Rate.in_force(day))
        .correlate(LineItem)
        .scalar_subquery()
    )


def _choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the services and the elements that can be chosen, in one query."""
    used = select(LineItem.element_id).join(LineItem.document).where(ContractDocument.state != DocumentState.DRAFT)
    rows = db.session.execute(
        union_all(
            select(literal("service").label("kind"), Service.id, Service.name),
            select(literal("element"), Element.id, Element.name).where(Element.id.in_(used)),
        ).order_by("name")
    ).all()
    services = [(key, name) for kind, key, name in rows if kind == "service"]
    return services, [(key, name) for kind, key, name in rows if kind == "element"]
