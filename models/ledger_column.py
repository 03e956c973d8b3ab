"""The columns of the file for the council's ledger, as data."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Key, Words, words
from rules.ledger import LedgerField


class LedgerColumn(Model):
    """One column of the ledger file: where it stands, its heading, and what it holds. Each ledger wants its own."""

    __tablename__ = "ledger_column"
    __table_args__ = (CheckConstraint("place > 0", name="place"), CheckConstraint("heading <> ''", name="heading"))
    id: Mapped[Key]
    place: Mapped[int] = mapped_column(unique=True)
    heading: Mapped[Words] = mapped_column(unique=True)
    field: Mapped[LedgerField] = mapped_column(words(LedgerField))

    def __str__(self) -> str:
        return self.heading
