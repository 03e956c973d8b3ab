"""Jobs run once: a row is written before the work, and whoever finds it there leaves the work alone."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from models import JobRun, db
from rules.states import JobState
from workflows.clock import now
from workflows.upkeep.queue import Busy, held

DAILY = "daily"
ALREADY = "Already done, or being done, for this date."
ABANDONED = "Did not end: the process was stopped half-way."


def run_once(job: str, due_on: date, work: Callable[[], str]) -> JobRun | None:
    """Do the work of a job for a date unless that was done, or is being done; nothing is returned then.

    `work` commits what it changes and returns a sentence about it, which is kept as the result. A run that failed, or
    never ended, is kept as it is and may be tried again as a row of its own: by `flask job`, or when the scheduler
    starts. What `work` raises is raised again after the failure is written down.
    """
    try:
        with held(f"{job} {due_on}"):
            return _run(job, due_on, work)
    except Busy:
        return None


def _run(job: str, due_on: date, work: Callable[[], str]) -> JobRun | None:
    attempt = _next_attempt(job, due_on)
    run = _begin(job, due_on, attempt) if attempt else None
    if run is None:
        return None
    try:
        result = work()
    except Exception as error:
        db.session.rollback()
        _end(run, JobState.FAILED, f"{type(error).__name__}: {error}".strip()[:500])
        raise
    _end(run, JobState.DONE, result)
    return run


def note_run(job: str, due_on: date, attempt: str, result: str, state: JobState = JobState.DONE) -> None:
    """Write down a run of a job that may run many times a day, where it did something worth a row."""
    values = {"job": job, "due_on": due_on, "attempt": attempt, "state": state, "result": result, "ended_at": now()}
    db.session.execute(insert(JobRun).values(values).on_conflict_do_nothing())
    db.session.commit()


def _next_attempt(job: str, due_on: date) -> str:
    """Return what the next run is called, nothing where the job is done."""
    runs = db.session.scalars(
        select(JobRun).where(JobRun.job == job, JobRun.due_on == due_on).order_by(JobRun.started_at, JobRun.id)
    ).all()
    if not runs:
        return DAILY
    latest = runs[-1]
    if latest.state is JobState.RUNNING:  # but the lock was free: whoever ran it is gone
        _end(latest, JobState.FAILED, ABANDONED)
    return f"again {len(runs)}" if latest.state is JobState.FAILED else ""


def _begin(job: str, due_on: date, attempt: str) -> JobRun | None:
    # The lock lets one through; the constraint would, too.
    row = insert(JobRun).values(job=job, due_on=due_on, attempt=attempt, state=JobState.RUNNING)
    key = db.session.scalar(row.on_conflict_do_nothing().returning(JobRun.id))
    db.session.commit()
    return db.session.get(JobRun, key) if key else None


def _end(run: JobRun, state: JobState, result: str) -> None:
    run.state, run.result, run.ended_at = state, result, now()
    db.session.execute(
        update(JobRun).where(JobRun.id == run.id).values(state=state, result=result, ended_at=run.ended_at)
    )
    db.session.commit()
