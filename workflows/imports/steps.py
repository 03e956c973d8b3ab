"""Staff imports in two steps: a file is checked and kept with what was found; confirmed, it is written, all or nothing.

The check writes nothing but the file itself. Confirming works everything out again, because the records may have
changed since, and writes only when there is no problem at all.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, undefer

from files.reading.sheet import BrokenFile, read_grid
from files.reading.table import Layout, Row, Table, plain, read_table
from files.writing.template_and_corrections import FaultyRow, write_correction, write_template
from models import ImportFile, PortalUser, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ImportState
from workflows.clock import now
from workflows.imports.contacts import CONTACTS, plan_contacts
from workflows.imports.documents import plan_documents
from workflows.imports.lines import LINES
from workflows.imports.organisations import LAYOUTS as ORGANISATIONS
from workflows.imports.organisations import plan_organisations
from workflows.imports.plan import IMPORT_LOCK, Fate, Finding, Plan, missing_columns

# More than anybody reads; the counts are of all.
MOST_KEPT = 5_000

Watch = Callable[[list[Row]], Iterable[Row]]


@dataclass(frozen=True)
class ImportKind:
    """A kind of file that staff import: its name in addresses and commands, its title, and what reads it."""

    name: str
    title: str
    layouts: tuple[Layout, ...]
    plan: Callable[[Table, Iterable[Row]], Plan]


KINDS = {
    kind.name: kind
    for kind in (
        ImportKind("organisations", "Organisations and services", ORGANISATIONS, plan_organisations),
        ImportKind("contacts", "Contacts", (CONTACTS,), plan_contacts),
        ImportKind("contract-documents", "Contract documents with line items", (LINES,), plan_documents),
    )
}


def check_file(
    kind_name: str, filename: str, content: bytes, officer: PortalUser | None, watch: Watch = iter
) -> ImportFile:
    """Check a file and keep it with what was found; nothing else is written.

    `watch` passes the rows on and may show progress. Raises Refused, at "kind" or "file", where there is no such kind
    of import or the file cannot be read at all.
    """
    kind = KINDS.get(kind_name)
    if kind is None:
        raise Refused(Problem(Code.MISSING, "Choose what the file contains.", field="kind"))
    if not content:
        raise Refused(NO_FILE if not filename else EMPTY_FILE)
    plan = _plan(kind, content, watch)
    kept = ImportFile(
        kind=kind.name,
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        state=ImportState.REFUSED if plan.problems else ImportState.CHECKED,
        findings=_findings(plan),
        given_by_id=officer.id if officer else None,
    )
    db.session.add(kept)
    db.session.commit()
    return kept


def confirm(import_id: int, watch: Watch = iter) -> ImportFile:
    """Write the rows of a checked file, all or none.

    Raises Refused where it was imported already, has problems, or no longer fits what is in the portal; Unknown where
    there is no such file.
    """
    # One import at a time: two that were worked out beside each other could both add the same organisation.
    db.session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
    kept = _find(import_id, undefer(ImportFile.content), lock=True)
    if kept.state is not ImportState.CHECKED:
        db.session.rollback()
        raise Refused(DONE_ALREADY if kept.state is ImportState.DONE else HAS_PROBLEMS)
    plan = _plan(KINDS[kept.kind], kept.content, watch)
    kept.findings = _findings(plan)
    if plan.problems:
        kept.state = ImportState.REFUSED
        db.session.commit()
        raise Refused(CHANGED_SINCE)
    try:
        plan.apply()
        kept.state, kept.done_at = ImportState.DONE, now()
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Refused(CHANGED_SINCE) from None
    return kept


NO_FILE = Problem(Code.MISSING, "Choose a file.", field="file")
EMPTY_FILE = Problem(Code.BROKEN_FILE, "The file is empty.", "Choose another.", "file")
DONE_ALREADY = Problem(Code.DONE_ALREADY, "This file has been imported already.", "Nothing was changed.")
HAS_PROBLEMS = Problem(Code.HAS_PROBLEMS, "This file has problems.", "Put them right and check it again.")
CHANGED_SINCE = Problem(
    Code.CHANGED_MEANWHILE,
    "The records changed after this file was checked, and it no longer fits.",
    "Nothing was written.",
)


def import_file(import_id: int) -> ImportFile:
    """Return one import with who gave it. Raises Unknown."""
    return _find(import_id, joinedload(ImportFile.given_by))


def recent_imports(most: int = 50) -> list[ImportFile]:
    """Return the latest imports, newest first, without their content."""
    return list(
        db.session.scalars(
            select(ImportFile).options(joinedload(ImportFile.given_by)).order_by(ImportFile.id.desc()).limit(most)
        )
    )


def content_of(import_id: int) -> bytes:
    """Return a file as it was given. Raises Unknown."""
    return _find(import_id, undefer(ImportFile.content)).content


def template(kind_name: str) -> bytes:
    """Return an empty workbook to fill in for a kind of import. Raises Unknown."""
    if kind_name not in KINDS:
        raise Unknown
    return write_template(KINDS[kind_name].layouts[0])


def correction(import_id: int) -> bytes:
    """Return a workbook of the rows of a file that have a problem, as they stood, with what to do beside them."""
    kept = _find(import_id, undefer(ImportFile.content))
    grid = read_grid(kept.content)
    table = read_table(grid, KINDS[kept.kind].layouts)
    problems: dict[int, list[Finding]] = {}
    for problem in problems_of(kept):
        if problem.row > table.heading_row:
            problems.setdefault(problem.row, []).append(problem)
    places = {plain(heading): place for place, heading in reversed(list(enumerate(table.headings)))}
    rows = [_faulty(grid[number - 1], found, places) for number, found in sorted(problems.items())]
    return write_correction(table.headings, rows)


def problems_of(kept: ImportFile) -> list[Finding]:
    """Return what was found wrong in a file, in the order of its rows."""
    return [
        Finding(each["row"], each["column"], each["value"], Problem(_code(each), each["wrong"], each["remedy"]))
        for each in kept.findings.get("problems", [])
    ]


def _code(stored: dict[str, Any]) -> Code:
    # A file that was checked before problems had codes says only that it has some.
    return Code(stored.get("code", Code.HAS_PROBLEMS))


def _faulty(cells: list[Any], findings: list[Finding], places: dict[str, int]) -> FaultyRow:
    message = " ".join(f"{each.column}: {each.problem.message}" for each in findings)
    faulty = {plain(each.column) for each in findings}
    return FaultyRow(cells, frozenset(place for heading, place in places.items() if heading in faulty), message)


def _plan(kind: ImportKind, content: bytes, watch: Watch) -> Plan:
    try:
        table = read_table(read_grid(content), kind.layouts)
    except BrokenFile as problem:
        raise Refused(Problem(Code.BROKEN_FILE, str(problem), field="file")) from None
    if missing := missing_columns(table):
        return Plan(table, problems=[missing])
    plan = kind.plan(table, watch(table.rows))
    if not table.rows:
        no_rows = Problem(Code.NO_ROWS, "There are no rows below the headings.", "Fill in the rows.")
        plan.problems.append(Finding(table.heading_row, "", "", no_rows))
    if table.unknown:
        plan.notices.append(f"Columns that were passed over: {', '.join(table.unknown)}.")
    return plan


def _findings(plan: Plan) -> dict[str, Any]:
    counts = plan.count()
    return {
        "layout": plan.table.layout.name,
        "rows": len(plan.table.rows),
        **{fate.value: counts[fate] for fate in Fate},
        "problem_count": len(plan.problems),
        "problems": [_stored(each) for each in plan.problems[:MOST_KEPT]],
        "warning_count": len(plan.warnings),
        "warnings": plan.warnings[:MOST_KEPT],
        "notices": plan.notices,
    }


def _stored(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    place = {"row": finding.row, "column": finding.column, "value": finding.value}
    return place | {"code": problem.code.value, "wrong": problem.wrong, "remedy": problem.remedy}


def _find(import_id: int, option: Any, *, lock: bool = False) -> ImportFile:
    query = select(ImportFile).where(ImportFile.id == import_id).options(option)
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    found: ImportFile | None = db.session.scalar(query)
    if found is None:
        raise Unknown
    return found
