"""What an invoice leaves out, as its page says it: by reason, with the page where something can be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flask import url_for

from rules.invoice import NOT_ACCEPTED, NOT_CONFIRMED, OVER_LEVEL
from rules.words import counted, plural
from views.access.permissions import may
from workflows.invoices.left_out import LeftOutSum

# What is said of several weeks that are left out for one reason: of one, of many.
PLURAL_REASONS = {
    OVER_LEVEL.code: ("is over the exception level", "are over the exception level"),
    NOT_CONFIRMED.code: ("is not confirmed", "are not confirmed"),
    NOT_ACCEPTED.code: (
        "waits until its contract document is accepted", "wait until their contract documents are accepted",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ReasonGroup:
    """What is left out for one reason, a sum for each week; `href` leads to where something can be done about it."""

    code: str
    reason: str
    sums: list[LeftOutSum]
    href: str
    link: str

    @property
    def count(self) -> int:
        """How many weeks of lines are left out for it."""
        return sum(len(each.weeks) for each in self.sums)

    @property
    def pounds(self) -> Decimal | None:
        """What they come to, net, None where a price is not known."""
        known = [each.pounds for each in self.sums if each.pounds is not None]
        return sum(known, Decimal(0)) if len(known) == len(self.sums) else None

    @property
    def words(self) -> str:
        """How many weeks of lines, and why: "3 weeks are over the exception level."."""
        one, many = PLURAL_REASONS.get(self.code, ("", ""))
        weeks = counted(self.count, "week")
        return f"{weeks} {plural(self.count, one, many)}." if one else f"{weeks}: {self.reason}"


def reason_groups(sums: Iterable[LeftOutSum]) -> list[ReasonGroup]:
    """Put what is left out under its reasons, each with the page where something can be done about it."""
    pages = {
        OVER_LEVEL.code: ("OverExceptionLevelView", "index", "Over exception level"),
        NOT_ACCEPTED.code: ("ContractDocumentsView", "index", "Contract documents"),
        NOT_CONFIRMED.code: ("ActualsView", "week", "Actuals"),
    }
    reasons: dict[tuple[str, str], list[LeftOutSum]] = {}
    for each in sums:
        reasons.setdefault((each.why.code, each.why.reason), []).append(each)
    groups = []
    for (code, reason), own in reasons.items():
        view, page, link = pages.get(code, ("", "", ""))
        # A week's own link leads to its sheet already.
        opens = view and code != NOT_CONFIRMED.code and may("can_view", view)
        groups.append(ReasonGroup(code, reason, own, url_for(f"{view}.{page}") if opens else "", link))
    return groups
