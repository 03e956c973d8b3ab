"""The roles of officers that pay, or manage users: given by two, and never both held by who pays (rules.md 14)."""

from typing import Final

ADMINISTRATOR: Final = "Administrator"
PAYMENTS_OFFICER: Final = "Payments officer"
PAYMENTS_APPROVER: Final = "Payments approver"

# One administrator proposes to give such a role, another confirms it. The database asks the same (0028).
GIVEN_BY_TWO: Final = (ADMINISTRATOR, PAYMENTS_OFFICER, PAYMENTS_APPROVER)
