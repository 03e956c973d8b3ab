"""What the council's ledger can be told of a payment line, and the columns it gets where the council says nothing."""

from enum import StrEnum
from typing import Final


class LedgerField(StrEnum):
    """What a column of the ledger file holds."""

    RUN = "payment run"
    PAY_DATE = "pay date"
    REMITTANCE = "remittance"
    LINE = "line"
    BANK_REFERENCE = "bank reference"
    ORGANISATION_REFERENCE = "organisation ref"
    ORGANISATION = "organisation"
    SERVICE = "service"
    SOURCE = "source"
    KIND = "kind"
    CPLI = "CPLI"
    PERSON_REFERENCE = "person ref"
    ELEMENT = "element"
    COST_CENTRE = "cost centre"
    SUBJECTIVE_CODE = "subjective code"
    WEEK_STARTING = "week starting"
    UNITS = "units"
    UNIT = "unit"
    RATE = "rate"
    NET = "net"
    VAT = "VAT"
    GROSS = "gross"
    REASON = "reason"


# The columns in the order in which the portal comes with them (migration 0029 writes them).
USUAL: Final = (
    LedgerField.RUN, LedgerField.PAY_DATE, LedgerField.REMITTANCE, LedgerField.LINE,
    LedgerField.ORGANISATION_REFERENCE, LedgerField.ORGANISATION, LedgerField.COST_CENTRE, LedgerField.SUBJECTIVE_CODE,
    LedgerField.ELEMENT, LedgerField.CPLI, LedgerField.SOURCE, LedgerField.KIND, LedgerField.WEEK_STARTING,
    LedgerField.NET, LedgerField.VAT, LedgerField.GROSS,
)  # fmt: skip


def usual_heading(field: LedgerField) -> str:
    """Return what a column is called that holds a field, until the council calls it otherwise: "Cost centre"."""
    return field.value[0].upper() + field.value[1:]
