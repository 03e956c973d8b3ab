"""Runs of jobs."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Day, Instant, Key, Recorded, Words, words
from rules.states import JobState


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
