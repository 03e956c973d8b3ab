"""What is sought in a generated list: how columns are compared, and what an address may ask for."""

import datetime as dt
import re
import sys
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_appbuilder.models.sqla.filters import FilterEqual
from sqlalchemy import ColumnElement, and_, bindparam, false, inspect

from models.list_indexes import begins, folded, has_parts
from rules.number import NotANumber, read_number
from rules.period import DAY, NotADate, read_date
from rules.search import plain
from views.generated.pages import BEFORE, LAST, PARTS
from views.page.format import LONDON

# How a list is asked for that belongs to a record: of_organisation=7.
OF = "of_"

LETTERS_OF_A_PART = 3
LAST_LETTER = chr(sys.maxunicode)


class YesOrNo(FilterEqual):
    """Equal to yes or to no; the framework's own filter knows only yes."""

    def apply(self, query: Any, value: Any) -> Any:
        """Return `query` with the rows whose column is what was chosen."""
        return super().apply(query, value in ("y", True))


class SameNumber(FilterEqual):
    """Equal to a whole number; what is none, or larger than any column holds, is found nowhere."""

    def apply(self, query: Any, value: str) -> Any:
        """Return `query` with the rows whose column is that number."""
        fits = re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value)
        return super().apply(query, value) if fits else query.filter(false())


class Since(BaseFilter):
    """On a day or after it, on the clocks of London; what is no day is found nowhere."""

    name = "from"
    arg_name = "since"

    def apply(self, query: Any, value: str) -> Any:
        """Return `query` with the rows whose moment is not before that day."""
        day = _day(value)
        return query.filter(getattr(self.model, self.column_name) >= _midnight(day) if day else false())


class Until(BaseFilter):
    """On a day or before it, on the clocks of London; what is no day is found nowhere."""

    name = "to"
    arg_name = "until"

    def apply(self, query: Any, value: str) -> Any:
        """Return `query` with the rows whose moment is not after that day."""
        day = _day(value)
        return query.filter(getattr(self.model, self.column_name) < _midnight(day + DAY) if day else false())


def _day(value: str) -> dt.date | None:
    try:
        return read_date(value)
    except NotADate:
        return None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON)


class Matching(BaseFilter):
    """Words that are found as `matching` says."""

    name = "Contains"
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        """Return `query` with the rows whose column matches."""
        return query.filter(matching(self.model, self.column_name, value))


def matching(model: type, name: str, value: str) -> ColumnElement[bool]:
    """Return the SQL condition that a column matches what was typed, whatever its case, accents and punctuation.

    Names and texts match with any part, references with how they begin: an index serves each (models/list_indexes.py).
    Of a part of two letters an index knows nothing, so that names match such a one with how they begin.
    """
    if not plain(value):
        found: ColumnElement[bool] = getattr(model, name).icontains(value.strip(), autoescape=True)
        return found
    words, sought = folded(getattr(model, name)), folded(value)
    letters = sum(letter.isalnum() for letter in value)
    anywhere = not begins(model, name) or (has_parts(model, name) and letters >= LETTERS_OF_A_PART)
    if anywhere:
        return words.like("%" + sought + "%")
    # LIKE would look at each row that the index finds once more.
    return and_(words.bool_op("~>=~")(sought), words.bool_op("~<~")(folded(value + LAST_LETTER)))


def belongs(model: Any, relation: str) -> ColumnElement[bool]:
    """Return the condition that a row belongs by a relation to the record a query is asked with (`belonging_to`)."""
    pairs = inspect(model).relationships[relation].local_remote_pairs
    return and_(*(local == bindparam(f"of_{remote.key}", type_=local.type) for local, remote in pairs))


def belonging_to(item: Any) -> dict[str, Any]:
    """Return what a query of what belongs to a record is asked with."""
    own = {name: getattr(item, name) for name in ("id", "organisation_id") if hasattr(item, name)}
    return {f"of_{name}": value for name, value in own.items()}


def searching(filters: Filters) -> bool:
    """Say whether somebody has narrowed the list, and so hidden records."""
    return any(not each.is_related_view for each in filters.filters)


def tidy_address(view: Any) -> str | None:
    """Return the address without what means nothing or would fail, None where it is tidy already.

    Empty fields of the search form, filters that the view does not have, columns nobody may sort by, page numbers that
    are none, and every name that is none of a list's: the framework passes the whole query string on to `url_for`,
    which would take `_method`, `_anchor` or `pk` as its own.
    """
    asked = list(request.args.items(multi=True))
    kept = [(key, value) for key, value in asked if _has_meaning(key, value.strip(), view)]
    if kept == asked:
        return None
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _has_meaning(key: str, value: str, view: Any) -> bool:
    if key.startswith("_flt_"):
        return bool(value) and _is_filter(key, value, view)
    if key.startswith(OF):
        return _is_number(value) and view.datamodel.is_relation_many_to_one(key.removeprefix(OF))
    start, _, name = key.removeprefix("_").partition("_")
    if name != type(view).__name__:
        return False
    if start in ("oc", "od"):
        return value in view.order_columns if start == "oc" else value in ("asc", "desc")
    return start in PARTS and (_is_number(value) or (start == BEFORE and value == LAST))


def _is_filter(key: str, value: str, view: Any) -> bool:
    index, _, column = key.removeprefix("_flt_").partition("_")
    offered = view._filters.get_search_filters().get(column) or []
    if not _is_number(index) or int(index) >= len(offered):
        return False
    return not view.datamodel.is_numeric(column) or _is_figure(value)


def _is_number(text: str) -> bool:
    # Longer than any page there is: such a number is too large for PostgreSQL, and from 4,300 digits for int().
    return text.isascii() and text.isdecimal() and len(text) < 8


def _is_figure(value: str) -> bool:
    try:
        read_number(value)
    except NotANumber:
        return False
    return True
