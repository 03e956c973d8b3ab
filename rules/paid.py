"""What money of a released payment run is called: paid once it has reached the bank, and not before."""

from datetime import date
from enum import StrEnum

from rules.states import label

ON_ITS_WAY = "On its way"


def paid_called(state: StrEnum, pay_date: date | None, today: date) -> str:
    """Return what something in the state "paid" is called: "On its way" until the day on which its run pays.

    `pay_date` is that day, None where no run pays it, as where it was carried forward.
    """
    return ON_ITS_WAY if pay_date and pay_date > today else label(state)
