"""What staff change on the generated screens: what is stored, what is refused and in which words."""

import csv
import io
from datetime import date
from decimal import Decimal
from html import unescape

import openpyxl
import pytest
from sqlalchemy import func, select

from models import (
    DAYS,
    Contact,
    ContractDocument,
    Hold,
    Invoice,
    Organisation,
    PolicySetting,
    PortalUser,
    Rate,
    db,
)
from rules.agreement_states import DocumentState
from rules.states import InvoiceState, PolicyScope
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.processes.queue import work_off
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.staff.records.line_items import NOT_A_DRAFT
from workflows.confirm import desk
from workflows.hashes import matches
from workflows.proposals import steps


@pytest.fixture
def administrator(world: World) -> PortalUser:
    return world.officer("Administrator", "admin@council.example")


@pytest.fixture
def admin(administrator: PortalUser, browser: Browser) -> Browser:
    return browser.sign_in(administrator)


def test_a_refused_form_keeps_what_was_typed_and_says_why_at_the_field(world: World, admin: Browser) -> None:
    other = world.organisation("Fenland Homecare Ltd", reference="ORG-1")
    typed = {"name": "Another", "reference": "org-1", "sector": "1", "state": "live", "email": "x"}
    page = admin.post("/admin/organisations/add", typed)
    assert page.status_code == 422
    named = f'organisation <a class="govuk-link" href="/admin/organisations/show/{other.id}">Fenland Homecare Ltd</a>'
    assert f"There is already a record with this reference: {named}." in page.text
    assert "This is not an e-mail address." in page.text
    assert 'value="Another"' in page.text
    assert "INSERT" not in page.text
    assert "psycopg" not in page.text


def test_a_character_nobody_can_see_is_refused_at_its_field(world: World, admin: Browser) -> None:
    organisation = world.organisation()
    page = admin.post(
        f"/admin/services/add?_flt_0_organisation={organisation.id}", {"name": "Holt\u202e House", "cqc_location": ""}
    )
    assert page.status_code == 422
    assert "This text holds a character that cannot be seen, after “Holt”." in page.text


def test_a_service_is_added_from_the_page_of_its_organisation(world: World, admin: Browser) -> None:
    organisation = world.organisation()
    page = admin.get(f"/admin/services/add?_flt_0_organisation={organisation.id}")
    assert "Organisation" not in page.text.split("<main")[1]
    admin.post(f"/admin/services/add?_flt_0_organisation={organisation.id}", {"name": "Holt House"})
    assert "Holt House" in admin.get(f"/admin/organisations/show/{organisation.id}").text


def test_a_reference_that_is_no_record_is_refused_at_its_field(world: World, admin: Browser) -> None:
    page = admin.post("/admin/services/add", {"organisation": "ORG-NONE", "name": "Holt House"})
    assert page.status_code == 422
    assert "There is no organisation “ORG-NONE”." in page.text
    assert 'value="ORG-NONE"' in page.text


def test_a_published_document_says_why_it_stays(world: World, admin: Browser) -> None:
    line = world.line(world.organisation())
    page = admin.get(f"/admin/contract-documents/show/{line.document_id}")
    assert NOT_A_DRAFT in unescape(page.text)
    assert "/edit/" not in page.text.split("<main")[1].split("<section")[0]
    refused = admin.post(f"/admin/contract-documents/delete/{line.document_id}")
    assert NOT_A_DRAFT in unescape(refused.text)
    assert db.session.scalar(select(func.count(ContractDocument.id))) == 1


def test_an_overlapping_rate_is_refused_in_words(world: World, admin: Browser) -> None:
    line = world.line(world.organisation(), state=DocumentState.DRAFT)
    line.rates[0].end = date(2017, 10, 31)
    later = Rate(organisation_id=line.organisation_id, line_item=line, rate=Decimal(20), start=date(2017, 11, 1))
    world._keep(later)
    address = f"/admin/rates/edit/{later.id}"
    page = admin.post(address, form_on(admin.get(address)) | {"start": "31/10/2017"})
    assert page.status_code == 422
    assert "The line has another price on some of these days" in page.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("rates", {"rate": "20", "start": "1/11/2017", "end": ""}),
        ("plans", {"start": "20/11/2017", "weekly_quantity": "0"} | dict.fromkeys(DAYS, "2")),
    ],
)
def test_a_published_line_takes_no_rate_or_plan_from_a_form(
    path: str, form: dict[str, str], world: World, admin: Browser
) -> None:
    line = world.line(world.organisation())
    assert admin.post(f"/admin/{path}/add", form | {"line_item": line.reference}).status_code == 404
    stored = (line.rates if path == "rates" else line.plans)[0]
    assert NOT_A_DRAFT in unescape(admin.post(f"/admin/{path}/edit/{stored.id}", form).text)
    db.session.refresh(line)
    assert (len(line.rates), len(line.plans)) == (1, 1)


def test_an_invoice_is_accepted(world: World, administrator: PortalUser, admin: Browser) -> None:
    everything.build(world, administrator)
    invoice = db.session.scalars(select(Invoice).where(Invoice.state == InvoiceState.SUBMITTED)).one()
    admin.post("/admin/invoices/action_post", {"action": "accept", "rowid": str(invoice.id)})
    db.session.refresh(invoice)
    assert invoice.state is InvoiceState.ACCEPTED


def confirm_all(world: World) -> None:
    """Let another administrator confirm what waits."""
    for proposal in steps.waiting():
        desk.confirm(proposal.id, world.officer("Administrator"), [each["code"] for each in proposal.unusual])


def test_what_is_wrong_with_a_figure_names_its_field_once(world: World, admin: Browser) -> None:
    form = {"organisation": world.organisation().reference, "amount": "lots", "reason": "Paid twice"}
    page = admin.post("/admin/recoveries/add", form).text
    assert ">Amount: Enter a number, for example 1.50.</a>" in page, "in the summary, as every other problem is"
    assert "</span> Amount: Enter a number, for example 1.50.</p>" in page, "at the field"


def test_a_policy_setting_is_read_as_the_rules_read_it(world: World, admin: Browser, administrator: PortalUser) -> None:
    organisation = world.organisation(reference="ORG-7")
    form = {"name": "aborted_minutes", "value": "forty", "scope": "organisation", "for_whom": "ORG-7", "why": "Agreed",
            "valid_from": "1 January 2100"}  # fmt: skip
    assert "Enter a whole number" in admin.post("/admin/policy-settings/add", form).text
    unknown = admin.post("/admin/policy-settings/add", form | {"value": "40", "for_whom": "ORG-8"})
    assert "There is no organisation “ORG-8”." in unknown.text
    sent = admin.post("/admin/policy-settings/add", form | {"value": "40"})
    assert "Least minutes" in sent.text or "aborted" in sent.text.lower()
    assert db.session.scalars(select(PolicySetting)).all() == []
    confirm_all(world)
    stored = db.session.scalars(select(PolicySetting)).one()
    assert (stored.scope, stored.scope_id, stored.value) == (PolicyScope.ORGANISATION, organisation.id, "40")
    assert stored.changed_by_id == administrator.id
    admin.post("/admin/policy-settings/add", form | {"value": "41"})
    confirm_all(world)
    db.session.expire_all()
    assert stored.value == "41"  # it had not begun


def test_closure_days_are_typed_as_dates_with_commas(world: World, admin: Browser) -> None:
    form = {"name": "closure_days", "value": "29/12/2099, 31/02/2100", "scope": "council", "for_whom": "",
            "why": "Christmas", "valid_from": "1 January 2099"}  # fmt: skip
    assert "“31/02/2100” is not a date." in admin.post("/admin/policy-settings/add", form).text
    admin.post("/admin/policy-settings/add", form | {"value": "29/12/2099, 28 December 2099"})
    confirm_all(world)
    admin.post("/admin/policy-settings/add", form | {"value": "None", "valid_from": "1 January 2100"})
    confirm_all(world)
    stored = db.session.scalars(select(PolicySetting.value).order_by(PolicySetting.valid_from))
    assert list(stored) == ["2099-12-28, 2099-12-29", "none"]


def test_a_period_says_why_its_deadlines_moved_and_that_staff_chose_no_working_day(
    world: World, admin: Browser
) -> None:
    period = world.period(1)
    page = admin.get(f"/admin/payment-periods/show/{period.id}").text
    assert "Submit by: moved from Monday 25 December: Christmas Day." in page
    assert "Paid on: moved from Monday 1 January: the bank needs 2 working days." in page
    period.pay_on = date(2018, 1, 6)
    db.session.commit()
    assert "Paid on: not a working day (weekend)." in admin.get(f"/admin/payment-periods/show/{period.id}").text
    assert "moved from" not in admin.get(f"/admin/payment-periods/show/{world.period(0).id}").text


def test_a_setting_that_has_begun_stays(world: World, admin: Browser) -> None:
    setting = world._keep(PolicySetting(name="aborted_minutes", value="30", valid_from=date(2017, 1, 1)))
    for verb in ("edit", "delete"):
        assert admin.get(f"/admin/policy-settings/{verb}/{setting.id}").status_code == 404
    form = {"name": "aborted_minutes", "value": "40", "scope": "council", "for_whom": "", "why": "Agreed",
            "valid_from": "1 January 2017"}  # fmt: skip
    assert (
        "There is already a value of this setting from this day." in admin.post("/admin/policy-settings/add", form).text
    )


def test_a_contact_is_invited_from_their_record_until_they_have_signed_in(world: World, admin: Browser) -> None:
    organisation = world.organisation()
    admin.post(
        f"/admin/contacts/add?_flt_0_organisation={organisation.id}",
        {"name": "Ann Lee", "email": "Ann@Provider.example", "start": "16/10/2017", "may_actuals": "y"},
    )
    contact = db.session.scalars(select(Contact)).one()
    assert "1 invitation on the way." in admin.post(f"/admin/contacts/action/invite/{contact.id}").text
    work_off(world.app)
    db.session.refresh(contact)
    assert contact.user
    assert contact.user.must_change_password
    assert "Invite" in admin.get(f"/admin/contacts/show/{contact.id}").text
    contact.user.must_change_password = False
    db.session.commit()
    assert "action/invite" not in admin.get(f"/admin/contacts/show/{contact.id}").text


def test_an_officer_is_added_with_a_given_password(world: World, admin: Browser) -> None:
    role = str(_role_id("Auditor"))
    form = {"first_name": "Pat", "last_name": "Moss", "email": "Pat@council.example", "roles": role}
    assert admin.post("/admin/users/add", form | {"given_password": "short"}).status_code == 422
    admin.post("/admin/users/add", form | {"given_password": "given-by-council-1"})
    user = db.session.scalars(select(PortalUser).where(PortalUser.email == "pat@council.example")).one()
    assert user.council
    assert user.active
    assert user.must_change_password
    assert matches(user.password, "given-by-council-1")
    assert "argon2" not in admin.get(f"/admin/users/show/{user.id}").text


def test_roles_of_providers_are_not_offered_to_officers(world: World, admin: Browser) -> None:
    page = admin.get("/admin/users/add")
    assert "Procurement" in page.text
    assert "Provider: Actuals" not in page.text


def _role_id(name: str) -> int:
    from flask_appbuilder.security.sqla.models import Role

    return int(db.session.scalars(select(Role.id).where(Role.name == name)).one())


def test_an_officer_switched_off_is_out_at_once(world: World, admin: Browser, administrator: PortalUser) -> None:
    officer = world.officer("Auditor")
    theirs = Browser(admin.app).sign_in(officer)
    assert "Today" in theirs.get("/").text
    admin.post("/admin/users/action_post", {"action": "switch_off", "rowid": str(officer.id)})
    assert theirs.get("/", follow=False).status_code == 302
    own = admin.post("/admin/users/action_post", {"action": "switch_off", "rowid": str(administrator.id)})
    assert "You cannot switch off your own access" in own.text


def test_a_hold_names_a_line_of_its_own_organisation(world: World, admin: Browser) -> None:
    organisation, other = world.organisation(reference="A"), world.organisation("Other Ltd", reference="B")
    line = world.line(other)
    form = {"organisation": "A", "line_item": line.reference, "reason": "Review", "start": "20/11/2017"}
    assert "is not one of" in admin.post("/admin/holds/add", form).text
    admin.post("/admin/holds/add", form | {"organisation": "B"})
    assert db.session.scalars(select(Hold)).one().organisation_id == other.id != organisation.id


def test_a_list_is_sent_as_it_is_filtered_and_sorted(world: World, admin: Browser) -> None:
    for name in ("=Cmd Ltd", "Holt House", "Holt Lodge"):
        world.organisation(name)
    answer = admin.get(
        "/admin/organisations/export/csv?_flt_0_name=holt&_oc_OrganisationView=name&_od_OrganisationView=desc"
    )
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Name", "Holt Lodge", "Holt House"]
    assert rows[1][3] == "Contacts missing"
    everything_ = admin.get("/admin/organisations/export/csv").data.decode("utf-8-sig")
    assert "'=Cmd Ltd" in everything_
    sheet = openpyxl.load_workbook(io.BytesIO(admin.get("/admin/organisations/export/xlsx").data)).active
    assert sheet
    assert sheet["A2"].value == "=Cmd Ltd"
    assert sheet["A2"].data_type == "s"
    assert admin.get("/admin/organisations/export/pdf").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "psize_OrganisationView=abc",
        "psize_OrganisationView=100000",
        "page_OrganisationView=-1",
        "_flt_9_name=x",
        "_flt_0_password=x",
        "_oc_OrganisationView=password&_od_OrganisationView=asc",
        "_oc_OrganisationView=sector&_od_OrganisationView=asc",
    ],
)
def test_an_address_that_asks_for_nonsense_gets_the_list(asked: str, world: World, admin: Browser) -> None:
    world.organisation()
    assert "Fenland Homecare Ltd" in admin.get(f"/admin/organisations/list/?{asked}").text


@pytest.mark.parametrize("key", ["abc", "0", "99999999999", "-1", "1.0"])
def test_a_record_that_is_not_there_is_not_found(key: str, world: World, admin: Browser) -> None:
    for page in ("show", "edit"):
        assert admin.get(f"/admin/organisations/{page}/{key}").status_code == 404


def test_what_one_seeks_another_does_not_see(world: World, administrator: PortalUser, admin: Browser) -> None:
    """The framework keeps what is sought on the view, which all threads share; ours keeps it with the request."""
    from concurrent.futures import ThreadPoolExecutor

    for name in ("Holt House", "Yare Lodge"):
        world.organisation(name)
    others = [Browser(admin.app).sign_in(administrator) for _ in range(4)]

    def seek(number: int) -> tuple[bool, str]:
        name, hidden = ("Holt House", "Yare Lodge") if number % 2 else ("Yare Lodge", "Holt House")
        page = others[number % 4].client.get(f"/admin/organisations/list/?_flt_0_name={name[:4]}").text
        return name in page and hidden not in page and f'value="{name[:4]}"' in page, page

    with ThreadPoolExecutor(4) as threads:
        assert all(right for right, _page in threads.map(seek, range(24)))


def test_organisations_are_told_apart_by_their_reference(world: World, admin: Browser) -> None:
    for reference in ("A", "B"):
        world.organisation("Twin Ltd", reference=reference)
    page = admin.post("/admin/services/add", {"organisation": "twin ltd", "name": "Office"})
    assert "Which of these do you mean?" in page.text
    assert "Twin Ltd (A)" in page.text
    assert "Twin Ltd (B)" in page.text
    admin.post("/admin/services/add", {"organisation": "b", "name": "Office"})
    found = db.session.scalars(select(Organisation).where(Organisation.reference == "B")).one()
    assert "Office" in [service.name for service in found.services]
