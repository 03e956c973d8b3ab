"""What Today tells an officer: the queues of their roles, the dates ahead, and how the jobs went."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from models import JobRun, db
from rules.agreement_states import DocumentState
from rules.states import JobState
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.world import World
from views.access.roles import STAFF_ROLES
from views.page.counted import OF_COUNCIL
from workflows.contracts import publication
from workflows.proposals import steps


def test_each_role_sees_its_own_queues(world: World, browser: Browser) -> None:
    world.line(world.organisation(), state=DocumentState.DRAFT)
    for role, sees in (("Service Brokerage", True), ("Payments officer", False), ("Auditor", True)):
        page = browser.sign_in(world.officer(role)).get("/").text
        assert ("<b>1</b><p>contract document to publish</p>" in page) is sees, role
    assert 'href="/admin/contract-documents/list/?_flt_0_state=to-send">Open</a>' in page


def test_drafts_that_another_officer_has_to_confirm_are_not_counted_to_be_worked_on(
    world: World, browser: Browser
) -> None:
    officer, other = world.officer("Service Brokerage"), world.officer("Service Brokerage")
    organisation = world.organisation()
    sent, left = (world.line(organisation, state=DocumentState.DRAFT).document for _ in range(2))
    browser.sign_in(officer)

    def counted_and_listed() -> tuple[int, set[str]]:
        page = browser.get("/").text
        (found,) = re.findall(r'href="([^"]+)">Contract documents <span class="count">(\d+)</span>', page)
        listed = browser.get(found[0]).text
        assert '<option value="to-send" selected>Draft, not sent</option>' in listed
        return int(found[1]), {each.reference for each in (sent, left) if f">{each.reference}<" in listed}

    assert counted_and_listed() == (2, {sent.reference, left.reference})
    proposal = publication.propose([sent.id], officer)
    assert counted_and_listed() == (1, {left.reference})
    steps.send_back(proposal.id, other, "Not as agreed")
    assert counted_and_listed() == (2, {sent.reference, left.reference})


BADGES = {
    "Administrator": {
        "Go-live", "Contract documents", "Exceptions", "Paper ISOs", "Invoices", "Claims", "Change requests",
        "Conversations",
    },
    "Payments officer": {"Invoices", "Claims", "Payment runs", "Change requests", "Conversations"},
    "Payments approver": {"Payment runs", "Change requests"},
    "Service Brokerage": {"Contract documents", "Exceptions", "Paper ISOs", "Conversations"},
    "Procurement": {"Go-live", "Change requests", "Conversations"},
    "Auditor": set(),
}  # fmt: skip


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_badge_counts_only_what_its_reader_can_act_on(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    one_of_each: dict[str, object] = dict.fromkeys(OF_COUNCIL, 1) | {"announcements": [], "proposals": 0}
    monkeypatch.setattr("workflows.counts.for_council", lambda *_: one_of_each)
    page = browser.sign_in(world.officer(role)).get("/").text
    assert set(re.findall(r'>([A-Z][\w -]+) <span class="count">1</span>', page)) == BADGES[role]
    runs = re.search(r'href="(/staff/payment-run[^"]*)"[^>]*>Payment runs', page)
    opens = {"Payments officer": "?show=to-release", "Payments approver": "?show=to-approve"}.get(role, "")
    assert (runs and runs[1].removeprefix("/staff/payment-run").strip("/")) == (
        None if role in ("Service Brokerage", "Procurement") else opens
    )


def test_dates_ahead_are_those_of_unpaid_periods_and_of_the_one_that_runs(world: World, browser: Browser) -> None:
    for number in range(4):
        world.period(number)
    page = browser.sign_in(world.officer("Auditor")).get("/").text
    for words in ("actuals due for 16 October to 12", "payment for 16 October to 12", "payment for 13 November to 10"):
        assert words in page
    assert "11 December 2017 to" not in page
    world.app.config["PORTAL_TODAY"] = "2017-11-28"
    assert "actuals due for 16 October" not in browser.get("/").text


def test_who_enters_policy_values_is_told_of_a_base_rate_that_is_missing(world: World, browser: Browser) -> None:
    def told(role: str) -> bool:
        return "That of 30 June 2026" in browser.sign_in(world.officer(role)).get("/").text

    assert not told("Administrator")
    world.app.config["PORTAL_TODAY"] = "2026-11-20"
    assert told("Administrator")
    page = browser.get("/staff/policy-in-force").text
    assert 'id="base-rate"' in page
    assert "The base rate of 30 June 2026 has not been entered." in page
    assert not told("Payments officer")


def test_the_last_run_of_each_job_is_shown(world: World, browser: Browser) -> None:
    for day, result in ((1, "An older result"), (2, "A newer result")):
        started = datetime(2017, 11, day, tzinfo=UTC)
        db.session.add(
            JobRun(job="periods", due_on=date(2017, 11, day), state=JobState.DONE, result=result, started_at=started)
        )
    db.session.commit()
    page = browser.sign_in(world.officer("Auditor")).get("/").text
    assert "A newer result" in page
    assert "An older result" not in page


def test_today_takes_eight_queries(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.config, "CHARTS_LAST", timedelta(minutes=10))
    browser.sign_in(world.officer("Administrator")).get("/")
    with Queries() as queries:
        browser.get("/")
    # session and roles; scope; permissions; what waits (navigation); what waits (cards); what a run takes; dates; jobs
    assert len(queries) <= 8, queries
