"""A remittance with all its lines: by person as its page shows it, and in order as its files have it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Select, Text, and_, any_, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from models import (
    AbsenceClaim,
    AbsenceClaimLine,
    ChangeRequest,
    Element,
    Invoice,
    InvoiceLine,
    LineItem,
    Person,
    Remittance,
    RemittanceLine,
    ScheduledPayment,
    Service,
    db,
)
from models.person import initials_of
from rules.money import NOTHING
from rules.plan import LAST_DAY
from rules.refusal import Unknown
from rules.remittance import CORRECTIONS, Remitted, SettledTotals, settle_all
from rules.search import is_found
from rules.states import LineKind
from workflows import policy


@dataclass(frozen=True)
class PersonPaid:
    """What a remittance pays for one person: `shown` as lists name them, lines in order, their sum in pounds."""

    reference: str
    shown: str
    lines: list[Remitted]

    @property
    def total(self) -> Decimal:
        """The sum of the person's lines in pounds, VAT included."""
        return sum((line.gross for line in self.lines), NOTHING)

    @property
    def care(self) -> dict[str, str]:
        """The person's line items with their elements, in order."""
        return {line.line_reference: line.element for line in self.lines if line.line_reference}


@dataclass(frozen=True)
class LineChoice:
    """Which lines a page shows: those of a service, of a kind (`show`: differs, corrections, absences), or sought."""

    sought: str = ""
    service_id: int | None = None
    show: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == LineChoice()


@dataclass(frozen=True)
class WholeRemittance:
    """A remittance with all its lines in order."""

    remittance: Remittance
    lines: list[Remitted]

    @property
    def totals(self) -> SettledTotals:
        """What was claimed, adjusted and paid."""
        return settle_all((line.settled for line in self.lines), self.remittance.carried_forward)

    @property
    def services(self) -> list[tuple[int, str]]:
        """The services that are paid for, by name."""
        found = {line.service_id: line.service for line in self.lines if line.service_id is not None}
        return sorted(found.items(), key=lambda each: each[1])

    @property
    def corrections(self) -> int:
        """How many weeks of lines are corrected; each has a line that is taken back, and what stands now."""
        return len({(line.line_reference, line.week_starting) for line in self.lines if line.kind in CORRECTIONS})

    @property
    def care_days(self) -> tuple[date, date] | None:
        """The first and the last day of the weeks that are paid for, corrections aside."""
        weeks = [line.week_starting for line in self.lines if line.week_starting and line.kind not in CORRECTIONS]
        return (min(weeks), max(weeks) + LAST_DAY) if weeks else None


@dataclass(frozen=True)
class RemittanceByPerson:
    """The lines that were asked for: by person, in the order of names, and those about nobody in particular."""

    whole: WholeRemittance
    choice: LineChoice
    people: list[PersonPaid] = field(default_factory=list)
    others: list[Remitted] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many lines about people are shown."""
        return sum(len(person.lines) for person in self.people)

    @property
    def total(self) -> Decimal:
        """What they come to in pounds."""
        return sum((person.total for person in self.people), NOTHING)


_NO_CARE = ("", "", None, "")
_FIELDS = [each.name for each in fields(Remitted)]
_REFERENCE, _BEFORE_CARE = _FIELDS.index("line_reference"), _FIELDS.index("name")


def whole_remittance(remittance_id: int) -> WholeRemittance:
    """Return a remittance of the organisation in scope with all its lines. Raises Unknown. Three queries."""
    remittance: Remittance | None = db.session.scalar(
        select(Remittance)
        .where(Remittance.id == remittance_id)
        .options(
            joinedload(Remittance.run),
            joinedload(Remittance.organisation),
            joinedload(Remittance.bank_return),
            joinedload(Remittance.account).load_only(ChangeRequest.wanted),
        )
    )
    if remittance is None:
        raise Unknown
    return WholeRemittance(remittance, lines_where(RemittanceLine.remittance_id == remittance.id))


def lines_where(condition: Any) -> list[Remitted]:
    """Return the lines of remittances that a SQL condition names, in order. Two queries."""
    rows = db.session.execute(_LINES.where(condition)).all()
    # Each line item once, for a remittance has four weeks of it.
    care = _care_of({row[_REFERENCE] for row in rows})
    return [_line(row, care.get(row[_REFERENCE], _NO_CARE)) for row in rows]


def _line(row: Sequence[Any], care: tuple[str, str, int | None, str]) -> Remitted:
    return Remitted(*row[:_BEFORE_CARE], *care, *row[_BEFORE_CARE:])  # type: ignore[call-arg]  # as many as it has


def _care_of(references: Collection[str]) -> dict[str, tuple[str, str, int | None, str]]:
    """Return whom line items are for, by reference: the name, the element, and the service's id and name."""
    named = literal(list(references), ARRAY(Text))
    statement = (
        select(LineItem.reference, Person.name, Element.name, LineItem.service_id, Service.name)
        .outerjoin(Person, Person.id == LineItem.person_id)
        .outerjoin(Element, Element.id == LineItem.element_id)
        .outerjoin(Service, Service.id == LineItem.service_id)
        .where(LineItem.reference == any_(named))
    )
    return {
        reference: (name or "", element or "", service_id, service or "")
        for reference, name, element, service_id, service in db.session.execute(statement).all()
    }


def by_person(whole: WholeRemittance, choice: LineChoice) -> RemittanceByPerson:
    """Return the lines of a remittance that were asked for, by person."""
    full_names = policy.for_council("full_names_in_lists")
    groups: dict[str, list[Remitted]] = {}
    others = []
    for line in whole.lines if choice.is_everything else filter(_chosen(choice), whole.lines):
        if line.person_reference:
            groups.setdefault(line.person_reference, []).append(line)
        else:
            others.append(line)
    people = [
        PersonPaid(reference, names if full_names else initials_of(names), lines)
        for reference, lines in groups.items()
        for names in [next((line.name for line in lines if line.name), "")]
    ]
    people.sort(key=lambda person: (person.shown, person.reference))
    return RemittanceByPerson(whole, choice, people, others)


def _differs() -> Any:
    return and_(
        InvoiceLine.id.is_not(None),
        or_(
            InvoiceLine.delivered + InvoiceLine.aborted_payable != InvoiceLine.planned,
            RemittanceLine.kind.in_(CORRECTIONS),
        ),
    )


def _select_lines() -> Select[*tuple[Any, ...]]:
    """Return the query of all lines in order, with the fields of Remitted but those of its care."""
    taken_back, earlier = aliased(InvoiceLine), aliased(Invoice)
    return (
        select(
            RemittanceLine.number, RemittanceLine.source, RemittanceLine.kind, RemittanceLine.line_reference,
            RemittanceLine.person_reference, RemittanceLine.week_starting, RemittanceLine.units, RemittanceLine.unit,
            RemittanceLine.rate, RemittanceLine.net, RemittanceLine.vat, RemittanceLine.gross, RemittanceLine.reason,
            Invoice.id, AbsenceClaim.id, ScheduledPayment.id, AbsenceClaim.reason,
            func.coalesce(_differs(), False), func.coalesce(InvoiceLine.aborted_payable > 0, False),
            func.coalesce(earlier.number, ""), earlier.id,
        )
        .outerjoin(InvoiceLine, InvoiceLine.id == RemittanceLine.invoice_line_id)
        .outerjoin(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .outerjoin(taken_back, taken_back.id == InvoiceLine.adjusts_id)
        .outerjoin(earlier, earlier.id == taken_back.invoice_id)
        .outerjoin(AbsenceClaimLine, AbsenceClaimLine.id == RemittanceLine.absence_claim_line_id)
        .outerjoin(AbsenceClaim, AbsenceClaim.id == AbsenceClaimLine.absence_claim_id)
        .outerjoin(ScheduledPayment, ScheduledPayment.number == RemittanceLine.source)
        .order_by(RemittanceLine.remittance_id, RemittanceLine.number)
    )  # fmt: skip


_LINES = _select_lines()


def _chosen(choice: LineChoice) -> Callable[[Remitted], bool]:
    kinds: dict[str, Callable[[Remitted], bool]] = {
        "": lambda _line: True,
        "differs": lambda line: line.differs or line.kind in {*CORRECTIONS, LineKind.ABSENCE},
        "corrections": lambda line: line.kind in CORRECTIONS,
        "absences": lambda line: line.kind is LineKind.ABSENCE,
    }
    of_kind = kinds[choice.show]
    amount = "".join(choice.sought.split()).replace("£", "").replace(",", "").replace("−", "-")

    def is_chosen(line: Remitted) -> bool:
        if choice.service_id is not None and line.service_id != choice.service_id:
            return False
        return of_kind(line) and _found(line, choice.sought, amount)

    return is_chosen


def _found(line: Remitted, sought: str, amount: str) -> bool:
    words = (line.name, initials_of(line.name), line.person_reference, line.line_reference, line.source)
    return amount in (f"{line.gross:.2f}", f"{line.net:.2f}") or is_found(sought, *words)
