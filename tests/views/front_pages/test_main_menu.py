"""What the main menu tells a contact, and what it keeps from them."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from models import Announcement, AnnouncementOrganisation, db
from rules.agreement_states import DocumentState
from rules.mail_states import Audience
from rules.states import PaymentMethod
from tests.models.test_promises import confirmed_week
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.scheduled import PREVIEWED, CareHome, payment_of
from tests.support.worlds.world import World
from workflows.scheduled.prepare import prepare_due


def test_documents_to_accept_are_counted(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    for _ in range(2):
        world.line(organisation)
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert "contract documents to accept" in page


def test_weeks_to_confirm_are_those_of_the_period_due_next(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.period(0)
    world.period(1)
    line = world.line(organisation, state=DocumentState.PUBLISHED)
    confirmed_week(line)
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert "1 of 4" in page
    assert "weeks confirmed for 16 October to 12 November 2017" in page
    assert "Due in 7 days, 27 November 2017" in page


def test_weeks_whose_date_has_passed_are_late_not_forgotten(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.period(0)
    world.period(1)
    confirmed_week(world.line(organisation))
    world.app.config["PORTAL_TODAY"] = "2017-11-28"
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert re.search(r"<b>3</b><p>weeks not confirmed in time</p>", page)
    assert 'href="/actuals/late"' in page
    late = browser.get("/actuals/late").text
    assert "3 of the last half year" in late
    assert re.findall(r'href="/actuals\?week=([0-9-]+)#', late) == ["2017-10-23", "2017-10-30", "2017-11-06"]


@pytest.mark.parametrize(("today", "weeks"), [("2017-11-12", 3), ("2017-11-13", 4)])
def test_a_week_counts_from_the_day_after_its_sunday(world: World, browser: Browser, today: str, weeks: int) -> None:
    organisation = world.organisation()
    world.period()
    world.line(organisation)
    world.app.config["PORTAL_TODAY"] = today
    browser.sign_in(world.contact(organisation))
    assert f"<b>0 of {weeks}</b>" in browser.get("/").text
    assert browser.get("/actuals?week=2017-10-16").text.count("<small>0 of 1<span") == weeks
    assert ("not over yet" in browser.get("/actuals?week=2017-10-16").text) is (weeks == 3)


@pytest.mark.parametrize(("today", "weeks"), [("2017-11-08", 3), ("2017-11-09", 4)])
def test_the_week_of_a_line_that_ended_on_a_wednesday_counts_from_the_thursday(
    world: World, browser: Browser, today: str, weeks: int
) -> None:
    organisation = world.organisation()
    world.period()
    world.line(organisation, end=date(2017, 11, 8))
    world.app.config["PORTAL_TODAY"] = today
    browser.sign_in(world.contact(organisation))
    assert f"<b>0 of {weeks}</b>" in browser.get("/").text
    assert browser.get("/actuals?week=2017-10-16").text.count("<small>0 of 1<span") == weeks


def test_weeks_of_an_ended_document_still_have_to_be_confirmed(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.period()
    for state in (DocumentState.ENDED, DocumentState.PUBLISHED, DocumentState.REJECTED, DocumentState.WITHDRAWN):
        world.line(organisation, state=state)
    browser.sign_in(world.contact(organisation))
    assert "<b>0 of 8</b>" in browser.get("/").text
    assert browser.get("/actuals?week=2017-10-16").text.count("<small>0 of 2<span") == 4
    world.app.config["PORTAL_TODAY"] = "2017-11-28"
    assert "<b>8</b><p>weeks not confirmed in time</p>" in browser.get("/").text


def test_a_line_that_ended_before_the_claim_window_is_late_no_more(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.period()
    world.line(organisation, end=date(2017, 10, 31))
    browser.sign_in(world.contact(organisation))
    world.app.config["PORTAL_TODAY"] = "2018-01-29"  # 90 days later
    assert "<b>3</b><p>weeks not confirmed in time</p>" in browser.get("/").text
    world.app.config["PORTAL_TODAY"] = "2018-01-30"
    assert "not confirmed in time" not in browser.get("/").text
    assert "Every week whose date has passed is confirmed." in browser.get("/actuals/late").text


def test_a_contact_with_one_function_sees_only_that(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.line(organisation)
    page = browser.sign_in(world.contact(organisation, may_actuals=True)).get("/").text
    assert "/actuals" in page
    assert "/invoices" not in page
    assert "/contract-documents" not in page


def test_announcements_are_for_their_audience_and_their_days_until_they_are_put_away(
    world: World, browser: Browser
) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    for_another = Announcement(
        title="For another", body=".", start=date(2017, 11, 1), audience=Audience.ORGANISATIONS
    )  # fmt: skip
    db.session.add_all(
        [
            Announcement(title="For everybody", body=".", start=date(2017, 11, 1)),
            for_another,
            Announcement(title="For officers", body=".", start=date(2017, 11, 1), audience=Audience.STAFF),
            Announcement(title="Long over", body=".", start=date(2017, 10, 1), end=date(2017, 10, 31)),
        ]
    )
    db.session.flush()
    db.session.add(AnnouncementOrganisation(announcement_id=for_another.id, organisation_id=other.id))
    db.session.commit()
    reader, colleague = world.contact(own), world.contact(own)
    page = browser.sign_in(reader).get("/").text
    assert "For everybody" in page
    for title in ("For another", "For officers", "Long over"):
        assert title not in page
    number = db.session.scalar(select(Announcement.id).where(Announcement.title == "For everybody"))
    browser.post(f"/announcements/{number}/read")
    assert "For everybody" not in browser.get("/").text
    assert "For everybody" in browser.sign_in(colleague).get("/").text


def test_change_organisation_is_offered_to_a_contact_of_several(world: World, browser: Browser) -> None:
    first, second = world.organisation(), world.organisation("Broadland Care CIC")
    contact = world.contact(first, "both@provider.example")
    assert "Change organisation" not in browser.sign_in(contact).get("/").text
    world.contact(second, "both@provider.example")
    assert "Change organisation" in browser.get("/").text


def test_a_contact_of_a_later_day_counts_from_the_portals_day_on(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation(), "both@provider.example")
    world.contact(world.organisation("Broadland Care CIC"), "both@provider.example").start = date(2017, 12, 1)
    db.session.commit()
    assert "Change organisation" not in browser.sign_in(contact).get("/").text
    world.app.config["PORTAL_TODAY"] = "2017-12-01"
    assert "Change organisation" in browser.get("/").text


def test_what_waits_is_where_the_navigation_leads_and_the_rest_one_link_on(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    browser.sign_in(world.contact(organisation))
    assert '<a href="/contract-documents">Contract documents</a>' in browser.get("/").text
    world.line(organisation)
    page = browser.get("/").text
    assert '<a href="/contract-documents?status=published">Contract documents <span class="count">1</span></a>' in page
    page = browser.get("/contract-documents?status=published").text
    assert 'aria-current="page">Contract documents' in page
    assert '<a class="govuk-link" href="/contract-documents">Show all</a>' in page


def test_the_main_menu_takes_eight_queries(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation())
    browser.sign_in(contact).get("/")
    with Queries() as queries:
        browser.get("/")
    # session and roles; scope; contact; settings; what waits with announcements; what waits (cards); paid
    assert len(queries) <= 8, queries


def first_steps(browser: Browser) -> list[str]:
    """The first steps that are still to do, in their order."""
    listed = re.search(r"First steps</h2>(.*?)</ol>", browser.get("/").text, re.DOTALL)
    return re.findall(r'<a class="govuk-link" href="[^"]*">([^<]*)</a>', listed[1]) if listed else []


def test_first_steps_are_in_the_councils_order_and_go_one_by_one(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    line = world.line(organisation)
    browser.sign_in(world.contact(organisation))
    steps = ["View contract documents", "Add contacts", "Amend actuals", "Create an invoice"]
    assert first_steps(browser) == steps
    confirmed_week(line)
    assert first_steps(browser) == [step for step in steps if step != "Amend actuals"]
    world.contact(organisation, may_actuals=True)
    assert first_steps(browser) == ["View contract documents", "Create an invoice"]


def test_a_home_that_is_paid_on_schedule_has_neither_actuals_nor_invoices_to_begin_with(
    world: World, browser: Browser
) -> None:
    organisation = world.organisation()
    world.line(organisation, payment_method=PaymentMethod.SCHEDULED)
    browser.sign_in(world.contact(organisation))
    assert first_steps(browser) == ["View contract documents", "Add contacts"]


def test_an_organisation_without_lines_begins_with_its_contacts(world: World, browser: Browser) -> None:
    browser.sign_in(world.contact(world.organisation()))
    assert first_steps(browser) == ["Add contacts"]


def test_first_steps_are_those_of_the_functions_a_contact_has(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.line(organisation)
    browser.sign_in(world.contact(organisation, may_actuals=True))
    assert first_steps(browser) == ["Amend actuals"]


def test_first_steps_are_gone_once_all_are_done(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    world.line(organisation, state=DocumentState.ACCEPTED, payment_method=PaymentMethod.SCHEDULED)
    world.contact(organisation, may_actuals=True)
    page = browser.sign_in(world.contact(organisation)).get("/").text
    assert "First steps" not in page


def test_a_care_home_sees_its_payment_to_check_and_nothing_about_actuals(world: World, browser: Browser) -> None:
    home = CareHome(world)
    home.line(rate="748.37")
    world.app.config["PORTAL_TODAY"] = PREVIEWED.isoformat()
    prepare_due(PREVIEWED)
    page = browser.sign_in(home.contact).get("/").text
    assert "£2,993.48" in page
    assert "payment to check, for 16 October to 12 November 2017" in page
    assert "Check by Monday 27 November; paid on Monday 4 December" in page
    assert "Last day to query the payment for 16 October to 12 November 2017" in page
    assert 'href="/scheduled-payments?show=to-check">Scheduled payments' in page
    assert "report an absence" in page
    for word in ("/actuals", "/invoices", "/exceptions", "/absence-claims"):
        assert f'href="{word}' not in page
    assert f'href="/scheduled-payments/{payment_of(home.first).id}"' in page


def test_who_has_lines_of_both_kinds_sees_both_and_who_has_no_schedule_sees_none(
    world: World, browser: Browser
) -> None:
    organisation = world.organisation()
    contact = world.contact(organisation)
    world.line(organisation)
    assert "Scheduled payments" not in browser.sign_in(contact).get("/").text
    CareHome.of(world, organisation).line()
    page = browser.get("/").text
    assert 'href="/scheduled-payments">Scheduled payments' in page
    assert 'href="/actuals' in page
