"""Council teams."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Key, Words


class Team(Model):
    """A council team: Payments, Service Brokerage, Procurement, Billing."""

    __tablename__ = "team"
    id: Mapped[Key]
    name: Mapped[Words] = mapped_column(unique=True)
    email: Mapped[Words] = mapped_column(default="", server_default="")
    phone: Mapped[Words] = mapped_column(default="", server_default="")

    def __str__(self) -> str:
        return self.name
