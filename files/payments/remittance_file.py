"""A remittance as files hold it: for people (PDF, workbook), and as data that balances (CSV, JSON; files.md 5)."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from files.payments.money_sheet import Fact, Holds, MoneyColumn, MoneySheet, Value, as_data
from files.writing.record_list import csv_lines
from models import Remittance
from rules.money import NOTHING, pounds
from rules.quantity import SEVENTHS, in_words
from rules.remittance import AdjustmentCode, Remitted, SettledTotals, settle_all

COLUMNS: Final = (
    MoneyColumn("Source", 15), MoneyColumn("Kind", 13), MoneyColumn("CPLI", 10), MoneyColumn("Person ref", 11),
    MoneyColumn("Week starting", 17, Holds.DAY), MoneyColumn("Units", 9, Holds.UNITS), MoneyColumn("Unit", 9),
    MoneyColumn("Rate", 10, Holds.RATE), MoneyColumn("Net", 12, Holds.POUNDS), MoneyColumn("VAT", 10, Holds.POUNDS),
    MoneyColumn("Gross", 12, Holds.POUNDS), MoneyColumn("Reason", 44),
)  # fmt: skip
# Beside the header and the columns of its line: how each row balances.
BALANCE: Final = ("Claimed", "Adjustment code", "Adjustment", "Paid")
CARRIED_FORWARD: Final = "Carried forward"
OTHER_SERVICES: Final = "Other services"


def more_was_paid(remittance: Remittance, where: str = "") -> str:
    """Return what somebody reads who sees the lines of some services only; `where` may say of what else it is true."""
    return (
        f"{remittance.organisation.name} was paid {pounds(remittance.total)} altogether. You see the lines of the"
        f" services you look after, and what those come to{where}."
    )


def remittance_sheet(remittance: Remittance, lines: Sequence[Remitted], *, is_part: bool = False) -> MoneySheet:
    """Return a remittance laid out for people; `is_part` where lines of other services are not among these."""
    more = f". {more_was_paid(remittance)}" if is_part else ""
    return MoneySheet(
        "Remittance", remittance.number, remittance.organisation.name, f"{_balance(remittance, lines)}{more}",
        _facts(remittance), COLUMNS, [_row(line) for line in lines],
    )  # fmt: skip


def remittance_csv(remittance: Remittance, lines: Sequence[Remitted], *, is_part: bool = False) -> bytes:
    """Return one row for each line: the header, the line, and claimed − adjustment = paid.

    What is carried forward, if anything, is a row of its own, and so is what was paid for services whose lines are not
    among these (`is_part`): the column Paid adds up to the header's Total.
    """
    facts = _facts(remittance)
    headings = [*(fact.heading for fact in facts), *(column.heading for column in COLUMNS), *BALANCE]
    header = [as_data(fact.value) for fact in facts]
    rows = [[*header, *map(as_data, _row(line)), *_settled(line)] for line in lines]
    if owed := remittance.carried_forward:
        nothing: list[Value] = [None] * (len(COLUMNS) - 1)
        rows.append([*header, CARRIED_FORWARD, *nothing, NOTHING, AdjustmentCode.CARRIED_FORWARD.value, -owed, owed])
    if is_part:
        unseen = remittance.total - _totals(remittance, lines).paid
        between: list[Value] = [None] * (len(COLUMNS) - 2)
        rows.append([*header, OTHER_SERVICES, *between, more_was_paid(remittance), unseen, "", NOTHING, unseen])
    return b"".join(csv_lines(headings, rows))


def remittance_json(remittance: Remittance, lines: Sequence[Remitted], *, is_part: bool = False) -> bytes:
    """Return the same as JSON; amounts are texts, so that no program rounds them, and days are ISO 8601."""
    totals = _totals(remittance, lines)
    more = {"paid_altogether": str(remittance.total), "note": more_was_paid(remittance)} if is_part else {}
    data: dict[str, Any] = {
        "remittance": remittance.number,
        "organisation_ref": remittance.organisation.reference,
        "organisation": remittance.organisation.name,
        "pay_date": remittance.pay_date.isoformat(),
        "bank_reference": remittance.bank_reference,
        "currency": "GBP",
        "net": str(remittance.net),
        "vat": str(remittance.vat),
        **_balance_data(totals.claimed, totals.adjustments, totals.paid),
        **more,
        "lines": [_line_data(line) for line in lines],
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _facts(remittance: Remittance) -> list[Fact]:
    return [
        Fact("Remittance", remittance.number),
        Fact("Organisation ref", remittance.organisation.reference),
        Fact("Organisation", remittance.organisation.name),
        Fact("Pay date", remittance.pay_date, Holds.DAY),
        Fact("Bank reference", remittance.bank_reference),
        *(
            Fact(heading, amount, Holds.POUNDS)
            for heading, amount in (
                ("Net", remittance.net),
                ("VAT", remittance.vat),
                ("Adjustments", remittance.adjustments),
                ("Recovered", remittance.recovered),
                ("Total", remittance.total),
            )
        ),
    ]


def _totals(remittance: Remittance, lines: Sequence[Remitted]) -> SettledTotals:
    return settle_all((line.settled for line in lines), remittance.carried_forward)


def _balance(remittance: Remittance, lines: Sequence[Remitted]) -> str:
    totals = _totals(remittance, lines)
    words = {
        AdjustmentCode.UNITS_DIFF: "corrections",
        AdjustmentCode.RATE_DIFF: "changes of rate",
        AdjustmentCode.CONTRIBUTION: "paid by people and others",
        AdjustmentCode.RECOVERY: "recovered",
        AdjustmentCode.CARRIED_FORWARD: "carried forward",
    }
    parts = [f"{pounds(totals.claimed)} claimed"]
    for code, amount in totals.adjustments.items():
        parts.append(f"{'+' if amount < 0 else '−'} {pounds(abs(amount))} {words[code]}")
    return f"{' '.join(parts)} = {pounds(totals.paid)} paid"


def _row(line: Remitted) -> list[Value]:
    return [
        line.source, line.kind.value, line.line_reference, line.person_reference, line.week_starting, line.units,
        line.unit.value if line.unit else "", line.rate, line.net, line.vat, line.gross, _reason(line),
    ]  # fmt: skip


def _reason(line: Remitted) -> str:
    """Return why a line is paid, and where a spreadsheet shows 2.571429 also what that is: 18 ÷ 7."""
    units = in_words(line.units) if line.units is not None else ""
    return "; ".join(filter(None, (line.reason, f"units {units}" if SEVENTHS in units else "")))


def _settled(line: Remitted) -> list[Value]:
    settled = line.settled
    return [settled.claimed, settled.code.value if settled.code else "", settled.adjustment, settled.paid]


def _balance_data(claimed: Decimal, adjustments: dict[AdjustmentCode, Decimal], paid: Decimal) -> dict[str, Any]:
    coded = [{"code": code.value, "amount": str(amount)} for code, amount in adjustments.items()]
    return {"claimed": str(claimed), "adjustments": coded, "paid": str(paid)}


def _line_data(line: Remitted) -> dict[str, Any]:
    settled = line.settled
    return {
        "line": line.number,
        "source": line.source,
        "kind": line.kind.value,
        "cpli": line.line_reference,
        "person_ref": line.person_reference,
        "week_starting": line.week_starting.isoformat() if line.week_starting else None,
        "units": _number(line.units),
        "unit": line.unit.value if line.unit else None,
        "rate": _number(line.rate),
        "net": str(line.net),
        "vat": str(line.vat),
        "gross": str(line.gross),
        "reason": line.reason,
        **_balance_data(settled.claimed, {settled.code: settled.adjustment} if settled.code else {}, settled.paid),
    }


def _number(figure: Decimal | None) -> str | None:
    return None if figure is None else f"{as_data(figure):f}"
