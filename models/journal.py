"""The ledger: what makes, pays, takes back or carries forward money, in balanced entries (rules.md 16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Money, Recorded, Tenanted, TenantedByParent, words
from rules.states import JournalAccount, JournalKind

if TYPE_CHECKING:
    from models.absence_claim import AbsenceClaim, AbsenceClaimLine
    from models.invoice import Invoice, InvoiceLine
    from models.line_item import Element
    from models.one_off_payment import OneOffPayment
    from models.organisation import Organisation
    from models.payment_run import PaymentRun, PaymentSource
    from models.recovery import Recovery
    from models.scheduled_payment import ScheduledPayment, ScheduledPaymentLine


class JournalEvent(Tenanted, Model):
    """Something that made, paid, took back or returned money of one organisation: one source, or one run.

    The database writes it, with its entries, when the transaction commits in which a source becomes payable, is taken
    back, or is paid: no code can forget one, or change one.
    """

    __tablename__ = "journal_event"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint(
            "num_nonnulls(invoice_id, scheduled_payment_id, absence_claim_id, one_off_payment_id, recovery_id,"
            " run_id) = 1",
            name="one_source",
        ),
        CheckConstraint("(run_id IS NOT NULL) = (kind IN ('paid', 'returned'))", name="runs_pay"),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoice.organisation_id", "invoice.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"], ["scheduled_payment.organisation_id", "scheduled_payment.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "absence_claim_id"], ["absence_claim.organisation_id", "absence_claim.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "one_off_payment_id"], ["one_off_payment.organisation_id", "one_off_payment.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "recovery_id"], ["recovery.organisation_id", "recovery.id"]),
    )
    id: Mapped[Key]
    kind: Mapped[JournalKind] = mapped_column(words(JournalKind))
    invoice_id: Mapped[int | None] = mapped_column(index=True)
    scheduled_payment_id: Mapped[int | None] = mapped_column(index=True)
    absence_claim_id: Mapped[int | None] = mapped_column(index=True)
    one_off_payment_id: Mapped[int | None] = mapped_column(index=True)
    recovery_id: Mapped[int | None] = mapped_column(index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("payment_run.id"), index=True)
    written_at: Mapped[Recorded]
    organisation: Mapped[Organisation] = relationship()
    invoice: Mapped[Invoice | None] = relationship(primaryjoin="Invoice.id == foreign(JournalEvent.invoice_id)")
    scheduled_payment: Mapped[ScheduledPayment | None] = relationship(
        primaryjoin="ScheduledPayment.id == foreign(JournalEvent.scheduled_payment_id)"
    )
    absence_claim: Mapped[AbsenceClaim | None] = relationship(
        primaryjoin="AbsenceClaim.id == foreign(JournalEvent.absence_claim_id)"
    )
    one_off_payment: Mapped[OneOffPayment | None] = relationship(
        primaryjoin="OneOffPayment.id == foreign(JournalEvent.one_off_payment_id)"
    )
    recovery: Mapped[Recovery | None] = relationship(primaryjoin="Recovery.id == foreign(JournalEvent.recovery_id)")
    run: Mapped[PaymentRun | None] = relationship()

    def __str__(self) -> str:
        return f"{self.kind.value[:1].upper()}{self.kind.value[1:]}, event {self.id}"


class JournalEntry(TenantedByParent, Model):
    """One side of an event, in pounds: a debit is above zero, a credit below; an event's entries come to nothing.

    It names the line it is for, or the source that a run paid. Care is kept by element.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="not_nothing"),
        CheckConstraint(
            "num_nonnulls(invoice_line_id, scheduled_payment_line_id, absence_claim_line_id, payment_source_id) <= 1",
            name="one_line",
        ),
        # A preview's lines are written anew: each that goes is looked for here.
        Index(
            "ix_journal_entry_scheduled_payment_line",
            "scheduled_payment_line_id",
            postgresql_where=text("scheduled_payment_line_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(["organisation_id", "event_id"], ["journal_event.organisation_id", "journal_event.id"]),
    )
    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(index=True)
    account: Mapped[JournalAccount] = mapped_column(words(JournalAccount))
    element_id: Mapped[int | None] = mapped_column(ForeignKey("element.id"))
    invoice_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_line.id"))
    scheduled_payment_line_id: Mapped[int | None] = mapped_column(ForeignKey("scheduled_payment_line.id"))
    absence_claim_line_id: Mapped[int | None] = mapped_column(ForeignKey("absence_claim_line.id"))
    payment_source_id: Mapped[int | None] = mapped_column(ForeignKey("payment_source.id"))
    amount: Mapped[Money]
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(JournalEntry.organisation_id)"
    )
    event: Mapped[JournalEvent] = relationship(primaryjoin="JournalEvent.id == foreign(JournalEntry.event_id)")
    element: Mapped[Element | None] = relationship()
    invoice_line: Mapped[InvoiceLine | None] = relationship()
    scheduled_payment_line: Mapped[ScheduledPaymentLine | None] = relationship()
    absence_claim_line: Mapped[AbsenceClaimLine | None] = relationship()
    payment_source: Mapped[PaymentSource | None] = relationship()

    def __str__(self) -> str:
        return f"{self.event}, {self.account.value}"
