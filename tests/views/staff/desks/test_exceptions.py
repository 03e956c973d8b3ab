"""Service Brokerage sees every held week with what it needs to decide, and decides one or many."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import html5lib
import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import Actual, ExceptionCheck, ExceptionDecision, LineItem, Organisation, PortalUser, Rate, db
from rules.states import Decision
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import clone
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, OCT_30, week
from tests.support.worlds.world import World
from workflows.actuals.save import save_week
from workflows.conversations.thread import open_conversation
from workflows.exceptions.decide import Chosen, decide
from workflows.weeks.entry import Entry

PATH = "/staff/exceptions"
TEN = ("4", "1", "1", "1", "1", "1", "1")


class Desk:
    """A line of an hour a day with a week of 10.00 hours held, and an officer of Service Brokerage before the queue."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.organisation: Organisation = world.organisation()
        self.line: LineItem = world.line(self.organisation, reference="48213")
        self.week: Actual = week(self.line, OCT_30, TEN)
        self.officer: PortalUser = world.officer("Service Brokerage", "carol@council.example")
        browser.sign_in(self.officer)

    def send(self, do: str, *weeks: Actual, reason: str = "Agreed", **more: str) -> TestResponse:
        form = {f"seen-{each.id}": str(each.version) for each in weeks}
        return self.browser.post(
            PATH, {"do": do, "rowid": [each.id for each in weeks], "reason": reason, **form, **more}
        )


@pytest.fixture
def desk(world: World, browser: Browser) -> Desk:
    return Desk(world, browser)


def decided() -> list[tuple[Decision | None, Decimal]]:
    db.session.rollback()
    statement = select(ExceptionDecision.decision, Actual.payable).select_from(Actual).join(Actual.check)
    statement = statement.outerjoin(ExceptionCheck.decided)
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(Actual.id))]


def test_the_queue_shows_what_a_decision_needs(desk: Desk) -> None:
    week(desk.line, OCT_23, ("1.5", "1", "1", "1", "1", "1", "1"))
    page = desk.browser.get(PATH).text
    assert "1 week waits over the exception level" in page
    for words in (
        "Ada Bell", "CPLI 48213", "Fenland Homecare Ltd", "30 October 2017", "7.00", "10.00", "3.00", "1.00 allowed",
        "EL-1", "£59.04", "An extra visit was needed", "Not asked about", "23 Oct: 7.50 of 7.00 planned",
    ):  # fmt: skip
        assert words in page, words


def test_the_week_that_waits_longest_comes_first(desk: Desk) -> None:
    later = week(desk.line, NOV_6, TEN)
    later.confirmed_at = datetime(2017, 11, 13, tzinfo=UTC)
    db.session.commit()
    found = re.findall(r"(\d+ \w+ 2017) <small>", desk.browser.get(PATH).text)
    assert found == ["6 November 2017", "30 October 2017"]


def test_pounds_at_stake_are_those_the_last_days_lose(desk: Desk) -> None:
    World.confirmed()
    desk.line.rates[0].end = OCT_30.replace(day=31)
    desk.line.rates.append(
        Rate(organisation_id=desk.organisation.id, rate=Decimal("30"), start=OCT_30.replace(month=11, day=1))
    )
    db.session.commit()
    # 5.00 hours at £19.68 and 5.00 at £30.00, of which the plan of 7.00 leaves 2.00 at £30.00.
    assert "£90.00" in desk.browser.get(PATH).text


def test_a_decision_that_the_figures_voided_is_shown_with_the_week_that_waits_again(desk: Desk) -> None:
    desk.send("up-to", desk.week, reason="Two visits were agreed", **{f"up_to-{desk.week.id}": "8.5"})
    entry = Entry(desk.line.id, ("5", "1", "1", "1", "1", "1", "1"), "EXTRA")
    save_week(OCT_30, [entry], None, confirm=True)
    page = desk.browser.get(PATH).text.replace("\u00a0", " ")
    for words in (
        "11.00",
        "Before the figures changed: approved up to 8.50 of 10.00 claimed",
        "Two visits were agreed",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("do", "decision", "payable"),
    [("as-claimed", Decision.AS_CLAIMED, "10"), ("up-to", Decision.UP_TO, "8.5"), ("refuse", Decision.REFUSED, "7")],
)
def test_a_week_is_decided_by_each_button(desk: Desk, do: str, decision: Decision, payable: str) -> None:
    answer = desk.send(do, desk.week, **{f"up_to-{desk.week.id}": "8:30"})
    assert "1 week is" in answer.text
    assert "No week waits for a decision." in answer.text
    assert decided() == [(decision, Decimal(payable))]


def test_many_weeks_are_decided_at_once(desk: Desk) -> None:
    more = [week(desk.line, monday, TEN) for monday in (OCT_16, OCT_23)]
    assert "3 weeks are refused" in desk.send("refuse", desk.week, *more).text
    assert decided() == [(Decision.REFUSED, Decimal(7))] * 3


def test_nothing_typed_is_lost_where_something_is_wrong(desk: Desk) -> None:
    other = week(desk.line, OCT_23, TEN)
    answer = desk.send(
        "up-to", desk.week, other, reason="", **{f"up_to-{desk.week.id}": "8.5", f"up_to-{other.id}": "12"}
    )
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    answer = desk.send(
        "up-to", desk.week, other, reason="By phone", **{f"up_to-{desk.week.id}": "8.5", f"up_to-{other.id}": "12"}
    )
    assert f'id="up_to-{other.id}-error"' in answer.text
    assert "Enter units from 7.00 (the plan) to less than 10.00" in answer.text
    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    fields = {field.get("id"): field for field in tree.iter("input")}
    assert all("checked" in fields[f"week-{each.id}"].attrib for each in (desk.week, other))
    assert fields[f"up_to-{desk.week.id}"].get("value") == "8.5"
    assert fields[f"up_to-{other.id}"].get("value") == "12"
    assert "By phone</textarea>" in answer.text
    assert decided() == [(None, Decimal(10))] * 2


def test_who_ticks_nothing_is_told(desk: Desk) -> None:
    assert "Tick at least one week." in desk.send("refuse").text


def test_a_week_decided_by_somebody_else_is_told_and_the_others_stay_ticked(desk: Desk) -> None:
    other = week(desk.line, OCT_23, TEN)
    seen = desk.week.version
    colleague = desk.world.officer("Service Brokerage", "dave@council.example")
    decide([Chosen(desk.week.id, seen)], Decision.AS_CLAIMED, "Agreed", colleague)
    answer = desk.send("refuse", desk.week, other)
    assert answer.status_code == 422
    assert "Dave Lane decided it on" in answer.text
    assert f'href="#week-{desk.week.id}"' not in answer.text
    assert re.search(f'value="{other.id}" aria-label="[^"]*" checked', answer.text)
    assert decided() == [(Decision.AS_CLAIMED, Decimal(10)), (None, Decimal(10))]


def test_enter_in_a_field_decides_nothing(desk: Desk) -> None:
    page = desk.browser.get(PATH).text
    form = html5lib.parse(page, namespaceHTMLElements=False).find(".//form[@id='decide']")
    assert form is not None
    assert next(form.iter("button")).get("value") == "look"
    assert "Kept" in desk.send("look", desk.week, reason="Kept").text
    assert decided() == [(None, Decimal(10))]


def test_the_queue_is_searched_and_says_what_it_hides(desk: Desk) -> None:
    other = desk.world.line(desk.world.organisation("Broadland Care CIC"))
    asked = week(other, OCT_16, TEN)
    user = db.session.get_one(PortalUser, desk.world.contact(other.organisation).user_id)
    open_conversation("Service Brokerage", "Over", "She fell at night.", user, actual=asked)
    db.session.commit()
    page = desk.browser.get(f"{PATH}?q=broadland").text
    assert "Broadland Care CIC" in page
    assert "Fenland" not in page
    page = desk.browser.get(f"{PATH}?show=asked").text
    assert "“She fell at night.”" in page
    assert "answer by 22 November 2017" in page
    assert "Weeks nobody has asked about are hidden." in page
    assert "Fenland" not in page
    assert "Nothing fits what you chose." in desk.browser.get(f"{PATH}?q=nobody").text


@pytest.mark.parametrize(
    ("role", "reads", "decides"),
    [
        ("Service Brokerage", 200, 200),
        ("Administrator", 200, 200),
        ("Payments officer", 200, 403),
        ("Payments approver", 200, 403),
        ("Auditor", 200, 403),
        ("Procurement", 403, 403),
    ],
)
def test_who_may_read_and_who_may_decide(desk: Desk, role: str, reads: int, decides: int) -> None:
    desk.browser.sign_in(desk.world.officer(role))
    page = desk.browser.get(PATH)
    assert page.status_code == reads
    assert ("Approve as claimed" in page.text, 'name="rowid"' in page.text) == (decides == 200,) * 2
    assert desk.send("as-claimed", desk.week).status_code == decides
    assert decided()[0][0] == (Decision.AS_CLAIMED if decides == 200 else None)


def test_providers_do_not_get_near_it(desk: Desk) -> None:
    desk.browser.sign_in(desk.world.contact(desk.organisation))
    assert desk.browser.get(PATH).status_code == 403
    assert desk.send("as-claimed", desk.week).status_code == 403


def test_the_queue_asks_at_most_eight_times_however_many_wait(desk: Desk) -> None:
    clone(desk.line, 30)
    for line in db.session.scalars(select(LineItem).where(LineItem.reference.like("C%"))):
        week(line, OCT_23, TEN)
    with Queries() as queries:
        page = desk.browser.get(f"{PATH}?rows=50").text
    assert page.count('name="rowid"') == 31
    # Session and roles, scope, settings, weeks with conversations, rates, aborted visits, weeks before, the frame.
    assert len(queries) <= 8, "\n".join(queries)


def test_pages_of_the_queue(desk: Desk) -> None:
    clone(desk.line, 25)
    for line in db.session.scalars(select(LineItem).where(LineItem.reference.like("C%"))):
        week(line, OCT_23, TEN)
    assert desk.browser.get(f"{PATH}?page=2").text.count('name="rowid"') == 1
    assert desk.browser.get(f"{PATH}?page=9").text.count('name="rowid"') == 1


def test_today_leads_to_the_queue_with_its_age(desk: Desk) -> None:
    page = desk.browser.get("/").text
    assert re.search(r"<b>1</b><p>week over the exception level</p><p class=\"when\">Oldest", page)
    assert f'href="{PATH}"' in page


@pytest.mark.parametrize("width", [1280, 375])
def test_an_officer_decides_with_the_keyboard_alone(desk: Desk, live: Live, width: int) -> None:
    page = live.sign_in(desk.officer).page
    page.set_viewport_size({"width": width, "height": 900})
    live.open(PATH)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("checkbox", name="Select Ada Bell").focus()
    page.keyboard.press("Space")
    page.get_by_label("Approve Ada Bell").press_sequentially("8.5")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Approve Ada Bell")).to_have_value("8.5")
    page.get_by_label("Reason").focus()
    page.keyboard.type("Agreed until Sunday")
    page.get_by_role("button", name="Approve up to", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 week is approved up to the units you entered.")).to_be_visible()
    check_accessible(page)
    assert decided() == [(Decision.UP_TO, Decimal("8.50"))]
