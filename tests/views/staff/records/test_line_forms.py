"""What cannot be commissioned is refused on a form as it is in a file, everything at once, each at its field."""

from datetime import date
from typing import Any

import pytest

from models import DAYS, LineItem, db
from rules.agreement_states import DocumentState
from tests.support.pages.browser import Browser
from tests.support.pages.forms import errors_on, form_on
from tests.support.worlds.world import World


@pytest.fixture
def officer(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Service Brokerage"))


@pytest.fixture
def line(world: World) -> LineItem:
    """A line of a draft that says more than the page of the draft has room for: its rate has an end."""
    drafted = world.line(world.organisation(), state=DocumentState.DRAFT)
    drafted.rates[0].end = date(2019, 3, 31)
    db.session.commit()
    return drafted


def refused(officer: Browser, address: str, changes: dict[str, Any]) -> dict[str, str]:
    """Return what a form refuses, by its fields; everything typed is still there."""
    answer = officer.post(address, form_on(officer.get(address)) | changes)
    assert answer.status_code == 422, answer.text
    kept = form_on(answer)
    assert {name: kept[name] for name in changes} == changes
    return errors_on(answer)


def test_a_line_says_everything_that_is_wrong_with_it(line: LineItem, officer: Browser) -> None:
    found = refused(
        officer, f"/admin/line-items/edit/{line.id}",
        {"reference": "=1+1", "start": "16/10/1999", "end": "15/10/1999", "contribution": "-1"},
    )  # fmt: skip
    assert set(found) == {"reference", "start", "end", "contribution"}


@pytest.mark.parametrize("reference", ["", " ", "=1+1", "48 210", "x" * 41])
def test_a_reference_is_one_plain_word(reference: str, line: LineItem, officer: Browser) -> None:
    assert set(refused(officer, f"/admin/line-items/edit/{line.id}", {"reference": reference})) == {"reference"}


def test_a_line_by_the_week_is_not_paid_by_actuals_and_its_plan_has_to_fit(line: LineItem, officer: Browser) -> None:
    found = refused(officer, f"/admin/line-items/edit/{line.id}", {"unit": "WEEK"})
    assert "A line by the week is paid without an invoice." in found["payment_method"]


def test_a_plan_has_at_most_24_hours_a_day_and_not_nothing(line: LineItem, officer: Browser) -> None:
    address = f"/admin/plans/edit/{line.plans[0].id}"
    found = refused(officer, address, {"mon": "25", "tue": "-1", "start": "16/10/1999"})
    assert {"mon", "tue", "start"} == set(found)
    assert "A day has 24 hours." in found["mon"]
    assert "Nothing is planned." in refused(officer, address, dict.fromkeys(DAYS, "0"))["mon"]


def test_a_figure_that_cannot_be_read_has_one_problem(line: LineItem, officer: Browser) -> None:
    found = refused(officer, f"/admin/plans/edit/{line.plans[0].id}", dict.fromkeys(DAYS, "0") | {"mon": "one"})
    assert set(found) == {"mon"}
    assert "Nothing is planned." not in found["mon"]


def test_a_rate_begins_within_its_line_and_is_not_below_nothing(line: LineItem, officer: Browser) -> None:
    line.end = date(2018, 3, 31)
    db.session.commit()
    address = f"/admin/rates/edit/{line.rates[0].id}"
    assert set(refused(officer, address, {"rate": "-1", "start": "01/04/2018"})) == {"rate", "start"}
    assert set(refused(officer, address, {"rate": "19.12345"})) == {"rate"}


def test_a_paper_iso_is_judged_as_any_line(world: World, officer: Browser) -> None:
    world.organisation(reference="ORG-9")
    form = {
        "reference": "PAPER-9", "organisation": "ORG-9", "person_reference": "P1", "element_name": "Personal care",
        "unit": "HOUR", "plan_kind": "TIMETABLED", "weekly_quantity": "0", "rate": "-1", "start": "16/10/1999",
        "issued_on": "16/10/2017", **dict.fromkeys(DAYS, "0"), "tue": "25",
    }  # fmt: skip
    answer = officer.post("/admin/paper-isos/add", form)
    assert set(errors_on(answer)) == {"tue", "rate", "start"}
    assert (
        "Added." in officer.post("/admin/paper-isos/add", form | {"tue": "2", "rate": "19", "start": "16/10/2017"}).text
    )
