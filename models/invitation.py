"""Invitations: contacts are sent an e-mail that lets them sign in, one by one or a whole sector in a wave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Tenanted, Words, words
from rules.agreement_states import InvitationState

if TYPE_CHECKING:
    from models.contact import Contact
    from models.email import Email
    from models.organisation import Organisation
    from models.sector import Sector
    from models.user import PortalUser


class InvitationWave(Model):
    """The contacts of a sector are invited: who asked for it and when, and whether it has come to its end.

    A sector has one wave at a time that has not ended.
    """

    __tablename__ = "invitation_wave"
    __table_args__ = (
        Index(
            "uq_invitation_wave_sector_id_running", "sector_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
    )
    id: Mapped[Key]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"), index=True)
    asked_at: Mapped[Recorded]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    ended_at: Mapped[Instant | None]
    sector: Mapped[Sector] = relationship()
    asked_by: Mapped[PortalUser | None] = relationship(foreign_keys=[asked_by_id])

    def __str__(self) -> str:
        return f"{self.sector}, {self.asked_at:%-d %B %Y}"


class Invitation(Tenanted, Model):
    """One contact's invitation: waits until a worker has written its e-mail, once.

    Of a contact one at most waits, and one at most is of a wave. What could not be sent says why in `problem`.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "contact_id"], ["contact.organisation_id", "contact.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("wave_id", "contact_id"),
        Index(
            "uq_invitation_contact_id_waiting", "contact_id", unique=True, postgresql_where=text("state = 'waiting'")
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL AND email_id IS NOT NULL)", name="sent_when"),
    )
    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(index=True)
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("invitation_wave.id"))
    state: Mapped[InvitationState] = mapped_column(words(InvitationState), default=InvitationState.WAITING)
    asked_at: Mapped[Recorded]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    sent_at: Mapped[Instant | None]
    email_id: Mapped[int | None] = mapped_column(ForeignKey("email.id"), unique=True)
    problem: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship()
    contact: Mapped[Contact] = relationship(
        primaryjoin="Contact.id == foreign(Invitation.contact_id)", back_populates="invitations"
    )
    wave: Mapped[InvitationWave | None] = relationship()
    invited_by: Mapped[PortalUser | None] = relationship(foreign_keys=[invited_by_id])
    email: Mapped[Email | None] = relationship()

    def __str__(self) -> str:
        return f"{self.contact}, {self.asked_at:%-d %B %Y}"
