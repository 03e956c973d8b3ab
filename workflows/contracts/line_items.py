"""Care package line items as their provider lists them: found, added up, and handed out as a workbook (files.md 5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, literal, select, union_all

from files.contracts.line_items_workbook import WorkbookLine, write_line_items
from models import ContractDocument, Deduction, Element, LineItem, Organisation, Service, db
from models.search import NAMES_OF_A_PERSON, holding
from rules.agreement_states import DocumentState
from rules.line_cost import WeeklyCost, sum_of, weekly_cost
from rules.money import NOTHING
from rules.period import monday_of, uk_date
from rules.plan import NO_DAYS, LinePlan, SevenDays, version_on
from rules.price import NoRate, rate_on
from rules.scheduled import NOTHING_DEDUCTED, Deductions, deducted_on, deductions_of
from rules.states import PaymentBasis, PaymentMethod, PlanKind, VatCode
from workflows import policy
from workflows.clock import today
from workflows.collecting import without_collecting
from workflows.page import Page, slice_of
from workflows.weeks.level import level_of
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines_with


@dataclass(frozen=True)
class LineFilter:
    """What a list of lines is narrowed to; `sought` is a part of a reference or of the person's name."""

    service_id: int | None = None
    element_id: int | None = None
    historical: bool = False
    sought: str = ""


class LineTerms(NamedTuple):
    """How a line is paid, what is deducted, oldest first, and the contract document it belongs to."""

    document_id: int
    document: str
    payment_method: PaymentMethod
    payment_basis: PaymentBasis
    deductions: list[Deductions]
    vat_code: VatCode


_TERMS: tuple[Any, ...] = (
    LineItem.document_id, ContractDocument.reference.label("document_reference"), LineItem.payment_method,
    LineItem.payment_basis, LineItem.contribution, LineItem.top_up, Deduction.of_line().label("later"),
    LineItem.vat_code,
)  # fmt: skip


class ListedLine(NamedTuple):
    """A line with what is planned in a whole week, the price per unit and the cost of that week, in pounds.

    They are those of today; before the line begins those of its first day, after its end those of its last. Without a
    rate there is no cost. `days` are all nothing where the line is planned by the week. A line that `runs` is in force
    today, so that its cost counts.
    """

    line: Line
    terms: LineTerms
    days: SevenDays
    units: Decimal
    rate: Decimal | None
    cost: WeeklyCost | None
    shown_on: date
    runs: bool


@dataclass(frozen=True)
class LineList:
    """A page of lines; `hidden_days` after its end a line is historical.

    `cost` is a week of all that match and are in force today, `running` how many these are.
    """

    shown: Page[ListedLine]
    running: int
    cost: WeeklyCost
    hidden_days: int
    services: list[tuple[int, str]]
    elements: list[tuple[int, str]]


def lines_of(chosen: LineFilter, *, page: int = 1, size: int = 25) -> LineList:
    """Return a page of the lines of the organisation in scope, by person.

    Lines that ended more than `line_hidden_days` ago are left out unless historical ones are asked for; those beyond
    the claim window always are (rules.md 13).
    """
    found = _listed(chosen)
    running = [each for each in found if each.runs]
    cost = sum_of(each.cost for each in running)
    services, elements = _choices()
    hidden_days: int = policy.for_council("line_hidden_days")
    return LineList(slice_of(found, page, size), len(running), cost, hidden_days, services, elements)


@without_collecting()
def line_items_workbook(organisation: Organisation, chosen: LineFilter) -> bytes:
    """Return the lines that match as a workbook: cost and breakdown of care, with a summary by element."""
    file = BytesIO()
    write_line_items(file, line_rows(chosen), title=workbook_title(organisation), organisation=organisation.name)
    return file.getvalue()


def workbook_title(organisation: Organisation) -> str:
    """Return what stands at the head of each printed page of the workbook."""
    return f"{organisation.name}, care package line items on {uk_date(today())}"


def line_rows(chosen: LineFilter) -> Iterator[WorkbookLine]:
    """Yield the lines that match as rows of the workbook, by person."""
    full_names = policy.for_council("full_names_in_lists")
    for each in _listed(chosen):
        line, terms = each.line, each.terms
        yield WorkbookLine(
            line=line.reference,
            document=terms.document,
            person_reference=line.person_reference,
            person=line.person_name if full_names else line.initials,
            service=line.service,
            element=line.element,
            unit=line.plan.unit,
            plan_kind=line.plan.kind,
            days=each.days,
            units=each.units,
            rate=each.rate,
            cost=each.cost,
            vat_code=terms.vat_code,
            start=line.plan.start,
            end=line.plan.end,
            status=line.document_state,
            payment_method=terms.payment_method,
            exception_rule=_exception_rule(line, terms, each.shown_on),
            runs=each.runs,
        )


def may_see(days: int) -> list[ColumnElement[bool]]:
    """Return the conditions under which a provider sees a line: no draft, and live or ended at most `days` ago."""
    return [
        ContractDocument.state != DocumentState.DRAFT,
        LineItem.can_be_claimed(today() - timedelta(days=days)),
    ]


def week_at(plan: LinePlan, day: date) -> tuple[SevenDays, Decimal]:
    """Return what is planned in a whole week of the plan in force on a day: Monday to Sunday, and the week's units.

    The days are all nothing for a weekly plan.
    """
    version = version_on(plan, day)
    return (NO_DAYS, version.weekly) if plan.kind is PlanKind.WEEKLY else (version.days, sum(version.days, NOTHING))


def _listed(chosen: LineFilter) -> list[ListedLine]:
    hidden_days, window = policy.for_council("line_hidden_days"), policy.for_council("claim_window_days")
    latest = max(window, hidden_days) if chosen.historical else min(window, hidden_days)
    found = read_lines_with(_TERMS, *may_see(latest), *_narrowed(chosen))
    now = today()
    listed = [_with_cost(line, _terms_of(row), now) for line, row in found.values()]
    return sorted(listed, key=lambda each: (each.line.person_reference, each.line.reference))


def _terms_of(row: Row[Any]) -> LineTerms:
    first = Deductions(row.start, row.contribution, row.top_up)
    return LineTerms(
        row.document_id, row.document_reference, row.payment_method, row.payment_basis,
        deductions_of(row.payment_basis, first, Deduction.read_versions(row.later)), row.vat_code,
    )  # fmt: skip


def _with_cost(line: Line, terms: LineTerms, now: date) -> ListedLine:
    day = max(now, line.plan.start)
    day = min(day, line.plan.end) if line.plan.end else day
    days, units = week_at(line.plan, day)
    try:
        rate = rate_on(line.rate_versions, day).rate
    except NoRate:
        rate = None
    deducted = deducted_on(terms.deductions, day) or NOTHING_DEDUCTED
    cost = weekly_cost(units, rate, terms.payment_basis, deducted.contribution, deducted.top_up)
    return ListedLine(line, terms, days, units, rate, cost, day, day == now)


def _exception_rule(line: Line, terms: LineTerms, day: date) -> str:
    """Return how far above plan a week may go, with the setting that says so; nothing where care is not claimed."""
    if terms.payment_method is PaymentMethod.SCHEDULED:
        return ""
    return level_of(line, monday_of(day)).in_words


def _narrowed(chosen: LineFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.service_id:
        conditions.append(LineItem.service_id == chosen.service_id)
    if chosen.element_id:
        conditions.append(LineItem.element_id == chosen.element_id)
    conditions.append(holding(chosen.sought, LineItem.reference, ContractDocument.reference, *NAMES_OF_A_PERSON))
    return conditions


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
