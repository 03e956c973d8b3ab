"""How often one account, and one network address, may do what costs the portal or fills other people's lists."""

from typing import Final, NamedTuple


class RateLimit(NamedTuple):
    """So many in so many seconds: by one account, None where nobody is known yet, and from one network address.

    Where nobody can be known, as of reset links, the e-mail address that was typed stands for an account.

    Far above what an office does: a whole council or a chain of care homes may share one address.
    """

    seconds: int
    by_account: int | None
    from_address: int


# Wrong passwords and codes lock far earlier (policy SE-4); this bounds what even right ones cost.
SIGN_IN: Final = "sign-in"
RESET_LINK: Final = "reset link"
UPLOAD: Final = "upload"
MESSAGE: Final = "message"

RATES: Final = {
    SIGN_IN: RateLimit(600, None, 2_000),
    # Nobody's mailbox is filled by a stranger who asks again and again, nor many by one who knows many addresses.
    RESET_LINK: RateLimit(3_600, 3, 100),
    UPLOAD: RateLimit(3_600, 60, 600),
    MESSAGE: RateLimit(3_600, 120, 1_200),
}
