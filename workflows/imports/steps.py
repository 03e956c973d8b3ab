"""Staff imports in two steps: a file is kept and checked; confirmed, it is written, all or nothing.

The check writes nothing but what was found. Confirming works everything out again, because the records may have
changed since, and writes only when there is no problem at all. A task for the worker is written down with each step; a
small file is checked, and written, at once, in the same way (`workflows/imports/work.py`).
"""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload, undefer

from files.reading.sheet import read_grid
from files.reading.table import plain, read_table
from files.writing.template_and_corrections import FaultyRow, write_correction, write_template
from models import ImportFile, PortalUser, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.upload_states import ImportState
from workflows.clock import now
from workflows.imports.kinds import KINDS, NOTHING_FOUND, Watch
from workflows.imports.plan import Finding, ImportFate
from workflows.imports.work import check, find, refuse_unless_checked, work_on, write
from workflows.upkeep.queue import REQUEST, Task, at_once, defer

NO_FILE = Problem(Code.MISSING, "Choose a file.", field="file")
EMPTY_FILE = Problem(Code.BROKEN_FILE, "The file is empty.", "Choose another.", "file")
# Files up to this size are checked while the person waits.
SMALL = 100_000
ABANDONED_AFTER = timedelta(days=7)


def store_import(kind_name: str, filename: str, content: bytes, officer: PortalUser | None) -> ImportFile:
    """Keep a file and, where it is small, check it; a big one waits for the worker. Commits.

    Raises Refused, at "kind" or "file", where there is no such kind of import or no file. One that cannot be read at
    all is kept as refused: its one notice says why.
    """
    kept = _stored(kind_name, filename, content, officer)
    return _hand_over(kept, small=len(content) <= SMALL)


def ask_to_confirm(import_id: int, officer: PortalUser | None) -> ImportFile:
    """Write the rows of a checked file, all or none: a small one at once, a big one by the worker. Commits.

    Raises Unknown, and Refused where it was imported already, has problems, or no longer fits what is in the portal.
    """
    kept = find(import_id, undefer(ImportFile.content), lock=True)
    refuse_unless_checked(kept)
    kept.state, kept.attempts, kept.done_by_id = ImportState.APPLYING, 0, officer.id if officer else None
    return _hand_over(kept, small=len(kept.content) <= SMALL)


def abandon(import_id: int, officer: PortalUser | None) -> ImportFile:
    """Leave a checked file without writing it. Commits. Raises Unknown, and Refused where nothing waits any more."""
    kept = find(import_id, lock=True)
    refuse_unless_checked(kept)
    kept.state, kept.done_at, kept.done_by_id = ImportState.ABANDONED, now(), officer.id if officer else None
    db.session.commit()
    return import_file(import_id)


def abandon_old() -> int:
    """Leave every checked file that would change something and that nobody confirmed in time; how many. Commits."""
    changes = [ImportFile.findings[fate].as_integer() > 0 for fate in (ImportFate.NEW, ImportFate.CHANGED)]
    statement = (
        update(ImportFile)
        .where(ImportFile.state == ImportState.CHECKED, ImportFile.given_at < now() - ABANDONED_AFTER, or_(*changes))
        .values(state=ImportState.ABANDONED, done_at=now())
        .returning(ImportFile.id)
    )
    left = db.session.scalars(statement).all()
    db.session.commit()
    return len(left)


def check_again(import_id: int, officer: PortalUser | None) -> ImportFile:
    """Check a file that was given before anew, as an import of its own. Commits. Raises Unknown, Refused."""
    kept = find(import_id, undefer(ImportFile.content))
    return store_import(kept.kind, kept.filename, kept.content, officer)


def _hand_over(kept: ImportFile, *, small: bool) -> ImportFile:
    """Commit a file with the task for the worker; where it is small the worker only does what this request does not."""
    defer(Task.IMPORT, after=REQUEST if small else None, import_id=kept.id)
    db.session.commit()
    if small:
        at_once(lambda: work_on(kept.id))
    return import_file(kept.id)


def check_file(
    kind_name: str, filename: str, content: bytes, officer: PortalUser | None, watch: Watch = iter
) -> ImportFile:
    """Check a file now, whatever its size, and keep it with what was found; nothing else is written.

    `watch` passes the rows on and may show progress. Raises Refused, at "kind" or "file", where there is no such kind
    of import or the file cannot be read at all; it is not kept then.
    """
    kept = _stored(kind_name, filename, content, officer)
    try:
        check(kept, watch)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return kept


def confirm(import_id: int, watch: Watch = iter) -> ImportFile:
    """Write the rows of a checked file now, all or none.

    Raises Refused where it was imported already, has problems, or no longer fits what is in the portal; Unknown where
    there is no such file.
    """
    return write(import_id, watch)


def _stored(kind_name: str, filename: str, content: bytes, officer: PortalUser | None) -> ImportFile:
    if kind_name not in KINDS:
        raise Refused(Problem(Code.MISSING, "Choose what the file contains.", field="kind"))
    if not content:
        raise Refused(NO_FILE if not filename else EMPTY_FILE)
    kept = ImportFile(
        kind=kind_name,
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        state=ImportState.WAITING,
        findings=NOTHING_FOUND,
        given_by_id=officer.id if officer else None,
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def import_file(import_id: int) -> ImportFile:
    """Return one import with who gave it and who confirmed it. Raises Unknown."""
    return find(import_id, joinedload(ImportFile.given_by), joinedload(ImportFile.done_by))


def recent_imports(most: int = 50) -> list[ImportFile]:
    """Return the latest imports, newest first, without their content."""
    return list(
        db.session.scalars(
            select(ImportFile).options(joinedload(ImportFile.given_by)).order_by(ImportFile.id.desc()).limit(most)
        )
    )


def content_of(import_id: int) -> bytes:
    """Return a file as it was given. Raises Unknown."""
    return find(import_id, undefer(ImportFile.content)).content


def template(kind_name: str) -> bytes:
    """Return an empty workbook to fill in for a kind of import. Raises Unknown."""
    if kind_name not in KINDS:
        raise Unknown
    return write_template(KINDS[kind_name].layouts[0])


def correction(import_id: int) -> bytes:
    """Return a workbook of the rows of a file that have a problem, as they stood, with what to do beside them."""
    kept = find(import_id, undefer(ImportFile.content))
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
    message = " ".join(f"{each.column}: {each.problem.message}".removeprefix(": ") for each in findings)
    faulty = {plain(each.column) for each in findings}
    return FaultyRow(cells, frozenset(place for heading, place in places.items() if heading in faulty), message)
