"""Payments officers decide about absence claims, once, with every day before them; others read or do not get in."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models import AbsenceClaim, Contact, LineItem, PortalUser, db
from rules.states import ClaimState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.claims import make, nov, stored
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.absences import decide as decisions
from workflows.clock import story_at
from workflows.payments import run as payment_run

PATH = "/staff/absence-claims"


class Office:
    """A claim of £140.00 for eleven days that waits for a decision, and an officer."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.line: LineItem = world.line(world.organisation(), rate="20.0000")
        contact = world.contact(self.line.organisation)
        assert contact.user
        self.user: PortalUser = contact.user
        self.officer: PortalUser = world.officer("Payments officer")
        self.claim: AbsenceClaim = make(self.line, self.user, notified_on=nov(2), notified_to="Duty desk")
        self.path = f"{PATH}/{self.claim.id}"


@pytest.fixture
def office(world: World, browser: Browser) -> Office:
    return Office(world, browser)


def test_the_queue_leads_to_a_claim_with_its_days(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    queue = browser.get(PATH).text
    for words in (f'href="{office.path}"', "Fenland Homecare Ltd", "2 to 12 November 2017", "arrived today", "£140.00"):
        assert words in queue
    page = browser.get(office.path).text
    for words in (
        "Thu 2 November 2017, day 1", "Sun 12 November 2017, day 11", "Days 1 to 4 at 100%", "4.00 hours × £20.00",
        "£140.00", "2 November 2017, Duty desk", "All 11 days", "From 2 November 2017 to 11 November 2017",
    ):  # fmt: skip
        assert words in page, words
    assert "Ada Bell" not in page


def test_approving_says_so_and_empties_the_queue(office: Office) -> None:
    page = office.browser.sign_in(office.officer).post(f"{office.path}/approve")
    assert f"{office.claim.number} is approved. It goes into the next payment run." in page.text
    assert "No claim waits for a decision." in page.text
    assert stored(office.claim.id).state is ClaimState.APPROVED
    shown = office.browser.get(office.path).text
    assert "What was approved" in shown
    assert f"was approved by {office.officer} on" in shown
    assert f'action="{office.path}' not in shown


def test_a_payment_run_leads_to_the_claims_in_it(office: Office) -> None:
    decisions.approve(office.claim.id, office.officer)
    run = payment_run.prepare("04/12/2017", office.officer)
    page = office.browser.sign_in(office.officer).get(f"/staff/payment-run/{run.id}").text
    assert f'href="/admin/absence-claims/show/{office.claim.id}">{office.claim.number}</a> £140.00' in page


def test_approving_in_part_takes_an_earlier_last_day_and_keeps_what_was_typed(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    for typed, message in (
        ("", "is not a date"),
        ("12/11/2017", "Enter a day from 2 November 2017 to 11 November 2017."),
    ):
        answer = browser.post(f"{office.path}/approve-in-part", {"last_day": typed, "part_reason": "Home on the 6th"})
        assert answer.status_code == 422
        assert answer.text.count(message) == 2
        assert 'href="#last_day"' in answer.text
        assert "Home on the 6th" in answer.text
    page = browser.post(f"{office.path}/approve-in-part", {"last_day": "5/11/2017", "part_reason": "Home on the 6th"})
    assert f"{office.claim.number} is approved until 5 November 2017." in page.text
    claim = stored(office.claim.id)
    assert (claim.state, claim.refused_reason, str(claim.net)) == (ClaimState.IN_PART, "Home on the 6th", "80.00")


def test_refusing_takes_a_reason(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    answer = browser.post(f"{office.path}/refuse", {"reason": " "})
    assert answer.status_code == 422
    assert 'href="#reason">Say why the claim is refused.' in answer.text
    page = browser.post(f"{office.path}/refuse", {"reason": "Not away on these days"})
    assert f"{office.claim.number} is refused." in page.text
    assert stored(office.claim.id).refused_reason == "Not away on these days"


def test_the_second_officer_is_told_what_the_first_decided(office: Office) -> None:
    decisions.refuse(office.claim.id, "Not away", office.officer)
    browser = office.browser.sign_in(office.world.officer("Payments officer"))
    for step, form in (("approve", {}), ("approve-in-part", {"last_day": "5/11/2017"}), ("refuse", {"reason": "No"})):
        answer = browser.post(f"{office.path}/{step}", form)
        assert answer.status_code == 422
        assert f"{office.claim.number} was refused by {office.officer} on" in answer.text
        assert "Nothing was changed." in answer.text


def test_care_recorded_since_is_shown_before_anybody_decides(office: Office) -> None:
    week(office.line, NOV_6)
    browser = office.browser.sign_in(office.officer)
    page = browser.get(office.path).text
    assert "It cannot be approved as it stands." in page
    assert "6 to 12 November 2017: care is recorded." in page
    answer = browser.post(f"{office.path}/approve")
    assert answer.status_code == 422
    assert stored(office.claim.id).state is ClaimState.SUBMITTED


def test_a_claim_right_beside_another_is_pointed_out(office: Office) -> None:
    beside = make(office.line, office.user, nov(1), nov(1))
    page = office.browser.sign_in(office.officer).get(f"{PATH}/{beside.id}").text
    assert f'Claim <a class="govuk-link" href="{office.path}">{office.claim.number}</a> of the same line' in page


@pytest.mark.parametrize(
    ("role", "reads", "decides"),
    [
        ("Administrator", True, True),
        ("Auditor", True, False),
        ("Payments approver", False, False),
        ("Service Brokerage", False, False),
        ("Procurement", False, False),
    ],
)
def test_each_role_may_what_it_may(office: Office, role: str, reads: bool, decides: bool) -> None:
    browser = office.browser.sign_in(office.world.officer(role))
    assert {browser.get(path).status_code for path in (PATH, office.path)} == {200 if reads else 403}
    if reads:
        assert (f'action="{office.path}/approve"' in browser.get(office.path).text) == decides
    for step in ("approve-in-part", "refuse", "approve"):
        assert browser.post(f"{office.path}/{step}").status_code == (
            403 if not decides else 422 if step != "approve" else 200
        )


def test_providers_do_not_get_near_it(office: Office) -> None:
    browser = office.browser.sign_in(db.session.scalars(select(Contact)).one())
    for path in (PATH, office.path):
        assert browser.get(path).status_code == 403
    assert browser.post(f"{office.path}/approve").status_code == 403
    assert stored(office.claim.id).state is ClaimState.SUBMITTED


def test_an_unknown_claim_is_not_found(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    assert browser.get(f"{PATH}/999").status_code == 404
    for step, form in (("approve", {}), ("approve-in-part", {"last_day": "5/11/2017"}), ("refuse", {"reason": "No"})):
        assert browser.post(f"{PATH}/999/{step}", form).status_code == 404


def test_today_counts_the_queue_and_says_how_old_it_is(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    assert "<b>1</b><p>absence claim to decide</p>" in browser.get("/").text
    other = office.world.line(office.world.organisation("Broadland Care"))
    sender = office.world.contact(other.organisation).user
    assert sender
    with story_at(nov(9)):
        make(other, sender, nov(2), nov(5))
    today = browser.get("/").text
    assert "<b>2</b><p>absence claims to decide</p>" in today
    assert "Oldest 11 days" in today
    assert f'href="{PATH}"' in today
    queue = browser.get(PATH).text
    assert queue.index("Broadland Care") < queue.index("Fenland Homecare")
    assert "11 days" in queue
    brokerage = browser.sign_in(office.world.officer("Service Brokerage")).get("/").text
    assert "absence claim to decide" not in brokerage


def test_the_queue_takes_as_many_queries_for_many_claims_as_for_one(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    counts = []
    for _ in range(2):
        with Queries() as queries:
            assert browser.get(PATH).status_code == 200
        counts.append(len(queries))
        for _ in range(4):
            make(office.world.line(db.session.merge(office.line).organisation), db.session.merge(office.user))
    # session, roles, scope, settings, waiting; how many wait, the queue, those decided last
    assert counts[0] == counts[1] <= 8, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_an_officer_decides_in_a_browser(live: Live, office: Office, width: int) -> None:
    page = live.sign_in(office.officer).page
    page.set_viewport_size({"width": width, "height": 900})
    page = live.open(PATH)
    check_accessible(page)
    page.get_by_role("link", name=office.claim.number).click()
    expect(page.get_by_role("heading", name=f"Absence claim {office.claim.number}")).to_be_visible()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("link", name="Say why the claim is refused.")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Last day").fill("5/11/2017")
    page.get_by_role("button", name="Approve in part").press("Enter")
    expect(page.get_by_text("is approved until 5 November 2017.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
