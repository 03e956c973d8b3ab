"""What the checks of a payment run found, and who looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Money, Recorded, Words, words
from rules.run_checks import RunCheck

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.payment_run import PaymentRun, PaymentSource
    from models.user import PortalUser


class RunFinding(Model):
    """Something to look at in a payment run, in pounds; `about` tells it from others of its kind, however often found.

    The database lets no run be approved while one is not looked at, and nobody look away a missing or a changed
    account, a hold or a dispute: those leave the run, or what stops them ends.
    """

    __tablename__ = "run_finding"
    __table_args__ = (
        UniqueConstraint("run_id", "kind", "organisation_id", "about"),
        CheckConstraint("(looked_at IS NULL) = (looked_by_id IS NULL)", name="looked_by_whom"),
        CheckConstraint("(looked_at IS NULL) = (looked_reason = '')", name="looked_why"),
        CheckConstraint(
            "looked_at IS NULL OR kind NOT IN ('no bank account', 'no call-back', 'on hold', 'in dispute')",
            name="stops",
        ),
    )
    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("payment_run.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("payment_source.id"), index=True)
    kind: Mapped[RunCheck] = mapped_column(words(RunCheck))
    about: Mapped[Words]
    what: Mapped[Words]
    pounds: Mapped[Money]
    found_at: Mapped[Recorded]
    looked_at: Mapped[Instant | None]
    looked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    looked_reason: Mapped[Words] = mapped_column(default="", server_default="")
    run: Mapped[PaymentRun] = relationship()
    organisation: Mapped[Organisation] = relationship()
    source: Mapped[PaymentSource | None] = relationship()
    looked_by: Mapped[PortalUser | None] = relationship()

    def __str__(self) -> str:
        return self.what
