"""What goes on an invoice, what is left out, and what it adds up to."""

from datetime import date
from decimal import Decimal

import pytest

from rules.invoice import InvoiceTotal, LineAmount, kind_of, price_line, total_of, why_left_out
from rules.states import ActualState, LineKind, VatCode


def code_of(
    state: ActualState | None = ActualState.CONFIRMED,
    *,
    held: bool = False,
    accepted: bool = True,
    required: bool = False,
    hold: str | None = None,
) -> str | None:
    left_out = why_left_out(state, held=held, document_accepted=accepted, acceptance_required=required, hold=hold)
    return left_out.code if left_out else None


def test_a_confirmed_week_can_be_invoiced() -> None:
    assert code_of() is None


@pytest.mark.parametrize("state", [None, ActualState.DRAFT])
def test_a_week_that_is_not_confirmed_is_left_out(state: ActualState | None) -> None:
    assert code_of(state) == "not-confirmed"


@pytest.mark.parametrize("state", [ActualState.INVOICED, ActualState.PAID])
def test_a_week_is_never_invoiced_twice(state: ActualState) -> None:
    assert code_of(state) == "invoiced"


def test_a_held_week_is_left_out() -> None:
    assert code_of(held=True) == "over-level"


def test_an_open_document_matters_only_where_acceptance_is_required() -> None:
    assert code_of(accepted=False) is None
    assert code_of(accepted=False, required=True) == "document"
    assert code_of(accepted=True, required=True) is None


def test_a_hold_says_its_reason() -> None:
    left_out = why_left_out(
        ActualState.CONFIRMED,
        held=False,
        document_accepted=True,
        acceptance_required=False,
        hold="bank details are being checked",
    )
    assert left_out is not None
    assert left_out.reason == "Payment is on hold: bank details are being checked"
    assert code_of(hold="") == "on-hold"


def test_of_several_reasons_the_first_to_put_right_is_named() -> None:
    assert code_of(ActualState.DRAFT, held=True, accepted=False, required=True, hold="a") == "not-confirmed"
    assert code_of(held=True, accepted=False, required=True, hold="a") == "over-level"


def test_a_week_before_the_period_is_late() -> None:
    start = date(2017, 11, 13)
    assert kind_of(date(2017, 11, 6), start) is LineKind.LATE
    assert kind_of(date(2017, 11, 13), start) is LineKind.CURRENT


def test_vat_is_rounded_for_each_line_and_kept_apart() -> None:
    lines = [price_line(LineKind.CURRENT, Decimal("10.03"), VatCode.STANDARD) for _ in range(3)]
    assert lines[0] == LineAmount(LineKind.CURRENT, Decimal("10.03"), Decimal("2.01"))
    assert total_of(lines) == InvoiceTotal(Decimal("30.09"), Decimal("6.03"), Decimal("36.12"))


def test_an_invoice_may_come_to_less_than_nothing() -> None:
    assert total_of([price_line(LineKind.UNITS_DIFF, Decimal("-19.68"), VatCode.EXEMPT)]).total == Decimal("-19.68")
    assert total_of([]) == InvoiceTotal(Decimal(0), Decimal(0), Decimal(0))
