"""A remittance balances: claimed less coded adjustments is what is paid, of each line and of all."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.money import NOTHING
from rules.remittance import AdjustmentCode, Settled, settle, settle_all
from rules.states import LineKind

pounds = st.decimals(min_value=-5000, max_value=5000, places=2)


def test_care_is_claimed_and_paid() -> None:
    assert settle(LineKind.CURRENT, Decimal("137.76")) == Settled(
        Decimal("137.76"), None, Decimal("0.00"), Decimal("137.76")
    )


def test_a_correction_and_a_recovery_are_adjustments() -> None:
    assert settle(LineKind.UNITS_DIFF, Decimal("-19.68")) == Settled(
        NOTHING, AdjustmentCode.UNITS_DIFF, Decimal("19.68"), Decimal("-19.68")
    )
    assert settle(LineKind.RECOVERY, Decimal("-150.00")) == Settled(
        NOTHING, AdjustmentCode.RECOVERY, Decimal("150.00"), Decimal("-150.00")
    )


def test_what_the_person_and_others_pay_of_their_care_is_an_adjustment() -> None:
    assert settle(LineKind.SCHEDULED, Decimal("600.00"), Decimal("148.37")) == Settled(
        Decimal("748.37"), AdjustmentCode.CONTRIBUTION, Decimal("148.37"), Decimal("600.00")
    )


@given(st.lists(st.tuples(st.sampled_from(LineKind), pounds), max_size=30))
def test_each_line_and_all_of_them_balance(lines: list[tuple[LineKind, Decimal]]) -> None:
    settled = [settle(kind, gross) for kind, gross in lines]
    assert all(each.claimed - each.adjustment == each.paid for each in settled)
    total = sum((gross for _, gross in lines), Decimal(0))
    totals = settle_all(settled, max(-total, Decimal(0)))
    assert totals.claimed - sum(totals.adjustments.values()) == totals.paid == max(total, 0)
