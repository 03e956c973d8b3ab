"""The import of paper ISOs: each is registered as if typed, and waits for another officer (rules.md 12).

What a paper does not say stays empty: the job lists it for review. A cell that cannot be read is a problem of the file.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from files.reading.table import Column, Layout, Row, Table
from models import DAYS, Element, Organisation, PaperOrder, PortalUser, db, who_acts
from rules.problem_codes import Code
from rules.record_fields import same_key
from rules.states import PlanKind, Unit
from workflows.imports.lines import DAY_COLUMNS
from workflows.imports.names import Names
from workflows.imports.plan import ImportFate, ImportPlan, Reading, insert_all, pairs
from workflows.paper_isos.register import note_registration, why_kept

CONFIRMED_NEXT = "What is new or changed waits under Paper ISOs, where another officer confirms it."
TITLES = {
    "reference": "Paper ref", "organisation_id": "Organisation ref", "service_name": "Service",
    "person_reference": "Person ref", "person_name": "Person name", "element_name": "Element", "unit": "Unit",
    "plan_kind": "Plan kind", **dict(zip(DAYS, DAY_COLUMNS, strict=True)), "weekly_quantity": "Weekly quantity",
    "rate": "Rate", "start": "Start", "end": "End", "issued_on": "Issued on",
}  # fmt: skip
PAPERS = Layout(
    "Paper ISOs",
    (
        Column("Paper ref", True, "The reference on the paper. One row for each paper ISO.", references=True),
        Column(
            "Organisation ref", True, "The council's reference of the organisation, such as ORG-0001.", references=True
        ),
        Column("Service", note="The home, branch or office. Empty: the only one the organisation has."),
        Column("Person ref", True, "The person's reference.", references=True),
        Column("Person name", note="Needed for somebody new."),
        Column("Element", True, "Personal care, Sitting service …: a name on the council's list."),
        Column("Unit", True, "HOUR, VISIT, SESSION, DAY, NIGHT, MEAL, EACH or WEEK."),
        Column("Plan kind", note="TIMETABLED or WEEKLY. Empty: by what is filled, the days or the week."),
        *(Column(day, note=f"Units planned on {day}, such as 1.25." if day == "Mon" else "") for day in DAY_COLUMNS),
        Column("Weekly quantity", note="Units planned a week, for WEEKLY."),
        Column("Rate", note="Pounds per unit, up to four decimal places."),
        Column("Start", True, "First day of care, such as 16/10/2017."),
        Column("End", note="Last day of care. Empty: open."),
        Column("Issued on", True, "The date on the paper."),
    ),
)


class PaperImport:
    """Works out what a table of paper ISOs would change."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, notices=[CONFIRMED_NEXT], apply=self._apply)
        self.organisations = Names(pairs(select(Organisation.reference, Organisation.id)))
        self.references = {key: name for name in self.organisations if (key := self.organisations.find(name))}
        self.elements = Names(pairs(select(Element.name, Element.id)))
        found = db.session.scalars(
            select(PaperOrder)
            .options(joinedload(PaperOrder.proposal), joinedload(PaperOrder.document))
            .execution_options(populate_existing=True)
        )
        self.known = Names({paper.reference: paper for paper in found})
        self.rows: dict[str, int] = {}
        self.new: list[dict[str, Any]] = []
        self.changed: list[tuple[PaperOrder, dict[str, Any]]] = []

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read every row and return the plan."""
        for row in rows:
            self._read(Reading(row, self.plan))
        return self.plan

    def _read(self, reading: Reading) -> None:
        reference = reading.field("Paper ref", "paper_order", "reference")
        values = {"organisation_id": self._organisation(reading), **_values(reading)}
        number = reading.row.number
        if before := self.rows.setdefault(same_key(reference), number) - number:
            wrong = f"Row {number + before} is about the same paper ISO."
            reading.refuse("Paper ref", Code.DUPLICATE_ROW, wrong, "Keep one of the rows.")
        if reading.faulty:
            return
        self._warn_of_element(number, values["element_name"])
        found = self.known.find(reference)
        if found is None:
            self.new.append({"reference": reference} | values)
            self.plan.note_fate(number, ImportFate.NEW)
        else:
            self._compare(reading, found, values)

    def _organisation(self, reading: Reading) -> int:
        reference = reading.text("Organisation ref", needed=True)
        found = self.organisations.find(reference)
        if reference and found is None:
            remedy = self.organisations.remedy(reference, "Import the organisation first.")
            reading.refuse("Organisation ref", Code.NOT_FOUND, "There is no such organisation.", remedy)
        return found or 0

    def _warn_of_element(self, number: int, name: str) -> None:
        if self.elements.find(name) is None:
            remedy = self.elements.remedy(name, "It can be imported, and will need review.")
            self.plan.warnings.append(f"Row {number}: there is no element of care “{name[:60]}”. {remedy}")

    def _compare(self, reading: Reading, found: PaperOrder, values: dict[str, Any]) -> None:
        differing = {name: value for name, value in values.items() if getattr(found, name) != value}
        if differing and (problem := why_kept(found)):
            column = TITLES[next(iter(differing))]
            reading.refuse(column, problem.code, problem.wrong, problem.remedy or "Remove the row.")
            return
        self.changed += [(found, differing)] if differing else []
        changes = {TITLES[name]: (getattr(found, name), value) for name, value in differing.items()}
        if "organisation_id" in differing:
            own = (self.references.get(found.organisation_id), self.references.get(values["organisation_id"]))
            changes[TITLES["organisation_id"]] = own
        self.plan.note_changes(reading.row.number, f"Paper ISO {found}", changes)

    def _apply(self) -> None:
        """Register them for who acts; by a command nobody is known, and each has to be saved by an officer first."""
        officer = db.session.get(PortalUser, who_acts()) if who_acts() else None
        insert_all(PaperOrder, [values | {"registered_by_id": officer and officer.id} for values in self.new])
        for paper, differing in self.changed:
            for name, value in differing.items():
                setattr(paper, name, value)
            note_registration(paper, officer)


def plan_papers(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return what a table of paper ISOs would change."""
    return PaperImport(table).read(rows)


def _values(reading: Reading) -> dict[str, Any]:
    days = {day: reading.quantity(column) for day, column in zip(DAYS, DAY_COLUMNS, strict=True)}
    weekly = reading.quantity("Weekly quantity")
    return {
        "service_name": reading.field("Service", "paper_order", "service_name"),
        "person_reference": reading.field("Person ref", "paper_order", "person_reference"),
        "person_name": reading.field("Person name", "paper_order", "person_name"),
        "element_name": reading.field("Element", "paper_order", "element_name"),
        "unit": reading.word("Unit", Unit),
        "plan_kind": _plan_kind(reading, by_day=any(days.values()), by_week=bool(weekly)),
        **days,
        "weekly_quantity": weekly,
        "rate": reading.money("Rate", 4),
        "start": reading.day("Start", needed=True),
        "end": reading.day("End"),
        "issued_on": reading.day("Issued on", needed=True),
    }


def _plan_kind(reading: Reading, *, by_day: bool, by_week: bool) -> PlanKind | None:
    if reading.text("Plan kind"):
        return reading.word("Plan kind", PlanKind)
    if by_day == by_week:
        return None
    return PlanKind.TIMETABLED if by_day else PlanKind.WEEKLY
