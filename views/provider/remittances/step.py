"""What the explanation of a remittance line is made of: steps from units to pounds, stops on the way to the bank."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rules.money import VAT_PERCENT, pounds
from rules.period import uk_date
from rules.states import VatCode
from workflows.clock import LONDON


@dataclass(frozen=True)
class Step:
    """One row of the explanation: what, how much, and where it comes from. `strong` rows are results."""

    name: str
    figure: str
    note: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Stop:
    """One stop on the way to the bank; `href` where it leads, empty where nowhere."""

    text: str
    link: str = ""
    href: str = ""


def amount_steps(net: Decimal, vat: Decimal, gross: Decimal, calculated: str, code: VatCode | None) -> list[Step]:
    """Return the last steps of a line: its amount in pounds, and the VAT where there is any."""
    if not vat:
        words = {VatCode.EXEMPT: "VAT exempt", VatCode.ZERO: "VAT at 0%", VatCode.OUTSIDE: "Outside the scope of VAT"}
        return [Step("Amount", pounds(net), calculated + (words.get(code, "") if code else ""), strong=True)]
    percent = f"{VAT_PERCENT[code]}% of {pounds(net)}" if code else ""
    return [
        Step("Net amount", pounds(net), calculated),
        Step("VAT", f"+ {pounds(vat)}", percent),
        Step("Amount", pounds(gross), "", strong=True),
    ]


def day_of(moment: datetime) -> str:
    """Return the day of a moment on the clocks of London."""
    return uk_date(moment.astimezone(LONDON).date())
