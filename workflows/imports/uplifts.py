"""The import of rate uplifts: what many lines, or single ones, cost from a day on; confirmed by another officer."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import func, select

from files.reading.cells import Unreadable, read_money, read_text
from files.reading.table import Column, Layout, Row, Table
from models import Element, LineItem, Proposal, db
from rules.agreement_states import ProposalKind
from rules.money import pounds
from rules.number import NotANumber, read_number
from rules.problem_codes import Code
from rules.states import Unit
from rules.text import visible
from rules.uplift import Uplift, problems_of_uplift
from rules.words import counted
from workflows.agreements import uplifts
from workflows.clock import today
from workflows.imports.names import Names
from workflows.imports.plan import ImportFate, ImportPlan, Reading, among, officer_who_acts, pairs
from workflows.proposals import steps

UPLIFTS = Layout(
    "Rate uplifts",
    (
        Column(
            "Element or CPLI", True, "Personal care …: all its lines. Or the reference of one line.", references=True
        ),
        Column("Percent or New rate", True, "3.2% is a percentage, below zero for less; £19.68 is a new rate."),
        Column("From", True, "First day of the new rate, such as 01/04/2027."),
        Column("Unit", note="For the new rate of an element: HOUR, VISIT, SESSION, DAY, NIGHT, MEAL, EACH or WEEK."),
    ),
)
COLUMN_OF = {
    "element": "Element or CPLI", "percent": "Percent or New rate", "rate": "Percent or New rate", "start": "From",
    "unit": "Unit",
}  # fmt: skip
REASON = "Imported from a file"


class UpliftImport:
    """Works out what a table of uplifts would change."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, apply=self._apply)
        self.elements = Names(pairs(select(Element.name, Element.id)))
        self.rows: list[tuple[int, Uplift]] = []
        self.first: dict[tuple[object, ...], int] = {}
        self.wanted: list[Uplift] = []

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read all rows, then see what each would change."""
        given = list(rows)
        names = {visible(read_text(row.cells.get("Element or CPLI"))).lower() for row in given}
        query = select(func.lower(LineItem.reference), LineItem.id)
        self.lines = pairs(query.where(among(func.lower(LineItem.reference), names)))
        for row in given:
            self._read_row(Reading(row, self.plan))
        if not self.plan.problems:
            self._settle()
        return self.plan

    def _read_row(self, reading: Reading) -> None:
        name = reading.text("Element or CPLI", needed=True, most=200)
        line = self.lines.get(name.lower())
        element = None if line else self.elements.find(name)
        if name and line is None and element is None:
            remedy = self.elements.remedy(name, "Use the name of an element, or the reference of a line.")
            wrong = f"There is no element and no line “{name[:60]}”."
            reading.refuse("Element or CPLI", Code.NOT_FOUND, wrong, remedy)
        unit = reading.word("Unit", Unit) if reading.text("Unit") else None
        start = reading.day("From", needed=True)
        percent, rate = _figure(reading)
        if reading.faulty or start is None:
            return
        uplift = Uplift(start, percent, rate, line, element, None, unit if element else None)
        for problem in problems_of_uplift(uplift, today()):
            reading.refuse(COLUMN_OF[problem.field], problem.code, problem.wrong, problem.remedy)
        number = reading.row.number
        if before := self.first.setdefault((line, element, uplift.unit), number) - number:
            wrong = f"Row {number + before} is about the same lines."
            reading.refuse("Element or CPLI", Code.DUPLICATE_ROW, wrong, "Keep one of the rows.")
        if not reading.faulty:
            self.rows.append((number, uplift))

    def _settle(self) -> None:
        """Say what becomes of each row: a row that changes nothing, or waits to be confirmed, leaves all as it is."""
        counts = uplifts.counts_of([uplift for _, uplift in self.rows])
        waiting = {uplift for each in steps.waiting(Proposal.kind == ProposalKind.UPLIFT)
                   for uplift in uplifts.proposed(each)}  # fmt: skip
        by_number = {row.number: row for row in self.plan.table.rows}
        for place, (number, uplift) in enumerate(self.rows):
            covered, changed = counts.get(place, (0, 0))
            if not covered:
                wrong = "No line in force has a rate on that day, or each has a row of its own."
                Reading(by_number[number], self.plan).refuse(
                    "Element or CPLI", Code.NOT_IN_FORCE, wrong, "Remove the row."
                )
            elif uplift in waiting:
                self.plan.note_fate(number, ImportFate.UNCHANGED)
                self.plan.warnings.append(f"Row {number} waits to be confirmed already.")
            else:
                self.plan.note_fate(number, ImportFate.CHANGED if changed else ImportFate.UNCHANGED)
                self.wanted += [uplift] if changed else []
        if self.wanted and not self.plan.problems:
            seen = uplifts.preview(self.wanted)
            self.plan.notices.append(
                f"{counted(seen.changed, 'line gets', 'lines get')} a new rate: {pounds(seen.before)} a week before,"
                f" {pounds(seen.after)} after. Another officer confirms it."
            )
            self.plan.warnings += [each.sentence for each in seen.unusual]

    def _apply(self) -> None:
        if self.wanted:
            uplifts.propose_uplift(self.wanted, officer_who_acts(), REASON, "rates in a file")
            db.session.flush()


def _figure(reading: Reading) -> tuple[Decimal | None, Decimal | None]:
    """Return a percentage or a new rate; a bare figure below 1 could be either, as spreadsheets keep 3.2% as 0.032."""
    column = "Percent or New rate"
    cell = reading.row.cells.get(column)
    text = reading.text(column, needed=True)
    if not text:
        return None, None
    try:
        if text.endswith("%"):
            return read_number(text.removesuffix("%")), None
        rate = read_money(cell)
    except (NotANumber, Unreadable):
        reading.refuse(column, Code.NOT_A_NUMBER, "This is neither a percentage nor a rate.", "Write 3.2% or £19.68.")
        return None, None
    if rate is not None and abs(rate) < 1 and not text.startswith("£"):
        wrong = f"This could be {rate * 100:f}% or £{rate:f}."
        reading.refuse(column, Code.AMBIGUOUS, wrong, "Write it as text, with % behind it or £ before it.")
    return None, rate


def plan_uplifts(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return what a table of rate uplifts would change."""
    return UpliftImport(table).read(rows)
