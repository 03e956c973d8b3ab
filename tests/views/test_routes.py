"""Every address of the portal, and who may use it.

`addresses.txt` is the list: what answers without a session, to everybody signed in, to staff, to providers. An address
that is added stands there too, in exactly one part.
"""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from views.access.roles import PROVIDER_ROLES, STAFF_ROLES
from views.staff import STAFF_VIEWS
from views.staff.records import RECORD_VIEWS

LISTED = Path(__file__).with_name("addresses.txt")

SIDE_DOORS = (
    "/login/", "/logout/", "/lang/en", "/back", "/users/list/", "/roles/list/", "/register/form", "/swagger/v1",
    "/api/v1/security/login", "/api/v1/security/refresh", "/api/v1/menu/", "/api/v1/_openapi", "/menu/",
    "/static/appbuilder/js/jquery-latest.js", "/admin/organisations/download/secret_key", "/admin/organisations/chart/",
    "/admin/organisations/api/read",
)  # fmt: skip


def listed() -> dict[str, list[tuple[str, str]]]:
    """The parts of the list: (method, address) each."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for line in LISTED.read_text().splitlines():
        if line.startswith("#"):
            part = parts.setdefault(line[2:], [])
        elif line:
            *methods, address = line.split()
            part.extend((method, address) for method in methods)
    return parts


def ask(browser: Browser, method: str, address: str) -> TestResponse:
    """Send one request, and follow no redirect."""
    return (browser.get if method == "GET" else browser.post)(address, follow=False)


def test_every_address_stands_in_exactly_one_part_of_the_list(portal: Flask) -> None:
    counted = Counter(each for part in listed().values() for each in part)
    there = {(method, rule.rule) for rule in portal.url_map.iter_rules() for method in rule.methods or ()}
    there = {(method, rule) for method, rule in there if method not in ("HEAD", "OPTIONS")}
    assert not [each for each, times in counted.items() if times > 1]
    assert sorted(there - set(counted)) == [], "not in addresses.txt"
    assert sorted(set(counted) - there) == [], "in addresses.txt, but gone"


def test_only_what_is_open_answers_without_signing_in(world: World, browser: Browser) -> None:
    for part, addresses in listed().items():
        for method, address in addresses:
            if part != "open":
                answer = ask(browser, method, re.sub("<[^>]*>", "1", address))
                assert answer.status_code == 302, address
                assert answer.location.startswith("/sign-in"), address


@pytest.mark.parametrize("door", SIDE_DOORS)
def test_the_frameworks_own_doors_are_shut(door: str, world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    for method in ("GET", "POST"):
        assert ask(browser, method, door).status_code in (404, 405)


def test_deleting_takes_a_form_that_was_sent(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    browser.sign_in(world.officer("Administrator"))
    assert browser.get(f"/admin/services/delete/{organisation.services[0].id}").status_code == 405


def test_every_permission_of_a_view_belongs_to_a_role_and_every_role_names_a_view(portal: Flask) -> None:
    there = {
        (view.class_permission_name, permission)
        for view in portal.appbuilder.baseviews  # type: ignore[attr-defined]
        for permission in view.base_permissions
    }
    given = {(view, permission) for pairs in portal.config["FAB_ROLES"].values() for view, permission in pairs}
    unused = [pair for pair in there if not any(re.match(v, pair[0]) and re.match(p, pair[1]) for v, p in given)]
    # can_import_contacts is a finer can_import: the page asks for both.
    idle = [(v, p) for v, p in given if not any(re.match(v, view) and p.startswith(may) for view, may in there)]
    assert unused == []
    assert idle == []
    assert all(view.endswith("$") and permission.endswith("$") for view, permission in given)


def test_no_provider_role_reaches_a_staff_page(portal: Flask) -> None:
    staff = {view.__name__ for view in STAFF_VIEWS}
    for pairs in PROVIDER_ROLES.values():
        assert not [view for view, _permission in pairs for name in staff if re.match(view, name)]


def test_every_list_opens_for_who_may_and_for_nobody_else(world: World, app: Flask) -> None:
    for role in STAFF_ROLES:
        pairs = app.config["FAB_ROLES"][role]
        browser = Browser(app).sign_in(world.officer(role))
        for view in RECORD_VIEWS:
            may = any(re.match(v, view.__name__) and re.match(p, "can_list") for v, p in pairs)
            answer = browser.get(f"{view.route_base}/list/", follow=False)
            assert answer.status_code == (200 if may else 403), (role, view.route_base)


def test_an_auditor_changes_nothing(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    browser.sign_in(world.officer("Auditor"))
    assert "Add an organisation" not in browser.get("/admin/organisations/list/").text
    for address in ("add", f"edit/{organisation.id}", f"delete/{organisation.id}"):
        assert browser.post(f"/admin/organisations/{address}").status_code == 403
    assert browser.post("/admin/contacts/action_post", {"action": "invite", "rowid": "1"}).status_code == 403
    assert browser.post("/admin/contacts/action_post", {"action": "no_such_thing"}).status_code == 404
