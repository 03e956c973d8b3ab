"""A provider makes a claim, sees day by day what is payable before it is sent, and reads what became of it."""

from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from models import AbsenceClaim, Contact, Hold, LineItem, PortalUser, db
from rules.agreement_states import DocumentState
from rules.period import uk_date
from rules.states import ClaimState, PaymentMethod, VatCode
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.pages.shown import words as text_of
from tests.support.queries import Queries
from tests.support.worlds.claims import make, nov, stored
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.absences import decide as decisions
from workflows.clock import london_day, now
from workflows.payments import run as payment_run

ADDRESS = "/absence-claims"
NEW = f"{ADDRESS}/new"


@pytest.fixture
def line(world: World, contact: Contact) -> LineItem:
    return world.line(contact.organisation, rate="20.0000", reference="48210")


@pytest.fixture
def user(contact: Contact) -> PortalUser:
    assert contact.user
    return contact.user


@pytest.fixture
def officer(world: World) -> PortalUser:
    return world.officer("Payments officer")


def form_of(line: LineItem, **changes: str) -> dict[str, str]:
    """What a browser sends for the claim of the rule's example."""
    return {
        "line": str(line.id), "first_day": "2/11/2017", "last_day": "12/11/2017", "reason": "hospital",
        "notified_on": "2/11/2017", "notified_to": "Duty desk", "comment": "Fell at home", "shown": "", "do": "show",
    } | changes  # fmt: skip


def shown_on(page: Any) -> str:
    """What the page says of the figures it shows."""
    return str(page.text.split('name="shown" value="')[1].split('"')[0])


def submit(provider: Browser, line: LineItem, **changes: str) -> Any:
    """Send a claim as it was shown."""
    form = form_of(line, **changes)
    return provider.post(NEW, form | {"do": "submit", "shown": shown_on(provider.post(NEW, form))})


def claims() -> list[AbsenceClaim]:
    return list(db.session.scalars(select(AbsenceClaim).execution_options(populate_existing=True)))


def test_the_list_says_what_a_claim_is_for_and_offers_one(provider: Browser) -> None:
    page = provider.get(ADDRESS).text
    assert '<h1 class="govuk-heading-l">Unplanned absence claims</h1>' in page
    assert "No claims yet." in page
    assert f'href="{NEW}"' in page
    assert "Make a claim" in page


def test_the_form_opens_with_the_line_and_the_day_of_a_cell(provider: Browser, line: LineItem) -> None:
    page = provider.get(f"{NEW}?line={line.id}&first=2017-11-06").text
    assert (
        f'<option value="{line.id}" selected>A. B. {line.person.reference}, Personal care, CPLI 48210</option>' in page
    )
    assert 'value="06/11/2017"' in page
    assert "Ada Bell" not in page


@pytest.mark.parametrize("query", ["line=x", "line=99999", "line=9999999999", "first=soon", "first=9999-12-31"])
def test_an_address_that_names_nothing_is_not_found(provider: Browser, query: str) -> None:
    assert provider.get(f"{NEW}?{query}").status_code == 404


def test_what_is_payable_is_shown_day_by_day_before_it_is_sent(provider: Browser, line: LineItem) -> None:
    page = provider.post(NEW, form_of(line))
    assert page.status_code == 200
    for words in (
        "<b>£140.00</b> for 11 days", "Thu 2 November 2017, day 1", "Sun 12 November 2017, day 11", "100%", "0%",
        "Days 1 to 4 at 100%", "4.00 hours × £20.00", "£80.00", "Days 5 to 7 at 100%", "£60.00", "AB-1",
    ):  # fmt: skip
        assert words in page.text, words
    assert claims() == []
    page = provider.post(NEW, form_of(line, do="submit", shown=shown_on(page)))
    (claim,) = claims()
    assert page.request.path == f"{ADDRESS}/{claim.id}"
    assert f"Claim {claim.number} was sent." in page.text
    assert "The Payments Team decides about it." in page.text
    assert (claim.state, claim.comment) == (ClaimState.SUBMITTED, "Fell at home")


def test_nothing_is_sent_that_was_not_seen(provider: Browser, line: LineItem) -> None:
    for shown in ("", "0123456789abcdef"):
        page = provider.post(NEW, form_of(line, do="submit", shown=shown))
        assert page.status_code == 200
        assert "This is what is payable. Look at it, then submit the claim." in page.text
    assert claims() == []


def test_everything_typed_is_kept_when_something_is_wrong(provider: Browser, line: LineItem) -> None:
    page = provider.post(
        NEW, form_of(line, do="submit", first_day="soon", reason="", notified_on="yesterday", comment="x" * 501)
    )
    assert page.status_code == 422
    for message in (
        "“soon” is not a date. Enter a day, month and year, such as 16/10/2017.", "“yesterday” is not a date.",
        "Choose why the person was away.", "This text has 501 characters. Shorten it to 500.",
    ):  # fmt: skip
        assert page.text.count(message) == 2, message
    for typed in ('value="soon"', 'value="12/11/2017"', 'value="yesterday"', 'value="Duty desk"', "x" * 501):
        assert typed in page.text
    assert f'<option value="{line.id}" selected>' in page.text
    page = provider.post(NEW, {"do": "show"})
    for message in (
        "Choose the line the person has.", "Enter the first day on which the person was away.",
        "Enter the last day on which the person was away.",
    ):  # fmt: skip
        assert message in page.text


def test_refused_days_are_named_and_shown_among_the_others(provider: Browser, line: LineItem) -> None:
    week(line, NOV_6, ("0", "0", "1", "0", "0", "0", "0"))
    for do in ("show", "submit"):
        page = provider.post(NEW, form_of(line, do=do))
        assert page.status_code == 422
        assert page.text.count("8 November 2017: care is recorded.") >= 2
        assert page.text.count(">Cannot be claimed</span>") == 1
        assert shown_on(page) == ""
    assert claims() == []


def test_a_draft_is_kept_changed_and_withdrawn(provider: Browser, line: LineItem) -> None:
    page = provider.post(NEW, form_of(line, do="save"))
    (draft,) = claims()
    address = f"{ADDRESS}/{draft.id}"
    assert page.request.path == address
    assert "It has not been sent yet." in page.text
    assert 'value="02/11/2017"' in page.text
    assert "<b>£140.00</b> for 11 days" in page.text
    provider.post(address, form_of(line, do="save", last_day="3/11/2017"))
    assert stored(draft.id).last_day == nov(3)
    assert "not sent" in provider.get(ADDRESS).text
    page = provider.post(f"{address}/withdraw")
    assert "The draft was withdrawn." in page.text
    assert claims() == []
    assert provider.get(address).status_code == 404


def test_a_draft_is_sent_from_its_own_page(provider: Browser, line: LineItem) -> None:
    provider.post(NEW, form_of(line, do="save"))
    (draft,) = claims()
    address = f"{ADDRESS}/{draft.id}"
    shown = shown_on(provider.get(address))
    page = provider.post(address, form_of(line, do="submit", shown=shown))
    assert f"Claim {draft.number} was sent." in page.text
    again = provider.post(address, form_of(line, do="submit", shown=shown))
    assert "was already sent. Nothing was sent twice." in again.text
    assert "cannot be withdrawn" in provider.post(f"{address}/withdraw").text
    assert len(claims()) == 1


def test_sending_a_claim_twice_makes_one(provider: Browser, line: LineItem) -> None:
    submit(provider, line)
    form = form_of(line, do="submit", shown="whatever")
    assert "was already sent. Nothing was sent twice." in provider.post(NEW, form).text
    assert len(claims()) == 1


def test_a_refused_claim_says_why_and_offers_another(
    provider: Browser, line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    claim = decisions.refuse(make(line, user).id, "Home on the 3rd", officer)
    page = provider.get(f"{ADDRESS}/{claim.id}").text
    for words in ("Refused", "Why it was refused", "Home on the 3rd", f"by {officer}", "£140.00"):
        assert words in page
    assert f'href="{NEW}?line={line.id}&amp;first=2017-11-02"' in page
    listed = provider.get(ADDRESS).text
    assert "£140.00 claimed" in listed


def test_a_claim_approved_in_part_says_until_when_and_why(
    provider: Browser, line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    claim = decisions.approve_in_part(make(line, user).id, nov(5), "Home on the 6th", officer)
    page = provider.get(f"{ADDRESS}/{claim.id}").text
    for words in (
        "Approved in part", "Why the days after 5 November 2017 are not paid", "Home on the 6th", "What was approved",
        "4.00 hours × £20.00", "£80.00", "It goes into the next payment run.",
    ):  # fmt: skip
        assert words in page
    db.session.add(
        Hold(organisation_id=line.organisation_id, line_item_id=line.id, reason="Under review", start=nov(1))
    )
    db.session.commit()
    assert "Payment is on hold: Under review" in provider.get(f"{ADDRESS}/{claim.id}").text


def test_a_paid_claim_leads_to_its_remittance_whose_lines_explain_it(
    provider: Browser, world: World, line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    World.confirmed()
    line.vat_code = VatCode.STANDARD
    db.session.commit()
    claim = decisions.approve(make(line, user).id, officer)
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    page = provider.get(f"{ADDRESS}/{claim.id}").text
    assert "Released for payment on 4 December 2017." in page
    assert 'href="/remittances/1"' in page
    listed = provider.get("/remittances/1").text
    assert f">{claim.number}</a>, hospital" in listed
    assert "4.00 hours × £20.00" in listed
    story = provider.get("/remittances/1/lines/1").text.replace("\u00a0", " ")
    for words in (
        "Why £96.00?", "week of 30 October 2017", "2 to 5 November 2017: hospital", "4.00 hours", "Days 1 to 4 at 100%",
        "Counted from the first day away, rule AB-1", "× £20.00", "To the penny.", "+ £16.00", "20% of £80.00",
        f'href="/absence-claims/{claim.id}">Claim {claim.number}</a>, sent', f"Approved {uk_date(london_day(now()))}",
        f"by {officer}, Payments Team",
        "Reaches your bank on 4 December 2017",
    ):  # fmt: skip
        assert words in story, words
    assert "Ada Bell" not in story


def test_sevenths_of_a_week_are_shown_as_the_sum_they_are(
    provider: Browser, world: World, contact: Contact, user: PortalUser, officer: PortalUser
) -> None:
    weekly = world.line(contact.organisation, weekly="10")
    claim = make(weekly, user, nov(6), nov(8))
    assert "30 ÷ 7 hours × £19.68" in provider.get(f"{ADDRESS}/{claim.id}").text
    decisions.approve(claim.id, officer)
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    assert "30 ÷ 7 hours × £19.68" in provider.get("/remittances/1").text
    story = provider.get("/remittances/1/lines/1").text
    assert "10.00 a week, a seventh of it each day" in story
    assert "Rounded half up, once for the week." in story


@pytest.mark.parametrize("functions", [{"may_actuals": True}, {"may_payments": True}])
def test_who_records_care_and_who_looks_after_money_make_claims(
    world: World, browser: Browser, line: LineItem, functions: dict[str, bool]
) -> None:
    browser.sign_in(world.contact(line.organisation, None, **functions))
    assert f'href="{ADDRESS}"' in browser.get("/").text
    assert "was sent." in submit(browser, line).text


def test_a_contact_without_either_function_does_not_get_in(
    world: World, browser: Browser, line: LineItem, user: PortalUser
) -> None:
    claim = make(line, user)
    browser.sign_in(world.contact(line.organisation, may_documents=True))
    assert f'href="{ADDRESS}"' not in browser.get("/").text
    for path in (ADDRESS, NEW, f"{ADDRESS}/{claim.id}", f"{ADDRESS}/payable"):
        assert browser.get(path).status_code == 403
    assert browser.post(NEW, form_of(line)).status_code == 403
    assert browser.post(f"{ADDRESS}/{claim.id}/withdraw").status_code == 403


def test_another_organisations_line_answers_as_one_that_is_not_there(
    provider: Browser, line: LineItem, world: World
) -> None:
    theirs = world.line(world.organisation("Broadland Care"))
    world.contact(theirs.organisation)
    for do in ("show", "save", "submit"):
        assert provider.post(NEW, form_of(theirs, do=do)).status_code == 404
        assert provider.post(NEW, form_of(line, do=do) | {"line": "424242"}).status_code == 404
    assert provider.get(f"{ADDRESS}/payable", query_string=form_of(theirs)).status_code == 404
    assert theirs.reference not in provider.get(NEW).text
    assert claims() == []


def test_lines_that_nothing_is_claimed_for_say_so(provider: Browser, world: World, contact: Contact) -> None:
    home = world.line(contact.organisation, payment_method=PaymentMethod.SCHEDULED)
    page = provider.post(NEW, form_of(home))
    assert page.status_code == 422
    assert "an absence on it is reported to the council and reduces that payment" in page.text
    form = provider.get(NEW).text
    assert "You have no lines that are paid on actuals." in form
    assert "Submit claim" not in form
    rejected = world.line(contact.organisation, state=DocumentState.WITHDRAWN)
    assert "is not in force" in provider.post(NEW, form_of(rejected)).text


def test_the_main_menu_tells_of_refusals_and_drafts_until_they_are_seen_to(
    provider: Browser, line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    refused = decisions.refuse(make(line, user).id, "Home on the 3rd", officer)
    menu = provider.get("/").text
    assert "absence claim refused" in menu
    assert f'href="{ADDRESS}/{refused.id}"' in menu
    assert "absence claim not sent" not in menu
    provider.post(NEW, form_of(line, do="save", last_day="3/11/2017"))
    menu = provider.get("/").text
    assert "absence claim refused" not in menu
    assert "absence claim not sent" in menu
    # A refusal of long ago is no news.
    provider.post(f"{ADDRESS}/2/withdraw")
    assert "absence claim refused" in provider.get("/").text
    provider.app.config["PORTAL_TODAY"] = "2027-01-01"
    assert "absence claim refused" not in provider.get("/").text


def test_the_line_leads_to_a_claim(provider: Browser, line: LineItem) -> None:
    assert f'href="{NEW}?line={line.id}"' in provider.get(f"/line-items/{line.id}").text


def test_the_script_is_told_what_the_form_would_say(provider: Browser, line: LineItem) -> None:
    answer = provider.get(f"{ADDRESS}/payable", query_string=form_of(line)).get_json()
    assert "<b>£140.00</b> for 11 days" in answer["html"]
    assert answer["shown"] == shown_on(provider.post(NEW, form_of(line)))
    nothing = {"html": "", "shown": ""}
    assert provider.get(f"{ADDRESS}/payable", query_string=form_of(line, last_day="")).get_json() == nothing
    wrong = provider.get(f"{ADDRESS}/payable", query_string=form_of(line, last_day="22/11/2017")).get_json()
    assert "21 to 22 November 2017: in the future." in wrong["html"]
    assert wrong["shown"] == ""
    assert claims() == []


@pytest.mark.parametrize("address", [ADDRESS, NEW])
def test_a_page_takes_as_many_queries_for_many_lines_as_for_one(
    provider: Browser, world: World, contact: Contact, user: PortalUser, address: str
) -> None:
    counts = []
    for more in (1, 5):
        for _ in range(more):
            make(world.line(contact.organisation), user)
        with Queries() as queries:
            assert provider.get(address).status_code == 200
        counts.append(len(queries))
    # session, contact, scope, settings, waiting; the claims and how many, or the lines to choose from
    assert counts[0] == counts[1] <= 8, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_what_is_payable_is_shown_while_typing(live: Live, contact: Contact, line: LineItem, width: int) -> None:
    live.sign_in(contact).page.set_viewport_size({"width": width, "height": 900})
    page = live.open(f"{NEW}?line={line.id}&first=2017-11-02")
    check_accessible(page)
    page.get_by_label("Last day").fill("22/11/2017")
    expect(page.get_by_text("21 to 22 November 2017: in the future.")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Last day").fill("12/11/2017")
    expect(page.get_by_text("£140.00 for 11 days")).to_be_visible()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Reason").select_option("hospital")
    page.get_by_role("button", name="Submit claim").click()
    expect(page.get_by_text("The Payments Team decides about it.")).to_be_visible()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(live.address + ADDRESS)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert db.session.scalar(select(func.count(AbsenceClaim.id))) == 1


def test_keys_alone_make_a_claim_and_enter_sends_nothing(live: Live, contact: Contact, line: LineItem) -> None:
    page = live.sign_in(contact).open(NEW)
    page.get_by_label("Line").focus()
    page.keyboard.press("ArrowDown")
    for text in ("2/11/2017", "12/11/2017"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    expect(page.get_by_text("£140.00 for 11 days")).to_be_visible()
    page.get_by_label("Last day").press("Enter")
    expect(page.get_by_text("£140.00 for 11 days")).to_be_visible()
    assert claims() == []
    page.get_by_label("Reason").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Submit claim")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The Payments Team decides about it.")).to_be_visible()
    assert [claim.state for claim in claims()] == [ClaimState.SUBMITTED]


def test_a_claim_says_what_was_put_right_since_and_the_correction_what_it_corrects(
    provider: Browser, line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    earlier, later = make(line, user, nov(1), nov(5)), make(line, user, nov(6), nov(12))
    decisions.approve(later.id, officer)
    decisions.refuse(earlier.id, "At home", officer)
    correction = db.session.scalars(select(AbsenceClaim).where(AbsenceClaim.corrects_id == later.id)).one()
    page = text_of(provider.get(f"{ADDRESS}/{later.id}"))
    assert f"Corrected since Correction Made State Amount {correction.number}" in page
    assert "With the claim itself £140.00" in page
    put_right = text_of(provider.get(f"{ADDRESS}/{correction.id}"))
    assert f"This corrects claim {later.number}" in put_right
    assert "Days 6 to 7 at 100% -2.00 hours × £20.00" in put_right
    assert "by the portal" in put_right
    assert f"{correction.number} corrects {later.number}" in text_of(provider.get(ADDRESS))
    staff = provider.sign_in(officer)
    assert "Corrected since" in text_of(staff.get(f"/staff/absence-claims/{later.id}"))
    assert "was approved by the portal on" in text_of(staff.get(f"/staff/absence-claims/{correction.id}"))
    assert staff.get(f"/admin/absence-claims/show/{correction.id}").status_code == 200
