"""Adding an aborted visit: what is payable is seen before it is saved, with scripts and without."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import AbortedVisit, Actual, Contact, LineItem, Organisation, acting_for, db
from rules.states import ActualState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.visits import TUESDAY, stored, visit_on
from tests.support.worlds.weeks import NOV_6, OCT_16, send, week
from tests.support.worlds.world import World
from workflows.aborted_visits.record import record

ADDRESS = "/actuals/aborted-visit"
TICKED = 'name="take_off" type="checkbox" value="y" checked'
SENTENCE = "30 minutes are paid: told 3 hours before, rule AV-1."


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="48210")


def form_of(line: LineItem, **changes: str) -> dict[str, str]:
    """What a browser sends for a visit of 45 minutes, told of three hours before."""
    return {
        "line": str(line.id), "day": "7/11/2017", "planned_start": "8:00", "planned_minutes": "45", "told": "yes",
        "told_on": "07/11/2017", "told_at": "5.00", "arrived_at": "", "waited_minutes": "", "informed": "The daughter",
        "reason": "NO_REPLY", "comment": "", "do": "show", "shown": "",
    } | changes  # fmt: skip


def visits() -> list[AbortedVisit]:
    return list(db.session.scalars(select(AbortedVisit).execution_options(populate_existing=True)))


def test_the_form_opens_with_the_line_and_the_day_of_a_cell(provider: Browser, line: LineItem) -> None:
    page = provider.get(f"{ADDRESS}?line={line.id}&date=2017-11-07").text
    assert "<h1" in page
    assert ">Add an aborted visit</h1>" in page
    assert "CPLI 48210" in page
    assert f'name="line" value="{line.id}"' in page
    assert 'value="07/11/2017"' in page
    assert 'href="/actuals?week=2017-11-06"' in page
    assert "Save aborted visit" in page


def test_without_a_cell_the_line_is_chosen(provider: Browser, line: LineItem, world: World) -> None:
    theirs = world.line(world.organisation("Broadland Care"), reference="59999")
    page = provider.get(ADDRESS).text
    assert f'<option value="{line.id}">A. B. {line.person.reference}, Personal care, CPLI 48210</option>' in page
    assert theirs.reference not in page
    assert "Ada Bell" not in page


@pytest.mark.parametrize("query", ["line=x", "line=99999", "line=9999999999", "date=soon", "date=9999-12-31"])
def test_an_address_that_names_nothing_is_not_found(provider: Browser, query: str) -> None:
    assert provider.get(f"{ADDRESS}?{query}").status_code == 404


def test_what_is_payable_is_seen_and_then_saved(provider: Browser, line: LineItem) -> None:
    page = provider.post(ADDRESS, form_of(line))
    assert page.status_code == 200
    assert SENTENCE in page.text
    assert "The week of 6 November 2017 is not started: it becomes a draft with 0.25 hours delivered on Tuesday." in (
        page.text
    )
    assert visits() == []
    page = provider.post(ADDRESS, form_of(line, do="save", shown=SENTENCE))
    assert page.request.path == "/actuals"
    assert page.request.query_string == b"week=2017-11-06"
    assert f"Aborted visit recorded. {SENTENCE}" in page.text
    (visit,) = visits()
    assert (visit.visit_date, visit.planned_minutes, visit.payable) == (TUESDAY, 45, Decimal("0.50"))
    assert (visit.informed, visit.reason, visit.rule) == ("The daughter", "NO_REPLY", "AV-1")
    assert stored(line).payable == Decimal("6.75")


def test_nothing_is_saved_that_was_not_seen(provider: Browser, line: LineItem) -> None:
    for shown in ("", "Nothing is paid: told 24 hours before, rule AV-3."):
        page = provider.post(ADDRESS, form_of(line, do="save", shown=shown))
        assert page.status_code == 200
        assert "This is what is payable. Look at it, then save." in page.text
        assert SENTENCE in page.text
        assert visits() == []


def test_everything_typed_is_kept_when_something_is_missing(provider: Browser, line: LineItem) -> None:
    page = provider.post(ADDRESS, form_of(line, do="save", planned_start="soon", told_at="", waited_minutes="ten"))
    assert page.status_code == 422
    for message in (
        "“soon” is not a time. Enter hours and minutes, such as 08:30.",
        "Enter the time at which you were told.",
        "Enter whole minutes, such as 45.",
    ):
        assert page.text.count(message) == 2
    assert 'value="soon"' in page.text
    assert 'value="The daughter"' in page.text
    assert '<option value="NO_REPLY" selected>' in page.text
    page = provider.post(ADDRESS, {"do": "show"})
    assert page.status_code == 422
    for message in (
        "Say whether you were told before the carer arrived.", "Choose the line of the visit.",
        "Enter the day of the visit.", "Enter when the visit was to start.",
        "Enter how long the visit was to take, in minutes.",
    ):  # fmt: skip
        assert message in page.text


def test_the_reason_is_asked_for_when_saving(provider: Browser, line: LineItem) -> None:
    page = provider.post(ADDRESS, form_of(line, reason=""))
    assert page.status_code == 200
    page = provider.post(ADDRESS, form_of(line, reason="", do="save", shown=SENTENCE))
    assert page.status_code == 422
    assert 'href="#reason">Choose why the visit could not take place.' in page.text


def test_sending_it_twice_records_it_once(provider: Browser, line: LineItem) -> None:
    for _ in range(2):
        page = provider.post(ADDRESS, form_of(line, do="save", shown=SENTENCE))
    assert page.status_code == 422
    assert "A visit planned at 08:00 on that day is recorded already." in page.text
    assert len(visits()) == 1


def test_the_visit_can_be_taken_off_what_is_entered(provider: Browser, line: LineItem) -> None:
    week(line, NOV_6)
    page = provider.post(ADDRESS, form_of(line)).text
    assert "The week of 6 November 2017 becomes a draft and has to be confirmed again." in page
    assert "Take the visit off what is entered as delivered: 1.00 becomes 0.25" in page
    # It was probably counted, so the choice comes ticked; after that it is as the person leaves it.
    assert TICKED in page
    page = provider.post(ADDRESS, form_of(line, shown=SENTENCE)).text
    assert TICKED not in page
    provider.post(ADDRESS, form_of(line, do="save", shown=SENTENCE, take_off="y"))
    assert stored(line).delivered == Decimal("6.25")


def test_a_week_on_an_invoice_is_corrected_only_when_asked(
    provider: Browser, line: LineItem, contact: Contact, world: World
) -> None:
    week(line, OCT_16)
    send(contact, world.period(1))
    form = form_of(line, day="17/10/2017", told="no", told_on="", told_at="")
    refused = provider.post(ADDRESS, form)
    assert refused.status_code == 422
    assert "The week of 16 October 2017 is on an invoice." in refused.text
    assert 'id="correct" name="correct"' in refused.text
    answer = provider.get(f"{ADDRESS}/payable", query_string=form).get_json()
    assert (answer["correct"], answer["problem"][:36]) == (True, "The week of 16 October 2017 is on an")
    seen = provider.post(ADDRESS, form | {"correct": "y"})
    assert "The week of 16 October 2017 is corrected: it stays on its invoice." in seen.text
    shown = {
        "correct": "y",
        "take_off": "y",
        "do": "save",
        "shown": "30 minutes are paid: you were not told, rule AV-1.",
    }
    saved = provider.post(ADDRESS, form | shown)
    assert "The difference will be on your next invoice." in saved.text
    assert stored(line, OCT_16).payable == Decimal("6.75")


def test_another_organisations_line_answers_as_one_that_is_not_there(
    provider: Browser, line: LineItem, world: World
) -> None:
    theirs = world.line(world.organisation("Broadland Care"))
    for do in ("show", "save"):
        assert provider.post(ADDRESS, form_of(theirs, do=do)).status_code == 404
        assert provider.post(ADDRESS, form_of(line, do=do) | {"line": "424242"}).status_code == 404
    assert provider.get(f"{ADDRESS}/payable", query_string=form_of(theirs)).status_code == 404
    assert provider.get(f"/actuals/aborted-visits?line={theirs.id}&week=2017-11-06").status_code == 404


def test_a_contact_without_the_function_does_not_get_in(world: World, browser: Browser, line: LineItem) -> None:
    browser.sign_in(world.contact(line.organisation, may_payments=True))
    assert browser.get(ADDRESS).status_code == 403
    assert browser.post(ADDRESS, form_of(line)).status_code == 403
    assert browser.get("/actuals/aborted-visits?week=2017-11-06").status_code == 403


def asked(provider: Browser, line: LineItem, **changes: str) -> TestResponse:
    return provider.get(f"{ADDRESS}/payable", query_string=form_of(line, **changes))


def test_the_script_is_told_what_the_form_would_say(provider: Browser, line: LineItem) -> None:
    answer = asked(provider, line).get_json()
    assert answer["sentence"] == SENTENCE
    assert answer["week"].startswith("The week of 6 November 2017 is not started")
    # While something is missing nothing is said; what is wrong is.
    assert asked(provider, line, planned_minutes="").get_json() == {"problem": "", "correct": False}
    assert asked(provider, line, planned_minutes="90").get_json() == {
        "problem": "1.00 hour is planned on Tuesday 7 November 2017. An aborted visit cannot be longer.",
        "correct": False,
    }
    assert visits() == []


def test_the_list_of_a_week_says_what_is_paid_and_lets_go_of_a_visit(
    provider: Browser, line: LineItem, contact: Contact, world: World
) -> None:
    other = world.line(line.organisation)
    with acting_for(line.organisation_id):
        visit = record(visit_on(line, told_at=datetime.fromisoformat("2017-11-07 05:00")), contact.user)
        record(visit_on(other, date(2017, 11, 8)), contact.user)
    page = provider.get(f"/actuals/aborted-visits?line={line.id}&week=2017-11-06").text
    assert "Tue 7 Nov, 08:00, 45 minutes" in page
    assert SENTENCE in page
    assert "No reply at the door" in page
    assert "Wed 8 Nov" not in page
    assert "Wed 8 Nov" in provider.get("/actuals/aborted-visits?week=2017-11-08").text
    address = f"/actuals/aborted-visits/{visit.id}/remove"
    assert "Remove an aborted visit" in provider.get(address).text
    refused = provider.post(address, {"why": " "})
    assert refused.status_code == 422
    assert "Say why the visit is removed." in refused.text
    page_after = provider.post(address, {"why": "The wrong person"})
    assert "The aborted visit was removed." in page_after.text
    assert [each.line_item_id for each in visits()] == [other.id]
    assert provider.post(address, {"why": "The wrong person"}).status_code == 404
    assert provider.get("/actuals/aborted-visits").status_code == 404


@pytest.mark.parametrize(
    ("address", "most"),
    [
        # session, contact, settings, waiting, lines to choose from
        (ADDRESS, 8),
        # instead of the last: visits with their lines
        ("/actuals/aborted-visits?week=2017-11-06", 8),
    ],
)
def test_a_page_takes_as_many_queries_for_many_lines_as_for_one(
    provider: Browser, line: LineItem, contact: Contact, world: World, address: str, most: int
) -> None:
    counts = []
    for more in (1, 5):
        for _ in range(more):
            week(world.line(contact.organisation), NOV_6)
        with Queries() as queries:
            assert provider.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_what_is_payable_is_said_while_typing(live: Live, contact: Contact, line: LineItem, width: int) -> None:
    live.sign_in(contact).page.set_viewport_size({"width": width, "height": 900})
    page = live.open(f"{ADDRESS}?line={line.id}&date=2017-11-07")
    expect(page.get_by_role("button", name="Show what is payable")).to_be_hidden()
    page.get_by_label("Planned start").fill("8:00")
    page.get_by_label("Planned length").fill("90")
    page.get_by_label("Yes, we were told").check()
    page.get_by_label("Told on").fill("7/11/2017")
    page.get_by_label("Told at").fill("5:00")
    expect(page.get_by_text("An aborted visit cannot be longer.")).to_be_visible()
    page.get_by_label("Planned length").fill("45")
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Why it could not take place").select_option("NO_REPLY")
    page.get_by_role("button", name="Save aborted visit").click()
    expect(page.get_by_text("Aborted visit recorded.")).to_be_visible()
    assert db.session.scalars(select(Actual)).one().state is ActualState.DRAFT


def test_keys_alone_are_enough_and_enter_saves_nothing(live: Live, contact: Contact, line: LineItem) -> None:
    page = live.sign_in(contact).open(f"{ADDRESS}?line={line.id}&date=2017-11-07")
    page.get_by_label("Day", exact=True).focus()
    for text in ("8:00", "45"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("30 minutes are paid: you were not told, rule AV-1.")).to_be_visible()
    page.get_by_label("Planned length").press("Enter")
    expect(page.get_by_text("30 minutes are paid: you were not told, rule AV-1.")).to_be_visible()
    assert visits() == []


def test_the_script_offers_to_take_off_what_was_counted_and_to_correct(
    live: Live, contact: Contact, line: LineItem, world: World
) -> None:
    week(line, OCT_16)
    send(contact, world.period(1))
    week(line, NOV_6)
    page = live.sign_in(contact).open(f"{ADDRESS}?line={line.id}&date=2017-11-07")
    page.get_by_label("Planned start").fill("8:00")
    page.get_by_label("Planned length").fill("45")
    page.get_by_label("No, nobody told us").check()
    offer = page.get_by_label("Take the visit off what is entered as delivered: 1.00 becomes 0.25")
    expect(offer).to_be_checked()
    expect(page.get_by_label("Record it as a correction")).to_be_hidden()
    page.get_by_label("Day", exact=True).fill("17/10/2017")
    expect(page.get_by_text("The week of 16 October 2017 is on an invoice.")).to_be_visible()
    page.get_by_label("Record it as a correction").check()
    expect(page.get_by_text("it stays on its invoice")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Why it could not take place").select_option("HOSPITAL")
    page.get_by_role("button", name="Save aborted visit").click()
    expect(page.get_by_text("The difference will be on your next invoice.")).to_be_visible()
    assert stored(line, OCT_16).delivered == Decimal("6.25")
