"""The kinds of files that staff import, and what a check finds in one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from files.reading.care_directory import LAYOUTS as ORGANISATIONS
from files.reading.days import TURNED, TurnedDates
from files.reading.sheet import BrokenFile, read_grid
from files.reading.table import LONGER_ROW_REMEDY, Layout, Row, Table, longer_row, read_table
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.imports.contacts import CONTACTS, plan_contacts
from workflows.imports.documents import plan_documents
from workflows.imports.lines import LINES
from workflows.imports.one_offs import ONE_OFFS, plan_one_offs
from workflows.imports.organisations import plan_organisations
from workflows.imports.papers import PAPERS, plan_papers
from workflows.imports.people import PEOPLE, plan_people
from workflows.imports.plan import Finding, ImportFate, ImportPlan, missing_columns
from workflows.imports.uplifts import UPLIFTS, plan_uplifts

# More than anybody reads; the counts are of all.
MOST_KEPT = 5_000

# Passes the rows of a file on, and may show how far they are.
Watch = Callable[[list[Row]], Iterable[Row]]


@dataclass(frozen=True)
class ImportKind:
    """A kind of file that staff import: its name in addresses and commands, its title, and what reads it."""

    name: str
    title: str
    layouts: tuple[Layout, ...]
    plan: Callable[[Table, Iterable[Row]], ImportPlan]


KINDS = {
    kind.name: kind
    for kind in (
        ImportKind("organisations", "Organisations and services", ORGANISATIONS, plan_organisations),
        ImportKind("contacts", "Contacts", (CONTACTS,), plan_contacts),
        ImportKind("people", "People", (PEOPLE,), plan_people),
        ImportKind("contract-documents", "Contract documents with line items", (LINES,), plan_documents),
        ImportKind("paper-isos", "Paper ISOs", (PAPERS,), plan_papers),
        ImportKind("rate-uplifts", "Rate uplifts", (UPLIFTS,), plan_uplifts),
        ImportKind("one-off-payments", "One-off payments", (ONE_OFFS,), plan_one_offs),
    )
}


def plan_file(kind: ImportKind, content: bytes, watch: Watch) -> ImportPlan:
    """Return what importing a file would do. Raises Refused, at "file", where it cannot be read at all."""
    try:
        table = read_table(read_grid(content), kind.layouts)
    except BrokenFile as problem:
        raise Refused(Problem(Code.BROKEN_FILE, str(problem), field="file")) from None
    if missing := missing_columns(table):
        return ImportPlan(table, problems=[missing])
    plan = kind.plan(table, watch(table.rows))
    _refuse_shapes(plan)
    if not table.rows:
        no_rows = Problem(Code.NO_ROWS, "There are no rows below the headings.", "Fill in the rows.")
        plan.problems.append(Finding(table.heading_row, "", "", no_rows))
    if table.unknown:
        plan.notices.append(f"Columns that were passed over: {', '.join(table.unknown)}.")
    return plan


def _refuse_shapes(plan: ImportPlan) -> None:
    """Refuse a file in which nobody knows what stands where: a heading twice, days taken for months, or longer rows.

    What else is wrong with such a row follows from that.
    """
    table = plan.table
    for heading in table.twice:
        wrong = f"More than one column is headed “{heading}”."
        problem = Problem(Code.CONTRADICTION, wrong, "Remove the one that is not meant, or change its heading.")
        plan.problems.append(Finding(table.heading_row, heading, "", problem))
    for column in table.layout.columns:
        turned = TurnedDates()
        turned.note(row.cells.get(column.name) for row in table.rows)
        if turned:
            problem = Problem(Code.MONTH_FIRST, TURNED.format(column.title))
            plan.problems.append(Finding(table.heading_row, column.title, "", problem))
    longer = {row.number: row.beyond for row in table.rows if row.beyond}
    if not longer:
        return
    plan.problems = [each for each in plan.problems if each.row not in longer]
    for number, beyond in longer.items():
        problem = Problem(Code.ROW_SHAPE, longer_row(len(beyond)), LONGER_ROW_REMEDY)
        plan.reject(Finding(number, "", ", ".join(beyond)[:200], problem))


def findings_of(plan: ImportPlan) -> dict[str, Any]:
    """Return what is kept of a check."""
    counts = plan.count()
    return {
        "layout": plan.table.layout.name,
        "rows": len(plan.table.rows),
        **{fate.value: counts[fate] for fate in ImportFate},
        "problem_count": len(plan.problems),
        "problems": [_stored(each) for each in plan.problems[:MOST_KEPT]],
        "change_count": len(plan.changes),
        "changes": [each._asdict() for each in plan.changes[:MOST_KEPT]],
        "warning_count": len(plan.warnings),
        "warnings": plan.warnings[:MOST_KEPT],
        "notices": plan.notices,
    }


def _stored(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    place = {"row": finding.row, "column": finding.column, "value": finding.value}
    return place | {"code": problem.code.value, "wrong": problem.wrong, "remedy": problem.remedy}


# What is known of a file before it has been read.
NOTHING_FOUND: dict[str, Any] = {
    "layout": "", "rows": 0, **{fate.value: 0 for fate in ImportFate}, "problem_count": 0, "problems": [],
    "change_count": 0, "changes": [], "warning_count": 0, "warnings": [], "notices": [],
}  # fmt: skip
