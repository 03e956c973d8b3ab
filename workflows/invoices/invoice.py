"""Invoices: made and sent by the provider, accepted or rejected by the council (rules.md 8)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import case, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.orm import joinedload

from models import Actual, Invoice, InvoiceLine, Organisation, PaymentPeriod, db
from rules.exception import is_over
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ActualState, InvoiceState
from workflows import policy
from workflows.clock import now, today
from workflows.invoices.preview import Preview, PreviewLine, preview
from workflows.weeks.corrections import lock_corrected
from workflows.weeks.level import store_checks

# What a line that is taken back keeps of how it was priced.
_STAYS = (
    *("line_item_id", "actual_id", "actual_version", "week_starting", "segment", "planned", "delivered"),
    *("aborted_payable", "unit", "rate", "rate_id", "vat_code", "rule"),
)


class InvoiceChanged(Refused):
    """The figures are not those that were previewed: nothing was sent, and there is something new to look at."""


def draft_for(organisation: Organisation, period_id: int, user_id: int) -> Invoice:
    """Make the draft invoice of an organisation for a period, or find the one that is there already.

    Raises Refused, field `period`, for a period that is none or has not begun.
    """
    period = db.session.get(PaymentPeriod, period_id)
    if period is None or period.start > today():
        raise Refused(Problem(Code.MISSING, "Choose the period the invoice is for.", field="period"))
    draft = (Invoice.organisation_id == organisation.id, Invoice.period_id == period_id)
    find = select(Invoice).where(*draft, Invoice.state == InvoiceState.DRAFT)
    found: Invoice | None = db.session.scalar(find)
    if found is None:
        # Concurrent drafts: the unique index lets one in, the other request finds it.
        values = {"organisation_id": organisation.id, "period_id": period_id, "created_by_id": user_id}
        blank = {"state": InvoiceState.DRAFT, "net": 0, "vat": 0, "gross": 0}
        db.session.execute(insert_or_not(Invoice).values(values | blank).on_conflict_do_nothing())
        found = db.session.scalars(find).one()
    db.session.commit()
    return found


def get_invoice(invoice_id: int) -> Invoice:
    """Return an invoice of the organisation in scope with its period. Raises Unknown."""
    found: Invoice | None = db.session.scalar(
        select(Invoice)
        .where(Invoice.id == invoice_id)
        .options(joinedload(Invoice.period), joinedload(Invoice.submitted_by))
    )
    if found is None:
        raise Unknown
    return found


def preview_of(draft: Invoice) -> Preview:
    """Return what a draft invoice would hold if it were sent now."""
    return preview(draft.organisation_id, draft.period)


def submit(invoice_id: int, *, digest: str, own_reference: str, user_id: int) -> bool:
    """Send an invoice as it was previewed. Returns whether this call sent it: False where it was sent before.

    `digest` is the preview's. Raises Unknown; Changed where figures are not those of the preview; Refused where there
    is nothing to invoice or the own reference is too long. One transaction: an invoice is sent whole or not at all.
    """
    if len(own_reference) > 40:
        too_long = "Your own reference can have at most 40 characters."
        raise Refused(Problem(Code.TOO_LONG, too_long, field="own_reference"))
    invoice = _locked(invoice_id)
    if invoice.state is not InvoiceState.DRAFT:
        db.session.rollback()
        return False
    _lock_weeks(invoice)
    found = preview_of(invoice)
    if not found.lines or found.digest != digest:
        db.session.rollback()
        if not found.lines:
            nothing, below = "There is nothing to invoice now.", "Below is what is left out, and why."
            raise Refused(Problem(Code.NOTHING_PAYABLE, nothing, below))
        changed = "Figures changed since you looked, so nothing was sent."
        raise InvoiceChanged(Problem(Code.FIGURES_CHANGED, changed, "Check them below and submit again."))
    _write_lines(invoice, found)
    _store_checks(found)
    _close(invoice, found, own_reference, user_id)
    db.session.commit()
    return True


def _locked(invoice_id: int) -> Invoice:
    invoice: Invoice | None = db.session.scalar(
        select(Invoice)
        .where(Invoice.id == invoice_id)
        .with_for_update(of=Invoice)
        .execution_options(populate_existing=True)
    )
    if invoice is None:
        raise Unknown
    return invoice


def _lock_weeks(invoice: Invoice) -> None:
    """Keep every week that may go on the invoice from changing until it is sent; in one order, against deadlocks."""
    db.session.execute(
        select(Actual.id)
        .where(Actual.organisation_id == invoice.organisation_id, Actual.state == ActualState.CONFIRMED)
        .where(Actual.week_starting <= invoice.period.end)
        .order_by(Actual.id)
        .with_for_update()
    ).all()
    lock_corrected(invoice.organisation_id, invoice.period.end)


def _write_lines(invoice: Invoice, found: Preview) -> None:
    rows = [
        _of_invoice(invoice, number) | (_taken_back(each) if each.takes_back else _priced(each, found))
        for number, each in enumerate(found.lines, 1)
    ]
    db.session.execute(insert(InvoiceLine), rows)
    weeks = {each.actual.id for each in found.lines if each.actual.state is ActualState.CONFIRMED}
    # The version moves on, so that a page opened before cannot save over an invoiced week.
    taken = db.session.execute(
        update(Actual)
        .where(Actual.id.in_(weeks), Actual.state == ActualState.CONFIRMED)
        .values(state=ActualState.INVOICED, version=Actual.version + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != len(weeks):
        raise RuntimeError(f"{invoice}: {len(weeks)} weeks were priced, but other ones were there to take")


def _of_invoice(invoice: Invoice, number: int) -> dict[str, Any]:
    return {"organisation_id": invoice.organisation_id, "invoice_id": invoice.id, "live": True, "number": number}


def _priced(line: PreviewLine, found: Preview) -> dict[str, Any]:
    actual = line.actual
    return {
        "kind": line.kind,
        "line_item_id": line.line.id,
        "actual_id": actual.id,
        # A week invoiced now gets its next version by that; a difference names the version it settles.
        "actual_version": actual.version + 1 if actual.state is ActualState.CONFIRMED else actual.version,
        "adjusts_id": None,
        "week_starting": actual.week_starting,
        "segment": line.segment,
        "planned": actual.planned,
        "delivered": actual.delivered,
        "aborted_payable": actual.aborted_payable,
        "units": line.units,
        "unit": line.line.unit,
        "rate": line.rate,
        "rate_id": next(each.id for each in line.line.rates if each.in_force(line.day)),
        "net": line.amount.net,
        "vat_code": line.line.vat_code,
        "vat": line.amount.vat,
        "gross": line.amount.net + line.amount.vat,
        "rule": found.checks[actual.id].in_force.rule,
    }


def _taken_back(line: PreviewLine) -> dict[str, Any]:
    """Return a line again as it was invoiced, with a minus."""
    old = line.takes_back
    assert old
    return {name: getattr(old, name) for name in _STAYS} | {
        "kind": line.kind,
        "adjusts_id": old.id,
        "units": line.units,
        "net": line.amount.net,
        "vat": line.amount.vat,
        "gross": line.amount.net + line.amount.vat,
    }


def _store_checks(found: Preview) -> None:
    """Keep the level each week was held against, where settings changed it since the week was saved.

    A week that is over its level by now is left out, and waits for Service Brokerage from here on.
    """
    stored = {each.actual.id: each.actual.check for each in found.lines}
    settled = {
        actual_id
        for actual_id, check in stored.items()
        if check is None or check.rule != found.checks[actual_id].in_force.rule
    }
    over = {
        actual_id
        for actual_id, check in found.checks.items()
        if is_over(check.planned, check.claimed, check.in_force.level, found.absent_in(actual_id))
    }
    store_checks(found.checks[actual_id] for actual_id in settled | over)


def _close(invoice: Invoice, found: Preview, own_reference: str, user_id: int) -> None:
    organisation = found.lines[0].line.organisation
    terms = policy.of("payment_terms_days", organisation, today()).value
    at_once = policy.of("invoices_accepted_at_once", organisation, today()).value
    total = found.total
    invoice.net, invoice.vat, invoice.gross = total.net, total.vat, total.total
    invoice.own_reference = own_reference
    invoice.submitted_at, invoice.submitted_by_id = now(), user_id
    invoice.due_by = today() + timedelta(days=terms)
    invoice.state = InvoiceState.SUBMITTED
    if at_once and found.passes_every_check:
        invoice.state, invoice.accepted_at = InvoiceState.ACCEPTED, invoice.submitted_at
    db.session.flush()


def accept(invoices: Sequence[Invoice]) -> int:
    """Accept invoices that wait to be checked, all or none, and return how many they were.

    Raises Refused, naming each that is not waiting.
    """
    locked = _locked_all(invoices)
    problems = [
        Problem(Code.WRONG_STATE, f"{each} cannot be accepted: it is {each.state.value}.")
        for each in locked
        if each.state is not InvoiceState.SUBMITTED
    ]
    if problems or not locked:
        db.session.rollback()
        raise Refused(*(problems or [Problem(Code.MISSING, "Choose at least one invoice.")]))
    for each in locked:
        each.state, each.accepted_at = InvoiceState.ACCEPTED, now()
    db.session.commit()
    return len(locked)


def reject(invoice: Invoice, reason: str) -> None:
    """Reject an invoice with a reason the provider reads; its weeks are confirmed again and can be invoiced anew.

    A week that another live invoice holds a part of stays on that one; what is missing comes as a difference.

    Raises Refused, field `reason`, where there is none, or where the invoice is a draft, in a payment run or settled.
    """
    if not reason.strip():
        why = "Enter why the invoice is rejected."
        raise Refused(Problem(Code.REASON_NEEDED, why, "The provider reads it.", "reason"))
    found = _locked(invoice.id)
    if found.state not in (InvoiceState.SUBMITTED, InvoiceState.ACCEPTED):
        db.session.rollback()
        raise Refused(Problem(Code.WRONG_STATE, f"{found} cannot be rejected: it is {found.state.value}."))
    found.state, found.rejected_reason = InvoiceState.REJECTED, reason.strip()
    # First the invoice, so that its lines are no longer live: a week on a live invoice does not go back.
    db.session.flush()
    on_it = exists().where(InvoiceLine.actual_id == Actual.id, InvoiceLine.invoice_id == found.id)
    on_another = exists().where(InvoiceLine.actual_id == Actual.id, InvoiceLine.live)
    db.session.execute(
        update(Actual)
        .where(Actual.organisation_id == found.organisation_id, on_it)
        .values(state=case((on_another, Actual.state), else_=ActualState.CONFIRMED), version=Actual.version + 1)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _locked_all(invoices: Sequence[Invoice]) -> list[Invoice]:
    ids = [each.id for each in invoices]
    statement = select(Invoice).where(Invoice.id.in_(ids)).order_by(Invoice.id).with_for_update(of=Invoice)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))
