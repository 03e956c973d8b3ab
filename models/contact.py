"""People at an organisation, with the functions they may use."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ForeignKeyConstraint, UniqueConstraint, and_
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Dated, Instant, Key, Recorded, Tenanted, TenantedByParent, Words, in_force_sql, words
from rules.mail_states import MailChoice
from rules.states import ProviderFunction

if TYPE_CHECKING:
    from models.invitation import Invitation
    from models.organisation import Organisation, Service
    from models.user import PortalUser


def _has_access_sql(of: type[Contact], day: date) -> ColumnElement[bool]:
    return and_(of.ended_at.is_(None), in_force_sql(of, day))


class Contact(Dated, Tenanted, Model):
    """A named person at an organisation, with the functions of the portal they may use.

    `start` and `end` are inclusive; outside them the contact has no access, nor from the instant `ended_at` on, when
    somebody ended it. One person may be a contact of several organisations: each is a row of its own, all with the same
    `user_id`. Without `limits` a contact sees every service of the organisation. `mail` is how they
    want notices by e-mail, `invited_at` when the last e-mail that lets them sign in was written.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("organisation_id", "email"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint('ended_at IS NULL OR "end" IS NOT NULL', name="ended_on"),
    )
    id: Mapped[Key]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    name: Mapped[Words]
    job: Mapped[Words] = mapped_column(default="", server_default="")
    email: Mapped[Words]
    phone: Mapped[Words] = mapped_column(default="", server_default="")
    may_documents: Mapped[bool] = mapped_column(default=False)
    may_actuals: Mapped[bool] = mapped_column(default=False)
    may_payments: Mapped[bool] = mapped_column(default=False)
    may_organisation: Mapped[bool] = mapped_column(default=False)
    may_conversations: Mapped[bool] = mapped_column(default=False)
    mail: Mapped[MailChoice] = mapped_column(
        words(MailChoice), default=MailChoice.AT_ONCE, server_default=MailChoice.AT_ONCE.value
    )
    invited_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship(back_populates="contacts")
    user: Mapped[PortalUser | None] = relationship(foreign_keys=[user_id])
    ended_by: Mapped[PortalUser | None] = relationship(foreign_keys=[ended_by_id])
    limits: Mapped[list[ContactService]] = relationship(
        back_populates="contact",
        primaryjoin="Contact.id == foreign(ContactService.contact_id)",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    invitations: Mapped[list[Invitation]] = relationship(
        primaryjoin="Contact.id == foreign(Invitation.contact_id)", back_populates="contact", passive_deletes="all"
    )

    def _has_access(self, day: date) -> bool:
        """Whether the contact has access on a day; on the class, the SQL condition of the same."""
        return self.ended_at is None and self._in_force(day)

    in_force = hybrid_method(_has_access, _has_access_sql)

    @property
    def functions(self) -> list[ProviderFunction]:
        """The functions this contact was given, in the order of the main menu."""
        given = {
            ProviderFunction.DOCUMENTS: self.may_documents,
            ProviderFunction.ACTUALS: self.may_actuals,
            ProviderFunction.PAYMENTS: self.may_payments,
            ProviderFunction.ORGANISATION: self.may_organisation,
            ProviderFunction.CONVERSATIONS: self.may_conversations,
        }
        return [function for function, yes in given.items() if yes]

    def __str__(self) -> str:
        return self.name


class ContactService(TenantedByParent, Model):
    """A service a contact is limited to; who has none sees them all."""

    __tablename__ = "contact_service"
    __table_args__ = (
        UniqueConstraint("contact_id", "service_id"),
        ForeignKeyConstraint(
            ["organisation_id", "contact_id"], ["contact.organisation_id", "contact.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
    )
    id: Mapped[Key]
    contact_id: Mapped[int]
    service_id: Mapped[int]
    contact: Mapped[Contact] = relationship(
        back_populates="limits", primaryjoin="Contact.id == foreign(ContactService.contact_id)"
    )
    service: Mapped[Service] = relationship(primaryjoin="Service.id == foreign(ContactService.service_id)")
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ContactService.organisation_id)"
    )

    def __str__(self) -> str:
        return str(self.service)


class ContactReview(Tenanted, Model):
    """Somebody looked through an organisation's contacts and said that they are still right; kept for good."""

    __tablename__ = "contact_review"
    id: Mapped[Key]
    reviewed_at: Mapped[Recorded]
    reviewed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    reviewed_by: Mapped[PortalUser] = relationship()
    organisation: Mapped[Organisation] = relationship()

    def __str__(self) -> str:
        return f"Contacts of {self.organisation}"
