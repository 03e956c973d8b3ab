"""Organisations, their services and contacts, and the sectors that are admitted in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Tenanted, Words, words
from rules.states import OrganisationState, ProviderFunction

if TYPE_CHECKING:
    from models.care import ContractDocument, LineItem
    from models.user import PortalUser


class Sector(Model):
    """A kind of care: home support, residential, nursing …; each has its own roll-out date."""

    __tablename__ = "sector"
    id: Mapped[Key]
    name: Mapped[Words] = mapped_column(unique=True)
    rollout: Mapped[Rollout | None] = relationship(back_populates="sector", uselist=False)

    def __str__(self) -> str:
        return self.name


class Rollout(Model):
    """The date on which a sector gets the portal."""

    __tablename__ = "rollout"
    id: Mapped[Key]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"), unique=True)
    opens_on: Mapped[Day]
    sector: Mapped[Sector] = relationship(back_populates="rollout")

    def __str__(self) -> str:
        return f"{self.sector} from {self.opens_on:%-d %B %Y}"


class Organisation(Model):
    """A care provider the council contracts with."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("ix_organisation_name_part", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )
    id: Mapped[Key]
    reference: Mapped[Words] = mapped_column(unique=True)
    name: Mapped[Words]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"), index=True)
    state: Mapped[OrganisationState] = mapped_column(words(OrganisationState), default=OrganisationState.WAITING)
    address: Mapped[Words] = mapped_column(default="", server_default="")
    postcode: Mapped[Words] = mapped_column(default="", server_default="")
    phone: Mapped[Words] = mapped_column(default="", server_default="")
    email: Mapped[Words] = mapped_column(default="", server_default="")
    sector: Mapped[Sector] = relationship()
    services: Mapped[list[Service]] = relationship(back_populates="organisation", order_by="Service.name")
    contacts: Mapped[list[Contact]] = relationship(back_populates="organisation", order_by="Contact.name")

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
    cqc_location: Mapped[str | None] = mapped_column(Text, unique=True)
    organisation: Mapped[Organisation] = relationship(back_populates="services")

    def __str__(self) -> str:
        return self.name


class Contact(Tenanted, Model):
    """A named person at an organisation, with the functions of the portal they may use.

    `start` and `end` are inclusive; outside them the contact has no access. One person may be a contact of several
    organisations: each is a row of its own, all with the same `user_id`.
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
    start: Mapped[Day]
    end: Mapped[Day | None]
    organisation: Mapped[Organisation] = relationship(back_populates="contacts")
    user: Mapped[PortalUser | None] = relationship(foreign_keys=[user_id])

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


class Hold(Tenanted, Model):
    """A reason why an organisation, a contract document or a line is not paid for now; no document and no line: all."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("num_nonnulls(document_id, line_item_id) <= 1", name="one_target"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    document_id: Mapped[int | None] = mapped_column(index=True)
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    reason: Mapped[Words]
    start: Mapped[Day]
    end: Mapped[Day | None]
    organisation: Mapped[Organisation] = relationship()
    document: Mapped[ContractDocument | None] = relationship(
        primaryjoin="ContractDocument.id == foreign(Hold.document_id)"
    )
    line_item: Mapped[LineItem | None] = relationship(primaryjoin="LineItem.id == foreign(Hold.line_item_id)")

    def __str__(self) -> str:
        return self.reason
