"""Two officers decide what organisations asked for; payments wait until somebody rang back about a new account."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from models import ChangeRequest, Contact, Hold, PaymentRun, PortalUser, db
from rules.bank_account import BankDetails
from rules.period import uk_date
from rules.states import ChangeKind, ChangeState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live, follow
from tests.support.queries import Queries
from tests.support.worlds.people import DIGITS, with_code
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import one_off
from workflows.clock import london_day, now
from workflows.organisations import change_requests
from workflows.payments import run as payment_run

PATH = "/staff/change-requests"
NEW = BankDetails("Fenland Homecare Ltd", "089999", "66374958")
CODE = {"security_code": DIGITS}
CALL = {"who": "Mary Lane, registered manager", "number": "01553 600000", "told": "theirs"} | CODE


class Desk:
    """An organisation that asked for a new account, and two officers."""

    def __init__(self, world: World, app: Flask) -> None:
        self.world, self.app = world, app
        self.contact: Contact = world.contact(world.organisation(account=False))
        self.officers = [with_code(world.officer(role)) for role in ("Payments officer", "Procurement")]
        self.first, self.second = (Browser(app).sign_in(officer) for officer in self.officers)
        self.asked = self.ask(ChangeKind.BANK_DETAILS, NEW)
        self.path = f"{PATH}/{self.asked}"

    def ask(self, kind: ChangeKind, wanted: str | BankDetails) -> int:
        user: PortalUser | None = self.contact.user
        assert user
        return change_requests.ask(self.contact.organisation, kind, wanted, user)

    def stored(self) -> ChangeRequest:
        query = select(ChangeRequest).where(ChangeRequest.id == self.asked)
        found: ChangeRequest = db.session.scalars(query.execution_options(populate_existing=True)).one()
        return found

    def confirm_twice(self) -> None:
        for officer in self.officers:
            change_requests.confirm(self.asked, officer)


def today_by_the_clock() -> str:
    """When somebody decided is told by the clock, not by the business date."""
    return uk_date(london_day(now()))


@pytest.fixture
def desk(world: World, app: Flask) -> Desk:
    return Desk(world, app)


def test_the_queue_and_the_count_beside_it_name_what_waits(desk: Desk) -> None:
    page = desk.first.get(PATH).text
    for words in ("1 request to decide", "Fenland Homecare Ltd", "Bank details", "Waiting for a first officer"):
        assert words in page, words
    assert 'Change requests <span class="count">1</span>' in page


def test_the_page_shows_before_and_after_and_of_an_account_the_last_four_digits(desk: Desk) -> None:
    page = desk.first.get(desk.path).text
    for words in ("Nothing known", "Fenland Homecare Ltd, account ending 4958", "unchecked"):
        assert words in page, words
    for secret in ("66374958", "089999", "08-99-99"):
        assert secret not in page, secret


def test_two_officers_confirm_and_a_call_back_ends_the_hold(desk: Desk) -> None:
    page = desk.first.post(f"{desk.path}/confirm", CODE).text
    assert "You have confirmed the bank details of Fenland Homecare Ltd. Another officer has to confirm it too" in page
    assert "Another officer has to confirm it too." in desk.first.get(desk.path).text
    # It waits for somebody else now: the first officer has nothing to do, the second has.
    for browser, waits in ((desk.first, False), (desk.second, True)):
        page = browser.get(PATH).text
        assert ("Confirmed by you, waiting for another officer" in page) is not waits
        assert ("Change requests <span" in page) is waits
        assert ("<b>1</b><p>change request to decide or call back about</p>" in browser.get("/").text) is waits
    page = desk.second.post(f"{desk.path}/confirm", CODE).text
    assert "Payments wait until a call-back is recorded" in page
    assert f"Payments have waited for it since {today_by_the_clock()}" in page
    assert db.session.scalar(select(func.count(Hold.id))) == 1
    page = desk.first.post(f"{desk.path}/call-back", CALL).text
    assert "The call-back is recorded." in page
    assert "There are no requests to decide." in page
    assert desk.stored().called_who == CALL["who"]
    assert db.session.scalar(select(func.count(Hold.id))) == 0


def waiting_payment(desk: Desk) -> PaymentRun:
    one_off(desk.contact.organisation_id, "10.00")
    return payment_run.prepare("04/12/2017", desk.officers[0])


def test_a_run_that_was_prepared_shows_at_once_that_a_call_back_is_waited_for_and_that_it_was_made(
    desk: Desk, world: World
) -> None:
    change_requests.withdraw(desk.asked)
    world.account(desk.contact.organisation, "11110923")
    desk.asked = desk.ask(ChangeKind.BANK_DETAILS, NEW)
    desk.path = f"{PATH}/{desk.asked}"
    run = f"/staff/payment-run/{waiting_payment(desk).id}"
    assert "no call-back yet" not in desk.first.get(run).text
    desk.first.post(f"{desk.path}/confirm", CODE)
    desk.second.post(f"{desk.path}/confirm", CODE)
    page = desk.first.get(run).text
    for words in (
        "Bank account changed, no call-back yet", f'href="{desk.path}">Record the call-back', "Since 20 November 2017",
        "instead of Fenland Homecare Ltd, account ending 0923",
        "Nothing is paid until the call-back is recorded.", "£10.00",
    ):  # fmt: skip
        assert words in page, words
    desk.first.post(f"{desk.path}/call-back", CALL)
    assert "no call-back yet" not in desk.first.get(run).text


def test_an_approved_run_says_before_it_is_released_that_a_call_back_is_waited_for(desk: Desk, world: World) -> None:
    world.account(desk.contact.organisation, "11110923")
    run = waiting_payment(desk)
    payment_run.approve(run.id, world.officer("Payments approver"))
    desk.confirm_twice()
    page = desk.first.get(f"/staff/payment-run/{run.id}").text
    assert "Nothing is paid until the call-back is recorded." in page


def test_what_holds_payments_stands_first_and_alone_where_it_is_asked_for(desk: Desk) -> None:
    desk.ask(ChangeKind.LEGAL_NAME, "Fenland Ltd")
    desk.confirm_twice()
    page = desk.first.get(PATH).text
    assert page.index("Payments have waited for it since") < page.index("Waiting for a first officer")
    page = desk.first.get(f"{PATH}?show=to-call").text
    assert "Waiting for a first officer" not in page
    assert "1 request to call back about" in page
    today = desk.first.get("/").text
    assert "changed account to call back about" in today
    assert "Oldest today" in today


def test_who_did_not_ask_keeps_the_old_account(desk: Desk, world: World) -> None:
    world.account(desk.contact.organisation, "11110923")
    desk.confirm_twice()
    page = desk.first.post(f"{desk.path}/call-back", CALL | {"told": "not-theirs", "reason": ""})
    assert page.status_code == 422
    assert "Say what you were told." in page.text
    page = desk.first.post(f"{desk.path}/call-back", CALL | {"told": "not-theirs", "reason": "Nobody here asked"})
    assert "The new account is taken back." in page.text
    theirs = Browser(desk.app).sign_in(desk.contact).get("/organisation").text
    assert "Nobody here asked" in theirs
    assert "account ending 0923" in theirs
    assert "Payments to you wait" not in theirs


@pytest.mark.parametrize("told", ["", "perhaps"])
def test_a_call_says_what_was_answered(desk: Desk, told: str) -> None:
    desk.confirm_twice()
    page = desk.first.post(f"{desk.path}/call-back", CALL | {"told": told})
    assert page.status_code == 422
    assert "Say whether it is their account." in page.text


def test_a_call_before_the_second_officer_means_that_no_payment_waits(desk: Desk) -> None:
    desk.first.post(f"{desk.path}/confirm", CODE)
    assert "The account counts as soon as two officers" in desk.first.post(f"{desk.path}/call-back", CALL).text
    assert "Payments wait" not in desk.second.post(f"{desk.path}/confirm", CODE).text
    assert desk.stored().is_account


def test_the_provider_reads_since_when_and_why_payments_wait_and_what_is_next(desk: Desk) -> None:
    desk.confirm_twice()
    browser = Browser(desk.app).sign_in(desk.contact)
    page = browser.get("/organisation").text
    for words in (
        f"wait for a telephone call</b> since {today_by_the_clock()}",
        "account ending 4958",
        "first payment run after",
    ):
        assert words in page, words
    assert "to you wait for a call" in browser.get("/").text


def test_one_officer_cannot_be_both(desk: Desk) -> None:
    desk.first.post(f"{desk.path}/confirm", CODE)
    page = desk.first.post(f"{desk.path}/confirm", CODE)
    assert page.status_code == 422
    assert "You confirmed this change already." in page.text
    assert desk.stored().state is ChangeState.CHECKED


def test_what_goes_back_says_why_and_what_was_typed_stays(desk: Desk) -> None:
    page = desk.first.post(f"{desk.path}/send-back", {"reason": " "})
    assert page.status_code == 422
    assert "Say why it goes back." in page.text
    page = desk.first.post(f"{desk.path}/send-back", {"reason": "x" * 5001})
    assert page.status_code == 422
    assert "x" * 5001 in page.text
    page = desk.first.post(f"{desk.path}/send-back", {"reason": "Please send a bank statement."})
    assert "The bank details of Fenland Homecare Ltd went back." in page.text
    theirs = Browser(desk.app).sign_in(desk.contact).get("/organisation").text
    assert "Please send a bank statement." in theirs


def test_a_call_back_without_a_name_or_a_number_keeps_what_was_typed(desk: Desk) -> None:
    desk.confirm_twice()
    page = desk.first.post(f"{desk.path}/call-back", {"who": "", "number": "12"})
    assert page.status_code == 422
    assert "Enter the name of the person you spoke to." in page.text
    assert 'value="12"' in page.text
    assert db.session.scalar(select(func.count(Hold.id))) == 1


def test_whom_to_ring_names_numbers_that_were_changed_lately(desk: Desk) -> None:
    desk.contact.organisation.phone = "01553 600000"
    db.session.commit()
    desk.confirm_twice()
    page = desk.first.get(desk.path).text
    assert "Whom to ring" in page
    assert "from none to 01553 600000" in page


@pytest.mark.parametrize(
    ("role", "reads", "decides"),
    [
        ("Administrator", 200, 200), ("Payments officer", 200, 200), ("Payments approver", 200, 200),
        ("Procurement", 200, 200), ("Auditor", 200, 403), ("Service Brokerage", 403, 403),
    ],
)  # fmt: skip
def test_payments_and_procurement_decide(desk: Desk, role: str, reads: int, decides: int) -> None:
    browser = Browser(desk.app).sign_in(with_code(desk.world.officer(role)))
    for path in (PATH, desk.path):
        assert browser.get(path).status_code == reads, path
    assert ("Send back" in browser.get(desk.path).text) is (decides == 200)
    assert browser.post(f"{desk.path}/confirm", CODE).status_code == decides
    if decides == 403:
        for step in ("send-back", "call-back"):
            assert browser.post(f"{desk.path}/{step}", CALL | {"reason": "No"}).status_code == 403, step
    assert desk.stored().state is (ChangeState.CHECKED if decides == 200 else ChangeState.ASKED)


def test_no_provider_gets_in(desk: Desk) -> None:
    browser = Browser(desk.app).sign_in(desk.contact)
    for path in (PATH, desk.path):
        assert browser.get(path).status_code == 403, path
    assert browser.post(f"{desk.path}/confirm", CODE).status_code == 403


def test_a_request_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.first.get(f"{PATH}/999").status_code == 404
    for step in ("confirm", "send-back", "call-back"):
        assert desk.first.post(f"{PATH}/999/{step}", CALL | {"reason": "No"}).status_code == 404, step


def test_a_form_without_its_token_changes_nothing(desk: Desk) -> None:
    desk.app.config["WTF_CSRF_ENABLED"] = True
    try:
        desk.first.post(f"{desk.path}/confirm", CODE)
    finally:
        desk.app.config["WTF_CSRF_ENABLED"] = False
    assert desk.stored().state is ChangeState.ASKED


def test_the_queue_takes_as_many_queries_for_many_requests_as_for_one(desk: Desk) -> None:
    counts = []
    for kind, wanted in ((ChangeKind.LEGAL_NAME, "Fenland Ltd"), (ChangeKind.VAT_NUMBER, "GB 123 4567 82")):
        desk.ask(kind, wanted)
        with Queries() as queries:
            assert desk.first.get(PATH).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_confirming_and_calling_back_in_a_browser(live: Live, desk: Desk, width: int) -> None:
    change_requests.confirm(desk.asked, desk.officers[0])
    live.sign_in(desk.officers[1]).page.set_viewport_size({"width": width, "height": 900})
    page = live.open(PATH)
    check_accessible(page)
    follow(page.get_by_role("link", name="Fenland Homecare Ltd").first)
    check_accessible(page)
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Confirm").click()
    page.goto(live.address + desk.path)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Who was rung").fill(CALL["who"])
    page.get_by_label("On which number").fill(CALL["number"])
    page.get_by_label("It is their account").check()
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Record the call-back").click()
    page.get_by_text("The call-back is recorded.").wait_for()
    check_accessible(page)


def test_the_hold_of_a_new_account_says_that_only_the_call_back_ends_it(desk: Desk) -> None:
    desk.confirm_twice()
    hold = db.session.scalars(select(Hold)).one()
    page = desk.first.get(f"/admin/holds/show/{hold.id}").text
    assert "It ends when the call-back about the new bank details is recorded." in page
    assert f"/admin/holds/edit/{hold.id}" not in page
    assert f"/admin/holds/delete/{hold.id}" not in page
    listed = desk.first.get("/admin/holds/list/").text
    assert f"/admin/holds/edit/{hold.id}" not in listed
    assert f"/admin/holds/show/{hold.id}" in listed
    said = desk.first.post(f"/admin/holds/delete/{hold.id}").text
    assert "It ends when the call-back about the new bank details is recorded." in said
    assert db.session.scalar(select(func.count(Hold.id))) == 1
