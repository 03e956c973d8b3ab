"""Invoices: drafted, previewed and sent by the provider (rules.md 8)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import Actual, Invoice, InvoiceLine, Organisation, PaymentPeriod, db
from rules.exception import is_over
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ActualState, InvoiceState
from workflows import policy
from workflows.clock import now, today
from workflows.invoices.checks import failed_checks
from workflows.invoices.own_reference import UNIQUE, why_not_kept
from workflows.invoices.preview import Preview, PreviewLine, preview
from workflows.invoices.taken_back import lock_invoice
from workflows.weeks.corrections import lock_corrected
from workflows.weeks.level import store_checks

# What a line that is taken back keeps of how it was priced.
_STAYS = (
    *("line_item_id", "actual_id", "actual_version", "week_starting", "segment", "planned", "delivered"),
    *("aborted_payable", "unit", "rate", "rate_id", "vat_code", "rule"),
)


class InvoiceChanged(Refused):
    """The figures are not those that were previewed: nothing was sent, and there is something new to look at."""


NOTHING = Problem(Code.NOTHING_PAYABLE, "There is nothing to invoice now.", "Below is what is left out, and why.")
CHANGED = Problem(
    Code.FIGURES_CHANGED, "Figures changed since you looked, so nothing was sent.", "Check them below and submit again."
)


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
        .options(joinedload(Invoice.period), joinedload(Invoice.organisation))
        .options(joinedload(Invoice.submitted_by), joinedload(Invoice.closed_by))
    )
    if found is None:
        raise Unknown
    return found


def preview_of(draft: Invoice) -> Preview:
    """Return what a draft invoice would hold if it were sent now."""
    return preview(draft.organisation_id, draft.period)


def submit(invoice_id: int, *, digest: str, own_reference: str, user_id: int) -> bool:
    """Send an invoice as it was previewed. Returns whether this call sent it: False where it was sent before.

    `digest` is the preview's. Raises Unknown; InvoiceChanged where figures are not those of the preview; Refused where
    there is nothing to invoice, or the own reference cannot be kept or is on another live invoice (field
    `own_reference`). One transaction: an invoice is sent whole, with its number, or not at all.
    """
    try:
        return _submit(invoice_id, digest, own_reference, user_id)
    except IntegrityError as broken:
        # Somebody else took the reference, or a week of it, at the same moment: the database lets one of two through.
        db.session.rollback()
        taken = why_not_kept(own_reference, lock_invoice(invoice_id).organisation_id) if UNIQUE in str(broken) else None
        db.session.rollback()
        raise Refused(taken) if taken else InvoiceChanged(CHANGED) from broken


def _submit(invoice_id: int, digest: str, own_reference: str, user_id: int) -> bool:
    invoice = lock_invoice(invoice_id)
    if invoice.state is not InvoiceState.DRAFT:
        db.session.rollback()
        return False
    _lock_weeks(invoice)
    found = preview_of(invoice)
    problems = [why_not_kept(own_reference, invoice.organisation_id)]
    if not found.lines:
        problems.append(NOTHING)
    if found.lines and found.digest != digest:
        problems.append(CHANGED)
    if wrong := [each for each in problems if each]:
        db.session.rollback()
        raise (InvoiceChanged if CHANGED in wrong else Refused)(*wrong)
    _write_lines(invoice, found)
    _store_checks(found)
    _close(invoice, found, own_reference, user_id)
    db.session.commit()
    return True


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
    stored = {each.actual.id: each.actual.rule for each in found.lines}
    settled = {actual_id for actual_id, rule in stored.items() if rule != found.checks[actual_id].in_force.rule}
    over = {
        actual_id
        for actual_id, check in found.checks.items()
        if is_over(check.planned, check.claimed, check.in_force.level, found.absent_in(actual_id))
    }
    store_checks(found.checks[actual_id] for actual_id in settled | over)


def _close(invoice: Invoice, found: Preview, own_reference: str, user_id: int) -> None:
    organisation = found.lines[0].line.organisation
    terms = policy.of("payment_terms_days", organisation, today()).value
    failed = failed_checks(found, organisation)
    total = found.total
    invoice.net, invoice.vat, invoice.gross = total.net, total.vat, total.total
    invoice.own_reference = own_reference
    invoice.submitted_at, invoice.submitted_by_id = now(), user_id
    invoice.received_on, invoice.due_by = today(), today() + timedelta(days=terms)
    invoice.waits_because = "\n".join(failed)
    invoice.state = InvoiceState.SUBMITTED
    if not failed:
        invoice.state, invoice.accepted_at = InvoiceState.ACCEPTED, invoice.submitted_at
    db.session.flush()
