"""What was typed to find something, as SQL over columns (rules/search.py says the same of words)."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, true

from models.line_item import LineItem
from models.list_indexes import folded
from models.person import Person
from rules.search import plain, words_of


def holding(typed: str, *columns: Any) -> ColumnElement[bool]:
    """Return the SQL condition that each word that was typed stands in one of the columns, accents and case aside.

    A word without letters and digits, such as "%", is looked for as it is. Nothing typed finds everything.
    """
    return and_(true(), *(or_(*(_holds(column, word) for column in columns)) for word in words_of(typed)))


# By name too, though lists show initials: whoever searches for a name knows it already.
INITIALS = func.regexp_replace(Person.name, r"(\S)\S*\s*", r"\1", "g")
NAMES_OF_A_PERSON = (Person.reference, Person.name, INITIALS)
NAMES_OF_A_LINE = (LineItem.reference, *NAMES_OF_A_PERSON)


def _holds(column: Any, word: str) -> ColumnElement[bool]:
    if not plain(word):
        held: ColumnElement[bool] = column.icontains(word, autoescape=True)
        return held
    return folded(column).like("%" + folded(word) + "%")
