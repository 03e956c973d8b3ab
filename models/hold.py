"""Reasons why something is not paid for now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKeyConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Dated, Key, Tenanted, Words

if TYPE_CHECKING:
    from models.contract_document import ContractDocument
    from models.line_item import LineItem
    from models.organisation import Organisation


class Hold(Dated, Tenanted, Model):
    """A reason why an organisation, a contract document or a line is not paid for now; no document and no line: all.

    One of a `change_request_id` waits for the call-back about new bank details, and ends with it alone: care is
    invoiced meanwhile, and a payment run that takes it up waits (`stops_invoices` is false).
    """

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("num_nonnulls(document_id, line_item_id) <= 1", name="one_target"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "change_request_id"], ["change_request.organisation_id", "change_request.id"]
        ),
    )
    id: Mapped[Key]
    document_id: Mapped[int | None] = mapped_column(index=True)
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    change_request_id: Mapped[int | None] = mapped_column(unique=True)
    reason: Mapped[Words]
    organisation: Mapped[Organisation] = relationship()
    document: Mapped[ContractDocument | None] = relationship(
        primaryjoin="ContractDocument.id == foreign(Hold.document_id)"
    )
    line_item: Mapped[LineItem | None] = relationship(primaryjoin="LineItem.id == foreign(Hold.line_item_id)")

    @hybrid_property
    def stops_invoices(self) -> bool:
        """Whether care it is about goes on no invoice, and what pays for it in no payment run."""
        return self.change_request_id is None

    @stops_invoices.inplace.expression
    @classmethod
    def _stops_invoices_sql(cls) -> ColumnElement[bool]:
        return cls.change_request_id.is_(None)

    def __str__(self) -> str:
        return self.reason
