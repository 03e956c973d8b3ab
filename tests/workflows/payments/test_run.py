"""A payment run takes what waits once, needs two officers, and pays everything or nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from models import (
    Actual,
    Email,
    Hold,
    Invoice,
    LineItem,
    OneOffPayment,
    PaymentRun,
    PaymentSource,
    PortalUser,
    Recovery,
    Remittance,
    RemittanceLine,
    ScheduledPayment,
    ScheduledPaymentLine,
    db,
)
from rules.refusal import Refused, Unknown
from rules.states import ActualState, InvoiceState, LineKind, OneOffState, RunState, ScheduledState, Unit
from tests.support.processes.at_once import at_once
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.clock import now
from workflows.payments import run as payment_run
from workflows.payments.run_read import run_sheet, waiting

PAY_DATE = "04/12/2017"


class Story:
    """Two officers, a period, and organisations with invoices in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.period = world.period(0)
        self.preparer: PortalUser = world.officer("Payments officer")
        self.approver: PortalUser = world.officer("Payments approver")

    def invoiced(self, name: str = "Fenland Homecare Ltd", weeks: tuple[date, ...] = (OCT_16,), **line: Any) -> Invoice:
        organisation = self.world.organisation(name)
        contact = self.world.contact(organisation)
        item = self.world.line(organisation, **line)
        for monday in weeks:
            week(item, monday)
        return send(contact, self.period)

    def prepared(self) -> PaymentRun:
        return payment_run.prepare(PAY_DATE, self.preparer)

    def approved(self) -> PaymentRun:
        run = self.prepared()
        payment_run.approve(run.id, self.approver)
        return run

    def released(self) -> PaymentRun:
        run = self.approved()
        payment_run.release(run.id, self.preparer)
        return run


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def reload(row: Any) -> Any:
    db.session.refresh(row)
    return row


def all_of(column: Any) -> list[Any]:
    return list(db.session.scalars(select(column)))


def test_preparing_takes_accepted_invoices(story: Story) -> None:
    sent = story.invoiced()
    run = reload(story.prepared())
    assert (run.state, run.payment_count, run.total) == (RunState.DRAFT, 1, Decimal("137.76"))
    assert reload(sent).state is InvoiceState.IN_RUN
    assert all_of(PaymentSource.invoice_id) == [sent.id]


def test_what_is_in_one_run_is_in_no_other(story: Story) -> None:
    story.invoiced()
    story.prepared()
    with pytest.raises(Refused, match="There is nothing to pay"):
        story.prepared()
    assert db.session.scalar(select(func.count(PaymentRun.id))) == 1


def test_two_officers_preparing_at_once_take_each_invoice_once(story: Story) -> None:
    for number in range(3):
        story.invoiced(f"Provider {number}")
    officer = story.preparer

    results = at_once(story.world.app, *[lambda: payment_run.prepare(PAY_DATE, officer)] * 2)
    assert [type(each) for each in results if isinstance(each, Exception)] == [Refused]
    assert db.session.scalar(select(func.count(PaymentSource.id))) == 3


def test_disputed_invoices_and_organisations_on_hold_wait(story: Story) -> None:
    story.invoiced("Paid")
    disputed, held = story.invoiced("Disputed"), story.invoiced("On hold")
    disputed.disputed_on, disputed.dispute_reason = date(2017, 11, 20), "Units"
    db.session.add(Hold(organisation_id=held.organisation_id, reason="Insolvent", start=OCT_16))
    db.session.commit()
    assert (waiting().invoices, waiting().kept_back) == (1, 2)
    story.prepared()
    assert [reload(each).state for each in (disputed, held)] == [InvoiceState.ACCEPTED] * 2


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("25/11/2017", "not a working day"),
        ("01/11/2017", "in the past"),
        ("x", "not a date"),
        ("21/11/2017", "The first possible pay date is 22 November 2017"),
        ("25/12/2017", r"not a working day \(Christmas Day\). The next possible pay date is 27 December 2017"),
    ],
)
def test_a_pay_date_is_a_working_day_that_the_bank_can_meet(story: Story, typed: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        payment_run.prepare(typed, story.preparer)
    assert not all_of(PaymentRun.id)


def test_the_council_says_how_many_working_days_the_bank_needs_and_when_it_is_closed(story: Story) -> None:
    story.invoiced()
    story.world.policy("days_before_pay_day", "3")
    story.world.policy("closure_days", "2017-11-22")
    with pytest.raises(Refused, match=r"needs 3 working days.+ 24 November 2017"):
        payment_run.prepare("23/11/2017", story.preparer)
    assert payment_run.prepare("24/11/2017", story.preparer).pay_date == date(2017, 11, 24)


def test_a_run_is_neither_approved_nor_released_when_its_pay_date_can_no_longer_be_met(story: Story) -> None:
    story.invoiced("A")
    approved = story.approved()
    story.invoiced("B")
    draft = story.prepared()
    # The Thursday before is the last day: Friday, and the Monday that is the pay date.
    story.world.app.config["PORTAL_TODAY"] = "2017-12-01"
    too_late = "any more.*needs 2 working days. The first possible pay date is 5 December 2017. Discard the run"
    with pytest.raises(Refused, match=too_late):
        payment_run.approve(draft.id, story.approver)
    with pytest.raises(Refused, match=too_late):
        payment_run.release(approved.id, story.preparer)
    assert [reload(run).state for run in (draft, approved)] == [RunState.DRAFT, RunState.APPROVED]
    assert not all_of(Remittance.id)
    story.world.app.config["PORTAL_TODAY"] = "2017-11-30"
    payment_run.approve(draft.id, story.approver)
    payment_run.release(approved.id, story.preparer)
    assert reload(approved).state is RunState.RELEASED


def test_the_period_that_is_over_suggests_its_pay_date(story: Story) -> None:
    assert payment_run.suggested_pay_date() == date(2017, 12, 4)
    story.world.app.config["PORTAL_TODAY"] = "2017-12-08"
    assert payment_run.suggested_pay_date() == date(2017, 12, 12)


def test_the_pay_date_of_a_period_is_suggested_only_while_a_run_can_pay_on_it(story: Story) -> None:
    story.world.app.config["PORTAL_TODAY"] = "2017-11-30"
    assert payment_run.suggested_pay_date() == date(2017, 12, 4)
    story.world.app.config["PORTAL_TODAY"] = "2017-12-01"
    assert payment_run.suggested_pay_date() == date(2017, 12, 5)


def test_a_pay_date_on_which_nobody_works_is_suggested_as_the_working_day_before(story: Story) -> None:
    story.period.pay_on = date(2017, 12, 25)
    db.session.commit()
    assert payment_run.suggested_pay_date() == date(2017, 12, 22)
    story.world.app.config["PORTAL_TODAY"] = "2017-12-21"
    assert payment_run.suggested_pay_date() == date(2017, 12, 27)


def test_a_draft_can_be_discarded_and_everything_waits_again(story: Story) -> None:
    sent = story.invoiced()
    payment_run.discard(story.prepared().id)
    assert reload(sent).state is InvoiceState.ACCEPTED
    assert reload(story.prepared()).payment_count == 1


def test_an_approved_run_can_be_discarded_and_prepared_again_for_a_day_it_can_pay_on(story: Story) -> None:
    sent = story.invoiced()
    run = story.approved()
    story.world.app.config["PORTAL_TODAY"] = "2017-12-01"
    with pytest.raises(Refused, match="Discard the run"):
        payment_run.release(run.id, story.preparer)
    payment_run.discard(run.id)
    assert reload(sent).state is InvoiceState.ACCEPTED
    assert not all_of(PaymentSource.id)
    again = payment_run.prepare("05/12/2017", story.preparer)
    payment_run.approve(again.id, story.approver)
    payment_run.release(again.id, story.preparer)
    assert reload(sent).state is InvoiceState.PAID


def test_a_released_run_cannot_be_discarded(story: Story) -> None:
    story.invoiced()
    run = story.released()
    with pytest.raises(Refused, match="cannot be discarded: it is released"):
        payment_run.discard(run.id)


def test_the_preparer_cannot_approve(story: Story) -> None:
    story.invoiced()
    run = story.prepared()
    with pytest.raises(Refused, match="Another officer has to approve it"):
        payment_run.approve(run.id, story.preparer)
    values = {"state": RunState.APPROVED, "approved_by_id": story.preparer.id}
    with pytest.raises(IntegrityError, match="two_officers"):
        db.session.execute(update(PaymentRun).where(PaymentRun.id == run.id).values(values))
    db.session.rollback()


def test_a_run_is_not_released_before_it_is_approved(story: Story) -> None:
    story.invoiced()
    run = story.prepared()
    with pytest.raises(Refused, match="approve it first"):
        payment_run.release(run.id, story.preparer)


def test_an_approved_run_takes_nothing_more(story: Story) -> None:
    sent = story.invoiced()
    run = story.approved()
    with pytest.raises(IntegrityError, match="has been approved"):
        db.session.execute(update(PaymentSource).where(PaymentSource.run_id == run.id).values(gross=sent.gross))
    db.session.rollback()


def test_releasing_writes_a_remittance_for_each_organisation_and_pays_the_weeks(story: Story) -> None:
    sent = [story.invoiced("A", (OCT_16, OCT_23)), story.invoiced("B", rate="20.0000")]
    run = reload(story.released())
    assert run.state is RunState.RELEASED
    remittances = list(db.session.scalars(select(Remittance).order_by(Remittance.id)))
    assert [each.total for each in remittances] == [Decimal("275.52"), Decimal("140.00")]
    assert [each.bank_reference for each in remittances] == [
        f"NCC {each.number.replace('-', '')}" for each in remittances
    ]
    assert {reload(each).state for each in sent} == {InvoiceState.PAID}
    assert set(all_of(Actual.state)) == {ActualState.PAID}
    assert sorted(all_of(RemittanceLine.number)) == [1, 1, 2]


def test_a_week_is_paid_when_the_last_of_its_live_lines_is_whatever_its_kind(story: Story) -> None:
    first = story.invoiced()
    (actual,) = db.session.scalars(select(Actual))
    entry = Entry(actual.line_item_id, ("1", "1", "1", "1", "1", "1", "0"), "SHORTER")
    save_week(OCT_16, [entry], story.preparer, correct=[actual.line_item_id])
    correction = send(first.organisation.contacts[0], story.period)
    reload(correction).disputed_on, correction.dispute_reason = date(2017, 11, 20), "Units"
    db.session.commit()
    story.released()
    assert reload(actual).state is ActualState.INVOICED
    correction.disputed_on, correction.dispute_reason = None, ""
    db.session.commit()
    one_off(first.organisation_id, "100.00")
    story.released()
    assert reload(actual).state is ActualState.PAID


def test_payments_contacts_are_told_without_figures_or_names(story: Story) -> None:
    sent = story.invoiced()
    story.world.contact(sent.organisation, "carer@provider.example", may_actuals=True)
    gone = story.world.contact(sent.organisation, "gone@provider.example", may_payments=True)
    gone.end = date(2017, 11, 1)
    db.session.commit()
    story.released()
    letter = db.session.scalars(select(Email)).one()
    assert letter.recipient.startswith("contact")
    assert "£" not in letter.body + letter.subject
    assert "137" not in letter.body
    assert "Ada" not in letter.body


def test_releasing_twice_is_refused(story: Story) -> None:
    story.invoiced()
    run = story.released()
    with pytest.raises(Refused, match="already released on "):
        payment_run.release(run.id, story.preparer)
    assert db.session.scalar(select(func.count(Remittance.id))) == 1


def test_two_officers_releasing_at_once_pay_once(story: Story) -> None:
    story.invoiced()
    run_id, officer = story.approved().id, story.preparer
    results = at_once(story.world.app, *[lambda: payment_run.release(run_id, officer)] * 3)
    assert sorted(str(each is None) for each in results) == ["False", "False", "True"]
    assert db.session.scalar(select(func.count(Remittance.id))) == 1
    assert db.session.scalar(select(func.count(Email.id))) == 1


def test_control_totals_that_disagree_stop_the_release(story: Story) -> None:
    sent = story.invoiced()
    scheduled(story, sent.organisation_id, gross="100.00", line_gross="99.99")
    run = story.approved()
    with pytest.raises(Refused, match="control totals do not agree") as refused:
        payment_run.release(run.id, story.preparer)
    assert "£237.75" in str(refused.value)
    assert db.session.scalar(select(func.count(Remittance.id))) == 0
    assert reload(run).state is RunState.APPROVED
    assert reload(sent).state is InvoiceState.IN_RUN


def scheduled(story: Story, organisation_id: int, gross: str, line_gross: str) -> ScheduledPayment:
    """A finalised scheduled payment with one line."""
    line = db.session.scalars(select(LineItem).where(LineItem.organisation_id == organisation_id)).first()
    assert line
    payment = ScheduledPayment(
        organisation_id=organisation_id, period_id=story.period.id, net=Decimal(gross), gross=Decimal(gross)
    )
    db.session.add(payment)
    db.session.flush()
    db.session.add(
        ScheduledPaymentLine(
            organisation_id=organisation_id, scheduled_payment_id=payment.id, line_item_id=line.id,
            week_starting=OCT_16, units=1, unit=Unit.DAY, rate=Decimal(line_gross), rate_id=line.rates[0].id,
            amount=Decimal(line_gross), net=Decimal(line_gross), gross=Decimal(line_gross),
        )
    )  # fmt: skip
    db.session.flush()
    payment.state, payment.finalised_at = ScheduledState.FINALISED, now()
    db.session.commit()
    return payment


def one_off(organisation_id: int, net: str) -> OneOffPayment:
    World.confirmed()
    payment = OneOffPayment(organisation_id=organisation_id, net=Decimal(net), reason="Taxi for a carer in snow")
    db.session.add(payment)
    db.session.commit()
    return payment


def owes(story: Story, organisation_id: int, amount: str) -> Recovery:
    """An organisation that owes something from an earlier run."""
    before = PaymentRun(pay_date=date(2017, 11, 6), prepared_by_id=story.preparer.id, state=RunState.DRAFT)
    db.session.add(before)
    db.session.flush()
    debt = Recovery(organisation_id=organisation_id, from_run_id=before.id, amount=Decimal(amount))
    db.session.add(debt)
    db.session.commit()
    return debt


def test_a_one_off_payment_and_a_scheduled_payment_are_paid_with_their_lines(story: Story) -> None:
    organisation = story.world.organisation()
    story.world.line(organisation)
    automatic = scheduled(story, organisation.id, gross="534.55", line_gross="534.55")
    payment = one_off(organisation.id, "12.34")
    story.released()
    assert db.session.scalar(select(Remittance.total)) == Decimal("546.89")
    kinds = db.session.execute(select(RemittanceLine.kind, RemittanceLine.gross).order_by(RemittanceLine.number)).all()
    assert [tuple(each) for each in kinds] == [
        (LineKind.SCHEDULED, Decimal("534.55")),
        (LineKind.ONE_OFF, Decimal("12.34")),
    ]
    assert reload(payment).state is OneOffState.PAID
    assert reload(automatic).state is ScheduledState.PAID


def test_what_is_owed_is_taken_off_the_next_payment(story: Story) -> None:
    sent = story.invoiced()
    owes(story, sent.organisation_id, "37.76")
    story.released()
    paid = db.session.scalars(select(Remittance)).one()
    assert (paid.net, paid.recovered, paid.total) == (Decimal("100.00"), Decimal("37.76"), Decimal("100.00"))


def test_a_total_below_nothing_pays_nothing_and_is_carried_forward(story: Story) -> None:
    sent = story.invoiced()
    owes(story, sent.organisation_id, "200.00")
    run = story.released()
    paid = db.session.scalars(select(Remittance)).one()
    assert (paid.total, paid.carried_forward) == (Decimal("0.00"), Decimal("62.24"))
    assert reload(run).payment_count == 0
    new = db.session.scalars(select(Recovery).where(Recovery.from_run_id == run.id)).one()
    assert new.amount == Decimal("62.24")
    one_off(sent.organisation_id, "100.00")
    story.released()
    assert db.session.scalar(select(Remittance.total).order_by(Remittance.id.desc()).limit(1)) == Decimal("37.76")


def test_what_is_owed_waits_while_there_is_nothing_to_take_it_from(story: Story) -> None:
    owes(story, story.world.organisation().id, "10.00")
    with pytest.raises(Refused, match="There is nothing to pay"):
        story.prepared()


def test_an_unknown_run_is_unknown(story: Story) -> None:
    for deed in (payment_run.discard, lambda run_id: payment_run.release(run_id, story.preparer)):
        with pytest.raises(Unknown):
            deed(999)


def test_a_run_shows_its_checks_and_organisations(story: Story) -> None:
    story.invoiced("B")
    story.invoiced("A")
    sheet = run_sheet(story.approved().id, 1)
    assert all(check.agrees for check in sheet.checks)
    assert [each.organisation.name for each in sheet.organisations] == ["A", "B"]
    assert sheet.organisations[0].total.paid == Decimal("137.76")


def test_more_lines_are_no_more_statements(story: Story) -> None:
    counts = []
    for weeks in ((OCT_16,), (OCT_23, NOV_6)):
        for number in range(len(weeks)):
            story.invoiced(f"Provider {number}", weeks)
        run = story.approved()
        with Queries() as queries:
            payment_run.release(run.id, story.preparer)
        counts.append(len(queries))
    # What the letter says is read once.
    assert counts[1] <= counts[0] <= 24


# What must be true of the money after any history, as queries that find nothing.
INVARIANTS = {
    "what paid invoices come to is what remittance lines say": """
        SELECT 1 FROM (SELECT coalesce(sum(line.gross), 0) AS paid FROM invoice_line AS line
                       JOIN invoice ON invoice.id = line.invoice_id WHERE line.live AND invoice.state = 'paid') AS a,
          (SELECT coalesce(sum(gross), 0) AS paid FROM remittance_line WHERE invoice_line_id IS NOT NULL) AS b
        WHERE a.paid <> b.paid""",
    "a remittance is the sum of its lines": """
        SELECT id FROM remittance WHERE total - carried_forward <>
          (SELECT sum(gross) FROM remittance_line WHERE remittance_id = remittance.id)""",
    "what is carried forward is owed": """
        SELECT remittance.id FROM remittance LEFT JOIN recovery
          ON recovery.from_run_id = remittance.run_id AND recovery.organisation_id = remittance.organisation_id
        WHERE remittance.carried_forward <> coalesce(recovery.amount, 0)""",
    "a released run is the sum of its remittances": """
        SELECT id FROM payment_run WHERE state = 'released' AND total <>
          (SELECT sum(total) FROM remittance WHERE run_id = payment_run.id)""",
}


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rates=st.lists(st.decimals(min_value="0.0001", max_value="99.9999", places=4), min_size=1, max_size=4),
    debt=st.decimals(min_value="0.01", max_value="900", places=2),
)
def test_after_any_run_the_money_agrees(story: Story, rates: list[Decimal], debt: Decimal) -> None:
    for rate in rates:
        sent = story.invoiced(f"At {rate}", rate=str(rate), weekly="7.25")
    owes(story, sent.organisation_id, str(debt))
    story.released()
    for fact, query in INVARIANTS.items():
        assert not db.session.execute(text(query)).all(), fact
