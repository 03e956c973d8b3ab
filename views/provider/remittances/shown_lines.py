"""How the lines of a remittance read on its page: what, how much, where from, and how to ask about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus, urlencode

from flask import url_for

from models import Remittance, RemittanceLine
from rules.conversation_topics import Topic
from rules.money import pounds, round2
from rules.period import uk_date
from rules.quantity import counted_units, product_in_words
from rules.remittance import CORRECTIONS, Remitted
from rules.states import LineKind, label
from views.access.permissions import may
from workflows.remittances.read import PersonPaid

TEAM: Final = "Payments"


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line in words; addresses are empty where they are not open to the reader."""

    number: int
    week: str
    about: str
    product: str
    amount: str
    why: str
    source: str
    source_href: str
    was_on: str
    was_on_href: str
    note: str
    ask: str
    named: str


@dataclass(frozen=True)
class ShownPerson:
    """One person's lines in words; `care` names the line items with their elements."""

    shown: str
    reference: str
    care: str
    total: str
    lines: list[ShownLine]


class LinesInWords:
    """Puts lines of one remittance into words; asks once for all of them what its reader may open."""

    def __init__(self, remittance: Remittance) -> None:
        """Find the addresses: `url_for` for each of 400 lines takes as long as their query."""
        self._number = remittance.number
        self._why = url_for("RemittancesView.why", remittance_id=remittance.id, number=0).removesuffix("0")
        self._invoice = url_for("InvoicesView.show", invoice_id=0).removesuffix("0")
        self._claim = url_for("AbsenceClaimsView.show", claim_id=0).removesuffix("0")
        self._scheduled = url_for("ScheduledPaymentsView.show", payment_id=0).removesuffix("0")
        ask = url_for("ConversationsView.start") if may("can_start", "ConversationsView") else ""
        self._ask = ask and f"{ask}?{urlencode({'team': TEAM, 'topic': Topic.REMITTANCE.value})}&about="
        self._of_line = f"&subject={quote_plus(f'Remittance {remittance.number}, line ')}"

    def people(self, people: Iterable[PersonPaid]) -> list[ShownPerson]:
        """Return people with their lines."""
        return [
            ShownPerson(
                person.shown,
                person.reference,
                ", ".join(f"{line} {_small(element)}".strip() for line, element in person.care.items()),
                minus(pounds(person.total)),
                self.lines(person.lines),
            )
            for person in people
        ]

    def lines(self, lines: Iterable[Remitted]) -> list[ShownLine]:
        """Return lines."""
        return [self._line(line) for line in lines]

    def ask_about(self, line: Remitted | RemittanceLine | None = None) -> str:
        """Return where a question about a line begins, or about the whole remittance; empty where nobody may ask."""
        if not self._ask:
            return ""
        if line is None:
            return f"{self._ask}{quote_plus(self._number)}"
        # Of its parts, for `urlencode` of each line takes a quarter of a page of 1,200.
        return f"{self._ask}{quote_plus(line.line_reference or self._number)}{self._of_line}{line.number}"

    def _line(self, line: Remitted) -> ShownLine:
        week = uk_date(line.week_starting) if line.week_starting else ""
        return ShownLine(
            number=line.number,
            week=week,
            about=_about(line),
            product=minus(_product(line)),
            amount=minus(pounds(line.gross)),
            why=f"{self._why}{line.number}",
            source=line.source,
            source_href=self._source_href(line),
            was_on=line.was_on,
            was_on_href=f"{self._invoice}{line.was_on_id}",
            note=_note(line),
            ask=self.ask_about(line),
            named=", ".join(filter(None, (line.line_reference or label(line.kind), f"week of {week}" if week else ""))),
        )

    def _source_href(self, line: Remitted) -> str:
        if line.invoice_id:
            return f"{self._invoice}{line.invoice_id}"
        if line.scheduled_id:
            return f"{self._scheduled}{line.scheduled_id}"
        return f"{self._claim}{line.claim_id}" if line.claim_id else ""


def minus(words: str) -> str:
    """Return figures with the true minus sign, which is as wide as a plus."""
    return words.replace("-", "−")


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _about(line: Remitted) -> str:
    special = line.kind in CORRECTIONS or line.kind in (LineKind.ABSENCE, LineKind.ONE_OFF, LineKind.RECOVERY)
    what = label(line.kind) if special or not line.element else line.element
    return ", ".join(filter(None, (line.line_reference, _small(what))))


def _product(line: Remitted) -> str:
    if line.units is None or line.unit is None:
        return ""
    if line.rate is not None and round2(line.units * line.rate) == line.net + line.contribution:
        return product_in_words(line.units, line.unit, line.rate)
    # A difference between two amounts that is no product itself: the line's explanation has both.
    return ("+" if line.units > 0 and line.kind in CORRECTIONS else "") + counted_units(line.units, line.unit)


def _note(line: Remitted) -> str:
    notes = ["late" if line.kind is LineKind.LATE else "", "with an aborted visit" if line.aborted else ""]
    notes.append(label(line.claim_reason).lower() if line.claim_reason else line.reason)
    if line.contribution and not line.reason:
        notes.append(f"less {pounds(line.contribution)} paid by others")
    if line.vat:
        notes.append(f"with {pounds(line.vat)} VAT")
    return ", ".join(filter(None, notes))
