"""Organisations that provide care, and their services."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Tenanted, Words, words
from rules.policy import Target
from rules.states import OrganisationState

if TYPE_CHECKING:
    from models.contact import Contact
    from models.sector import Sector


class Organisation(Model):
    """A care provider the council contracts with.

    `contacts_reminded_on` is when its contacts were last reminded by e-mail to check who is one.
    """

    __tablename__ = "organisation"
    id: Mapped[Key]
    reference: Mapped[Words] = mapped_column(unique=True)
    name: Mapped[Words]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"), index=True)
    state: Mapped[OrganisationState] = mapped_column(words(OrganisationState), default=OrganisationState.WAITING)
    address: Mapped[Words] = mapped_column(default="", server_default="")
    postcode: Mapped[Words] = mapped_column(default="", server_default="")
    phone: Mapped[Words] = mapped_column(default="", server_default="")
    email: Mapped[Words] = mapped_column(default="", server_default="")
    vat_number: Mapped[Words] = mapped_column(default="", server_default="")
    contacts_reminded_on: Mapped[date | None]
    sector: Mapped[Sector] = relationship()
    services: Mapped[list[Service]] = relationship(back_populates="organisation", order_by="Service.name")
    contacts: Mapped[list[Contact]] = relationship(back_populates="organisation", order_by="Contact.name")

    @property
    def policy_target(self) -> Target:
        """For whom policy settings are asked: this organisation and its sector."""
        return Target(self.sector_id, self.sector.name, self.id)

    def __str__(self) -> str:
        return self.name


class Service(Tenanted, Model):
    """A home, branch or office of an organisation, with its own address and phone."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("organisation_id", "id"), UniqueConstraint("organisation_id", "name"))
    id: Mapped[Key]
    name: Mapped[Words]
    service_type: Mapped[Words] = mapped_column(default="", server_default="")
    address: Mapped[Words] = mapped_column(default="", server_default="")
    postcode: Mapped[Words] = mapped_column(default="", server_default="")
    phone: Mapped[Words] = mapped_column(default="", server_default="")
    email: Mapped[Words] = mapped_column(default="", server_default="")
    cqc_location: Mapped[str | None] = mapped_column(Text, unique=True)
    organisation: Mapped[Organisation] = relationship(back_populates="services")

    def __str__(self) -> str:
        return self.name
