"""What money of a released payment run is called."""

from datetime import date

from rules.paid import paid_called
from rules.period import DAY
from rules.states import InvoiceState

PAY_DATE = date(2017, 12, 4)


def test_money_is_on_its_way_until_its_pay_date_and_paid_from_then_on() -> None:
    days = (PAY_DATE - DAY, PAY_DATE, PAY_DATE + DAY)
    assert [paid_called(InvoiceState.PAID, PAY_DATE, day) for day in days] == ["On its way", "Paid", "Paid"]


def test_what_no_run_pays_is_on_no_way() -> None:
    assert paid_called(InvoiceState.PAID, None, PAY_DATE) == "Paid"
