"""The ground every table stands on: the session, the column types, and what makes a row an organisation's own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    MetaData,
    Numeric,
    Table,
    Text,
    and_,
    event,
    func,
    or_,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from models.scoped import ScopedSession

# Objects a workflow returns stay loaded after its commit: no refresh on the next attribute access.
db = SQLA(session_options={"expire_on_commit": False, "class_": ScopedSession})
metadata: MetaData = Model.metadata


def close_pools() -> None:
    """Close the connections of every pool: none can be shared with a process that is forked from this one."""
    for engine in db.engines.values():
        engine.dispose()


# Deterministic constraint names: a violated one is mapped to a sentence by name.
metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Pounds(Numeric[Decimal]):
    """An amount of money."""


class PoundsPerUnit(Numeric[Decimal]):
    """The price of one unit of care."""


class Units(Numeric[Decimal]):
    """A quantity of care, in the unit of its line."""


class PerCent(Numeric[Decimal]):
    """A share: 10 is ten per cent."""


Key = Annotated[int, mapped_column(primary_key=True)]
Words = Annotated[str, mapped_column(Text)]
Money = Annotated[Decimal, mapped_column(Pounds(12, 2))]
Price = Annotated[Decimal, mapped_column(PoundsPerUnit(12, 4))]
Percentage = Annotated[Decimal, mapped_column(PerCent(12, 4))]
Quantity = Annotated[Decimal, mapped_column(Units(10, 2))]
# Units as a policy setting may give them.
PolicyQuantity = Annotated[Decimal, mapped_column(Units(12, 4))]
# Units that no rounding has touched before they were multiplied: sevenths of a week, per cent of a day.
FineQuantity = Annotated[Decimal, mapped_column(Units(14, 6))]
Day = Annotated[date, mapped_column(Date)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Recorded = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


@event.listens_for(Column, "after_parent_attach")
def _refuse_nan(column: Column[Decimal], table: Table) -> None:
    """Give every NUMERIC column of every mapped table the constraint that what stands in it is a number.

    NaN fits any precision, equals itself and is greater than every number, so few other constraints stop it. The two
    infinities need no constraint: a column with a precision refuses them, and all have one.
    """
    if isinstance(column.type, Numeric) and table.metadata is metadata:
        check = CheckConstraint(column.op("<>")(text("'NaN'")), name=f"{column.name}_is_a_number")
        table.append_constraint(check)


def words(vocabulary: type[StrEnum]) -> Enum:
    """Return a column type that holds the values of `vocabulary` and nothing else (a check constraint sees to it)."""
    return Enum(
        vocabulary,
        native_enum=False,
        create_constraint=True,
        name=vocabulary.__name__.lower(),
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class Tenanted:
    """A row that belongs to one organisation: filtered by the session, guarded at flush, and by the database itself."""

    @declared_attr
    def organisation_id(cls) -> Mapped[int]:
        """Return the column that says whose row this is."""
        return mapped_column(ForeignKey("organisation.id"), index=True)


class TenantedByParent(Tenanted):
    """A row whose composite foreign key to its parent includes the organisation.

    No own foreign key: the composite key to the parent guarantees it, and bulk inserts pay for each check. Nor an own
    index: such rows are found by their parent, or by a key that begins with the organisation.
    """

    @declared_attr
    def organisation_id(cls) -> Mapped[int]:
        """Return the column that says whose row this is."""
        return mapped_column()


def in_force_sql(of: type[Dated], day: date) -> ColumnElement[bool]:
    """Return the condition that a dated row is in force on a day."""
    return and_(of.start <= day, or_(of.end.is_(None), of.end >= day))


class Dated:
    """A row that is in force from `start` to `end`, both inclusive; without an end until further notice."""

    start: Mapped[Day]
    end: Mapped[Day | None]

    def _in_force(self, day: date) -> bool:
        """Whether the row is in force on a day; on the class, the SQL condition of the same."""
        return self.start <= day and (self.end is None or self.end >= day)

    in_force = hybrid_method(_in_force, in_force_sql)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ByDay:
    """A row with seven quantities, Monday to Sunday, in the unit of its line; all nothing where it counts by week."""

    mon: Mapped[Quantity] = mapped_column(default=Decimal(0))
    tue: Mapped[Quantity] = mapped_column(default=Decimal(0))
    wed: Mapped[Quantity] = mapped_column(default=Decimal(0))
    thu: Mapped[Quantity] = mapped_column(default=Decimal(0))
    fri: Mapped[Quantity] = mapped_column(default=Decimal(0))
    sat: Mapped[Quantity] = mapped_column(default=Decimal(0))
    sun: Mapped[Quantity] = mapped_column(default=Decimal(0))

    @property
    def days(self) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal]:
        """The seven quantities, Monday first."""
        return self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun
