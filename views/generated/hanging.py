"""What hangs on a record: said before anybody presses Delete, with what to do instead."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ForeignKeyConstraint, Integer, ScalarSelect, Table, bindparam, func, select

from models import metadata
from rules.words import counted
from views.generated.words import record_in_words, views_by_table

# Counted up to here: more than a hundred are as good a reason as a million.
MOST: Final = 100


class Hanging(NamedTuple):
    """How many records of one kind belong to another: "1 contact", "more than 100 services"."""

    one: str
    several: str
    number: int

    @property
    def words(self) -> str:
        """How many of what."""
        return (
            f"more than {MOST} {self.several}" if self.number > MOST else counted(self.number, self.one, self.several)
        )


def hanging_counts(model: Any) -> list[ScalarSelect[int]]:
    """Return how many rows of each other table hang on a record, at most MOST + 1, as columns of a query.

    The query is asked with the key of the record, as `of_id`.
    """
    key = bindparam("of_id", type_=Integer)
    return [
        select(func.count())
        .select_from(select(1).where(_column(each) == key).limit(MOST + 1).subquery())
        .scalar_subquery()
        for each in _hangers(model.__table__)
    ]


def hanging_of(view: Any, counts: Sequence[int]) -> list[Hanging]:
    """Return what has to go before a record can be deleted; `counts` are what `hanging_counts` came to."""
    views = views_by_table()
    found = []
    for key, count in zip(_hangers(view.datamodel.obj.__table__), counts, strict=True):
        one = record_in_words(key.table.name).lower()
        if count:
            several = views[key.table.name].list_title.lower() if key.table.name in views else f"{one}s"
            found.append(Hanging(one, several, count))
    return found


def hanging_on(view: Any, item: Any) -> list[Hanging]:
    """Return what has to go before a record can be deleted: one query, nothing where it can be."""
    counts = hanging_counts(view.datamodel.obj)
    asked = {"of_id": item.id}
    return hanging_of(view, view.datamodel.session.execute(select(*counts), asked).one()) if counts else []


@cache
def _hangers(table: Table) -> list[ForeignKeyConstraint]:
    """Return the keys by which other tables belong to one; a row that belongs to another of these hangs on that one."""
    found: list[ForeignKeyConstraint] = []
    for other in metadata.sorted_tables:
        keys = [each for each in other.foreign_key_constraints if each.referred_table is table]
        if keys and not any(_belongs(each.referred_table, table) for each in _needed(other)):
            found += keys
    return found


def _needed(table: Table) -> Iterator[ForeignKeyConstraint]:
    return (each for each in table.foreign_key_constraints if not any(c.nullable for c in each.columns))


def _belongs(table: Table, to: Table) -> bool:
    """Whether every row of a table belongs, over others or not, to a row of another one."""
    return table is not to and any(
        each.referred_table is to or _belongs(each.referred_table, to) for each in _needed(table)
    )


def _column(key: ForeignKeyConstraint) -> Any:
    # Of a key that begins with the organisation the last column says which record.
    return list(key.columns)[-1]
