"""The words of letters where staff have changed them."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Key, Recorded, Words
from rules.record_fields import LONGEST_LINE, LONGEST_TEXT


class LetterWording(Model):
    """Subject and text of one kind of e-mail as staff have reworded it; without a row the portal's own words hold.

    `name` is that of the letter in the code, where its placeholders stand too.
    """

    __tablename__ = "letter_wording"
    __table_args__ = (
        CheckConstraint("subject <> '' AND body <> ''", name="says_something"),
        CheckConstraint(
            f"char_length(subject) <= {LONGEST_LINE} AND char_length(body) <= {LONGEST_TEXT}", name="length"
        ),
    )
    id: Mapped[Key]
    name: Mapped[Words] = mapped_column(unique=True)
    subject: Mapped[Words]
    body: Mapped[Words]
    changed_at: Mapped[Recorded]

    def __str__(self) -> str:
        return self.name
