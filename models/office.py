"""What the portal keeps of its own work: the mail outbox, runs of jobs, the audit trail, and staff imports."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Recorded, Words, words
from models.organisation import Organisation
from models.user import PortalUser
from rules.states import EmailState, ImportState, JobState


class Email(Model):
    """An e-mail waiting to be sent, or sent. It carries no figures and no names of people who receive care."""

    __tablename__ = "email"
    id: Mapped[Key]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    recipient: Mapped[Words]
    subject: Mapped[Words]
    body: Mapped[Words]
    state: Mapped[EmailState] = mapped_column(words(EmailState), default=EmailState.WAITING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[Recorded]
    sent_at: Mapped[Instant | None]
    problem: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation | None] = relationship()

    def __str__(self) -> str:
        return self.subject


class JobRun(Model):
    """One run of a job for one date: inserted before the work, so that a job runs once however many ask for it."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due_on", "attempt"),)
    id: Mapped[Key]
    job: Mapped[Words]
    due_on: Mapped[Day]
    attempt: Mapped[Words] = mapped_column(default="daily")
    state: Mapped[JobState] = mapped_column(words(JobState), default=JobState.RUNNING)
    started_at: Mapped[Recorded]
    ended_at: Mapped[Instant | None]
    result: Mapped[Words] = mapped_column(default="", server_default="")

    def __str__(self) -> str:
        return f"{self.job} for {self.due_on:%-d %B %Y}"


class AuditEvent(Model):
    """One change of one row: when, who, what, before, after, why, from where; written by the database for good."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_record", "record", "record_id"),)
    id: Mapped[Key]
    at: Mapped[Recorded]
    user_id: Mapped[int | None] = mapped_column(index=True)
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[Words]
    record: Mapped[Words]
    record_id: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    why: Mapped[Words] = mapped_column(default="", server_default="")
    from_address: Mapped[Words] = mapped_column(default="", server_default="")
    user: Mapped[PortalUser | None] = relationship(
        primaryjoin="foreign(AuditEvent.user_id) == PortalUser.id", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(
        primaryjoin="foreign(AuditEvent.organisation_id) == Organisation.id", viewonly=True
    )

    def __str__(self) -> str:
        return f"{self.action} {self.record} {self.record_id}"


class ImportFile(Model):
    """A file staff gave to an import: kept with who, when, its SHA-256, what the check found, and what became of it."""

    __tablename__ = "import_file"
    id: Mapped[Key]
    kind: Mapped[Words]
    filename: Mapped[Words]
    sha256: Mapped[str] = mapped_column(Text, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[ImportState] = mapped_column(words(ImportState), default=ImportState.CHECKED)
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    given_at: Mapped[Recorded]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    done_at: Mapped[Instant | None]
    given_by: Mapped[PortalUser | None] = relationship(foreign_keys=[given_by_id])

    def __str__(self) -> str:
        return self.filename
