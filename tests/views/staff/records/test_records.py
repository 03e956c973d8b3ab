"""The generated staff screens: words, not raw values; few queries; and what has become money stays."""

import re
from typing import Any

import html5lib
import pytest
from sqlalchemy import text

from models import PortalUser, acting_for, db
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds import everything
from tests.support.worlds.visits import visit_on
from tests.support.worlds.weeks import OCT_23, week
from tests.support.worlds.world import World
from views.staff.records import RECORD_VIEWS
from workflows.aborted_visits.record import record

VIEWS = {view.__name__: view for view in RECORD_VIEWS}
RAW = re.compile(r"\bNone\b(?! yet)|<\w+[ .]|\w+State\.|Decimal\(|\b[a-z]+_[a-z_]+\b|\b[A-Z]+_[A-Z_]+\b")
# A document is drafted on a page of its own.
ADDABLE = [name for name, view in VIEWS.items() if "add" in view.changes and name != "ContractDocumentView"]


@pytest.fixture
def administrator(world: World) -> PortalUser:
    return world.officer("Administrator", "admin@council.example")


@pytest.fixture
def admin(administrator: PortalUser, browser: Browser) -> Browser:
    return browser.sign_in(administrator)


def first_id(name: str) -> int:
    table = VIEWS[name].datamodel.obj.__table__.name
    return int(db.session.execute(text(f'SELECT max(id) FROM "{table}"')).scalar_one())


def words_of(page: Any) -> str:
    main = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//main")
    assert main is not None
    return " ".join(" ".join(main.itertext()).split())


def assert_in_words(page: Any) -> None:
    """No raw value of the database or of Python stands on a page."""
    assert page.status_code == 200, page.request.path
    words = words_of(page)
    found = RAW.findall(words)
    assert not found, f"{page.request.path}: {found}"
    assert " Id " not in words
    assert "True" not in words.split()
    assert "False" not in words.split()


def test_every_list_and_record_reads_in_words(world: World, administrator: PortalUser, admin: Browser) -> None:
    everything.build(world, administrator)
    for name, view in VIEWS.items():
        assert_in_words(admin.get(f"{view.route_base}/list/"))
        assert_in_words(admin.get(f"{view.route_base}/show/{first_id(name)}"))


@pytest.mark.parametrize("name", ADDABLE)
def test_a_form_to_add_opens_and_refuses_to_be_empty(name: str, world: World, admin: Browser) -> None:
    view = VIEWS[name]
    assert_in_words(admin.get(f"{view.route_base}/add"))
    refused = admin.post(f"{view.route_base}/add", {})
    assert refused.status_code == 422
    assert "There is a problem" in refused.text


def test_a_form_to_edit_opens_where_the_record_is_not_kept(
    world: World, administrator: PortalUser, admin: Browser
) -> None:
    everything.build(world, administrator)
    for name, view in VIEWS.items():
        if "edit" in view.changes:
            record = db.session.get(view.datamodel.obj, first_id(name))
            page = admin.get(f"{view.route_base}/edit/{record.id}")
            assert_in_words(page)
            kept = name in ("ContractDocumentView", "LineItemView", "PlanView", "RateView")
            assert ("Save" in words_of(page)) is not kept, name


def test_a_list_takes_the_same_few_queries_with_two_rows_and_with_twenty_five(
    world: World, administrator: PortalUser, admin: Browser
) -> None:
    everything.build(world, administrator, (1, 2))
    few = {name: _queries_of(admin, view) for name, view in VIEWS.items()}
    everything.build(world, administrator, range(3, 26))
    for name, view in VIEWS.items():
        many = _queries_of(admin, view)
        assert len(many) <= 8, (name, many)
        assert len(many) == len(few[name]), (name, few[name], many)


def _queries_of(admin: Browser, view: Any) -> list[str]:
    with Queries() as queries:
        assert admin.get(f"{view.route_base}/list/").status_code == 200
    # Once a minute a request notes when the session was last used; and only somebody for whom a form is kept is told.
    aside = ("UPDATE user_session", "SELECT kept_form")
    return [query for query in queries if not query.startswith(aside)]


def test_reasons_read_in_words_in_lists_records_histories_and_files(world: World, admin: Browser) -> None:
    contact = world.contact(world.organisation())
    line = world.line(contact.organisation)
    with acting_for(line.organisation_id):
        visit_id = record(visit_on(line), contact.user).id
    actual = week(line, OCT_23)
    actual.reason = "NO_CARER"
    db.session.commit()
    for address, words in (
        ("aborted-visits/list/", "No reply at the door"),
        (f"aborted-visits/show/{visit_id}", "No reply at the door"),
        ("aborted-visits/export/csv", "No reply at the door"),
        (f"actuals/show/{actual.id}", "We had no carer available"),
    ):
        page = admin.get(f"/admin/{address}")
        shown = page.text if "export" in address else words_of(page)
        assert words in shown, address
        assert not {"NO_REPLY", "NO_CARER"} & set(re.split(r"[^A-Z_]+", shown)), address
