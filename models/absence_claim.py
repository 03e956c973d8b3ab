"""Unplanned absence claims, and the priced lines they became when they were approved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Sequence,
    UniqueConstraint,
    and_,
    exists,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.base import Day, FineQuantity, Instant, Key, Money, Price, Tenanted, Words, words
from models.line_item import LineItem
from models.organisation import Organisation
from rules.states import AbsenceReason, ClaimState, LineKind, Unit, VatCode

if TYPE_CHECKING:
    from models.user import PortalUser

Sequence("absence_claim_number", metadata=Model.metadata)


class AbsenceClaim(Tenanted, Model):
    """A one-off claim for days (inclusive) on which planned care was not delivered because the person was away.

    A day of a line is in at most one live claim; approving up to `approved_last_day` frees the days after it, refusing
    frees all. `claimed_net` is what the claim came to when it was submitted, `units`, `net`, `vat` and `gross` what was
    approved, in pounds and units of the line; until then they are what is claimed. `refused_reason` says why it was
    refused, in full or for the days after `approved_last_day`. One that corrects another (`corrects_id`) was made by
    the portal: it claims no days, and what it comes to may be below nothing.
    """

    __tablename__ = "absence_claim"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("approved_last_day >= first_day AND approved_last_day < last_day", name="approved_days"),
        CheckConstraint("state <> 'approved in part' OR approved_last_day IS NOT NULL", name="in_part_until"),
        CheckConstraint("state <> 'refused' OR refused_reason <> ''", name="refused_why"),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_when"),
        CheckConstraint("state IN ('draft', 'submitted') OR decided_at IS NOT NULL", name="decided_when"),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("corrects_id <> id", name="corrects_another"),
        ForeignKeyConstraint(["organisation_id", "corrects_id"], ["absence_claim.organisation_id", "absence_claim.id"]),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ExcludeConstraint(
            ("line_item_id", "="),
            (text("daterange(first_day, coalesce(approved_last_day, last_day), '[]')"), "&&"),
            name="ex_absence_claim_overlap",
            using="gist",
            where=text("state <> 'refused' AND corrects_id IS NULL"),
        ),
    )
    id: Mapped[Key]
    number: Mapped[Words] = mapped_column(
        unique=True, server_default=text("'AC-' || lpad(nextval('absence_claim_number')::text, 6, '0')")
    )
    line_item_id: Mapped[int] = mapped_column(index=True)
    corrects_id: Mapped[int | None] = mapped_column(index=True)
    first_day: Mapped[Day]
    last_day: Mapped[Day]
    approved_last_day: Mapped[Day | None]
    reason: Mapped[AbsenceReason] = mapped_column(words(AbsenceReason))
    notified_on: Mapped[Day | None]
    notified_to: Mapped[Words] = mapped_column(default="", server_default="")
    comment: Mapped[Words] = mapped_column(default="", server_default="")
    state: Mapped[ClaimState] = mapped_column(words(ClaimState), default=ClaimState.DRAFT)
    refused_reason: Mapped[Words] = mapped_column(default="", server_default="")
    units: Mapped[FineQuantity] = mapped_column(default=Decimal(0))
    claimed_net: Mapped[Money] = mapped_column(default=Decimal(0))
    net: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money] = mapped_column(default=Decimal(0))
    submitted_at: Mapped[Instant | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship()
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(AbsenceClaim.line_item_id)")
    corrects: Mapped[AbsenceClaim | None] = relationship(
        primaryjoin="remote(AbsenceClaim.id) == foreign(AbsenceClaim.corrects_id)"
    )
    submitted_by: Mapped[PortalUser | None] = relationship(foreign_keys=[submitted_by_id])
    decided_by: Mapped[PortalUser | None] = relationship(foreign_keys=[decided_by_id])
    lines: Mapped[list[AbsenceClaimLine]] = relationship(
        back_populates="absence_claim",
        primaryjoin="AbsenceClaim.id == foreign(AbsenceClaimLine.absence_claim_id)",
        order_by="AbsenceClaimLine.number",
    )

    @hybrid_property
    def to_decide(self) -> bool:
        """Whether the Payments Team has yet to decide (rules.md 7)."""
        return self.state is ClaimState.SUBMITTED

    @to_decide.inplace.expression
    @classmethod
    def _to_decide(cls) -> ColumnElement[bool]:
        return cls.state == ClaimState.SUBMITTED

    @classmethod
    def refused_after(cls, moment: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
        """Return the SQL condition that a claim was refused after a moment and none of its days was claimed since."""
        again = aliased(cls)
        return and_(
            cls.state == ClaimState.REFUSED,
            cls.decided_at > moment,
            ~exists().where(
                again.line_item_id == cls.line_item_id,
                again.id > cls.id,
                again.first_day <= cls.last_day,
                again.last_day >= cls.first_day,
            ),
        )

    @property
    def until(self) -> date:
        """The last day the claim is for: the approved one where that is earlier."""
        return self.approved_last_day or self.last_day

    def __str__(self) -> str:
        return self.number


class AbsenceClaimLine(Tenanted, Model):
    """The days of an approved claim in one week at one rate. Written once, by the decision or the correction.

    `net` is round2(units × rate) in pounds; `units` are kept to six places, because sevenths of a week are not rounded
    before they are multiplied. `explained` says which days at what percentage, `rule` by which setting. A line that
    `takes_back` has the units and pounds of the line that it `adjusts` with a minus.
    """

    __tablename__ = "absence_claim_line"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("absence_claim_id", "number"),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("(units > 0) <> takes_back AND abs(net - units * rate) <= 0.01", name="net"),
        CheckConstraint("takes_back = (adjusts_id IS NOT NULL)", name="takes_back_what"),
        CheckConstraint("kind <> 'ABSENCE' OR NOT takes_back", name="correction_takes_back"),
        CheckConstraint("extract(isodow from week_starting) = 1", name="monday"),
        ForeignKeyConstraint(
            ["organisation_id", "absence_claim_id"], ["absence_claim.organisation_id", "absence_claim.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "adjusts_id"], ["absence_claim_line.organisation_id", "absence_claim_line.id"]
        ),
        # What was paid is taken back once.
        Index("uq_absence_claim_line_taken_back", "adjusts_id", unique=True),
    )
    id: Mapped[Key]
    absence_claim_id: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(words(LineKind), default=LineKind.ABSENCE, server_default="ABSENCE")
    week_starting: Mapped[Day]
    first_day: Mapped[Day]
    last_day: Mapped[Day]
    planned: Mapped[FineQuantity]
    units: Mapped[FineQuantity]
    unit: Mapped[Unit] = mapped_column(words(Unit))
    rate: Mapped[Price]
    net: Mapped[Money]
    vat_code: Mapped[VatCode] = mapped_column(words(VatCode), default=VatCode.EXEMPT)
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money]
    explained: Mapped[Words]
    rule: Mapped[Words]
    adjusts_id: Mapped[int | None]
    takes_back: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    organisation: Mapped[Organisation] = relationship()
    absence_claim: Mapped[AbsenceClaim] = relationship(
        back_populates="lines", primaryjoin="AbsenceClaim.id == foreign(AbsenceClaimLine.absence_claim_id)"
    )
    adjusts: Mapped[AbsenceClaimLine | None] = relationship(
        primaryjoin="remote(AbsenceClaimLine.id) == foreign(AbsenceClaimLine.adjusts_id)"
    )

    def __str__(self) -> str:
        return f"{self.absence_claim} line {self.number}"
