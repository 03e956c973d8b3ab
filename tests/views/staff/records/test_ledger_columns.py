"""The columns of the ledger file: administrators choose them, Payments reads them, each place is taken once."""

import pytest
from sqlalchemy import select

from models import LedgerColumn, db
from rules.ledger import LedgerField
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.worlds.world import World

ADDRESS = "/admin/ledger-columns"
TYPED = {"place": "1", "heading": "Supplier", "field": "organisation ref"}


@pytest.fixture
def admin(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Administrator"))


def test_an_administrator_adds_and_changes_a_column(admin: Browser) -> None:
    assert "Supplier" in admin.post(f"{ADDRESS}/add", TYPED).text
    column = db.session.scalars(select(LedgerColumn)).one()
    assert (column.place, column.field) == (1, LedgerField.ORGANISATION_REFERENCE)
    edit = f"{ADDRESS}/edit/{column.id}"
    admin.post(edit, form_on(admin.get(edit)) | {"heading": "Creditor"})
    assert db.session.scalars(select(LedgerColumn.heading)).one() == "Creditor"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"heading": "Other"}, "There is already a record with this place"),
        ({"place": "2"}, "There is already a record with this heading in the file"),
        ({"heading": "Other", "place": "0"}, "The first column has place 1."),
        ({"heading": "", "place": "2"}, "Heading in the file"),
    ],
)
def test_two_columns_share_neither_place_nor_heading(admin: Browser, typed: dict[str, str], why: str) -> None:
    admin.post(f"{ADDRESS}/add", TYPED)
    page = admin.post(f"{ADDRESS}/add", TYPED | typed)
    assert page.status_code == 422
    assert why in page.text
    assert len(db.session.scalars(select(LedgerColumn.id)).all()) == 1


def test_payments_reads_them_and_changes_none(world: World, admin: Browser, browser: Browser) -> None:
    admin.post(f"{ADDRESS}/add", TYPED)
    browser.sign_in(world.officer("Payments officer"))
    assert "Supplier" in browser.get(f"{ADDRESS}/list/").text
    assert browser.post(f"{ADDRESS}/add", TYPED | {"place": "2", "heading": "Two"}, follow=False).status_code == 403
