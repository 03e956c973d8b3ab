"""Every figure that can be stored says what it is a number of."""

from collections import defaultdict

from sqlalchemy import Numeric

from models import metadata
from models.base import PerCent, Pounds, PoundsPerUnit, Units


def test_every_figure_of_a_model_says_what_it_is_a_number_of() -> None:
    unknown = [
        str(column)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Numeric) and type(column.type) not in (Pounds, PoundsPerUnit, Units, PerCent)
    ]
    assert unknown == []


def test_figures_of_one_name_are_of_one_kind_in_every_table() -> None:
    kinds: dict[str, set[type]] = defaultdict(set)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Numeric):
                kinds[column.name].add(type(column.type))
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1} == {}
