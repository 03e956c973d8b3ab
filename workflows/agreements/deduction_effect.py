"""What another contribution or top-up would do to what is paid of a line, in words."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from models import LineItem, ScheduledPayment, ScheduledPaymentLine, db
from rules.line_cost import weekly_cost
from rules.money import pounds
from rules.period import DAY, monday_of, uk_date
from rules.plan import version_on
from rules.scheduled import NOTHING_DEDUCTED, Deductions, deducted_on
from rules.states import PlanKind, ScheduledState
from rules.words import counted
from workflows.agreements.change_payload import Payload, deduction_in


def deduction_rows(line_id: int | None, payload: Payload) -> list[tuple[str, str, str]]:
    """Return what changes on a line: what it is, before, and after."""
    line, wanted = db.session.get_one(LineItem, line_id), deduction_in(payload)
    before = deducted_on(line.deducted, wanted.start) or NOTHING_DEDUCTED
    later = next((each.start for each in line.deducted[1:] if each.start > wanted.start), None)
    until = f"until {uk_date(later - DAY)}" if later else "no end date"
    rows = [
        ("Contribution a week", pounds(before.contribution), pounds(wanted.contribution)),
        ("Third-party top-up a week", pounds(before.top_up), pounds(wanted.top_up)),
        ("Valid", "Until then", f"From {uk_date(wanted.start)}, {until}"),
    ]
    if (rate := line.rate_on(wanted.start)) is not None:
        was, then = (_paid(line, rate, each, wanted.start) for each in (before, wanted))
        rows.append(("Paid for a week at plan", was, then))
    if paid := _weeks_paid(line, wanted.start, later):
        rows.append((f"{counted(paid, 'week')} paid already", "Paid as before", "Put right with the next payment"))
    return rows


def cost_of_week(line: LineItem, day: date, rate: Decimal) -> Decimal:
    """Return what a whole week of the plan in force on a day costs, in pounds, before anything is deducted."""
    cost = weekly_cost(_units(line, day), rate, line.payment_basis, Decimal(0), Decimal(0))
    assert cost
    return cost.gross


def _paid(line: LineItem, rate: Decimal, deducted: Deductions, day: date) -> str:
    return pounds(cost_of_week(line, day, rate) - deducted.contribution - deducted.top_up)


def _units(line: LineItem, day: date) -> Decimal:
    version = version_on(line.plan, day)
    return version.weekly if line.plan_kind is PlanKind.WEEKLY else sum(version.days, Decimal(0))


def _weeks_paid(line: LineItem, start: date, until: date | None) -> int:
    """Return how many weeks of a line from a day on, before another, are on payments that are finalised."""
    of = select(func.count(func.distinct(ScheduledPaymentLine.week_starting))).join(
        ScheduledPayment, ScheduledPayment.id == ScheduledPaymentLine.scheduled_payment_id
    )
    found = of.where(
        ScheduledPaymentLine.line_item_id == line.id, ScheduledPaymentLine.kept_back == "",
        ScheduledPaymentLine.week_starting >= monday_of(start), ScheduledPayment.state != ScheduledState.PREVIEW,
    )  # fmt: skip
    return db.session.scalar(found.where(ScheduledPaymentLine.week_starting < until) if until else found) or 0
