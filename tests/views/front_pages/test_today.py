"""What Today tells an officer: the queues of their roles, the dates ahead, and how the jobs went."""

from datetime import UTC, date, datetime

from models import JobRun, db
from rules.agreement_states import DocumentState
from rules.states import JobState
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.world import World


def test_each_role_sees_its_own_queues(world: World, browser: Browser) -> None:
    world.line(world.organisation(), state=DocumentState.DRAFT)
    for role, sees in (("Service Brokerage", True), ("Payments officer", False), ("Auditor", True)):
        page = browser.sign_in(world.officer(role)).get("/").text
        assert ("<b>1</b><p>contract document to publish</p>" in page) is sees, role
    assert 'href="/admin/contract-documents/list/?_flt_0_state=draft">Open</a>' in page


def test_dates_ahead_are_those_of_unpaid_periods_and_of_the_one_that_runs(world: World, browser: Browser) -> None:
    for number in range(4):
        world.period(number)
    page = browser.sign_in(world.officer("Auditor")).get("/").text
    for words in ("actuals due for 16 October to 12", "payment for 16 October to 12", "payment for 13 November to 10"):
        assert words in page
    assert "11 December 2017 to" not in page
    world.app.config["PORTAL_TODAY"] = "2017-11-28"
    assert "actuals due for 16 October" not in browser.get("/").text


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


def test_today_takes_eight_queries(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator")).get("/")
    with Queries() as queries:
        browser.get("/")
    # session and roles; scope; permissions; what waits (navigation); what waits (cards); what a run takes; dates; jobs
    assert len(queries) <= 8, queries
