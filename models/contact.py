"""People at an organisation, with the functions they may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Dated, Instant, Key, Tenanted, Words
from rules.states import ProviderFunction

if TYPE_CHECKING:
    from models.invitation import Invitation
    from models.organisation import Organisation
    from models.user import PortalUser


class Contact(Dated, Tenanted, Model):
    """A named person at an organisation, with the functions of the portal they may use.

    `start` and `end` are inclusive; outside them the contact has no access. One person may be a contact of several
    organisations: each is a row of its own, all with the same `user_id`. `invited_at` is when the last e-mail that lets
    them sign in was written.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("organisation_id", "email"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        CheckConstraint("email = lower(email)", name="email_lower"),
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
    invited_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship(back_populates="contacts")
    user: Mapped[PortalUser | None] = relationship(foreign_keys=[user_id])
    invitations: Mapped[list[Invitation]] = relationship(
        primaryjoin="Contact.id == foreign(Invitation.contact_id)", back_populates="contact", passive_deletes="all"
    )

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
