"""A released run settles by itself on the first working day after its pay date; the bank's returns still un-pay it."""

from datetime import date

from sqlalchemy import select

from jobs.scheduler import run_job
from models import Invoice, PaymentRun, PaymentSource, db
from rules.states import InvoiceState, RunState
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from tests.workflows.payments.test_returns import file_of, remittance_of, row_of
from tests.workflows.payments.test_run import Story, reload
from workflows.payments import run as payment_run
from workflows.payments.returns import record_returns

FRIDAY, SATURDAY, MONDAY = date(2017, 12, 8), date(2017, 12, 9), date(2017, 12, 11)


def on(world: World, day: date) -> str:
    world.app.config["PORTAL_TODAY"] = day.isoformat()
    return run_job(world.app, "settle-runs", day)


def released(story: Story) -> PaymentRun:
    run = payment_run.prepare("08/12/2017", story.preparer)
    payment_run.approve(run.id, story.approver)
    payment_run.release(run.id, story.preparer)
    return run


def test_a_run_paid_on_a_friday_settles_on_monday_and_what_comes_back_later_un_pays_its_source_alone(
    world: World, browser: Browser
) -> None:
    story = Story(world)
    back, paid = story.invoiced("Fenland Homecare Ltd"), story.invoiced("Broadland Care")
    run = released(story)
    assert [on(world, day) for day in (FRIDAY, SATURDAY)] == ["No payment run to settle."] * 2
    page = browser.sign_in(story.preparer).get(f"/staff/payment-run/{run.id}").text
    assert "the run settles by itself on 11 December 2017" in page
    assert on(world, MONDAY) == "1 payment run settled."
    assert (reload(run).state, run.settled_by_id) == (RunState.SETTLED, None)
    assert "By itself, " in browser.get(f"/staff/payment-run/{run.id}").text
    record_returns(file_of(row_of(remittance_of(back.organisation_id), day="11/12/2017")), story.preparer)
    assert [reload(each).state for each in (back, paid)] == [InvoiceState.ACCEPTED, InvoiceState.PAID]
    came_back = db.session.scalars(select(PaymentSource.invoice_id).where(PaymentSource.bank_return_id.is_not(None)))
    assert list(came_back) == [back.id]
    assert reload(run).state is RunState.SETTLED


def test_a_run_that_is_not_released_or_was_settled_stays_as_it_is(world: World) -> None:
    story = Story(world)
    story.invoiced()
    settled = released(story)
    world.app.config["PORTAL_TODAY"] = FRIDAY.isoformat()
    payment_run.settle(settled.id, story.preparer)
    story.invoiced("Broadland Care")
    approved = payment_run.prepare("15/12/2017", story.preparer)
    payment_run.approve(approved.id, story.approver)
    assert on(world, date(2017, 12, 20)) == "No payment run to settle."
    assert (reload(approved).state, reload(settled).settled_by_id) == (RunState.APPROVED, story.preparer.id)
    assert db.session.scalars(select(Invoice.state).order_by(Invoice.id)).all() == [
        InvoiceState.PAID, InvoiceState.IN_RUN,
    ]  # fmt: skip
