"""Who is signed in is read outside the session, and is as the session would have loaded them."""

from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm.exc import DetachedInstanceError

from models import COUNCIL, PortalUser, UserSession, acting_for, db
from tests.support.worlds.world import World
from workflows.access.sessions import find_session, open_session


def loaded(row: object) -> dict[str, object]:
    state = inspect(row)
    return {each.key: getattr(row, each.key) for each in state.mapper.column_attrs if each.key not in state.unloaded}


def test_who_is_signed_in_is_read_with_all_that_the_session_loads(world: World) -> None:
    token = open_session(world.officer("Administrator"), None)
    found = find_session(token)
    assert found
    states: list[Any] = [inspect(found), inspect(found.user)]
    assert [state.detached for state in states] == [True, True]
    with acting_for(COUNCIL):
        session = db.session.get_one(UserSession, found.id)
        user = db.session.get_one(PortalUser, found.user_id)
        assert loaded(found) == loaded(session)
        assert loaded(found.user) == loaded(user)
        assert [(role.id, role.name) for role in found.user.roles] == [(role.id, role.name) for role in user.roles]


def test_what_is_read_only_where_somebody_proves_who_they_are_is_not_there(world: World) -> None:
    found = find_session(open_session(world.officer("Administrator"), None))
    assert found
    for name in ("password", "security_code", "totp_secret", "reset_code"):
        with pytest.raises(DetachedInstanceError):
            getattr(found.user, name)


def test_an_officer_who_acts_is_the_one_the_session_knows(world: World) -> None:
    found = find_session(open_session(world.officer("Administrator"), None))
    assert found
    with acting_for(COUNCIL):
        db.session.add(found.user)
        assert db.session.get(PortalUser, found.user_id) is found.user
        assert not db.session.new
        assert found.user.password
