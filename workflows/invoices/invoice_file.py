"""An invoice to take away, in every format."""

from enum import StrEnum

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from files.documents.money_pdf import money_pdf
from files.payments.invoice_file import InvoicedLine, invoice_sheet
from files.payments.money_sheet import MoneySheet, money_csv, money_workbook
from models import Invoice, InvoiceLine, LineItem, Person, db
from rules.refusal import Unknown
from rules.states import InvoiceState
from workflows.clock import LONDON, today
from workflows.invoices.paid import paid_on


class InvoiceFormat(StrEnum):
    """For people: PDF and workbook. For programs: CSV."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


def sheet_of(invoice_id: int) -> MoneySheet:
    """Return an invoice of the organisation in scope that was sent, with all its lines. Raises Unknown. Two queries.

    And one more for the day on which it is paid.
    """
    invoice: Invoice | None = db.session.scalar(
        select(Invoice)
        .where(Invoice.id == invoice_id, Invoice.state != InvoiceState.DRAFT)
        .options(joinedload(Invoice.period), joinedload(Invoice.organisation))
    )
    if invoice is None:
        raise Unknown
    rows = db.session.execute(
        select(
            InvoiceLine.number, InvoiceLine.kind, LineItem.reference, Person.reference, InvoiceLine.week_starting,
            InvoiceLine.planned, InvoiceLine.units, InvoiceLine.unit, InvoiceLine.rate, InvoiceLine.net,
            InvoiceLine.vat, InvoiceLine.gross, InvoiceLine.rule,
        )
        .join(LineItem, LineItem.id == InvoiceLine.line_item_id)
        .join(Person, Person.id == LineItem.person_id)
        .where(InvoiceLine.invoice_id == invoice.id)
        .order_by(InvoiceLine.number)
    )  # fmt: skip
    sent_on = invoice.submitted_at.astimezone(LONDON).date() if invoice.submitted_at else None
    return invoice_sheet(
        invoice, [InvoicedLine(*row) for row in rows], sent_on, invoice.called(paid_on(invoice), today())
    )


def invoice_file(sheet: MoneySheet, wanted: InvoiceFormat) -> bytes:
    """Return an invoice in a format."""
    match wanted:
        case InvoiceFormat.PDF:
            return money_pdf(sheet, current_app.config["COUNCIL_NAME"])
        case InvoiceFormat.XLSX:
            return money_workbook(sheet)
        case InvoiceFormat.CSV:
            return money_csv(sheet)
