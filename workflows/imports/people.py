"""The import of people who receive care: their reference and their name."""

from collections.abc import Iterable

from sqlalchemy import select

from files.reading.table import Column, Layout, Row, Table
from models import Person, db
from rules.problem_codes import Code
from rules.record_fields import same_key
from workflows.imports.names import Names
from workflows.imports.plan import ImportFate, ImportPlan, Reading, insert_all, update_all

PEOPLE = Layout(
    "People",
    (
        Column(
            "Person ref", True, "The person's reference, such as P105340. One row for each person.", references=True
        ),
        Column("Person name", True, "First name and last name."),
    ),
)


class PeopleImport:
    """Works out what a table of people would change."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, apply=self._apply)
        found = db.session.execute(select(Person.reference, Person.id, Person.name))
        self.known = Names({person.reference: person for person in found})
        self.read_already: dict[str, tuple[int, str]] = {}
        self.new: list[dict[str, object]] = []
        self.changed: list[dict[str, object]] = []

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read every row and return the plan."""
        for row in rows:
            self._read(Reading(row, self.plan))
        return self.plan

    def _read(self, reading: Reading) -> None:
        reference = reading.field("Person ref", "person", "reference")
        name = reading.field("Person name", "person", "name")
        if reading.faulty:
            return
        number = reading.row.number
        before, said = self.read_already.setdefault(same_key(reference), (number, name))
        if before != number:
            self._again(reading, before, agrees=said == name)
            return
        found = self.known.find(reference)
        if found is None:
            self.new.append({"reference": reference, "name": name})
            self.plan.note_fate(number, ImportFate.NEW)
            return
        changes = {"Person name": (found.name, name)} if found.name != name else {}
        self.changed += [{"id": found.id, "name": name}] if changes else []
        self.plan.note_changes(number, found.reference, changes)

    def _again(self, reading: Reading, before: int, *, agrees: bool) -> None:
        if agrees:
            self.plan.warnings.append(f"Row {reading.row.number} repeats row {before}.")
            self.plan.note_fate(reading.row.number, ImportFate.UNCHANGED)
            return
        wrong = f"Row {before} has another name for the same person."
        reading.refuse("Person name", Code.CONTRADICTION, wrong, "Keep one of the rows.")

    def _apply(self) -> None:
        insert_all(Person, self.new)
        update_all(Person, self.changed)


def plan_people(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return what a table of people would change."""
    return PeopleImport(table).read(rows)
