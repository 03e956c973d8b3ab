"""People an organisation named on its contacts form, until Procurement has looked at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, TenantedByParent, Words, words
from rules.agreement_states import NamingState

if TYPE_CHECKING:
    from models.contact import Contact
    from models.organisation import Organisation
    from models.user import PortalUser


class ProposedContact(TenantedByParent, Model):
    """A person named as the contact for payments, for ISOs, or both; confirmed, they are a contact."""

    __tablename__ = "proposed_contact"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "contacts_form_id"], ["contacts_form.organisation_id", "contacts_form.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contact.organisation_id", "contact.id"],
            ondelete="SET NULL (contact_id)",
        ),
        UniqueConstraint("contacts_form_id", "email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("may_documents OR may_payments", name="for_something"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("state = 'confirmed' OR contact_id IS NULL", name="became_what"),
    )
    id: Mapped[Key]
    contacts_form_id: Mapped[int]
    name: Mapped[Words]
    job: Mapped[Words] = mapped_column(default="", server_default="")
    email: Mapped[Words]
    phone: Mapped[Words] = mapped_column(default="", server_default="")
    may_documents: Mapped[bool] = mapped_column(default=False)
    may_payments: Mapped[bool] = mapped_column(default=False)
    state: Mapped[NamingState] = mapped_column(words(NamingState), default=NamingState.PROPOSED, index=True)
    proposed_at: Mapped[Recorded]
    decided_at: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    contact_id: Mapped[int | None] = mapped_column(index=True)
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ProposedContact.organisation_id)"
    )
    contact: Mapped[Contact | None] = relationship(
        primaryjoin="Contact.id == foreign(ProposedContact.contact_id)", passive_deletes="all"
    )
    decided_by: Mapped[PortalUser | None] = relationship(foreign_keys=[decided_by_id])

    @hybrid_property
    def waits(self) -> bool:
        """Whether Procurement has yet to decide."""
        return self.state is NamingState.PROPOSED

    @waits.inplace.expression
    @classmethod
    def _waits(cls) -> ColumnElement[bool]:
        return cls.state == NamingState.PROPOSED

    @property
    def named_for(self) -> str:
        """What the person was named for, in words."""
        return " and ".join(
            word for word, yes in (("payments", self.may_payments), ("ISOs", self.may_documents)) if yes
        )

    def __str__(self) -> str:
        return self.name
