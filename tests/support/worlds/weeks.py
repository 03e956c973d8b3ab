"""Weeks of care, as they are after somebody saved them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from models import Actual, Contact, Invoice, LineItem, PaymentPeriod, db
from rules.actual import derive
from rules.plan import plan_of_week
from rules.states import ActualState, Unit
from workflows.clock import now
from workflows.invoices import invoice
from workflows.weeks.level import WeekToCheck, level_of, store_checks

OCT_16, OCT_23, OCT_30, NOV_6, NOV_13 = (
    date(2017, 10, 16),
    date(2017, 10, 23),
    date(2017, 10, 30),
    date(2017, 11, 6),
    date(2017, 11, 13),
)


def week(
    line: LineItem,
    monday: date = OCT_16,
    delivered: Sequence[str] | str | None = None,
    *,
    state: ActualState = ActualState.CONFIRMED,
    aborted: str = "0",
    aborted_payable: str = "0",
    confirmed_by_id: int | None = None,
) -> Actual:
    """Store what was delivered on a line in a week, as planned unless told, checked against its exception level."""
    planned = plan_of_week(line.plan, monday)
    days = [Decimal(0)] * 7 if line.plans[0].weekly_quantity else list(line.plans[0].days)
    total = planned
    if isinstance(delivered, str):
        total = Decimal(delivered)
    elif delivered is not None:
        days = [Decimal(each) for each in delivered]
        total = sum(days, Decimal(0))
    figures = derive(planned, total, Decimal(aborted), Decimal(aborted_payable))
    actual = Actual(
        organisation_id=line.organisation_id, line_item_id=line.id, week_starting=monday, state=state,
        in_hours=line.unit is Unit.HOUR, reason="" if total == planned else "EXTRA", **figures._asdict(),
        **dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), days, strict=True)),
        confirmed_at=now() if state is ActualState.CONFIRMED else None, confirmed_by_id=confirmed_by_id,
    )  # fmt: skip
    db.session.add(actual)
    db.session.flush()
    store_checks([WeekToCheck(line.organisation_id, actual.id, planned, figures.payable, level_of(line, monday))])
    db.session.commit()
    return actual


def send(contact: Contact, period: PaymentPeriod) -> Invoice:
    """Send the invoice of a contact's organisation for a period, as a person would: draft, preview, submit."""
    user_id = contact.user_id or 0
    draft = invoice.draft_for(contact.organisation, period.id, user_id)
    invoice.submit(draft.id, digest=invoice.preview_of(draft).digest, own_reference="", user_id=user_id)
    return draft
