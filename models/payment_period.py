"""Payment periods: four weeks, Monday to Sunday, with their deadlines."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Day, Key


class PaymentPeriod(Model):
    """A payment period. All dates are inclusive; staff may move the deadlines (Christmas does)."""

    __tablename__ = "payment_period"
    __table_args__ = (
        CheckConstraint('extract(isodow from start) = 1 AND extract(isodow from "end") = 7', name="whole_weeks"),
        CheckConstraint('"end" > start AND submit_by > "end" AND pay_on >= finalise_on', name="dates"),
        ExcludeConstraint(
            (text("daterange(start, \"end\", '[]')"), "&&"), name="ex_payment_period_overlap", using="gist"
        ),
    )
    id: Mapped[Key]
    number: Mapped[int] = mapped_column(unique=True)
    start: Mapped[Day]
    end: Mapped[Day]
    submit_by: Mapped[Day]
    amend_by: Mapped[Day]
    finalise_on: Mapped[Day]
    pay_on: Mapped[Day]

    def __str__(self) -> str:
        return f"{self.start:%-d %B %Y} to {self.end:%-d %B %Y}"
