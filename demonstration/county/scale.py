"""How large a county is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class County:
    """So many organisations with so many live lines (`lines // 5` more have ended) and so many periods behind them.

    The same figures, `seed` and date give the same county.
    """

    organisations: int = 600
    lines: int = 15_000
    periods: int = 26
    seed: int = 2017

    @property
    def sign_ins(self) -> int:
        """How many people of organisations can sign in."""
        return self.organisations * 5 // 2

    @property
    def largest(self) -> int:
        """The live lines of the largest organisation."""
        return min(300, self.lines // 4)

    @property
    def claims(self) -> int:
        """The absence claims of one period."""
        return max(7, self.lines // 900)

    @property
    def papers(self) -> int:
        """The paper ISOs that were issued while brokerage's system was down."""
        return max(24, self.lines // 60)

    @property
    def requests(self) -> int:
        """How many organisations asked for a change of name, VAT number or bank details."""
        return max(12, self.organisations // 8)
