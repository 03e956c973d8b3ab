"""Changes of an organisation that two officers decide, and what was changed of addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    and_,
    or_,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from models.base import Instant, Key, Recorded, Tenanted, Words, words
from rules.bank_account import DigitCheck
from rules.states import ChangeKind, ChangeState

if TYPE_CHECKING:
    from models.organisation import Organisation, Service
    from models.user import PortalUser

OPEN = (ChangeState.ASKED, ChangeState.CHECKED)


def _waits_sql(of: type[ChangeRequest]) -> ColumnElement[bool]:
    table = of.__table__.c
    return or_(table.state.in_(OPEN), _to_call_sql(of))


def _to_call_sql(of: type[ChangeRequest]) -> ColumnElement[bool]:
    table = of.__table__.c
    return and_(table.kind == ChangeKind.BANK_DETAILS, table.state == ChangeState.CONFIRMED, table.called_at.is_(None))


class ChangeRequest(Tenanted, Model):
    """A change of legal name, VAT number or bank details that a provider asked for, and what two officers made of it.

    `was` and `wanted` are both sides in words; of bank details the words end with the last four digits, the account
    itself is `sealed`, encrypted. Nothing goes live before one officer has checked and another has confirmed. The
    account an organisation is paid into is that of its one confirmed request of which `called_at` says when somebody
    rang back on a number known before: until then the account before stays, and one `to_call` holds the payments.
    """

    __tablename__ = "change_request"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("checked_by_id <> decided_by_id", name="two_officers"),
        CheckConstraint("(checked_by_id IS NULL) = (checked_at IS NULL)", name="checked"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "(decided_at IS NOT NULL) = (state IN ('confirmed', 'replaced', 'sent back'))", name="decided_state"
        ),
        CheckConstraint("state <> 'asked for' OR checked_at IS NULL", name="asked_state"),
        CheckConstraint(
            "state NOT IN ('confirmed once', 'confirmed', 'replaced') OR checked_at IS NOT NULL", name="checked_state"
        ),
        CheckConstraint("(state = 'sent back') = (sent_back_reason <> '')", name="sent_back_why"),
        CheckConstraint("(kind = 'bank details') = (sealed IS NOT NULL)", name="sealed"),
        CheckConstraint("num_nulls(called_at, called_by_id, called_who, called_number) IN (0, 4)", name="called"),
        CheckConstraint("called_at IS NULL OR kind = 'bank details'", name="called_kind"),
        CheckConstraint("wanted <> ''", name="wanted"),
        # One at a time of each kind; one account to pay into, and one that waits for the call-back.
        Index(
            "uq_change_request_open",
            "organisation_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('asked for', 'confirmed once')"),
        ),
        Index(
            "uq_change_request_account",
            "organisation_id",
            unique=True,
            postgresql_where=text("kind = 'bank details' AND state = 'confirmed' AND called_at IS NOT NULL"),
        ),
        Index(
            "uq_change_request_to_call",
            "organisation_id",
            unique=True,
            postgresql_where=text("kind = 'bank details' AND state = 'confirmed' AND called_at IS NULL"),
        ),
    )
    id: Mapped[Key]
    kind: Mapped[ChangeKind] = mapped_column(words(ChangeKind))
    state: Mapped[ChangeState] = mapped_column(words(ChangeState), default=ChangeState.ASKED)
    was: Mapped[Words] = mapped_column(default="", server_default="")
    wanted: Mapped[Words]
    sealed: Mapped[str | None] = deferred(mapped_column(Text))
    digits: Mapped[DigitCheck | None] = mapped_column(words(DigitCheck))
    asked_at: Mapped[Recorded]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    checked_at: Mapped[Instant | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    sent_back_reason: Mapped[Words] = mapped_column(server_default="")
    called_at: Mapped[Instant | None]
    called_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    called_who: Mapped[str | None] = mapped_column(Text)
    called_number: Mapped[str | None] = mapped_column(Text)
    organisation: Mapped[Organisation] = relationship()
    asked_by: Mapped[PortalUser] = relationship(foreign_keys=[asked_by_id])
    checked_by: Mapped[PortalUser | None] = relationship(foreign_keys=[checked_by_id])
    decided_by: Mapped[PortalUser | None] = relationship(foreign_keys=[decided_by_id])
    called_by: Mapped[PortalUser | None] = relationship(foreign_keys=[called_by_id])

    def _waits(self) -> bool:
        """Whether an officer has something to do: to decide, or to ring back about new bank details."""
        return self.state in OPEN or self._to_call()

    waits = hybrid_property(_waits, expr=_waits_sql)

    @classmethod
    def waits_for(cls, officer: ColumnElement[int] | int) -> ColumnElement[bool]:
        """Return the SQL condition that this officer has something to do: who confirmed it first is not the second."""
        first = and_(cls.state == ChangeState.CHECKED, cls.checked_by_id == officer)
        return and_(_waits_sql(cls), ~first)

    def _to_call(self) -> bool:
        """Whether payments are held for it: two officers confirmed new bank details, and nobody has rung back."""
        return self.kind is ChangeKind.BANK_DETAILS and self.state is ChangeState.CONFIRMED and not self.called_at

    to_call = hybrid_property(_to_call, expr=_to_call_sql)

    @property
    def may_be_rung(self) -> bool:
        """Whether the organisation can be rung back about it: new bank details, not called about, and not closed."""
        is_bank = self.kind is ChangeKind.BANK_DETAILS
        return is_bank and self.called_at is None and self.state in (*OPEN, ChangeState.CONFIRMED)

    @property
    def was_denied(self) -> bool:
        """Whether the organisation, rung back after two officers had confirmed, said that it is not its account."""
        is_back = self.state is ChangeState.SENT_BACK
        return bool(is_back and self.called_at and self.decided_at and self.called_at >= self.decided_at)

    @hybrid_property
    def is_account(self) -> bool:
        """Whether it says what account its organisation is paid into: there is one at most."""
        is_confirmed = self.kind is ChangeKind.BANK_DETAILS and self.state is ChangeState.CONFIRMED
        return is_confirmed and self.called_at is not None

    @is_account.inplace.expression
    @classmethod
    def _is_account_sql(cls) -> ColumnElement[bool]:
        return and_(cls.kind == ChangeKind.BANK_DETAILS, cls.state == ChangeState.CONFIRMED, cls.called_at.is_not(None))

    def __str__(self) -> str:
        return f"{self.kind.value} of {self.organisation}"


class DetailChange(Tenanted, Model):
    """What an address, telephone number or e-mail was before it was changed; written by the database for good."""

    __tablename__ = "detail_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "service_id"], ["service.organisation_id", "service.id"], ondelete="CASCADE"
        ),
    )
    id: Mapped[Key]
    changed_at: Mapped[Recorded]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    service_id: Mapped[int | None] = mapped_column(index=True)
    field: Mapped[Words]
    was: Mapped[Words]
    became: Mapped[Words]
    changed_by: Mapped[PortalUser | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    service: Mapped[Service | None] = relationship(primaryjoin="Service.id == foreign(DetailChange.service_id)")

    def __str__(self) -> str:
        return f"{self.field.capitalize()} of {self.service or self.organisation}"
