"""One care package line item as its provider sees it, with its weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from models import Actual, Hold, LineItem, Organisation, db
from rules.invoice import INVOICED, why_left_out
from rules.period import weeks_of
from rules.plan import active_days, plan_of_week
from rules.refusal import Unknown
from rules.states import ActualState, DocumentState, PaymentMethod
from workflows import policy
from workflows.clock import today
from workflows.contracts.line_items import may_see

WEEKS_ON_A_PAGE = 13
SCHEDULED = "Paid every four weeks without an invoice."
WITHDRAWN = "The contract document was rejected or withdrawn."


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


def line_page(line_id: int, page: int = 1) -> LinePage:
    """Return one line with a page of its weeks. Raises Unknown for what its provider may not see."""
    line: LineItem | None = db.session.scalar(
        select(LineItem)
        .join(LineItem.document)
        .where(LineItem.id == line_id, *may_see(policy.for_council("claim_window_days")))
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
