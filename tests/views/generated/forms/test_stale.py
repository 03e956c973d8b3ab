"""Two officers with one form open: who saves last sees what the other saved, and loses nothing."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from models import ContractDocument, LineItem, Plan, PortalUser, Rate, Sector, Team, db
from rules.agreement_states import DocumentState
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.staff.records import RECORD_VIEWS

EDITED = {view.__name__: view for view in RECORD_VIEWS if "edit" in view.changes}
# These lead to a form of their own, which is tried where it is tested.
ELSEWHERE = {"ContactView"}
# The field that both change, and what each of them writes.
WRITTEN = {
    "ContractDocumentView": "terms", "ElementView": "name", "HoldView": "reason",
    "LedgerColumnView": "heading",
    "LineItemView": "reference", "MissingPackageView": "person_reference", "OrganisationView": "name",
    "PaperOrderView": "person_name", "PaymentPeriodView": "pay_on", "PersonView": "name", "PlanView": "reason",
    "RateView": "reason", "RolloutView": "opens_on", "SectorView": "name", "ServiceView": "name", "TeamView": "name",
    "UserView": "first_name",
}  # fmt: skip
VALUES = {"pay_on": ("05/12/2017", "06/12/2017"), "opens_on": ("01/12/2017", "02/12/2017")}


@pytest.fixture
def two(world: World, app: Any) -> Iterator[tuple[Browser, Browser]]:
    """Two administrators, each with a browser, in a world with a record of every kind."""
    first, second = (world.officer("Administrator", f"{name}@council.example") for name in ("ann", "ben"))
    db.session.add_all([Sector(name="Of this test"), Team(name="Of this test")])
    db.session.commit()
    everything.build(world, first)
    for line in db.session.scalars(select(LineItem).where(LineItem.document.has(state=DocumentState.DRAFT))):
        line.rates[0].end = line.start  # more than the page that drafts an agreement shows: it stays on its record
    db.session.commit()
    yield Browser(app).sign_in(first), Browser(app).sign_in(second)
    db.session.rollback()
    for kind in (Sector, Team):  # they stay from test to test
        db.session.execute(delete(kind).where(kind.name.in_(("Of this test", "Written-by-Ann", "Written-by-Ben"))))
    db.session.commit()


def editable(view: Any) -> int:
    model = view.datamodel.obj
    query = select(func.max(model.id))
    if model is ContractDocument:
        query = query.where(model.state == DocumentState.DRAFT)
    if model is LineItem:
        query = query.where(model.document.has(state=DocumentState.DRAFT))
    if model in (Plan, Rate):
        query = query.where(model.line_item.has(LineItem.document.has(state=DocumentState.DRAFT)))
    if model is PortalUser:
        query = query.where(model.council, model.roles.any())
    return int(db.session.scalar(query) or 0)


def test_every_form_to_edit_is_tried() -> None:
    assert set(WRITTEN) == set(EDITED) - ELSEWHERE


@pytest.mark.parametrize("name", WRITTEN)
def test_a_form_opened_before_somebody_else_saved_is_refused_and_keeps_what_was_typed(
    name: str, two: tuple[Browser, Browser]
) -> None:
    ann, ben = two
    field = WRITTEN[name]
    by_ann, by_ben = VALUES.get(field, ("Written-by-Ann", "Written-by-Ben"))
    address = f"{EDITED[name].route_base}/edit/{editable(EDITED[name])}"
    of_ann, of_ben = form_on(ann.get(address)), form_on(ben.get(address))
    saved = ben.post(address, of_ben | {field: by_ben})
    assert (saved.status_code, "Saved." in saved.text) == (200, True), saved.text
    refused = ann.post(address, of_ann | {field: by_ann})
    assert refused.status_code == 422
    page = unescape(refused.text)
    assert "after you had opened it." in page
    assert f'<td class="govuk-table__cell">{by_ben}</td><td class="govuk-table__cell">{by_ann}</td>' in page
    again = form_on(refused)
    assert again[field] == by_ann
    assert form_on(ann.get(address))[field] == by_ben
    assert "Saved." in ann.post(address, again).text
    assert form_on(ben.get(address))[field] == by_ann


def test_a_field_that_was_not_touched_takes_what_the_other_saved(world: World, two: tuple[Browser, Browser]) -> None:
    ann, ben = two
    address = f"/admin/organisations/edit/{world.organisation('Holt Ltd', phone='01603 495702').id}"
    of_ann, of_ben = form_on(ann.get(address)), form_on(ben.get(address))
    ben.post(address, of_ben | {"phone": "01603 100200"})
    refused = ann.post(address, of_ann | {"name": "Holt House Ltd"})
    assert refused.status_code == 422
    assert "Ben Lane saved this record on " in refused.text
    assert "You did not change it" in refused.text
    again = form_on(refused)
    assert (again["name"], again["phone"]) == ("Holt House Ltd", "01603 100200")


def test_what_both_saved_alike_is_no_conflict(world: World, two: tuple[Browser, Browser]) -> None:
    ann, ben = two
    address = f"/admin/organisations/edit/{world.organisation().id}"
    form = form_on(ann.get(address)) | {"name": "Holt House Ltd"}
    assert "Saved." in ann.post(address, form).text
    assert "Saved." in ben.post(address, form).text


def test_a_form_without_its_digests_changes_nothing_that_is_stored(world: World, two: tuple[Browser, Browser]) -> None:
    ann, _ = two
    organisation = world.organisation()
    form = form_on(ann.get(f"/admin/organisations/edit/{organisation.id}")) | {"name": "Other"}
    for sent in ("", "[]", "nonsense"):
        assert ann.post(f"/admin/organisations/edit/{organisation.id}", form | {"_opened": sent}).status_code == 422


def test_a_record_that_became_kept_meanwhile_says_why_and_keeps_what_was_typed(
    world: World, two: tuple[Browser, Browser]
) -> None:
    ann, _ = two
    line = world.line(world.organisation(), state=DocumentState.DRAFT)
    line.rates[0].end = line.start
    db.session.commit()
    address = f"/admin/contract-documents/edit/{line.document_id}"
    form = form_on(ann.get(address))
    world.publish(line.document)
    db.session.commit()
    refused = ann.post(address, form | {"terms": "Others"})
    assert refused.status_code == 422
    assert "stays as it is" in refused.text
    assert form_on(refused)["terms"] == "Others"
