"""Roles as code: put together from what each page of staff says about itself."""

import re
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import BaseView

from views.access.roles import AUDITOR, PROCUREMENT, ROLE_NAMES, STAFF_ROLES, all_permissions


class Desk(BaseView):
    """A page of staff, for tests."""

    roles = {"can_view": (PROCUREMENT,), "can_decide": ()}


class Undeclared(BaseView):
    """A page that does not say who may do what there."""


def given(roles: dict[str, Any]) -> set[tuple[str, str]]:
    return {(role, permission) for role, pairs in roles.items() for view, permission in pairs if view == "Desk$"}


def test_a_page_opens_to_whom_it_names_to_the_administrator_and_to_the_auditor_who_reads() -> None:
    assert given(all_permissions([Desk])) == {
        ("Administrator", "can_view$"),
        ("Administrator", "can_decide$"),
        ("Procurement", "can_view$"),
        ("Auditor", "can_view$"),
    }


def test_a_page_that_does_not_say_who_may_do_what_is_not_started() -> None:
    with pytest.raises(TypeError, match="Undeclared does not say who may do what there"):
        all_permissions([Desk, Undeclared])


def test_every_role_that_gets_its_row_has_its_permissions_and_none_besides(portal: Flask) -> None:
    assert set(portal.config["FAB_ROLES"]) == set(ROLE_NAMES)
    assert set(STAFF_ROLES) < set(ROLE_NAMES)


def test_the_auditor_has_nothing_that_changes_something(portal: Flask) -> None:
    permissions = {permission for _view, permission in portal.config["FAB_ROLES"][AUDITOR]}
    assert permissions == {"can_view$", "can_list$", "can_show$", "can_export$"}


def test_no_permission_is_given_twice_to_one_role(portal: Flask) -> None:
    for role, pairs in portal.config["FAB_ROLES"].items():
        assert len(pairs) == len({tuple(pair) for pair in pairs}), role
        assert all(re.fullmatch(r"\w+\$", each) for pair in pairs for each in pair), role
