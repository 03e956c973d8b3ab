"""Uploads of actuals in two steps: a file is kept and checked, changing nothing; confirmed, its good rows go in.

What was found is kept with the file, so that the check is a page with an address. A task for the worker is written
down with each step; a small file is checked, and put in, at once, in the same way (`workflows/uploads/work.py`).
"""

import hashlib
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import PortalUser, Upload, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.upload_states import UploadState
from workflows.upkeep.queue import REQUEST, Task, at_once, defer
from workflows.uploads.work import find, work_on

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


def ask_to_apply(
    upload_id: int, ticked: Collection[int], user: PortalUser | None, shown: Collection[int] | None = None
) -> Upload:
    """Put a checked file into the portal: a small one at once, a big one by the worker.

    `ticked` are the ids of the findings (conflicts, weeks on an invoice) that the file is to win, `shown` those that
    could be ticked, None for all: ticks of others stay as they were stored. Raises Unknown, and Refused where the file
    is not waiting for it, or does not fit any more. Commits.
    """
    upload = _waiting_for_yes(upload_id)
    _tick(upload, ticked, shown)
    upload.done_by_id = user.id if user else None
    upload.state, upload.attempts = UploadState.APPLYING, 0
    return _hand_over(upload, small=is_small(upload.content))


def check_again(upload_id: int) -> Upload:
    """Check a file that waited for its columns to be matched: a small one at once, a big one by the worker. Commits."""
    upload = find(upload_id, content=True, lock=True)
    upload.state, upload.attempts = UploadState.WAITING, 0
    return _hand_over(upload, small=is_small(upload.content))


def store_ticks(upload_id: int, ticked: Collection[int], shown: Collection[int] | None) -> None:
    """Keep what is ticked of the findings that were shown, None for all, until the file goes in. Commits.

    Raises as ask_to_apply does.
    """
    _tick(_waiting_for_yes(upload_id), ticked, shown)
    db.session.commit()


def _waiting_for_yes(upload_id: int) -> Upload:
    upload = find(upload_id, content=True, lock=True)
    if upload.state is not UploadState.CHECKED:
        db.session.rollback()
        done = upload.state in (UploadState.DONE, UploadState.APPLYING)
        raise Refused(DONE_ALREADY if done else CANNOT_GO_IN)
    return upload


def _tick(upload: Upload, ticked: Collection[int], shown: Collection[int] | None) -> None:
    elsewhere = set(upload.ticked) - set(shown) if shown is not None else set()
    upload.ticked = sorted(elsewhere | set(ticked))


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


def find_upload(upload_id: int, *, changes: bool = False) -> Upload:
    """Return one upload with who gave it and who put it in, and with the weeks it changes if asked. Raises Unknown."""
    return find(upload_id, changes=changes)


def earlier_uploads(most: int = 50) -> list[Upload]:
    """Return the organisation's latest uploads, newest first, without their content."""
    query = select(Upload).options(joinedload(Upload.given_by), joinedload(Upload.done_by), joinedload(Upload.match))
    return list(db.session.scalars(query.order_by(Upload.id.desc()).limit(most)))


def content_of(upload_id: int) -> bytes:
    """Return a file as it was given. Raises Unknown."""
    return find(upload_id, content=True).content
