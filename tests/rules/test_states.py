"""Stored words are shown as people read them."""

from enum import StrEnum

import pytest

from rules.agreement_states import DocumentState
from rules.states import (
    CodeKind,
    InvoiceState,
    LineKind,
    PaymentBasis,
    PaymentMethod,
    ProviderFunction,
    RunState,
    Unit,
    label,
)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (Unit.HOUR, "Hour"),
        (LineKind.UNITS_DIFF, "Correction"),
        (PaymentBasis.NET, "Net"),
        (DocumentState.ACCEPTED, "Accepted"),
        (InvoiceState.IN_RUN, "In a payment run"),
        (CodeKind.DIGITS, "Own six digits"),
        (ProviderFunction.PAYMENTS, "Invoices and payments"),
        (RunState.DRAFT, "To approve"),
        (InvoiceState.DRAFT, "Draft"),
        (PaymentMethod.SCHEDULED, "Every four weeks without an invoice"),
        (LineKind.SCHEDULED, "Scheduled"),
    ],
)
def test_a_label_begins_with_a_capital_and_has_no_underscore(word: StrEnum, shown: str) -> None:
    assert label(word) == shown
