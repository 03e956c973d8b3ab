"""Conversations with council teams."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    exists,
    func,
    or_,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Recorded, Tenanted, Words, words
from models.exception_check import ExceptionCheck
from models.team import Team
from rules.conversation_topics import Topic
from rules.states import ConversationState

if TYPE_CHECKING:
    from models.actual import Actual
    from models.attachment import Attachment
    from models.contract_document import ContractDocument
    from models.invoice import Invoice
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.remittance import Remittance
    from models.scheduled_payment import ScheduledPayment
    from models.user import PortalUser

OPEN = "state <> 'closed'"


class Conversation(Tenanted, Model):
    """A tracked exchange between an organisation and one council team, about something or nothing in particular.

    `subject` is the topic's name, or own words. `target_on` is the day by which the team answers, while it is the
    council's turn; `first_answer_by` the first of these, none where the council opened it; `resolve_by` when it should
    be settled. A move to another team changes none of them. `read_at` is when somebody of the organisation last had it
    open, `team_read_at` somebody of the team it is with: what the other side wrote since is unread. About one week, one
    team has one open conversation at most. Who is limited to some services sees what they opened themselves
    (`opened_by_id`) and what is about a document, line or week of these, and no other (policy `own_services`).
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ForeignKeyConstraint(["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"]),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoice.organisation_id", "invoice.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"], ["scheduled_payment.organisation_id", "scheduled_payment.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "remittance_id"], ["remittance.organisation_id", "remittance.id"]),
        CheckConstraint("state <> 'closed' OR (closed_at IS NOT NULL AND closed_reason <> '')", name="closed_with_why"),
        Index("uq_conversation_open_week", "actual_id", "team_id", unique=True, postgresql_where=text(OPEN)),
    )
    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    topic: Mapped[Topic] = mapped_column(words(Topic), default=Topic.OTHER, server_default="other")
    subject: Mapped[Words]
    document_id: Mapped[int | None] = mapped_column(index=True)
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    actual_id: Mapped[int | None] = mapped_column(index=True)
    invoice_id: Mapped[int | None] = mapped_column(index=True)
    scheduled_payment_id: Mapped[int | None] = mapped_column(index=True)
    remittance_id: Mapped[int | None] = mapped_column(index=True)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    state: Mapped[ConversationState] = mapped_column(
        words(ConversationState), default=ConversationState.WAITING_FOR_COUNCIL
    )
    opened_at: Mapped[Recorded]
    target_on: Mapped[Day | None]
    first_answer_by: Mapped[Day | None]
    resolve_by: Mapped[Day | None]
    closed_at: Mapped[Instant | None]
    closed_reason: Mapped[Words] = mapped_column(default="", server_default="")
    read_at: Mapped[Instant | None]
    team_read_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()
    team: Mapped[Team] = relationship()
    assigned_to: Mapped[PortalUser | None] = relationship(foreign_keys=[assigned_to_id])
    document: Mapped[ContractDocument | None] = relationship(
        primaryjoin="ContractDocument.id == foreign(Conversation.document_id)"
    )
    line_item: Mapped[LineItem | None] = relationship(primaryjoin="LineItem.id == foreign(Conversation.line_item_id)")
    actual: Mapped[Actual | None] = relationship(primaryjoin="Actual.id == foreign(Conversation.actual_id)")
    invoice: Mapped[Invoice | None] = relationship(primaryjoin="Invoice.id == foreign(Conversation.invoice_id)")
    scheduled_payment: Mapped[ScheduledPayment | None] = relationship(
        primaryjoin="ScheduledPayment.id == foreign(Conversation.scheduled_payment_id)"
    )
    remittance: Mapped[Remittance | None] = relationship(
        primaryjoin="Remittance.id == foreign(Conversation.remittance_id)"
    )
    messages: Mapped[list[Message]] = relationship(
        back_populates="conversation",
        primaryjoin="Conversation.id == foreign(Message.conversation_id)",
        order_by="(Message.sent_at, Message.id)",
    )

    @hybrid_property
    def waits_for_council(self) -> bool:
        """Whether it is the council's turn."""
        return self.state is ConversationState.WAITING_FOR_COUNCIL

    @waits_for_council.inplace.expression
    @classmethod
    def _waits_for_council(cls) -> ColumnElement[bool]:
        return cls.state == ConversationState.WAITING_FOR_COUNCIL

    @classmethod
    def waits_for_teams(cls, teams: Collection[str]) -> ColumnElement[bool]:
        """Return the SQL condition that it is the turn of one of these teams; of any, where none is named."""
        theirs = exists().where(Team.id == cls.team_id, Team.name.in_(teams)).correlate_except(Team)
        return and_(cls.waits_for_council, *([theirs] if teams else []))

    @classmethod
    def to_read(cls) -> ColumnElement[bool]:
        """Return the SQL condition that the provider has something to read or to answer.

        It is their turn, unless a decision about the week was all that was written and they have read it; or the
        council closed it since they last had it open.
        """
        read_at = func.coalesce(cls.read_at, cls.opened_at)
        decided = exists().where(ExceptionCheck.actual_id == cls.actual_id, ExceptionCheck.decision_id.is_not(None))
        written = exists().where(Message.conversation_id == cls.id, Message.from_council, Message.sent_at > read_at)
        something = or_(~decided.correlate_except(ExceptionCheck), written.correlate_except(Message))
        own_turn = cls.state == ConversationState.WAITING_FOR_PROVIDER
        return or_(and_(own_turn, something), cls.closed_at > read_at)

    def answer_is_overdue(self, day: date) -> bool:
        """Whether, on a day, the council should have answered before."""
        return self.waits_for_council and self.target_on is not None and self.target_on < day

    def settling_is_overdue(self, day: date) -> bool:
        """Whether, on a day, it should have been settled before."""
        return self.state is not ConversationState.CLOSED and self.resolve_by is not None and self.resolve_by < day

    def __str__(self) -> str:
        return self.subject


class Message(Tenanted, Model):
    """One message of a conversation; never changed once sent.

    The council's names the team that wrote it. One that is `moved` says that the conversation went to another team.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("length(body) BETWEEN 1 AND 7500", name="length"),
        CheckConstraint("from_council OR NOT moved", name="moved_by_council"),
        ForeignKeyConstraint(
            ["organisation_id", "conversation_id"], ["conversation.organisation_id", "conversation.id"]
        ),
    )
    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    from_council: Mapped[bool]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    moved: Mapped[bool] = mapped_column(default=False, server_default="false")
    body: Mapped[Words]
    sent_at: Mapped[Recorded]
    organisation: Mapped[Organisation] = relationship()
    conversation: Mapped[Conversation] = relationship(
        back_populates="messages", primaryjoin="Conversation.id == foreign(Message.conversation_id)"
    )
    author: Mapped[PortalUser | None] = relationship(foreign_keys=[author_id])
    team: Mapped[Team | None] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(
        back_populates="message",
        primaryjoin="Message.id == foreign(Attachment.message_id)",
        order_by="Attachment.id",
    )

    def __str__(self) -> str:
        return self.body[:60]
