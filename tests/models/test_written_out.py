"""A query that is written out once holds its values as they are, and is asked with what is left."""

from typing import Any

from sqlalchemy import Integer, String, bindparam, literal, select

from models import COUNCIL, acting_for
from models.written_out import WrittenOut
from tests.support.worlds.world import World


def test_values_stand_in_the_query_whatever_they_hold_and_the_others_are_asked_with(world: World) -> None:
    words = "O'Hara's 100% %(asked)s :asked \\ --"
    asked = bindparam("asked", type_=Integer)
    columns: Any = select(literal(words, String).label("words"), asked.label("asked"), literal(2).in_([1, 2]))
    query = WrittenOut(columns)
    with acting_for(COUNCIL):
        for number in (7, 8):
            assert tuple(query.one({"asked": number})) == (words, number, True)
