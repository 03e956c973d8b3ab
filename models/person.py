"""People who receive care."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Instant, Key, Words


def initials_of(name: str) -> str:
    """Return the initials of a name: "A. B." of Ada Bell."""
    return " ".join([f"{part[0]}." for part in name.upper().split()])


class Person(Model):
    """Someone who receives care, known by the person reference (SSRef)."""

    __tablename__ = "person"
    id: Mapped[Key]
    reference: Mapped[Words] = mapped_column(unique=True)
    name: Mapped[Words]
    # When the name was removed because the time for which it is kept was over.
    forgotten_at: Mapped[Instant | None]

    @property
    def initials(self) -> str:
        """The person's initials: lists and files show no more (policy: full names only inside one line)."""
        return initials_of(self.name)

    def __str__(self) -> str:
        return self.reference
