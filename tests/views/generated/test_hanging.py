"""What hangs on a record is said before anybody presses Delete, with what to do instead."""

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, select

from models import Contact, Element, Organisation, PortalUser, Service, db
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.staff.records import RECORD_VIEWS
from workflows.clock import now


@pytest.fixture
def admin(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Administrator"))


def test_an_organisation_says_what_belongs_to_it_and_has_no_button(world: World, admin: Browser) -> None:
    organisation = world.organisation(account=False)
    world.contact(organisation)
    page = admin.get(f"/admin/organisations/show/{organisation.id}").text
    assert "for these belong to it: 1 contact and 1 service." in page
    assert "set it to “Ended” instead" in page
    assert "/admin/organisations/delete/" not in page
    refused = admin.post(f"/admin/organisations/delete/{organisation.id}")
    assert "It cannot be deleted, for these belong to it" in refused.text
    assert db.session.scalar(select(func.count(Organisation.id))) == 1


def test_what_nothing_hangs_on_is_deleted(world: World, admin: Browser) -> None:
    element = world.element("Gardening")
    page = admin.get(f"/admin/elements/show/{element.id}").text
    assert f"/admin/elements/delete/{element.id}" in page
    admin.post(f"/admin/elements/delete/{element.id}")
    assert db.session.scalar(select(func.count(Element.id))) == 0


def test_many_are_counted_up_to_a_hundred(world: World, admin: Browser) -> None:
    organisation = world.organisation()
    db.session.add_all(Service(organisation=organisation, name=f"Home {number}") for number in range(120))
    db.session.commit()
    assert "more than 100 services" in admin.get(f"/admin/organisations/show/{organisation.id}").text


def test_a_contact_who_has_signed_in_is_ended_instead(world: World, admin: Browser) -> None:
    contact = world.contact(world.organisation())
    assert contact.user
    contact.user.last_login = now().replace(tzinfo=None)
    db.session.commit()
    page = admin.get(f"/admin/contacts/show/{contact.id}").text
    assert "give their access a last day instead" in page
    assert "/admin/contacts/delete/" not in page
    assert "last day instead" in admin.post(f"/admin/contacts/delete/{contact.id}").text
    assert db.session.scalar(select(func.count(Contact.id))) == 1


def test_every_record_that_says_no_means_it_and_every_other_is_deleted(world: World, admin: Browser) -> None:
    """What a page says is what the database does: no button that ends in an error, none missing."""
    officer = world.officer("Auditor")
    everything.build(world, officer)
    for view in RECORD_VIEWS:
        model = view.datamodel.obj
        # Sectors and teams stay from test to test; a price that was claimed at is kept by a trigger of its own.
        if "delete" not in view.changes or model.__tablename__ in ("sector", "team", "rate"):
            continue
        key = db.session.scalar(select(func.max(model.id)))
        offered = f"{view.route_base}/delete/{key}" in admin.get(f"{view.route_base}/show/{key}").text
        said = admin.post(f"{view.route_base}/delete/{key}").text
        gone = db.session.get(model, key) is None
        assert offered == gone == ("Deleted." in said), view.__name__


def test_the_role_is_not_taken_from_the_last_administrator(world: World, admin: Browser) -> None:
    officer = db.session.scalars(select(PortalUser).where(PortalUser.council)).one()
    auditor = db.session.scalars(select(Role.id).where(Role.name == "Auditor")).one()
    address = f"/admin/users/edit/{officer.id}"
    refused = admin.post(address, form_on(admin.get(address)) | {"roles": str(auditor)})
    assert refused.status_code == 422
    assert "this is the last administrator" in refused.text
