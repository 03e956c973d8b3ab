"""A file of actuals is checked, or put in, by whoever holds its lock: a worker, or the request of a small one.

A check changes nothing but what is known of the file; putting in is one transaction. So a file whose worker was killed
is begun again, a few times.
"""

import logging
from collections.abc import Collection
from time import monotonic
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload, undefer

from files.actuals.layouts import Unmatched
from models import ColumnMatch, PortalUser, Upload, UploadFinding, db, say_who
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.upload_states import UploadState
from rules.words import counted
from workflows.aborted_visits.check import JudgedVisit
from workflows.aborted_visits.record import settle
from workflows.clock import now
from workflows.collecting import without_collecting
from workflows.upkeep.queue import GAVE_UP, GAVE_UP_WRITING, MOST_ATTEMPTS, held
from workflows.uploads.aborted_visits import write_packed
from workflows.uploads.apply import Key, Moved, forget_session, store_visits, take_choices, write_weeks
from workflows.uploads.check import Checked, Progress, check_content, findings_of
from workflows.uploads.finding import ASKED, store_findings
from workflows.uploads.matches import matches_for, own_titles, readings
from workflows.weeks.claimed_days import take_turns

UNFINISHED = (UploadState.WAITING, UploadState.CHECKING, UploadState.APPLYING)
# How far a check has come is written down so often, in seconds: each time costs a little.
BETWEEN_NOTES = 0.5
AGAIN = "It has been checked again, and what you ticked is still ticked where the question is the same."
MOVED = f"{{}} of this file changed in the portal after it was checked, so nothing went in. {AGAIN}"
MOVED_LINES = (
    "Care package line items of this file, or the rules for them, changed after it was checked, so nothing went in."
    f" {AGAIN}"
)

log = logging.getLogger(__name__)


@without_collecting()
def work_on(upload_id: int, address: str | None = None) -> None:
    """Check a file that waits for it, or put in one that somebody confirmed; nothing where neither is left to do.

    A worker names an `address` for the audit trail; in a request it is known who acts. Commits as it goes on. Raises
    Busy where somebody else works on the file, and Refused where weeks moved since its check.
    """
    with held(f"upload {upload_id}"):
        upload = _begun(upload_id)
        if upload is None:
            return
        applying = upload.state is UploadState.APPLYING
        if address:
            who: PortalUser | None = upload.done_by if applying else upload.given_by
            say_who(who.id if who else None, address)
        if applying:
            _apply(upload_id)
        else:
            _check_kept(upload_id)


def _begun(upload_id: int) -> Upload | None:
    """Return a file that is to be worked on, with one more attempt counted; none where nothing is left to do."""
    upload = db.session.scalars(
        select(Upload).where(Upload.id == upload_id, Upload.state.in_(UNFINISHED)).with_for_update()
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if upload is None:
        db.session.rollback()
        return None
    upload.attempts += 1
    if gave_up := upload.attempts > MOST_ATTEMPTS:
        said = GAVE_UP_WRITING if upload.state is UploadState.APPLYING else GAVE_UP
        upload.state, upload.checked_at, upload.notices = UploadState.FAILED, now(), [said]
    db.session.commit()
    return None if gave_up else upload


def _check_kept(upload_id: int) -> Upload:
    upload = find(upload_id, content=True)
    upload.state = UploadState.CHECKING
    db.session.commit()

    noted = monotonic()

    def note(done: int, total: int) -> None:
        nonlocal noted
        if done and done != total and monotonic() < noted + BETWEEN_NOTES:
            return
        noted = monotonic()
        db.session.execute(update(Upload).where(Upload.id == upload_id).values(rows_done=done, rows_total=total))
        db.session.commit()

    _check(upload, upload.content, note)
    db.session.commit()
    return upload


def _check(upload: Upload, content: bytes, note: Progress) -> None:
    matches = matches_for(upload)
    try:
        checked = check_content(upload.filename, content, note, matches=readings(matches))
    except Unmatched as unmatched:
        upload.state, upload.checked_at = UploadState.MATCHING, now()
        upload.own_table, upload.notices, upload.match_id = unmatched.table.kept(), [], None
    except Refused as refused:
        # Raised by the reading: nothing has been written.
        upload.state, upload.checked_at = UploadState.REFUSED, now()
        upload.notices = [problem.message for problem in refused.problems]
    else:
        _keep_findings(upload, checked, matches.get(checked.matched))


def _keep_findings(upload: Upload, checked: Checked, match: ColumnMatch | None) -> None:
    upload.match_id, upload.own_table = (match.id if match else None), None
    if match is not None:
        titles = own_titles(match)
        checked.found = [each._replace(column=titles.get(each.column, each.column)) for each in checked.found]
    upload.layout, upload.counts, upload.notices = checked.layout.value, checked.counts, checked.notices
    upload.pounds_before, upload.pounds_after = checked.before, checked.after
    upload.rows_total = upload.rows_done = checked.counts["read"]
    upload.weeks, upload.visits, upload.aborted = checked.weeks, checked.visits, checked.aborted
    upload.changes, upload.rows = checked.changes, checked.rows
    upload.held_against, upload.checked_at, upload.state = checked.held_against, now(), UploadState.CHECKED
    ticked = {question for id_, question in _questions(upload.id).items() if id_ in upload.ticked}
    db.session.execute(delete(UploadFinding).where(UploadFinding.upload_id == upload.id))
    store_findings(upload, findings_of(checked.found))
    # Checked again: what was ticked stays ticked where the question is still the same, word for word.
    upload.ticked = [id_ for id_, question in _questions(upload.id).items() if question in ticked] if ticked else []


def _questions(upload_id: int) -> dict[int, tuple[Any, ...]]:
    """Return what a file asks, by the id of the finding: where in it, and in which words."""
    columns = ("code", "sheet", "row", "wrong")
    which = [getattr(UploadFinding, name) for name in columns]
    query = select(UploadFinding.id, *which).where(UploadFinding.upload_id == upload_id, UploadFinding.kind.in_(ASKED))
    return {id_: tuple(question) for id_, *question in db.session.execute(query.order_by(UploadFinding.id))}


def _apply(upload_id: int) -> None:
    """Put in all good rows of a file, and those ticked, in one transaction, or none and check it again."""
    upload = find(upload_id, lock=True)
    user = upload.done_by
    try:
        ticked, left_out = asked_weeks(upload)
        take_turns(upload.organisation_id)
        ticked |= take_choices(upload, left_out)
        aborted = _write_aborted(upload.aborted, ticked, user)
        written, kept_back = write_weeks(upload, ticked, user)
        _settle_aborted(aborted, ticked, user)
        store_visits(upload, left_out)
    except Moved as moved:
        forget_session()
        again = _check_kept(upload_id)
        said = moved.why or (MOVED.format(counted(moved.count, "week")) if moved.count else MOVED_LINES)
        again.notices = [*again.notices, said]
        db.session.commit()
        raise Refused(Problem(Code.CHANGED_MEANWHILE, again.notices[-1])) from None
    upload.counts = {**upload.counts, "written": written, "held": kept_back}
    upload.weeks = upload.visits = None
    upload.state, upload.done_at = UploadState.DONE, now()
    db.session.commit()


def _write_aborted(packed: list[list[Any]], ticked: Collection[Key], user: PortalUser | None) -> list[JudgedVisit]:
    judged = write_packed(packed, ticked, user)
    if wrong := [each for each in judged if each.problems]:
        raise Moved(len(wrong))
    return judged


def _settle_aborted(judged: list[JudgedVisit], ticked: Collection[Key], user: PortalUser | None) -> None:
    try:
        settle(judged, user, correct=ticked)
    except Refused:
        raise Moved(1) from None


def asked_weeks(upload: Upload) -> tuple[set[Key], set[Key]]:
    """Return the weeks that the check asked about: those that somebody ticked, and those that are left out."""
    query = select(UploadFinding.id, UploadFinding.line_item_id, UploadFinding.week_starting).where(
        UploadFinding.upload_id == upload.id, UploadFinding.kind.in_(ASKED)
    )
    found = [(id_, (line_id, week)) for id_, line_id, week in db.session.execute(query) if line_id and week]
    ticked = {week for id_, week in found if id_ in upload.ticked}
    return ticked, {week for _id, week in found} - ticked


def giver_of(upload_id: int) -> int | None:
    """Return the id of who gave a file; None where nobody is known to have, or there is no such file."""
    found: int | None = db.session.scalar(select(Upload.given_by_id).where(Upload.id == upload_id))
    return found


def find(upload_id: int, *, content: bool = False, changes: bool = False, lock: bool = False) -> Upload:
    """Return one upload with who gave it and who put it in; with what it holds, locked, if asked. Raises Unknown.

    `content` is the file as it was given, `changes` the weeks it changes, packed.
    """
    people = (joinedload(Upload.given_by), joinedload(Upload.done_by), joinedload(Upload.match))
    query = select(Upload).where(Upload.id == upload_id).options(*people)
    query = query.options(
        *(undefer(each) for each, asked in ((Upload.content, content), (Upload.changes, changes)) if asked)
    )
    if lock:
        packed = (undefer(each) for each in (Upload.weeks, Upload.visits, Upload.aborted))
        query = query.options(*packed).with_for_update(of=Upload)
    found: Upload | None = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Unknown
    return found
