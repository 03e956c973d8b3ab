"""The table of modulus weights that bank accounts are checked by, as the council loaded it."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import ARRAY, CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Key, Words, words
from rules.bank_account import Method


class ModulusWeight(Model):
    """One line of VocaLink's table: the check of sort codes from `first` to `last` inclusive, in the file's order."""

    __tablename__ = "modulus_weight"
    __table_args__ = (CheckConstraint("cardinality(weights) = 14", name="fourteen"),)
    id: Mapped[Key]
    first: Mapped[Words]
    last: Mapped[Words]
    method: Mapped[Method] = mapped_column(words(Method))
    weights: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    exception: Mapped[int] = mapped_column(SmallInteger, default=0)
