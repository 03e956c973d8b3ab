"""A remittance in memory, with a line of every kind: nothing of it is in a database."""

from datetime import date
from decimal import Decimal
from typing import Any

from models import Organisation, Remittance
from rules.money import round2
from rules.remittance import CORRECTIONS, Remitted
from rules.states import AbsenceReason, LineKind, Unit

WEEK = date(2026, 10, 5)


def line(number: int, kind: LineKind, units: str = "7", rate: str = "19.68", **more: Any) -> Remitted:
    """One line of care at a rate, exempt of VAT."""
    net = round2(Decimal(units) * Decimal(rate))
    values: dict[str, Any] = {
        "source": "INV-000109", "line_reference": "48213", "person_reference": "P105118", "week_starting": WEEK,
        "units": Decimal(units), "unit": Unit.HOUR, "rate": Decimal(rate), "net": net, "vat": Decimal("0.00"),
        "gross": net, "reason": "", "invoice_id": 1, "claim_id": None, "scheduled_id": None, "claim_reason": None,
        "name": "Elsie King", "element": "Personal care", "service_id": 1, "service": "Aylsham",
        "differs": False, "aborted": False, "was_on": "", "was_on_id": None,
    }  # fmt: skip
    return Remitted(number=number, kind=kind, **(values | more))


def no_product(number: int, kind: LineKind, pounds: str, reason: str, **more: Any) -> Remitted:
    """A line that is no product of units and a rate, about nobody."""
    amount = {"net": Decimal(pounds), "gross": Decimal(pounds)}
    about_nobody = {"units": None, "unit": None, "rate": None, "line_reference": "", "person_reference": ""}
    return Remitted(**{**_values(line(number, kind)), **about_nobody, **amount, "reason": reason, **more})


def _values(of: Remitted) -> dict[str, Any]:
    return {name: getattr(of, name) for name in Remitted.__dataclass_fields__}


LINES = [
    line(1, LineKind.CURRENT),
    line(2, LineKind.LATE, vat=Decimal("27.55"), gross=Decimal("165.31")),
    line(3, LineKind.UNITS_DIFF, "-7"),
    line(4, LineKind.UNITS_DIFF, "6"),
    line(
        5, LineKind.ABSENCE, "2.571429", source="AC-000004", claim_reason=AbsenceReason.HOSPITAL,
        reason="Absence, hospital: days 1 to 4 at 100%",
    ),
    line(6, LineKind.SCHEDULED, "4", "748.375", unit=Unit.WEEK, source="SP-000007"),
    no_product(7, LineKind.ONE_OFF, "12.34", "=1+1 for #snow & <ice>", source="OP-000002"),
    no_product(8, LineKind.RECOVERY, "-150.00", "Carried forward from payment run 3", source="Payment run 3"),
]  # fmt: skip


def remittance(lines: list[Remitted], **more: Any) -> Remittance:
    """Return the remittance of these lines."""
    net, vat = (sum((getattr(each, name) for each in lines), Decimal("0.00")) for name in ("net", "vat"))
    recovered = -sum((each.net for each in lines if each.kind is LineKind.RECOVERY), Decimal("0.00"))
    values: dict[str, Any] = {
        "number": "R-000031", "pay_date": date(2026, 11, 23), "bank_reference": "NCC R000031", "net": net, "vat": vat,
        "adjustments": sum((each.net for each in lines if each.kind in CORRECTIONS), Decimal("0.00")),
        "recovered": recovered, "total": max(net + vat, Decimal("0.00")),
        "carried_forward": max(-net - vat, Decimal("0.00")),
        "organisation": Organisation(reference="ORG-0007", name="Broadland Care CIC"),
    }  # fmt: skip
    return Remittance(**(values | more))
