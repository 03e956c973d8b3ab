"""A query that is written out once holds its values as they are, and is asked with what is left."""

from typing import Any

import pytest
from sqlalchemy import Connection, Integer, String, bindparam, func, literal, select

from models import COUNCIL, NOTHING, LineItem, Organisation, acting_for, db
from models.written_out import WrittenOut
from tests.support.worlds.world import World


def test_what_is_written_out_for_organisations_finds_the_rows_of_the_one_in_scope(
    world: World, owner: Connection
) -> None:
    two = [world.organisation(), world.organisation("Other Ltd")]
    for number, organisation in enumerate(two, 1):
        for line in range(number):
            world.line(organisation, reference=f"{48000 + 10 * number + line}")
    of_lines = select(func.count()).select_from(LineItem).scalar_subquery()
    query = WrittenOut(select(of_lines, func.string_agg(Organisation.name, ", ")))
    for number, organisation in enumerate(two, 1):
        with acting_for(organisation.id):
            assert query.one({}) == (number, organisation.name)
            # The owner's login has no row-level security: there the filter alone is at work.
            assert query.first({}, owner) == (number, organisation.name)
    with acting_for(COUNCIL):
        assert query.one({})[0] == 3
    with acting_for(NOTHING):
        assert query.first({}, owner) == (0, None)


def test_words_of_a_vocabulary_are_read_as_such(world: World) -> None:
    organisation = world.organisation()
    query = WrittenOut(select(Organisation.state))
    with acting_for(COUNCIL):
        assert query.one({})[0] is organisation.state
    nobody = WrittenOut(select(Organisation.state).where(Organisation.id < 0))
    with acting_for(COUNCIL), pytest.raises(LookupError):
        nobody.one({})


def test_values_stand_in_the_query_whatever_they_hold_and_the_others_are_asked_with(world: World) -> None:
    words = "O'Hara's 100% %(asked)s :asked \\ --"
    asked = bindparam("asked", type_=Integer)
    columns: Any = select(literal(words, String).label("words"), asked.label("asked"), literal(2).in_([1, 2]))
    query = WrittenOut(columns)
    with acting_for(COUNCIL):
        for number in (7, 8):
            assert tuple(query.one({"asked": number})) == (words, number, True)


def test_all_rows_are_read_in_their_order_and_words_of_a_vocabulary_as_such(world: World) -> None:
    names = ["Ash Ltd", "Beech Ltd"]
    states = [world.organisation(name).state for name in names]
    columns: Any = select(Organisation.name, Organisation.state)
    query = WrittenOut(columns.order_by(Organisation.name))
    with acting_for(COUNCIL):
        assert query.all({}) == list(zip(names, states, strict=True))
        assert query.first({}) == (names[0], states[0])


def test_what_the_session_has_not_written_yet_is_found(world: World) -> None:
    organisation = world.organisation("Ash Ltd")
    names: Any = select(Organisation.name)
    query = WrittenOut(names)
    with acting_for(COUNCIL):
        db.session.get_one(Organisation, organisation.id).name = "Beech Ltd"
        assert query.all({}) == [("Beech Ltd",)]
