"""The lines of an invoice by person, each person with a total: as it is previewed, and as it was sent."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from models import Invoice, InvoiceLine, LineItem, Person, db
from models.search import NAMES_OF_A_PERSON, holding
from models.unpriced import UNPRICED
from rules.money import NOTHING
from rules.search import is_found
from workflows.invoices.preview import Preview, PreviewLine
from workflows.page import Page, slice_of

PEOPLE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class PersonLines(Generic[Row]):
    """What an invoice holds of one person: the lines and their sums in pounds."""

    person: Person
    lines: list[Row]
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        """Net and VAT together, in pounds."""
        return self.net + self.vat


def preview_by_person(found: Preview, page: int, sought: str = "") -> Page[PersonLines[PreviewLine]]:
    """Return one page of the people of a preview, by reference, with their lines in the order of the preview.

    Of what was `sought` those are shown whose name or reference, or the reference of one of whose lines, holds it.
    """
    by_person: dict[int, list[PreviewLine]] = {}
    people: dict[int, Person] = {}
    for line in found.lines:
        people[line.line.person.id] = line.line.person
        by_person.setdefault(line.line.person.id, []).append(line)
    ordered = sorted(people.values(), key=lambda person: (person.reference, person.id))
    named = [
        person
        for person in ordered
        if is_found(sought, person.name, person.initials, person.reference, *_references(by_person[person.id]))
    ]
    shown = slice_of(named, page, PEOPLE)
    rows = [
        PersonLines(
            person,
            by_person[person.id],
            sum((each.amount.net for each in by_person[person.id]), NOTHING),
            sum((each.amount.vat for each in by_person[person.id]), NOTHING),
        )
        for person in shown.rows
    ]
    return shown.showing(rows)


def _references(lines: list[PreviewLine]) -> set[str]:
    return {each.line.reference for each in lines}


def sent_by_person(invoice: Invoice, page: int, sought: str = "") -> Page[PersonLines[InvoiceLine]]:
    """Return one page of the people of a sent invoice, by reference, with their lines in the order of their numbers.

    Of what was `sought` those are shown whose name or reference, or the reference of one of whose lines, holds it.
    """
    item = LineItem.id == InvoiceLine.line_item_id
    references = func.string_agg(LineItem.reference, " ").label("references")
    # By line first: PostgreSQL takes an invoice for short, and would look through all of it for each line item.
    of_lines = (
        select(InvoiceLine.line_item_id, func.sum(InvoiceLine.net).label("net"), func.sum(InvoiceLine.vat).label("vat"))
        .where(InvoiceLine.invoice_id == invoice.id)
        .group_by(InvoiceLine.line_item_id)
        .subquery()
    )
    sums = (
        select(
            LineItem.person_id,
            func.sum(of_lines.c.net).label("net"),
            func.sum(of_lines.c.vat).label("vat"),
            references,
        )
        .join(of_lines, of_lines.c.line_item_id == LineItem.id)
        .group_by(LineItem.person_id)
        .subquery()
    )
    people = db.session.execute(
        select(Person, sums.c.net, sums.c.vat)
        .join(sums, sums.c.person_id == Person.id)
        .where(holding(sought, *NAMES_OF_A_PERSON, sums.c.references))
        .order_by(Person.reference, Person.id)
    ).all()
    shown = slice_of(people, page, PEOPLE)
    of_line = contains_eager(InvoiceLine.line_item)
    lines = db.session.scalars(
        select(InvoiceLine)
        .join(LineItem, item)
        .where(InvoiceLine.invoice_id == invoice.id, LineItem.person_id.in_([row.Person.id for row in shown.rows]))
        .options(of_line.options(joinedload(LineItem.element), *UNPRICED))
        .options(joinedload(InvoiceLine.adjusts).joinedload(InvoiceLine.invoice))
        .order_by(InvoiceLine.number)
    ).all()
    by_person: dict[int, list[InvoiceLine]] = {}
    for line in lines:
        by_person.setdefault(line.line_item.person_id, []).append(line)
    rows = [PersonLines(row.Person, by_person.get(row.Person.id, []), row.net, row.vat) for row in shown.rows]
    return shown.showing(rows)
