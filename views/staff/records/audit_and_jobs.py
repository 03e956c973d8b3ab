"""What the portal keeps of its own work: job runs, e-mails, imports, the audit trail. Nobody changes these."""

import textwrap
from typing import Any

from models import AuditEvent, AuditSeal, Email, ImportFile, JobRun, Reminder
from models.audit_event import ACTIONS, AUDITED
from views.access.roles import NOBODY_ELSE
from views.generated.lists.listing import ReadyList
from views.generated.pages import ListPage
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords
from views.generated.trail.records import record_link, remember_names
from views.generated.words import changes_in_words, record_in_words
from views.page.format import label
from workflows.upkeep.queue import Task


def _shortly(event: AuditEvent) -> str:
    values = {
        name: value for name, value in (event.after or event.before or {}).items() if value not in (None, "", {}, [])
    }
    return textwrap.shorten(changes_in_words(event.record, values), 90, placeholder=" …")


def _head(seal: AuditSeal) -> str:
    return seal.hash.hex()


class JobRunView(RecordView):
    """Runs of scheduled jobs."""

    datamodel = StaffRecords(JobRun)
    route_base = "/admin/job-runs"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "Job runs", "Job run"
    list_columns = ["job", "due_on", "state", "started_at", "ended_at", "result"]
    search_columns = ["job", "due_on", "state"]
    vocabularies = {"job": {job: job.heading for job in Task}}
    base_order = ("started_at", "desc")
    show_columns = ["job", "due_on", "attempt", "state", "started_at", "ended_at", "result"]
    labels = {"due_on": "For", "started_at": "Started", "ended_at": "Ended"}


class EmailView(RecordView):
    """The outbox: e-mails that wait, were sent, or failed."""

    datamodel = StaffRecords(Email)
    route_base = "/admin/emails"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "E-mails", "E-mail"
    list_columns = ["subject", "recipient", "organisation", "state", "attempts", "written_at", "sent_at"]
    search_columns = ["recipient", "state"]
    base_order = ("written_at", "desc")
    # The text is not shown: a link to choose a new password in it is for its reader alone.
    show_columns = [*list_columns, "problem"]


class ReminderView(RecordView):
    """What organisations were reminded of, each thing once."""

    datamodel = StaffRecords(Reminder)
    route_base = "/admin/reminders"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "Reminders", "Reminder"
    list_columns = ["organisation", "kind", "about", "sent_at"]
    search_columns = ["organisation", "kind"]
    base_order = ("sent_at", "desc")
    show_columns = list_columns


class ImportFileView(RecordView):
    """Files given to staff imports, with what became of them."""

    datamodel = StaffRecords(ImportFile)
    route_base = "/admin/imports"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "Imports", "Import"
    list_columns = ["filename", "kind", "state", "given_at", "given_by", "done_at"]
    search_columns = ["filename", "kind", "state"]
    base_order = ("given_at", "desc")
    show_columns = [*list_columns, "sha256"]
    labels = {"given_at": "Given", "done_at": "Stored", "sha256": "SHA-256 of the file"}


class AuditEventView(RecordView):
    """Who changed what, read whose record, or signed in: when, why, from where."""

    datamodel = StaffRecords(
        AuditEvent,
        worked_out={
            "changes": _shortly,
            "about": record_link,
            "before": lambda event: changes_in_words(event.record, event.before),
            "after": lambda event: changes_in_words(event.record, event.after),
        },
    )
    route_base = "/admin/audit"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "Audit trail", "Audit event"
    list_columns = ["at", "user", "action", "about", "organisation", "changes"]
    search_columns = ["at", "user", "action", "record", "organisation"]
    vocabularies = {
        "action": {action: action.capitalize() for action in ACTIONS},
        "record": {table: record_in_words(table) for table in AUDITED},
    }
    base_order = ("id", "desc")
    show_columns = [
        "at",
        "user",
        "action",
        "about",
        "organisation",
        "before",
        "after",
        "why",
        "from_address",
        "request_id",
    ]
    labels = {
        "at": "When",
        "user": "Who",
        "action": "What",
        "about": "Record",
        "record": "Kind of record",
        "changes": "Values",
        "before": "Before",
        "after": "After",
        "from_address": "From",
        "request_id": "In the request",
    }
    formatters_columns = {"action": label}

    def ready(self, found: ListPage, *args: Any, **kwargs: Any) -> ReadyList:
        """Return the list; what its records are called is read for all rows at once."""
        remember_names(found.rows)
        return super().ready(found, *args, **kwargs)


class AuditSealView(RecordView):
    """The seals of the trail: what `audit-verify` holds the events against."""

    datamodel = StaffRecords(AuditSeal, worked_out={"events": lambda seal: len(seal.event_ids), "head": _head})
    route_base = "/admin/audit-seals"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "Seals of the audit trail", "Seal of the audit trail"
    list_columns = show_columns = ["id", "at", "events", "head"]
    search_columns = ["at"]
    base_order = ("id", "desc")
    labels = {"id": "Number", "at": "Sealed", "events": "Events", "head": "Head of the chain"}
