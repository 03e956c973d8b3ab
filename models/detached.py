"""Objects of rows that were read without the session: made in a tenth of the time that the session takes."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask_appbuilder import Model
from sqlalchemy import inspect
from sqlalchemy.orm.attributes import set_committed_value

AnyRow = TypeVar("AnyRow", bound=Model)


def columns_of(model: type[Model]) -> dict[str, Any]:
    """Return the columns that a query of a model loads, by the names of their attributes."""
    mapper = inspect(model)
    return {each.key: getattr(model, each.key) for each in mapper.column_attrs if not each.deferred}


def detached(model: type[AnyRow], values: Mapping[str, Any], **related: Any) -> AnyRow:
    """Return the object of a row that the database holds, as the session leaves one that it has put out.

    `values` are those of its columns, the key among them; `related` are related objects, or lists of these. What is not
    there is not loaded, and cannot be.
    """
    made: AnyRow = model()
    state = inspect(made)
    state.dict.update(values)  # past the attributes, which would note each as a change
    for name, others in related.items():
        set_committed_value(made, name, others)
    state.key = state.mapper.identity_key_from_primary_key((values["id"],))
    return made
