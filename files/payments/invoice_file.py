"""An invoice as files hold it (files.md 5)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from files.payments.money_sheet import Fact, Holds, MoneyColumn, MoneySheet, Value
from models import Invoice
from rules.money import pounds
from rules.period import date_range
from rules.states import LineKind, Unit

COLUMNS: Final = (
    MoneyColumn("Invoice", 12), MoneyColumn("Line", 6, Holds.NUMBER), MoneyColumn("Kind", 12), MoneyColumn("CPLI", 10),
    MoneyColumn("Person ref", 11), MoneyColumn("Week starting", 17, Holds.DAY),
    MoneyColumn("Planned units", 9, Holds.UNITS), MoneyColumn("Payable units", 9, Holds.UNITS),
    MoneyColumn("Unit", 9), MoneyColumn("Rate", 10, Holds.RATE),
    MoneyColumn("Net", 12, Holds.POUNDS), MoneyColumn("VAT", 10, Holds.POUNDS), MoneyColumn("Gross", 12, Holds.POUNDS),
    MoneyColumn("Rule", 24),
)  # fmt: skip


class InvoicedLine(NamedTuple):
    """One line of an invoice: units and pounds, `planned` of the whole week."""

    number: int
    kind: LineKind
    line_reference: str
    person_reference: str
    week_starting: date
    planned: Decimal
    units: Decimal
    unit: Unit
    rate: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    rule: str


def invoice_sheet(invoice: Invoice, lines: Sequence[InvoicedLine], sent_on: date | None, called: str) -> MoneySheet:
    """Return an invoice laid out; its period and organisation are loaded.

    `sent_on` is the day it was submitted, `called` the word for where it is.
    """
    period = date_range(invoice.period.start, invoice.period.end)
    facts = [
        Fact("Invoice", str(invoice)),
        Fact("Your reference", invoice.own_reference),
        Fact("Organisation ref", invoice.organisation.reference),
        Fact("Organisation", invoice.organisation.name),
        Fact("Period", period),
        Fact("Sent", sent_on, Holds.DAY),
        Fact("Due by", invoice.due_by, Holds.DAY),
        Fact("State", called),
        Fact("Net", invoice.net, Holds.POUNDS),
        Fact("VAT", invoice.vat, Holds.POUNDS),
        Fact("Total", invoice.gross, Holds.POUNDS),
    ]
    balance = f"{pounds(invoice.net)} net + {pounds(invoice.vat)} VAT = {pounds(invoice.gross)}"
    rows = [_row(str(invoice), line) for line in lines]
    return MoneySheet("Invoice", str(invoice), invoice.organisation.name, balance, facts, COLUMNS, rows)


def _row(number: str, line: InvoicedLine) -> list[Value]:
    return [
        number, line.number, line.kind.value, line.line_reference, line.person_reference, line.week_starting,
        line.planned, line.units, line.unit.value, line.rate, line.net, line.vat, line.gross, line.rule,
    ]  # fmt: skip
