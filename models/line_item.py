"""What was commissioned: line items (CPLIs), their elements of care and their rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Text,
    UniqueConstraint,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actual import Actual
from models.base import Dated, Instant, Key, Money, Price, Tenanted, Words, words
from models.contract_document import ContractDocument
from rules.plan import LAST_DAY, LinePlan, nothing_planned
from rules.policy import Target
from rules.price import RateVersion
from rules.scheduled import Deductions, deductions_of
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode

if TYPE_CHECKING:
    from models.deduction import Deduction
    from models.organisation import Organisation, Service
    from models.person import Person
    from models.plan import Plan
    from models.proposal import Proposal


class Element(Model):
    """One element of care: personal care, sitting service, sleep-in, residential week …

    By `cost_centre` and `subjective_code` the council's ledger knows what it costs.
    """

    __tablename__ = "element"
    id: Mapped[Key]
    name: Mapped[Words] = mapped_column(unique=True)
    cost_centre: Mapped[Words] = mapped_column(default="", server_default="")
    subjective_code: Mapped[Words] = mapped_column(default="", server_default="")

    def __str__(self) -> str:
        return self.name


class LineItem(Dated, Tenanted, Model):
    """A Care Package Line Item (CPLI): one element of care on an ISO, with unit, plans, rates and dates (inclusive).

    It belongs to its ISO for life; kind of plan and unit never change.
    """

    __tablename__ = "line_item"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        CheckConstraint("unit <> 'WEEK' OR payment_method = 'SCHEDULED'", name="week_is_scheduled"),
        CheckConstraint("contribution >= 0 AND top_up >= 0", name="deductions_not_negative"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
    )
    id: Mapped[Key]
    reference: Mapped[Words] = mapped_column(unique=True)
    document_id: Mapped[int] = mapped_column(index=True)
    service_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    element_id: Mapped[int] = mapped_column(ForeignKey("element.id"), index=True)
    unit: Mapped[Unit] = mapped_column(words(Unit))
    plan_kind: Mapped[PlanKind] = mapped_column(words(PlanKind))
    payment_method: Mapped[PaymentMethod] = mapped_column(words(PaymentMethod), default=PaymentMethod.ACTUALS)
    payment_basis: Mapped[PaymentBasis] = mapped_column(words(PaymentBasis), default=PaymentBasis.GROSS)
    contribution: Mapped[Money] = mapped_column(default=Decimal(0))
    top_up: Mapped[Money] = mapped_column(default=Decimal(0))
    vat_code: Mapped[VatCode] = mapped_column(words(VatCode), default=VatCode.EXEMPT)
    extras_allowed: Mapped[bool | None]
    organisation: Mapped[Organisation] = relationship()
    document: Mapped[ContractDocument] = relationship(
        back_populates="line_items", primaryjoin="ContractDocument.id == foreign(LineItem.document_id)"
    )
    service: Mapped[Service] = relationship(primaryjoin="Service.id == foreign(LineItem.service_id)")
    person: Mapped[Person] = relationship()
    element: Mapped[Element] = relationship()
    plans: Mapped[list[Plan]] = relationship(
        back_populates="line_item",
        primaryjoin="LineItem.id == foreign(Plan.line_item_id)",
        order_by="Plan.start",
        lazy="selectin",
    )
    rates: Mapped[list[Rate]] = relationship(
        back_populates="line_item",
        primaryjoin="and_(LineItem.id == foreign(Rate.line_item_id), Rate.replaced_at.is_(None))",
        order_by="Rate.start",
        lazy="selectin",
    )

    deductions: Mapped[list[Deduction]] = relationship(
        back_populates="line_item",
        primaryjoin="LineItem.id == foreign(Deduction.line_item_id)",
        order_by="Deduction.start",
    )

    @classmethod
    def takes_actuals_in(
        cls, week: date | ColumnElement[date], claimed_since: date | ColumnElement[date]
    ) -> ColumnElement[bool]:
        """Return the SQL condition that care of the week that begins on a Monday is entered on a line.

        The line is paid on actuals, active on a day of the week, not ended before `claimed_since` (policy: claim
        window) unless the week waits over its exception level, and its document takes actuals or something is stored of
        the week. Every page, file and count that asks which lines count in a week asks this (rules.md 1, 8, 11 and 13).
        """
        of_week = Actual.of_line(cls.id, week)
        stored = exists().where(of_week).correlate_except(Actual)
        waits = exists().where(of_week, Actual.over_level_and_open()).correlate_except(Actual)
        return and_(
            cls.payment_method == PaymentMethod.ACTUALS,
            cls.active_in(week),
            or_(cls.can_be_claimed(claimed_since), waits),
            or_(cls._document_takes_actuals(), stored),
        )

    @classmethod
    def active_in(cls, week: date | ColumnElement[date]) -> ColumnElement[bool]:
        """Return the SQL condition that a line is active on a day of the week that begins on a Monday."""
        sunday = week + LAST_DAY if isinstance(week, date) else week + 6
        return and_(cls.start <= sunday, or_(cls.end.is_(None), cls.end >= week))

    @classmethod
    def takes_actuals(cls, claimed_since: date) -> ColumnElement[bool]:
        """Return the SQL condition that a line takes actuals in some week or other (see `takes_actuals_in`)."""
        stored = exists().where(Actual.line_item_id == cls.id).correlate_except(Actual)
        # Not EXISTS: once for all lines, where that is looked up for each that ended long ago (170 ms for 1,250).
        waits = cls.id.in_(select(Actual.line_item_id).where(Actual.over_level_and_open()).correlate(None))
        return and_(
            cls.payment_method == PaymentMethod.ACTUALS,
            or_(cls.can_be_claimed(claimed_since), waits),
            or_(cls._document_takes_actuals(), stored),
        )

    @classmethod
    def _document_takes_actuals(cls) -> ColumnElement[bool]:
        # Not correlated with a document or an actual of the query around it: that may join others.
        taking = exists().where(ContractDocument.id == cls.document_id, ContractDocument.takes_actuals)
        return taking.correlate_except(ContractDocument)

    @classmethod
    def can_be_claimed(cls, claimed_since: date | ColumnElement[date]) -> ColumnElement[bool]:
        """Return the SQL condition that a line is live or ended within the claim window (rules.md 13)."""
        return or_(cls.end.is_(None), cls.end >= claimed_since)

    @classmethod
    def last_day_in(cls, week: date | ColumnElement[date]) -> ColumnElement[date]:
        """Return the SQL of a line's last day in a week; the week is over for it once that has passed (rules.md 1)."""
        sunday = literal(week + LAST_DAY) if isinstance(week, date) else week + 6
        return func.least(sunday, cls.end, type_=Date)

    @classmethod
    def to_confirm_in(
        cls,
        week: date | ColumnElement[date],
        *,
        claimed_since: date | ColumnElement[date],
        portal_start: date | ColumnElement[date],
        today: date | ColumnElement[date],
    ) -> ColumnElement[bool]:
        """Return the SQL condition that a line's week has to be confirmed, or is: care of it is entered and it is over.

        Every count of weeks asks this (rules.md 1).
        """
        last = cls.last_day_in(week)
        return and_(cls.takes_actuals_in(week, claimed_since), last >= portal_start, last < today)

    @property
    def plan(self) -> LinePlan:
        """The plan of this line as the rules know it: quantities in its unit, dates inclusive."""
        versions = tuple(plan.version for plan in self.plans) or nothing_planned(self.start)
        return LinePlan(self.plan_kind, self.unit, versions, self.start, self.end)

    @property
    def rate_versions(self) -> list[RateVersion]:
        """The dated prices per unit, in pounds to four places, oldest first."""
        return [RateVersion(rate.rate, rate.start, rate.end) for rate in self.rates]

    @property
    def deducted(self) -> list[Deductions]:
        """What is deducted from a scheduled payment, oldest first; nothing of a line that is paid gross."""
        first = Deductions(self.start, self.contribution, self.top_up)
        # Only where they are needed: of a line that is paid gross nobody asks for its later ones.
        later = (each.version for each in self.deductions) if self.payment_basis is PaymentBasis.NET else ()
        return deductions_of(self.payment_basis, first, later)

    @property
    def policy_target(self) -> Target:
        """For whom policy settings are asked: this line, its organisation, its sector."""
        return Target(self.organisation.sector_id, self.organisation.sector.name, self.organisation_id, self.id)

    def rate_on(self, day: date) -> Decimal | None:
        """Return the price per unit in force on `day`, or nothing where no rate covers it."""
        return next((rate.rate for rate in self.rates if rate.in_force(day)), None)

    def __str__(self) -> str:
        return self.reference


class Rate(Dated, Tenanted, Model):
    """A price per unit, in pounds to four places, from `start` to `end` inclusive; a line's rates never overlap.

    One that another replaced from its very first day stays readable, because weeks may have been invoiced at it; it
    prices nothing any more.
    """

    __tablename__ = "rate"
    __table_args__ = (
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        CheckConstraint("rate >= 0", name="not_negative"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ExcludeConstraint(
            ("line_item_id", "="),
            (text("daterange(start, \"end\", '[]')"), "&&"),
            name="ex_rate_overlap",
            using="gist",
            where=text("replaced_at IS NULL"),
        ),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int] = mapped_column(index=True)
    rate: Mapped[Price]
    reason: Mapped[str | None] = mapped_column(Text)
    replaced_at: Mapped[Instant | None]
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    line_item: Mapped[LineItem] = relationship(
        back_populates="rates", primaryjoin="LineItem.id == foreign(Rate.line_item_id)"
    )
    proposal: Mapped[Proposal | None] = relationship()

    def __str__(self) -> str:
        return f"£{self.rate} from {self.start:%-d %B %Y}"
