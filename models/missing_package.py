"""Care packages that a provider gives and does not find in the portal (rules.md 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Recorded, Tenanted, Words, words
from rules.agreement_states import MissingState

if TYPE_CHECKING:
    from models.conversation import Conversation
    from models.line_item import Element, LineItem
    from models.organisation import Organisation, Service
    from models.user import PortalUser


class MissingPackage(Tenanted, Model):
    """What a provider says of a care package that is missing: whose, what, since when, agreed with whom and when.

    The person is known by the reference, or else by name and date of birth; without an element the provider does not
    know which. It is found once a line is published that fits (`line_item`). Who is reported missing is so once.
    """

    __tablename__ = "missing_package"
    __table_args__ = (
        CheckConstraint(
            "person_reference <> '' OR (person_name <> '' AND born_on IS NOT NULL)", name="person_is_known_by_something"
        ),
        CheckConstraint("(state = 'found') = (line_item_id IS NOT NULL)", name="found_as_what"),
        CheckConstraint("(state = 'found') = (found_at IS NOT NULL)", name="found_when"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "conversation_id"], ["conversation.organisation_id", "conversation.id"]
        ),
    )
    id: Mapped[Key]
    person_reference: Mapped[Words] = mapped_column(default="", server_default="")
    person_name: Mapped[Words] = mapped_column(default="", server_default="")
    born_on: Mapped[Day | None]
    service_id: Mapped[int] = mapped_column(index=True)
    element_id: Mapped[int | None] = mapped_column(ForeignKey("element.id"), index=True)
    start: Mapped[Day]
    plan: Mapped[Words]
    agreed_with: Mapped[Words]
    agreed_on: Mapped[Day]
    paper_reference: Mapped[Words] = mapped_column(default="", server_default="")
    comment: Mapped[Words] = mapped_column(default="", server_default="")
    state: Mapped[MissingState] = mapped_column(words(MissingState), default=MissingState.REPORTED)
    reported_at: Mapped[Recorded]
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    conversation_id: Mapped[int] = mapped_column(index=True)
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    found_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()
    service: Mapped[Service] = relationship(primaryjoin="Service.id == foreign(MissingPackage.service_id)")
    element: Mapped[Element | None] = relationship()
    reported_by: Mapped[PortalUser | None] = relationship(foreign_keys=[reported_by_id])
    conversation: Mapped[Conversation] = relationship(
        primaryjoin="Conversation.id == foreign(MissingPackage.conversation_id)"
    )
    line_item: Mapped[LineItem | None] = relationship(primaryjoin="LineItem.id == foreign(MissingPackage.line_item_id)")

    @property
    def whom(self) -> str:
        """How lists name the person: by the reference, or else by the name that was given."""
        return self.person_reference or self.person_name

    def __str__(self) -> str:
        return f"{self.whom} from {self.start:%-d %B %Y}"


_OPEN = text("state = 'reported'")
# One that waits is not reported again, by a second press or by a colleague.
Index(
    "uq_missing_package_waiting",
    MissingPackage.organisation_id,
    func.folded(MissingPackage.person_reference),
    func.folded(MissingPackage.person_name),
    func.coalesce(MissingPackage.element_id, 0),
    unique=True,
    postgresql_where=_OPEN,
)
