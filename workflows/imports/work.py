"""An import is checked, or written, by whoever holds its lock: a worker, or the request of a small one.

Both are one transaction each, so a file whose worker was killed is begun again, a few times.
"""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer
from sqlalchemy.sql.base import ExecutableOption

from models import ImportFile, db, say_who
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.upload_states import ImportState
from workflows.clock import now
from workflows.imports.kinds import KINDS, NOTHING_FOUND, Watch, findings_of, plan_file
from workflows.imports.plan import IMPORT_LOCK
from workflows.upkeep.queue import GAVE_UP, GAVE_UP_WRITING, MOST_ATTEMPTS, held

UNFINISHED = (ImportState.WAITING, ImportState.CHECKING, ImportState.APPLYING)
DONE_ALREADY = Problem(Code.DONE_ALREADY, "This file has been imported already.", "Nothing was changed.")
ABANDONED = Problem(Code.WRONG_STATE, "This import was abandoned.", "Check the file again.")
HAS_PROBLEMS = Problem(Code.HAS_PROBLEMS, "This file has problems.", "Put them right and check it again.")
CHANGED_SINCE = Problem(
    Code.CHANGED_MEANWHILE,
    "The records changed after this file was checked, and it no longer fits.",
    "Nothing was written.",
)


def work_on(import_id: int, address: str | None = None) -> None:
    """Check a file that waits for it, or write one that somebody confirmed; nothing where neither is left to do.

    A worker names an `address` for the audit trail; in a request it is known who acts. Commits. Raises Busy where
    somebody else works on the file, and Refused where it cannot be written.
    """
    with held(f"import {import_id}"):
        kept = _begun(import_id)
        if kept is None:
            return
        applying = kept.state is ImportState.APPLYING
        if address:
            say_who(kept.done_by_id if applying else kept.given_by_id, address)
        if applying:
            write(import_id, iter)
            return
        try:
            check(kept, iter)
        except Refused as refused:  # by the reading: nothing has been written
            kept.state = ImportState.REFUSED
            kept.findings = NOTHING_FOUND | {"notices": [problem.message for problem in refused.problems]}
        db.session.commit()


def _begun(import_id: int) -> ImportFile | None:
    """Return a file that is to be worked on, with one more attempt counted; none where nothing is left to do."""
    kept = db.session.scalars(
        select(ImportFile).where(ImportFile.id == import_id, ImportFile.state.in_(UNFINISHED)).with_for_update()
        .options(undefer(ImportFile.content)).execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if kept is None:
        db.session.rollback()
        return None
    kept.attempts += 1
    if gave_up := kept.attempts > MOST_ATTEMPTS:
        said = GAVE_UP_WRITING if kept.state is ImportState.APPLYING else GAVE_UP
        kept.state, kept.findings = ImportState.FAILED, kept.findings | {"notices": [said]}
    elif kept.state is ImportState.WAITING:
        kept.state = ImportState.CHECKING
    db.session.commit()
    return None if gave_up else kept


def check(kept: ImportFile, watch: Watch) -> None:
    """Check a file. Does not commit. Raises Refused, at "file", where it cannot be read at all."""
    plan = plan_file(KINDS[kept.kind], kept.content, watch)
    kept.state = ImportState.REFUSED if plan.problems else ImportState.CHECKED
    kept.findings = findings_of(plan)


def write(import_id: int, watch: Watch) -> ImportFile:
    """Write the rows of a checked file, all or none, and commit. Raises Refused and Unknown as `steps.confirm`."""
    # One import at a time: two that were worked out beside each other could both add the same organisation.
    db.session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
    kept = find(import_id, undefer(ImportFile.content), lock=True)
    if kept.state is not ImportState.APPLYING:
        refuse_unless_checked(kept)
    plan = plan_file(KINDS[kept.kind], kept.content, watch)
    kept.findings = findings_of(plan)
    if plan.problems:
        raise _no_longer_fits(kept)
    try:
        with db.session.begin_nested():
            plan.apply()
    except IntegrityError:
        raise _no_longer_fits(kept) from None
    kept.state, kept.done_at = ImportState.DONE, now()
    db.session.commit()
    return kept


def refuse_unless_checked(kept: ImportFile) -> None:
    """Refuse what is not a checked file that waits to be confirmed."""
    if kept.state is not ImportState.CHECKED:
        db.session.rollback()
        if kept.state is ImportState.ABANDONED:
            raise Refused(ABANDONED)
        done = kept.state in (ImportState.DONE, ImportState.APPLYING)
        raise Refused(DONE_ALREADY if done else HAS_PROBLEMS)


def _no_longer_fits(kept: ImportFile) -> Refused:
    """Refuse a file that could be written when it was checked. Commits."""
    kept.state, kept.findings = ImportState.REFUSED, kept.findings | {"notices": [CHANGED_SINCE.message]}
    db.session.commit()
    return Refused(CHANGED_SINCE)


def find(import_id: int, *options: ExecutableOption, lock: bool = False) -> ImportFile:
    """Return one import, locked if asked. Raises Unknown."""
    query = select(ImportFile).where(ImportFile.id == import_id).options(*options)
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    found: ImportFile | None = db.session.scalar(query)
    if found is None:
        raise Unknown
    return found
