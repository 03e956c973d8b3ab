"""Officers prepare, approve and release a run, each only what their role lets them."""

import json
import re
from datetime import date
from typing import Any
from urllib.parse import urljoin

import pytest
from sqlalchemy import Connection, delete, func, select, text, update

from models import PasskeyChallenge, PaymentRun, PaymentSource, PortalUser, Remittance, RunFinding, db
from rules.run_checks import RunCheck
from rules.states import PasskeyPurpose, RunState
from tests.support.authenticator import Authenticator, enrolled
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.people import DIGITS, with_code
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World
from tests.workflows.payments.test_returns import file_of, row_of
from tests.workflows.payments.test_run import one_off
from workflows.payments import run as payment_run
from workflows.payments import run_checks
from workflows.payments.returns import record_returns

PATH = "/staff/payment-run"
CODE = {"security_code": DIGITS}


class Office:
    """An accepted invoice of £137.76, and officers of each role."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.organisation = organisation = world.organisation()
        week(world.line(organisation), OCT_16)
        send(world.contact(organisation), world.period(0))
        self.preparer: PortalUser = with_code(world.officer("Payments officer"))
        self.approver: PortalUser = with_code(world.officer("Payments approver"))

    def run(self) -> PaymentRun:
        return payment_run.prepare("04/12/2017", self.preparer)


@pytest.fixture
def office(world: World, browser: Browser) -> Office:
    return Office(world, browser)


def test_the_page_of_a_run_that_a_colleague_empties_meanwhile_is_still_a_page(office: Office) -> None:
    run_id, browser = office.run().id, office.browser.sign_in(office.preparer)
    db.session.execute(delete(RunFinding))
    db.session.execute(delete(PaymentSource))
    db.session.commit()
    refused = browser.post(f"{PATH}/{run_id}/withdraw")
    assert refused.status_code == 422
    assert "The approval cannot be withdrawn" in refused.text
    assert "£0.00" in refused.text


def state_of(run_id: int) -> RunState | None:
    state: RunState | None = db.session.scalar(select(PaymentRun.state).where(PaymentRun.id == run_id))
    return state


def test_a_run_is_prepared_approved_and_released_by_two_officers(office: Office) -> None:
    browser = office.browser.sign_in(office.preparer)
    page = browser.get(PATH)
    assert "accepted invoice waits" in page.text
    assert 'value="04/12/2017"' in page.text
    page = browser.post(f"{PATH}/prepare", {"pay_date": "04/12/2017"})
    assert '<h1 class="govuk-heading-l">Payment run ' in page.text
    assert "Fenland Homecare Ltd" in page.text
    assert "£137.76" in page.text
    assert "You prepared this run" in page.text
    assert f"{PATH}/1/approve" not in page.text
    browser.sign_in(office.approver)
    assert f"{PATH}/1/release" not in browser.get(f"{PATH}/1").text
    page = browser.post(f"{PATH}/1/approve", CODE)
    assert "It is approved." in page.text
    browser.sign_in(office.preparer)
    assert f"{PATH}/1/release" in browser.get(f"{PATH}/1").text
    page = browser.post(f"{PATH}/1/release", CODE)
    assert "It is released." in page.text
    assert state_of(1) is RunState.RELEASED
    assert db.session.scalar(select(func.count(Remittance.id))) == 1
    again = browser.post(f"{PATH}/1/release", CODE)
    assert again.status_code == 422
    assert "already released" in again.text


def test_a_pay_date_that_cannot_be_is_told_at_its_field_and_kept(office: Office) -> None:
    answer = office.browser.sign_in(office.preparer).post(f"{PATH}/prepare", {"pay_date": "25/11/2017"})
    assert answer.status_code == 422
    assert 'id="pay_date-error"' in answer.text
    assert 'value="25/11/2017"' in answer.text


def test_the_first_possible_pay_date_is_told_before_one_is_typed_and_when_one_is_too_early(office: Office) -> None:
    browser = office.browser.sign_in(office.preparer)
    assert "If the run is released today, the first possible is 22 November 2017" in browser.get(PATH).text
    answer = browser.post(f"{PATH}/prepare", {"pay_date": "21/11/2017"})
    assert answer.status_code == 422
    assert "The first possible pay date is 22 November 2017." in answer.text


def test_an_approved_run_that_is_too_late_says_so_and_can_be_discarded(office: Office) -> None:
    run_id = office.run().id
    payment_run.approve(run_id, office.approver)
    office.world.app.config["PORTAL_TODAY"] = "2017-12-01"
    browser = office.browser.sign_in(office.preparer)
    answer = browser.post(f"{PATH}/{run_id}/release", CODE)
    assert answer.status_code == 422
    assert "The first possible pay date is 5 December 2017." in answer.text
    assert f"{PATH}/{run_id}/discard" in answer.text
    assert "Everything in it waits to be paid again" in browser.post(f"{PATH}/{run_id}/discard").text
    assert state_of(run_id) is None


def test_nothing_to_pay_is_refused(world: World, browser: Browser) -> None:
    answer = browser.sign_in(world.officer("Payments officer")).post(f"{PATH}/prepare", {"pay_date": "04/12/2017"})
    assert answer.status_code == 422
    assert "There is nothing to pay." in answer.text


def test_an_administrator_neither_approves_nor_releases(office: Office) -> None:
    administrator = with_code(office.world.officer("Administrator"))
    run = office.run()
    browser = office.browser.sign_in(administrator)
    assert f"{PATH}/{run.id}/approve" not in browser.get(f"{PATH}/{run.id}").text
    assert browser.post(f"{PATH}/{run.id}/approve", CODE).status_code == 403
    payment_run.approve(run.id, office.approver)
    assert browser.post(f"{PATH}/{run.id}/release", CODE).status_code == 403
    assert state_of(run.id) is RunState.APPROVED


def test_approving_and_releasing_ask_for_the_security_code_again(office: Office) -> None:
    run = office.run()
    for officer, step in ((office.approver, "approve"), (office.preparer, "release")):
        before = state_of(run.id)
        browser = office.browser.sign_in(officer)
        for wrong in ({}, {"security_code": "135790"}):
            answer = browser.post(f"{PATH}/{run.id}/{step}", wrong)
            assert answer.status_code == 422
            assert 'id="security_code-error"' in answer.text
            assert state_of(run.id) is before
        assert browser.post(f"{PATH}/{run.id}/{step}", CODE).status_code == 200
        assert state_of(run.id) is not before


def test_a_passkey_does_instead_of_the_code_and_what_was_asked_for_another_step_does_not(
    office: Office, owner: Connection
) -> None:
    run, others = office.run(), enrolled(owner, with_code(office.world.officer("Auditor")).id, Authenticator(count=1))
    for officer, step in ((office.approver, "approve"), (office.preparer, "release")):
        browser = office.browser.sign_in(officer)
        before, address = state_of(run.id), f"{PATH}/{run.id}/{step}"
        assert "with a passkey" not in browser.get(f"{PATH}/{run.id}").text
        own = enrolled(owner, officer.id, Authenticator(count=1))
        assert f"{step.capitalize()} with a passkey" in browser.get(f"{PATH}/{run.id}").text
        for device, purpose in ((others, PasskeyPurpose.CONFIRM), (own, PasskeyPurpose.ADD)):
            answer = device.prove(asked_before_a_step(browser))
            owner.execute(update(PasskeyChallenge).values(purpose=purpose))
            owner.commit()
            refused = browser.post(address, {"passkey": answer})
            assert (refused.status_code, state_of(run.id)) == (422, before)
            assert 'id="passkey-error"' in refused.text
        assert browser.post(address, {"passkey": own.prove(asked_before_a_step(browser))}).status_code == 200
        assert state_of(run.id) is not before


def asked_before_a_step(browser: Browser) -> dict[str, Any]:
    """What the page asks a device to sign."""
    asked: dict[str, Any] = json.loads(browser.get("/account/passkeys/asked").text)
    return asked


def test_what_the_checks_found_is_looked_at_on_the_page_or_taken_out(office: Office) -> None:
    organisation = office.world.organisation("Taxis")
    for _ in range(3):
        one_off(organisation.id, "5.00")
    run = office.run()
    browser = office.browser.sign_in(office.approver)
    page = browser.get(f"{PATH}/{run.id}").text
    assert "3 findings, 0 looked at." in page
    answer = browser.post(f"{PATH}/{run.id}/approve", CODE)
    assert answer.status_code == 422
    assert "3 findings still to be looked at: Looks like a duplicate." in answer.text
    first = db.session.scalars(select(RunFinding.id).order_by(RunFinding.id)).first()
    answer = browser.post(f"{PATH}/{run.id}/look/{first}", {f"reason_{first}": ""})
    assert f'id="reason_{first}-error"' in answer.text
    page = browser.post(f"{PATH}/{run.id}/look/{first}", {f"reason_{first}": "Two rides"}).text
    assert "“Two rides”" in page
    assert "3 findings, 1 looked at." in page
    assert "Look at these first" in page
    last = db.session.scalars(select(PaymentSource.id).order_by(PaymentSource.id.desc())).first()
    page = browser.post(f"{PATH}/{run.id}/take-out", {"source": str(last)}).text
    assert "1 finding, 1 looked at." in page
    assert not [words for words in ("Look at these first", "can be approved when") if words in page]
    assert "It is approved." in browser.post(f"{PATH}/{run.id}/approve", CODE).text


def test_an_approval_is_withdrawn_by_a_button_and_a_run_is_settled_by_one(office: Office) -> None:
    run = office.run()
    payment_run.approve(run.id, office.approver)
    browser = office.browser.sign_in(office.preparer)
    assert "Withdraw approval" in browser.get(f"{PATH}/{run.id}").text
    browser.post(f"{PATH}/{run.id}/withdraw")
    assert state_of(run.id) is RunState.DRAFT
    payment_run.approve(run.id, office.approver)
    payment_run.release(run.id, office.preparer)
    assert f"{PATH}/{run.id}/settle" not in browser.get(f"{PATH}/{run.id}").text
    office.world.app.config["PORTAL_TODAY"] = "2017-12-04"
    assert f"{PATH}/{run.id}/settle" in browser.get(f"{PATH}/{run.id}").text
    browser.post(f"{PATH}/{run.id}/settle")
    assert state_of(run.id) is RunState.SETTLED


def test_a_run_that_no_night_has_settled_yet_is_said_to_settle_on_a_day_to_come(office: Office) -> None:
    run = office.run()
    payment_run.approve(run.id, office.approver)
    payment_run.release(run.id, office.preparer)
    browser = office.browser.sign_in(office.preparer)
    for today, said in (("2017-12-04", "5 December 2017"), ("2017-12-11", "12 December 2017")):
        office.world.app.config["PORTAL_TODAY"] = today
        assert f"the run settles by itself on {said}." in browser.get(f"{PATH}/{run.id}").text


def test_the_page_of_a_run_asks_at_most_eight_times_whatever_it_has_to_say(office: Office) -> None:
    browser = office.browser.sign_in(office.preparer)

    def asked(run: PaymentRun, *said: str) -> int:
        address = f"{PATH}/{run.id}"
        with Queries() as queries:
            page = browser.get(address).text
        assert not [each for each in said if each not in page]
        return len(queries)

    def released(run: PaymentRun) -> None:
        payment_run.approve(run.id, office.approver)
        payment_run.release(run.id, office.preparer)

    released(office.run())
    one_off(office.organisation.id, "500")
    one_off(office.organisation.id, "500")
    run = payment_run.prepare("05/12/2017", office.preparer)
    own = {"run_id": run.id, "organisation_id": office.organisation.id}
    to_call = RunFinding(**own, kind=RunCheck.CALL_BACK, about="", what="Nobody rang back", pounds=1)
    db.session.add(to_call)
    db.session.commit()
    assert asked(run, "Record the call-back", "Changes since the run before", "gets more") <= 8
    db.session.delete(to_call)
    db.session.commit()
    for alike in db.session.scalars(select(RunFinding).where(RunFinding.run_id == run.id)).all():
        run_checks.look_at(run.id, alike.id, "One for each branch", office.preparer)
    payment_run.approve(run.id, office.approver)
    # Whether anything stops it, and whether the officer who releases it has a passkey, is asked as well.
    assert asked(run, "To release", "One for each branch", "Changes since the run before") <= 8
    payment_run.release(run.id, office.preparer)
    paid = db.session.scalars(select(Remittance).where(Remittance.run_id == run.id)).one()
    record_returns(file_of(row_of(paid)), office.preparer)
    assert asked(run, "Sent back by the bank", "Changes since the run before") <= 8


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [("1000.00", "1.00", "over 99% less"), ("1000.00", "400.00", "−60%"), ("1000.00", "1001.00", "under 1%")],
)
def test_how_much_less_is_paid_is_never_said_to_be_all_of_it(office: Office, before: str, now: str, said: str) -> None:
    other = office.world.organisation("Broadland Care")
    one_off(other.id, before)
    first = office.run()
    payment_run.approve(first.id, office.approver)
    payment_run.release(first.id, office.preparer)
    one_off(other.id, now)
    run = payment_run.prepare("05/12/2017", office.preparer)
    assert f"<small>{said}</small>" in office.browser.sign_in(office.preparer).get(f"{PATH}/{run.id}").text


def test_one_other_payment_that_waits_is_one(office: Office) -> None:
    browser = office.browser.sign_in(office.preparer)
    one_off(office.organisation.id, "5")
    assert re.search(r"other payment\b(?!s)", browser.get(PATH).text)
    one_off(office.organisation.id, "6")
    assert "other payments" in browser.get(PATH).text


def test_a_run_is_called_the_same_at_its_desk_and_among_the_records(office: Office) -> None:
    run = office.run()
    browser = office.browser.sign_in(office.preparer)
    pages = (PATH, f"{PATH}/{run.id}", "/admin/payment-runs/list/", f"/admin/payment-runs/show/{run.id}")
    for page in pages:
        assert '<span class="tag warn">To approve</span>' in browser.get(page).text, page
    payment_run.approve(run.id, office.approver)
    for page in pages:
        assert '<span class="tag warn">To release</span>' in browser.get(page).text, page


def test_a_run_says_what_changed_since_the_one_before_with_links(office: Office) -> None:
    first = office.run()
    assert "Changes since the run before" not in office.browser.sign_in(office.preparer).get(f"{PATH}/{first.id}").text
    payment_run.approve(first.id, office.approver)
    payment_run.release(first.id, office.preparer)
    others = [office.world.organisation(f"Provider {number:02}") for number in range(12)]
    for number, organisation in enumerate(others, start=1):
        one_off(organisation.id, f"{number}00")
    run = payment_run.prepare("05/12/2017", office.preparer)
    page = office.browser.get(f"{PATH}/{run.id}").text
    assert f'£7,662.24 more than <a class="govuk-link" href="{PATH}/{first.id}">payment run {first.number}</a>' in page
    assert "which paid £137.76 on 4 December 2017: 12 organisations are new, 1 organisation is gone." in page
    assert "The 10 largest changes are shown." in page
    assert page.index("+£1,200.00") < page.index("+£1,100.00") < page.index("+£300.00")
    assert "−£137.76" not in page
    every = office.browser.get(f"{PATH}/{run.id}?changes=all").text
    (remittance,) = db.session.scalars(select(Remittance.id))
    assert f'href="/admin/remittances/show/{remittance}"' in every
    assert f'href="/admin/organisations/show/{others[-1].id}"' in every
    assert "−£137.76" in every
    assert "Show all" not in every


def test_a_draft_can_be_discarded(office: Office) -> None:
    run_id = office.run().id
    page = office.browser.sign_in(office.preparer).post(f"{PATH}/{run_id}/discard")
    assert "Everything in it waits to be paid again" in page.text
    assert state_of(run_id) is None


@pytest.mark.parametrize(("step", "form"), [("discard", {}), ("take-out", {"organisation": "1"})])
def test_an_invoice_that_left_its_run_in_another_way_breaks_no_step(
    office: Office, owner: Connection, step: str, form: dict[str, str]
) -> None:
    run = office.run()
    form = form and {"organisation": str(db.session.scalars(select(PaymentSource.organisation_id)).one())}
    # The database lets nobody do so; whoever owns it could.
    owner.execute(text("SET LOCAL session_replication_role = replica"))
    owner.execute(text("UPDATE invoice SET state = 'paid'"))
    owner.commit()
    page = office.browser.sign_in(office.preparer).post(f"{PATH}/{run.id}/{step}", form)
    assert page.status_code == 200
    assert "waits to be paid again" in page.text
    assert db.session.scalar(text("SELECT state FROM invoice")) == "paid"


@pytest.mark.parametrize(
    ("role", "step", "status"),
    [
        ("Payments officer", "approve", 403),
        ("Payments approver", "prepare", 403),
        ("Payments approver", "1/release", 403),
        ("Payments approver", "1/discard", 403),
        ("Auditor", "1/approve", 403),
        ("Auditor", "prepare", 403),
        ("Auditor", "1/release", 403),
        ("Service Brokerage", "1/approve", 403),
    ],
)
def test_each_step_is_closed_to_who_may_not_take_it(office: Office, role: str, step: str, status: int) -> None:
    run = office.run()
    path = f"{PATH}/{step.replace('1', str(run.id))}" if step != "approve" else f"{PATH}/{run.id}/approve"
    assert office.browser.sign_in(office.world.officer(role)).post(path).status_code == status
    assert state_of(run.id) is RunState.DRAFT


def test_an_auditor_reads_and_is_offered_nothing(office: Office) -> None:
    run = office.run()
    browser = office.browser.sign_in(office.world.officer("Auditor"))
    for path in (PATH, f"{PATH}/{run.id}"):
        page = browser.get(path)
        assert page.status_code == 200
        assert f'action="{PATH}' not in page.text


def test_providers_do_not_get_near_it(office: Office) -> None:
    run = office.run()
    contact = office.world.contact(office.world.organisation("Broadland Care"))
    browser = office.browser.sign_in(contact)
    assert browser.get(PATH).status_code == 403
    assert browser.post(f"{PATH}/{run.id}/approve").status_code == 403


def test_an_unknown_run_is_not_found(office: Office) -> None:
    browser = office.browser.sign_in(office.preparer)
    assert browser.get(f"{PATH}/99").status_code == 404
    assert browser.post(f"{PATH}/99/release").status_code == 404


def test_the_list_asks_at_most_eight_times(office: Office) -> None:
    office.run()
    browser = office.browser.sign_in(office.preparer)
    with Queries() as queries:
        browser.get(PATH)
    # Session, roles, settings and what waits for the frame; what waits to be paid, pay date, count and the runs.
    assert len(queries) <= 8


def test_the_pages_of_a_list_that_answers_a_refused_form_can_be_opened(office: Office) -> None:
    db.session.add_all(PaymentRun(pay_date=date(2017, 12, 4), prepared_by=office.preparer) for _ in range(26))
    db.session.commit()
    browser = office.browser.sign_in(office.preparer)
    page = browser.post(f"{PATH}/prepare", {"pay_date": "no day"})
    assert page.status_code == 422
    (address,) = set(re.findall(r'href="([^"]*page=2)"', page.text))
    assert browser.get(urljoin(page.request.path, address)).status_code == 200
