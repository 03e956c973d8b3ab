"""Uploads of actuals in two steps: a file is kept and checked, changing nothing; confirmed, its good rows go in.

What was found is kept with the file, so that the check is a page with an address. A task for the worker is written
down with each step; a small file is checked, and put in, at once, in the same way (`workflows/uploads/work.py`).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from files.reading.cells import Cell
from files.reading.sheet import FARTHEST_HEADING, pick_rows
from files.reading.table import plain
from files.writing.template_and_corrections import FaultyRow, FaultySheet, write_corrections
from models import PortalUser, Upload, UploadFinding, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import FindingKind, UploadState
from workflows.upkeep.queue import REQUEST, Task, at_once, defer
from workflows.uploads.work import find, work_on

# The sheet of a correction file whose rows came from separated text, and headings by which a row of headings is known.
SHEET = "Rows to correct"
KNOWN = {"cpli", "personref", "visitref", "weekstarting", "servicedate", "deliveredunits", "date", "plannedstart"}
# Files up to this size are checked while the person waits: some 2,000 rows.
SMALL_WORKBOOK, SMALL_TEXT = 120_000, 160_000


def store_upload(filename: str, content: bytes, user: PortalUser | None, organisation_id: int) -> Upload:
    """Keep a file and, where it is small, check it; a big one waits for the worker. Commits.

    Raises Refused, at "file", where there is no file. One that is no use as a whole is kept as refused: its one notice
    says why.
    """
    if not content:
        raise Refused(NO_FILE if not filename else EMPTY_FILE)
    kept = Upload(
        organisation_id=organisation_id,
        filename=filename.replace("\x00", "")[-200:] or "file",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        state=UploadState.WAITING,
        given_by_id=user.id if user else None,
    )
    db.session.add(kept)
    db.session.flush()
    return _hand_over(kept, small=is_small(content))


def is_small(content: bytes) -> bool:
    """Say whether a file is checked at once."""
    return len(content) <= (SMALL_WORKBOOK if content.startswith(b"PK") else SMALL_TEXT)


def ask_to_apply(upload_id: int, ticked: Collection[int], user: PortalUser | None) -> Upload:
    """Put a checked file into the portal: a small one at once, a big one by the worker.

    `ticked` are the ids of the findings (conflicts, weeks on an invoice) that the file is to win. Raises Unknown, and
    Refused where the file is not waiting for it, or does not fit any more. Commits.
    """
    upload = find(upload_id, content=True, lock=True)
    if upload.state is not UploadState.CHECKED:
        db.session.rollback()
        done = upload.state in (UploadState.DONE, UploadState.APPLYING)
        raise Refused(DONE_ALREADY if done else CANNOT_GO_IN)
    upload.ticked, upload.done_by_id = sorted(ticked), user.id if user else None
    upload.state, upload.attempts = UploadState.APPLYING, 0
    return _hand_over(upload, small=is_small(upload.content))


NO_FILE = Problem(Code.MISSING, "Choose a file.", field="file")
EMPTY_FILE = Problem(Code.BROKEN_FILE, "The file is empty.", "Choose another.", "file")
CANNOT_GO_IN = Problem(Code.WRONG_STATE, "This file cannot go in.", "Check it again.")
DONE_ALREADY = Problem(Code.DONE_ALREADY, "This file has gone in already.", "Nothing was changed.")


def _hand_over(upload: Upload, *, small: bool) -> Upload:
    """Commit a file with the task for the worker; where it is small the worker only does what this request does not."""
    defer(Task.UPLOAD, after=REQUEST if small else None, organisation_id=upload.organisation_id, upload_id=upload.id)
    db.session.commit()
    if small:
        at_once(lambda: work_on(upload.id))
    return find(upload.id)


def find_upload(upload_id: int) -> Upload:
    """Return one upload with who gave it and who put it in. Raises Unknown."""
    return find(upload_id)


def findings(
    upload_id: int, *kinds: FindingKind, code: str | None = None, most: int | None = None
) -> list[UploadFinding]:
    """Return what the check of a file found, of these kinds (and this code), in the order of the file's rows."""
    query = select(UploadFinding).where(UploadFinding.upload_id == upload_id, UploadFinding.kind.in_(kinds))
    if code is not None:
        query = query.where(UploadFinding.code == code)
    return list(db.session.scalars(query.order_by(UploadFinding.id).limit(most)))


def rejected_count(upload_id: int) -> int:
    """Return how many problems keep rows of a file out."""
    rejected = (UploadFinding.upload_id == upload_id) & (UploadFinding.kind == FindingKind.REJECTED)
    return db.session.scalar(select(func.count()).select_from(UploadFinding).where(rejected)) or 0


def warning_counts(upload_id: int) -> dict[str, int]:
    """Return how many warnings of each code a file has."""
    warned = (UploadFinding.upload_id == upload_id) & (UploadFinding.kind == FindingKind.WARNING)
    query = select(UploadFinding.code, func.count()).where(warned).group_by(UploadFinding.code)
    return {code: int(count) for code, count in db.session.execute(query)}


def earlier_uploads(most: int = 50) -> list[Upload]:
    """Return the organisation's latest uploads, newest first, without their content."""
    query = select(Upload).options(joinedload(Upload.given_by), joinedload(Upload.done_by))
    return list(db.session.scalars(query.order_by(Upload.id.desc()).limit(most)))


def content_of(upload_id: int) -> bytes:
    """Return a file as it was given. Raises Unknown."""
    return find(upload_id, content=True).content


def correction(upload_id: int) -> bytes:
    """Return a workbook in the layout of a file with only the rows that were rejected. Raises Unknown."""
    by_sheet: dict[str, dict[int, list[UploadFinding]]] = {}
    for finding in findings(upload_id, FindingKind.REJECTED):
        by_sheet.setdefault(finding.sheet, {}).setdefault(finding.row, []).append(finding)
    picked = pick_rows(content_of(upload_id), by_sheet)
    return write_corrections([_sheet(name, picked[name], found) for name, found in by_sheet.items()])


def _sheet(name: str, rows: Mapping[int, list[Cell]], by_row: Mapping[int, list[UploadFinding]]) -> FaultySheet:
    headings = [str(cell or "") for cell in _headings(rows, min(by_row))]
    places = {plain(heading): place for place, heading in reversed(list(enumerate(headings)))}
    faulty = []
    for number, found in sorted(by_row.items()):
        wrong = {plain(each.column) for each in found}
        message = " ".join(f"{each.column}: {each.wrong} {each.remedy}".strip(": ") for each in found)
        coloured = frozenset(place for heading, place in places.items() if heading in wrong)
        faulty.append(FaultyRow(rows.get(number, []), coloured, message))
    return FaultySheet(name or SHEET, headings, faulty)


def _headings(rows: Mapping[int, list[Cell]], before: int) -> Sequence[Cell]:
    """Return the row of headings: the fullest of those above the first row that was read."""
    above = [row for number, row in rows.items() if number <= min(before - 1, FARTHEST_HEADING)]
    return max(above, key=lambda row: sum(plain(str(cell or "")) in KNOWN for cell in row), default=[])
