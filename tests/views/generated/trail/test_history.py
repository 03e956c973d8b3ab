"""Who changed what when: on each record's own page, and in the audit trail, which leads to the record."""

import html
import re

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, select

from models import AuditEvent, Organisation, PortalUser, db
from models.audit_event import AUDITED
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.generated.trail.history import SILENT
from views.staff.records import RECORD_VIEWS


@pytest.fixture
def ann(world: World) -> PortalUser:
    return world.officer("Administrator", "ann@council.example")


@pytest.fixture
def admin(ann: PortalUser, browser: Browser) -> Browser:
    return browser.sign_in(ann)


@pytest.fixture
def renamed(world: World, admin: Browser) -> Organisation:
    organisation = world.organisation("Fenland Homecare Ltd", reference="ORG-7")
    address = f"/admin/organisations/edit/{organisation.id}"
    nursing = {"name": "Fenland Care Ltd", "sector": str(3), "state": "suspended"}
    admin.post(address, form_on(admin.get(address)) | nursing)
    return organisation


def test_a_record_shows_who_changed_what_from_what_to_what(renamed: Organisation, admin: Browser) -> None:
    page = admin.get(f"/admin/organisations/show/{renamed.id}").text
    history = page[page.index('id="history-heading"') :]
    for words in ("Ann Lane", "Changed", "Fenland Homecare Ltd", "Fenland Care Ltd", "Suspended", "Added"):
        assert words in history, words
    assert history.index("Changed") < history.index("Added")
    # A key of another record is its name.
    assert "Nursing" in history
    assert "sector_id" not in history


def test_the_trail_is_searched_by_day_kind_and_person_and_leads_to_the_record(
    renamed: Organisation, ann: PortalUser, admin: Browser
) -> None:
    day = db.session.scalars(select(AuditEvent.at)).first()
    assert day
    today = f"{day:%Y-%m-%d}"
    page = admin.get(
        f"/admin/audit/list/?_flt_0_at={today}&_flt_1_at={today}&_flt_0_record=organisation&_flt_2_user=lane"
    ).text
    assert (
        f'<a class="govuk-link" href="/admin/organisations/show/{renamed.id}">Organisation Fenland Care Ltd</a>' in page
    )
    for narrowed in ("_flt_0_at=2100-01-01", "_flt_1_at=2000-01-01", "_flt_0_at=nonsense", "_flt_0_record=rate"):
        assert "No records match." in admin.get(f"/admin/audit/list/?{narrowed}").text, narrowed
    assert "Kind of record" in page


def test_a_record_that_was_deleted_is_named_without_a_link(world: World, admin: Browser) -> None:
    key = world.element("Gardening").id
    admin.post(f"/admin/elements/delete/{key}")
    page = admin.get("/admin/audit/list/?_flt_0_action=deleted").text
    assert "Element of care Gardening" in page
    assert f"/admin/elements/show/{key}" not in page


def test_the_file_of_the_trail_names_records_in_words(renamed: Organisation, admin: Browser) -> None:
    file = admin.get("/admin/audit/export/csv").data.decode("utf-8-sig")
    assert "Organisation Fenland Care Ltd" in file
    assert "<a" not in file


def test_a_list_that_was_handed_out_is_called_as_the_list_and_leads_to_it(admin: Browser) -> None:
    admin.get("/admin/job-runs/export/csv")
    page = admin.get("/admin/audit/list/?_flt_0_action=exported").text
    assert '<a class="govuk-link" href="/admin/job-runs/list/">Job runs</a>' in page
    assert "/admin/job-runs/show/0" not in page


def test_every_kind_of_record_that_is_audited_shows_its_history(world: World, ann: PortalUser, admin: Browser) -> None:
    everything.build(world, ann)
    last = select(AuditEvent.record, func.max(AuditEvent.record_id)).where(AuditEvent.action != "deleted")
    changed = {each[0]: each[1] for each in db.session.execute(last.group_by(AuditEvent.record))}
    seen = set()
    for view in RECORD_VIEWS:
        table = view.datamodel.obj.__tablename__
        if table in changed:
            seen.add(table)
            assert 'id="history-heading"' in admin.get(f"{view.route_base}/show/{changed[table]}").text, view.__name__
    # Of these nothing was changed: they were there before the test began, or only what came into force leaves a trace.
    unchanged = {"sector", "team", "exception_check"}
    # These have no record's page of their own: roles and services stand with a person, weights are loaded all at once,
    # announcements and letters have a desk, and who has a calendar address or a passkey has a page about it.
    desks = {"announcement_organisation", "letter_wording", "calendar_feed", "passkey"}
    assert set(AUDITED) - seen == unchanged | desks | {"ab_user_role", "contact_service", "modulus_weight"}


def test_a_field_is_called_the_same_in_the_history_as_on_its_record(
    world: World, ann: PortalUser, admin: Browser
) -> None:
    everything.build(world, ann)
    compared, wrong = 0, {}
    for view in RECORD_VIEWS:
        kept = db.session.scalars(select(AuditEvent).where(AuditEvent.record == view.datamodel.obj.__tablename__)).all()
        for key in {event.record_id for event in kept if event.action != "deleted"}:
            page = admin.get(f"{view.route_base}/show/{key}")
            if page.status_code == 404:
                continue  # it was deleted since
            record, _, history = page.text.partition('id="history-heading"')
            labels = re.findall(r'<dt class="govuk-summary-list__key">([^<]*)</dt>', record)
            on_record = dict(zip(view.show_columns, map(html.unescape, labels), strict=True))
            in_history = set(map(html.unescape, re.findall(r'data-label="Field">([^<]*)<', history)))
            news = {name for event in kept if event.record_id == key for name in news_of(event)}
            expected = {on_record[name] for name in news if name in on_record}
            compared += len(expected)
            if expected - in_history:
                wrong[view.__name__] = (expected - in_history, in_history - set(on_record.values()))
    assert compared > 200
    assert wrong == {}


def news_of(event: AuditEvent) -> set[str]:
    """The columns of a change that its record's history shows, those of related records by their relation."""
    after = {name: value for name, value in (event.after or {}).items() if value not in (None, "", [], {})}
    return {
        name.removesuffix("_id") for name, value in after.items() if name not in SILENT and not isinstance(value, dict)
    }


def test_who_gave_an_officer_a_role_and_took_one_away_stands_in_the_trail_and_with_the_officer(
    world: World, ann: PortalUser, admin: Browser
) -> None:
    bob = world.officer("Procurement", "bob@council.example")
    auditor = db.session.scalars(select(Role.id).where(Role.name == "Auditor")).one()
    address = f"/admin/users/edit/{bob.id}"
    admin.post(address, form_on(admin.get(address)) | {"roles": str(auditor)})
    events = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.record == "ab_user_role", AuditEvent.record_id == bob.id, AuditEvent.user_id == ann.id)
        .order_by(AuditEvent.action)
    ).all()
    assert [(each.action, each.before, each.after) for each in events] == [
        ("added", None, {"role": "Auditor"}),
        ("deleted", {"role": "Procurement"}, None),
    ]
    trail = admin.get("/admin/audit/list/?_flt_0_record=ab_user_role").text
    assert trail.count(f'<a class="govuk-link" href="/admin/users/show/{bob.id}">Roles of Bob Lane</a>') == 3
    for words in ("Role: Auditor", "Role: Procurement", "Ann Lane"):
        assert words in trail, words
    page = admin.get(f"/admin/users/show/{bob.id}").text
    history = page[page.index('id="history-heading"') :]
    assert "Auditor" in history
    assert history.count("Procurement") == 2, "given by the portal, taken by Ann"


def test_the_roles_of_somebody_who_is_there_no_longer_have_a_name_and_no_link(world: World, admin: Browser) -> None:
    bob = world.officer("Procurement", "bob@council.example")
    db.session.delete(bob)
    db.session.commit()
    page = admin.get("/admin/audit/list/?_flt_0_record=ab_user_role&_flt_0_action=deleted").text
    assert "Role: Procurement" in page
    assert "Roles of " in page
    assert "/admin/users/show/" not in page[page.index("<main") : page.index("</main")]


@pytest.mark.parametrize("typed", ["2017-13-45", "2017-02-30T99:00", "0001-01-01T00:00:00+14:00", "2017-11-06T"])
def test_what_only_looks_like_a_date_stands_in_the_trail_as_it_was_typed(
    world: World, admin: Browser, typed: str
) -> None:
    person = world.person("P1", typed)
    person.name = f"{typed} "
    db.session.commit()
    person.name = typed
    db.session.commit()
    for address in ("/admin/audit/list/", "/admin/audit/export/csv", f"/admin/people/show/{person.id}"):
        answer = admin.get(address)
        assert answer.status_code == 200, address
        assert typed in answer.text, address
