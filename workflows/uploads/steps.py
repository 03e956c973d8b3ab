"""Uploads of actuals in two steps: a file is kept and checked, changing nothing; confirmed, its good rows go in.

What was found is kept with the file, so that the check is a page with an address. A big file is checked, and put in,
by the worker (`workflows/uploads/queue.py`); a small one at once.
"""

import hashlib
from collections.abc import Collection
from time import monotonic
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload, undefer

from models import PortalUser, Upload, UploadFinding, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import FindingKind, UploadState
from rules.words import counted
from workflows.clock import now
from workflows.uploads.aborted_visits import record_packed
from workflows.uploads.apply import Key, Moved, forget_session, store_visits, write_weeks
from workflows.uploads.check import Checked, Progress, check_content, findings_of, without_collecting
from workflows.uploads.finding import store_findings

# Files up to this size are checked while the person waits: some 2,000 rows.
SMALL_WORKBOOK, SMALL_TEXT = 120_000, 160_000
# How far a check has come is written down so often, in seconds: each time costs a little.
BETWEEN_NOTES = 0.5


def keep(filename: str, content: bytes, user: PortalUser | None, organisation_id: int) -> Upload:
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
    if is_small(content):
        # In one transaction: no worker takes a file that nobody sees yet.
        db.session.flush()
        _check(kept, content, lambda done, total: None)
    db.session.commit()
    return kept


def is_small(content: bytes) -> bool:
    """Say whether a file is checked at once."""
    return len(content) <= (SMALL_WORKBOOK if content.startswith(b"PK") else SMALL_TEXT)


def check(upload_id: int) -> Upload:
    """Check a kept file and keep what was found; nothing else is changed. Raises Unknown. Commits as it goes on."""
    upload = _find(upload_id, content=True)
    upload.state = UploadState.CHECKING
    db.session.commit()

    noted = monotonic()

    def note(done: int, total: int) -> None:
        nonlocal noted
        if 0 < done < total and monotonic() < noted + BETWEEN_NOTES:
            return
        noted = monotonic()
        db.session.execute(update(Upload).where(Upload.id == upload_id).values(rows_done=done, rows_total=total))
        db.session.commit()

    _check(upload, upload.content, note)
    db.session.commit()
    return upload


def _check(upload: Upload, content: bytes, note: Progress) -> None:
    try:
        with without_collecting():
            checked = check_content(upload.filename, content, note)
    except Refused as refused:
        # Raised by the reading: nothing has been written.
        upload.state, upload.checked_at = UploadState.REFUSED, now()
        upload.notices = [problem.message for problem in refused.problems]
    else:
        _keep_findings(upload, checked)


def _keep_findings(upload: Upload, checked: Checked) -> None:
    upload.layout, upload.counts, upload.notices = checked.layout.value, checked.counts, checked.notices
    upload.pounds_before, upload.pounds_after = checked.before, checked.after
    upload.rows_total = upload.rows_done = checked.counts["read"]
    upload.weeks, upload.visits, upload.aborted = checked.weeks, checked.visits, checked.aborted
    upload.held_against, upload.checked_at, upload.state = checked.held_against, now(), UploadState.CHECKED
    db.session.execute(delete(UploadFinding).where(UploadFinding.upload_id == upload.id))
    store_findings(upload, findings_of(checked.found))


def ask_to_apply(upload_id: int, ticked: Collection[int], user: PortalUser | None) -> Upload:
    """Put a checked file into the portal: a small one at once, a big one by the worker.

    `ticked` are the ids of the findings (conflicts, weeks on an invoice) that the file is to win. Raises Unknown, and
    Refused where the file is not waiting for it, or does not fit any more. Commits.
    """
    upload = _find(upload_id, content=True, lock=True)
    if upload.state is not UploadState.CHECKED:
        db.session.rollback()
        done = upload.state in (UploadState.DONE, UploadState.APPLYING)
        raise Refused(DONE_ALREADY if done else CANNOT_GO_IN)
    upload.ticked, upload.done_by_id = sorted(ticked), user.id if user else None
    if not is_small(upload.content):
        upload.state, upload.attempts = UploadState.APPLYING, 0
        db.session.commit()
        return upload
    return _apply(upload, user)


NO_FILE = Problem(Code.MISSING, "Choose a file.", field="file")
EMPTY_FILE = Problem(Code.BROKEN_FILE, "The file is empty.", "Choose another.", "file")
CANNOT_GO_IN = Problem(Code.WRONG_STATE, "This file cannot go in.", "Check it again.")
DONE_ALREADY = Problem(Code.DONE_ALREADY, "This file has gone in already.", "Nothing was changed.")


def apply(upload_id: int, ticked: Collection[int] = (), user: PortalUser | None = None) -> Upload:
    """Put a checked file into the portal now: all its good rows in one transaction or none. Raises as ask_to_apply."""
    upload = _find(upload_id, lock=True)
    if upload.state not in (UploadState.CHECKED, UploadState.APPLYING):
        db.session.rollback()
        raise Refused(DONE_ALREADY)
    if upload.state is UploadState.CHECKED:
        upload.ticked, upload.done_by_id = sorted(ticked), user.id if user else None
    return _apply(upload, user or upload.done_by)


def _apply(upload: Upload, user: PortalUser | None) -> Upload:
    upload_id = upload.id
    try:
        ticked, left_out = _asked_weeks(upload)
        written, held = write_weeks(upload, ticked, user)
        _record_aborted(upload.aborted, ticked, user)
        store_visits(upload, left_out)
    except Moved as moved:
        forget_session()
        again = check(upload_id)
        said = MOVED.format(counted(moved.count, "week")) if moved.count else MOVED_LINES
        again.notices = [*again.notices, said]
        db.session.commit()
        raise Refused(Problem(Code.CHANGED_MEANWHILE, again.notices[-1])) from None
    upload.counts = {**upload.counts, "written": written, "held": held}
    upload.weeks = upload.visits = None
    upload.state, upload.done_at = UploadState.DONE, now()
    db.session.commit()
    return upload


def _record_aborted(aborted: list[list[Any]], ticked: Collection[Key], user: PortalUser | None) -> None:
    try:
        wrong = record_packed(aborted, ticked, user)
    except Refused:
        raise Moved(1) from None
    if wrong:
        raise Moved(len(wrong))


MOVED = "{} of this file changed in the portal after it was checked, so nothing went in. It has been checked again."
MOVED_LINES = (
    "Care package line items of this file, or the rules for them, changed after it was checked, so nothing went in."
    " It has been checked again."
)


def _asked_weeks(upload: Upload) -> tuple[set[Key], set[Key]]:
    """Return the weeks that the check asked about: those that somebody ticked, and those that are left out."""
    query = select(UploadFinding.id, UploadFinding.line_item_id, UploadFinding.week_starting).where(
        UploadFinding.upload_id == upload.id, UploadFinding.kind.in_((FindingKind.CONFLICT, FindingKind.LOCKED))
    )
    found = [(id_, (line_id, week)) for id_, line_id, week in db.session.execute(query) if line_id and week]
    ticked = {week for id_, week in found if id_ in upload.ticked}
    return ticked, {week for _id, week in found} - ticked


def find_upload(upload_id: int) -> Upload:
    """Return one upload with who gave it and who put it in. Raises Unknown."""
    return _find(upload_id)


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
    return _find(upload_id, content=True).content


def _find(upload_id: int, *, content: bool = False, lock: bool = False) -> Upload:
    people = (joinedload(Upload.given_by), joinedload(Upload.done_by))
    query = select(Upload).where(Upload.id == upload_id).options(*people)
    if content:
        query = query.options(undefer(Upload.content))
    if lock:
        packed = (undefer(each) for each in (Upload.weeks, Upload.visits, Upload.aborted))
        query = query.options(*packed).with_for_update(of=Upload)
    found: Upload | None = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Unknown
    return found
