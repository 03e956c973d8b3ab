"""A scheduled payment as paper holds it: a row for each line, week and rate, and how they add up (rules.md 9)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from files.payments.money_sheet import Fact, Holds, MoneyColumn, MoneySheet, Value
from models import ScheduledPayment, ScheduledPaymentLine
from rules.money import NOTHING, pounds
from rules.period import date_range

COLUMNS: Final = (
    MoneyColumn("Kind", 12), MoneyColumn("CPLI", 10), MoneyColumn("Person ref", 11),
    MoneyColumn("Week starting", 17, Holds.DAY), MoneyColumn("Days", 5, Holds.NUMBER),
    MoneyColumn("Units", 8, Holds.UNITS), MoneyColumn("Unit", 8), MoneyColumn("Rate", 11, Holds.RATE),
    MoneyColumn("For care", 12, Holds.POUNDS), MoneyColumn("Contribution", 12, Holds.POUNDS),
    MoneyColumn("Top-up", 11, Holds.POUNDS), MoneyColumn("VAT", 10, Holds.POUNDS),
    MoneyColumn("To be paid", 12, Holds.POUNDS), MoneyColumn("Reason", 40),
)  # fmt: skip


def scheduled_sheet(payment: ScheduledPayment, lines: Sequence[ScheduledPaymentLine], state: str) -> MoneySheet:
    """Return a payment laid out; its period and organisation, and each line's item with its person, are loaded.

    `state` is what the payment's page calls it. Deductions stand with a minus. What is kept back has its week and its
    reason, which says what it would come to, and no amounts: it is in no total.
    """
    paid = [each for each in lines if not each.kept_back]
    care, contribution, top_up, vat, gross = (
        _sum(getattr(each, name) for each in paid) for name in ("amount", "contribution", "top_up", "vat", "gross")
    )
    period = payment.period
    facts = [
        Fact("Payment", payment.number),
        Fact("State", state),
        Fact("Organisation ref", payment.organisation.reference),
        Fact("Organisation", payment.organisation.name),
        Fact("Period", date_range(period.start, period.end)),
        Fact("Query it until", period.amend_by, Holds.DAY),
        Fact("Fixed on", period.finalise_on, Holds.DAY),
        Fact("Reaches your bank", period.pay_on, Holds.DAY),
        Fact("For care", care, Holds.POUNDS),
        Fact("Contributions and top-ups", -contribution - top_up, Holds.POUNDS),
        Fact("VAT", vat, Holds.POUNDS),
        Fact("To be paid", gross, Holds.POUNDS),
    ]
    kept = _sum(each.gross for each in lines if each.kept_back)
    balance = (
        f"{pounds(care)} for care − {pounds(contribution)} contributions − {pounds(top_up)} top-ups"
        f" + {pounds(vat)} VAT = {pounds(gross)} to be paid{f'; {pounds(kept)} is kept back' if kept else ''}"
    )
    rows = [_row(each) for each in lines]
    return MoneySheet(
        "Scheduled payment", payment.number, payment.organisation.name, balance, facts, COLUMNS, rows
    )  # fmt: skip


def _row(line: ScheduledPaymentLine) -> list[Value]:
    amounts: list[Value] = [line.amount, -line.contribution, -line.top_up, line.vat, line.gross]
    return [
        line.kind.value, line.line_item.reference, line.line_item.person.reference, line.week_starting,
        line.paid_days, line.units, line.unit.value, line.rate,
        *([None] * len(amounts) if line.kept_back else amounts), _reason(line),
    ]  # fmt: skip


def _reason(line: ScheduledPaymentLine) -> str:
    """Return why a week is kept back, or what an absence does to it and by which rule."""
    kept = f"Kept back, {pounds(line.gross)}: {line.kept_back}" if line.kept_back else ""
    rule = f" (rule {line.rule})" if line.explained and line.rule else ""
    return "; ".join(filter(None, (kept, f"{line.explained}{rule}")))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)
