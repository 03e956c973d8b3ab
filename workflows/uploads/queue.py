"""Big files wait their turn: any number of workers take them, one file each, and a file outlives its worker.

A worker holds a lock of the database on the file while it works. The lock ends with the worker, however that ends; so
a file that is being checked and whose lock is free is taken again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from models import COUNCIL, PortalUser, Upload, acting_for, db, say_who
from rules.refusal import Refused
from rules.states import UploadState
from workflows.clock import now
from workflows.uploads import steps as uploads

# The first key of the lock under which a file is worked on; the second is its id.
UPLOAD_LOCK = 21_772
MOST_ATTEMPTS = 3
GAVE_UP = "This file could not be checked. Split it into smaller files and try again."
UNFINISHED = (UploadState.WAITING, UploadState.CHECKING, UploadState.APPLYING)

log = logging.getLogger(__name__)


def work_once() -> bool:
    """Check or put in the file that waits longest and that no other worker has; whether there was one.

    Sees every organisation to find the file, and only the file's own while working on it.
    """
    with acting_for(COUNCIL):
        # A file with an address of small size is checked in its request: only one left behind is taken here.
        waiting = db.session.execute(
            select(Upload.id, Upload.organisation_id).where(Upload.state.in_(UNFINISHED)).order_by(Upload.id)
        ).all()
        db.session.rollback()
    for upload_id, organisation_id in waiting:
        with _held(upload_id) as mine:
            if mine:
                with acting_for(organisation_id):
                    _work(upload_id)
                return True
    return False


@contextmanager
def _held(upload_id: int) -> Iterator[bool]:
    with db.engine.connect() as connection:
        mine = connection.scalar(select(func.pg_try_advisory_lock(UPLOAD_LOCK, upload_id)))
        connection.commit()
        try:
            yield bool(mine)
        finally:
            if mine:
                connection.scalar(select(func.pg_advisory_unlock(UPLOAD_LOCK, upload_id)))
                connection.commit()


def _work(upload_id: int) -> None:
    upload = db.session.scalars(
        select(Upload).where(Upload.id == upload_id, Upload.state.in_(UNFINISHED)).with_for_update(skip_locked=True)
    ).first()
    if upload is None:
        db.session.rollback()
        return
    applying = upload.state is UploadState.APPLYING
    upload.attempts += 1
    if upload.attempts > MOST_ATTEMPTS:
        upload.state, upload.checked_at, upload.notices = UploadState.FAILED, now(), [GAVE_UP]
        db.session.commit()
        return
    db.session.commit()
    who: PortalUser | None = upload.done_by if applying else upload.given_by
    say_who(who.id if who else None, "upload")
    try:
        if applying:
            uploads.apply(upload_id)
        else:
            uploads.check(upload_id)
    except Refused as refused:
        log.info("upload %s: %s", upload_id, refused)
    except Exception:
        # The next attempt may go better, and after the last the file says that it failed: the worker goes on.
        log.exception("upload %s", upload_id)
        db.session.rollback()
