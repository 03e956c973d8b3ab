"""What is owed for paying late, who is told before it comes to that, and how fast the council pays."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from jobs.scheduler import run_job
from models import Contact, Email, Invoice, PaymentPeriod, PolicySetting, db
from rules.half_year import HalfYear
from rules.states import InvoiceState, PolicyScope
from tests.support.processes.at_once import at_once
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.clock import story_at
from workflows.invoices import invoice
from workflows.invoices.desk import dispute
from workflows.invoices.due import base_rate_to_enter, owed_for_lateness, remind_of_unpaid
from workflows.invoices.left_out import left_out_sums
from workflows.invoices.paid import half_years, payment_times
from workflows.invoices.withdraw import withdraw
from workflows.payments import run as payment_run


class Owed:
    """An invoice of £137.76, received on 20 November 2017 and due by 20 December."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contact: Contact = world.contact(world.organisation())
        self.line = world.line(self.contact.organisation)
        self.period: PaymentPeriod = world.period(0)
        week(self.line)
        self.invoice: Invoice = send(self.contact, self.period)

    def pay(self, pay_date: str) -> None:
        first, second = self.world.officer("Payments officer"), self.world.officer("Payments approver")
        run = payment_run.prepare(pay_date, first)
        payment_run.approve(run.id, second)
        payment_run.release(run.id, first)


@pytest.fixture
def owed(world: World) -> Owed:
    return Owed(world)


def test_it_is_late_the_day_after_it_was_due(owed: Owed) -> None:
    with story_at(date(2017, 12, 20)):
        assert owed_for_lateness(owed.invoice) is None
        assert not owed.invoice.late_on(date(2017, 12, 20))
    with story_at(date(2018, 1, 19)):
        late = owed_for_lateness(owed.invoice)
        assert owed.invoice.late_on(date(2018, 1, 19))
    assert late is not None
    # The rate of 30 June 2017 counts, though it rose in November: interest begins on 21 December.
    assert (late.days, late.percent, late.interest, late.fixed_sum) == (
        30,
        Decimal("8.25"),
        Decimal("0.93"),
        Decimal(40),
    )


def test_the_council_keeps_the_base_rate_by_day(owed: Owed) -> None:
    for percent, since in (("1.25", date(2017, 6, 1)), ("9", date(2017, 7, 1))):
        db.session.add(
            PolicySetting(name="base_rate", value=percent, scope=PolicyScope.COUNCIL, valid_from=since, why="The bank")
        )
    db.session.commit()
    policy.forget()
    with story_at(date(2018, 1, 19)):
        late = owed_for_lateness(owed.invoice)
    assert late is not None
    assert late.base_rate == Decimal("1.25")


def test_a_dispute_and_a_withdrawal_owe_nothing(owed: Owed) -> None:
    with story_at(date(2018, 1, 19)):
        dispute(owed.invoice.id, "Two carers")
        db.session.refresh(owed.invoice)
        assert owed_for_lateness(owed.invoice) is None
        withdraw(owed.invoice.id, "Agreed", owed.contact.user_id or 0)
        db.session.refresh(owed.invoice)
        assert owed_for_lateness(owed.invoice) is None


def test_officers_are_told_on_day_twenty_and_never_again(owed: Owed) -> None:
    officer = owed.world.officer("Payments officer")
    owed.world.officer("Procurement")
    with story_at(date(2017, 12, 9)):
        assert remind_of_unpaid() == 0
    with story_at(date(2017, 12, 10)):
        assert remind_of_unpaid() == 1
        assert remind_of_unpaid() == 0
    letters = db.session.scalars(select(Email).where(Email.subject == "Invoices are waiting to be paid")).all()
    assert [each.recipient for each in letters] == [officer.email]
    assert "£" not in letters[0].body
    assert "/staff/invoices?show=unpaid" in letters[0].body


def test_the_job_of_the_morning_tells_them_and_says_so(owed: Owed) -> None:
    owed.world.officer("Payments officer")
    owed.world.app.config["PORTAL_TODAY"] = "2017-12-12"
    assert "Officers were told of 1 unpaid invoice." in run_job(owed.world.app, "reminders")
    assert "unpaid invoice" not in run_job(owed.world.app, "reminders", date(2017, 12, 13))


def test_two_jobs_at_once_tell_once(owed: Owed) -> None:
    owed.world.officer("Payments officer")

    def remind() -> int:
        with story_at(date(2017, 12, 12)):
            return remind_of_unpaid()

    assert sorted(at_once(owed.world.app, remind, remind, remind)) == [0, 0, 1]
    unpaid = select(func.count()).select_from(Email).where(Email.subject == "Invoices are waiting to be paid")
    assert db.session.scalar(unpaid) == 1


def test_payment_times_are_those_of_the_regulation(owed: Owed) -> None:
    owed.pay("01/12/2017")
    week(owed.line, OCT_23)
    send(owed.contact, owed.period)
    half = HalfYear.of(date(2017, 12, 1))
    with story_at(date(2018, 1, 31)):
        [times] = payment_times([half])
    # Received on 20 November, paid on 1 December: day 11. The other one became due on 20 December and is unpaid.
    assert (times.paid, times.within_30, times.within_60, times.over_60) == (1, 1, 0, 0)
    assert (times.average, times.median, times.pounds) == (Decimal(11), Decimal(11), Decimal("137.76"))
    assert (times.became_due, times.not_paid, times.not_paid_share) == (2, 1, Decimal(50))
    assert times.share(times.within_30) == 100
    with story_at(date(2018, 4, 2)):
        assert [each.start for each in half_years()] == [date(2018, 4, 1), date(2017, 10, 1)]
        assert [each.average is None for each in payment_times(half_years())] == [True, False]


def test_what_is_left_out_is_summed_by_reason_and_week_with_its_pounds(world: World) -> None:
    contact = world.contact(world.organisation())
    period = world.period(0)
    first, second = world.line(contact.organisation), world.line(contact.organisation, rate="20.0000")
    week(first, OCT_16, ("1", "1", "1", "1", "1", "2", "2"))
    week(second, OCT_16, ("1", "1", "1", "1", "1", "2", "2"))
    draft = invoice.draft_for(contact.organisation, period.id, contact.user_id or 0)
    sums = left_out_sums(invoice.preview_of(draft))
    held, *planned = sums
    assert (held.why.code, held.week, len(held.weeks), held.pounds) == (
        "over-level", OCT_16, 2, Decimal("9") * (Decimal("19.68") + Decimal("20")),
    )  # fmt: skip
    assert [each.week.day for each in planned] == [23, 30, 6]
    assert all(each.planned and each.pounds == Decimal("7") * Decimal("39.68") for each in planned)
    assert sum(len(each.weeks) for each in sums) == len(invoice.preview_of(draft).left_out)


def test_an_invoice_in_a_state_of_its_end_is_not_late(owed: Owed) -> None:
    owed.pay("01/12/2017")
    db.session.refresh(owed.invoice)
    assert owed.invoice.state is InvoiceState.PAID
    assert not owed.invoice.late_on(date(2018, 6, 1))


def test_interest_is_said_to_be_assumed_until_the_base_rate_of_its_half_year_is_entered(owed: Owed) -> None:
    week(owed.line, OCT_23)
    with story_at(date(2026, 10, 1)):
        invoice = send(owed.contact, owed.period)
    with story_at(date(2026, 11, 20)):
        assert base_rate_to_enter() == date(2026, 6, 30)
        late = owed_for_lateness(invoice)
        assert late is not None
        assert (late.base_rate, late.base_rate_on, late.assumed) == (Decimal("3.75"), date(2026, 6, 30), True)
        for percent, since in (("3.50", date(2026, 5, 7)), ("3.25", date(2026, 6, 30))):
            assert base_rate_to_enter() == date(2026, 6, 30), "a value of another day says nothing of this one"
            db.session.add(PolicySetting(name="base_rate", value=percent, valid_from=since, why="The bank"))
            db.session.commit()
            policy.forget()
        assert base_rate_to_enter() is None
        late = owed_for_lateness(invoice)
    assert late is not None
    assert (late.base_rate, late.assumed) == (Decimal("3.25"), False)
