"""A scheduled payment to take away as a PDF."""

from flask import current_app

from files.documents.money_pdf import money_pdf
from files.payments.scheduled_file import scheduled_sheet
from models import ScheduledPayment
from workflows.scheduled.read import segments_of


def payment_pdf(payment: ScheduledPayment, state: str) -> bytes:
    """Return every week of every line of a payment as a tagged PDF; `state` is what its page calls it. Two queries."""
    sheet = scheduled_sheet(payment, segments_of(payment), state)
    return money_pdf(sheet, current_app.config["COUNCIL_NAME"])
