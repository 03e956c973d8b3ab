"""The roles of officers that pay, confirm or manage users: given by two, never both held by who pays (rules.md 14)."""

from typing import Final

ADMINISTRATOR: Final = "Administrator"
PAYMENTS_OFFICER: Final = "Payments officer"
PAYMENTS_APPROVER: Final = "Payments approver"

BROKERAGE: Final = "Service Brokerage"
PROCUREMENT: Final = "Procurement"

# One administrator proposes to give such a role, another confirms it: alone they could make the second of two officers
# themselves, whose given password they know. Who only reads is no second. The database asks the same (0028, 0067).
GIVEN_BY_TWO: Final = (ADMINISTRATOR, PAYMENTS_OFFICER, PAYMENTS_APPROVER, BROKERAGE, PROCUREMENT)
