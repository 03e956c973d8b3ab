"""Pages of a generated list: every row stands on one of them, once, whichever way one goes through."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Organisation, db
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.generated import pages
from views.generated.pages import PagePlace, beside, within
from views.staff.records import RECORD_VIEWS

LIST = "/admin/line-items/list/"
SHOWN = re.compile(r'/admin/line-items/show/(\d+)"')


@pytest.fixture
def admin(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Administrator"))


@pytest.fixture
def sixty(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of sixty line items, of which only the first thirty are reached by number."""
    organisation = world.organisation()
    lines = [world.line(organisation, reference=f"{48000 + number}") for number in range(60)]
    monkeypatch.setattr(pages, "COUNTED", 30)
    return [line.id for line in lines]


def walk(admin: Browser, address: str, link: str) -> Iterator[list[int]]:
    """The ids on each page, going by a link of the pagination until there is none."""
    while address:
        page = admin.get(address).text
        yield list(dict.fromkeys(map(int, SHOWN.findall(page))))
        found = re.search(rf'href="([^"]+)" rel="{link}"', page)
        address = found[1].replace("&amp;", "&") if found else ""


@pytest.mark.parametrize("order", ["", "&_oc_LineItemView=reference&_od_LineItemView=desc"])
def test_every_row_is_met_once_forwards_and_backwards(sixty: list[int], admin: Browser, order: str) -> None:
    forwards = list(walk(admin, f"{LIST}?psize_LineItemView=25{order}", "next"))
    expected = sixty[::-1] if order else sixty
    assert [id_ for page in forwards for id_ in page] == expected
    assert [len(page) for page in forwards] == [25, 25, 10]
    backwards = list(walk(admin, f"{LIST}?before_LineItemView=last{order}", "prev"))
    assert [id_ for page in reversed(backwards) for id_ in page] == expected


def test_a_list_longer_than_it_is_counted_says_so_and_leads_to_its_last_page(sixty: list[int], admin: Browser) -> None:
    page = admin.get(LIST).text
    assert "more than 30" in page
    assert "before_LineItemView=last" in page
    assert set(map(int, SHOWN.findall(admin.get(f"{LIST}?before_LineItemView=last").text))) == set(sixty[-25:])


def test_beyond_the_last_page_is_the_last_page(
    sixty: list[int], admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for counted in (30, 10_000):
        monkeypatch.setattr(pages, "COUNTED", counted)
        shown = set(map(int, SHOWN.findall(admin.get(f"{LIST}?page_LineItemView=9999").text)))
        assert shown == set(sixty[-25:] if counted == 30 else sixty[50:])


def test_a_row_that_is_gone_leads_to_the_first_page(sixty: list[int], admin: Browser) -> None:
    for key in ("999999", "99999999999", "0"):
        assert admin.get(f"{LIST}?after_LineItemView={key}").status_code == 200


def test_an_empty_list_has_one_page_whatever_is_asked(admin: Browser) -> None:
    for asked in ("page_InvoiceView=7", "before_InvoiceView=last", "before_InvoiceView=3", "after_InvoiceView=3"):
        page = admin.get(f"/admin/invoices/list/?{asked}")
        assert page.status_code == 200
        assert "None yet." in page.text


@given(st.integers(0, 500), st.sampled_from([25, 50, 100, 200]), st.integers(0, 2000))
def test_every_place_asked_for_is_one_that_the_list_has(count: int, size: int, page: int) -> None:
    place = within(PagePlace(page), size, count)
    assert place.page * size < max(count, 1)
    keys = list(range(place.page * size, min(count, (place.page + 1) * size + 1)))
    earlier, later = beside(place, keys, size) if keys else (None, None)
    assert (earlier is None) == (place.page == 0 or not keys)
    assert (later is None) == (count <= (place.page + 1) * size)


def test_a_record_asks_at_most_eight_queries(world: World, admin: Browser) -> None:
    everything.build(world, world.officer("Auditor"), (1, 2, 3))
    for view in RECORD_VIEWS:
        record = db.session.query(view.datamodel.obj.id).order_by(view.datamodel.obj.id.desc()).first()
        with Queries() as asked:
            assert admin.get(f"{view.route_base}/show/{record[0]}").status_code == 200
        statements = [each for each in asked if "set_config" not in each]
        assert len(statements) <= 8, (view.__name__, statements)


def test_a_record_shows_the_first_rows_of_its_lists_and_leads_to_all_of_them(world: World, admin: Browser) -> None:
    organisation, other = world.organisation(), world.organisation("Other Ltd")
    for number in range(12):
        world.line(organisation, reference=f"{48000 + number}")
    world.line(other, reference="49000")
    page = admin.get(f"/admin/organisations/show/{organisation.id}").text
    assert "Show all 12 contract documents" in page
    every = admin.get(f"/admin/contract-documents/list/?of_organisation={organisation.id}").text
    assert f"Contract documents of {organisation.name}" in every
    assert every.count('<th scope="row"') == 12
    assert ">Organisation</th>" not in every


def test_a_list_of_a_record_that_is_not_there_is_the_whole_list(world: World, admin: Browser) -> None:
    world.line(world.organisation())
    assert db.session.query(Organisation).count() == 1
    for asked in ("of_organisation=999", "of_organisation=x", "of_name=1", "of_nothing=1", "of_=1"):
        assert admin.get(f"{LIST}?{asked}").status_code == 200, asked
