"""Tasks: what a worker carries out, in an application context of its own.

Each is given ids, and enters the scope it needs itself: until then nothing is seen.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date

from jobs import JOBS
from models import COUNCIL, enter, say_who
from rules.refusal import Refused
from workflows.access import sessions
from workflows.imports import work as imports
from workflows.mail.smtp import MailServerAway
from workflows.organisations import invitations
from workflows.scheduled import prepare
from workflows.upkeep.queue import Task
from workflows.uploads import work as uploads

log = logging.getLogger(__name__)


def work_on_upload(organisation_id: int, upload_id: int) -> None:
    """Check or put in a file of actuals, as its organisation and as far as who gave it may see."""
    enter(organisation_id)
    try:
        sessions.act_as(uploads.giver_of(upload_id))
        uploads.work_on(upload_id, "upload")
    except Refused as refused:  # the file's page says it too
        log.info("upload %s: %s", upload_id, refused)


def work_on_import(import_id: int) -> None:
    """Check or write a staff import."""
    enter(COUNCIL)
    try:
        imports.work_on(import_id, "import")
    except Refused as refused:
        log.info("import %s: %s", import_id, refused)


def send_invitations() -> None:
    """Write the e-mails of the invitations that wait."""
    enter(COUNCIL)
    say_who(None, "invitations")
    log.info("%s invitations", invitations.send_waiting())


def refresh_scheduled_payment(organisation_id: int) -> None:
    """Work out an organisation's scheduled payment anew, while it is a preview."""
    enter(COUNCIL)
    say_who(None, "scheduled payments")
    prepare.refresh(organisation_id)


def run_job(name: str, on: date) -> str:
    """Run a job for a date, seeing every organisation; returns its sentence, and raises what it raises."""
    enter(COUNCIL)
    say_who(None, "scheduler")
    return JOBS[name](on)


def _job(name: Task) -> Callable[[str], None]:
    def work(on: str) -> None:
        try:
            run_job(name, date.fromisoformat(on))
        except MailServerAway as away:  # the next minute is its next chance
            log.warning("%s", away)

    return work


TASKS: Mapping[Task, Callable[..., None]] = {
    Task.UPLOAD: work_on_upload,
    Task.IMPORT: work_on_import,
    Task.INVITATIONS: send_invitations,
    Task.SCHEDULED_PREVIEW: refresh_scheduled_payment,
    **{job: _job(job) for job in Task if job in JOBS},
}
