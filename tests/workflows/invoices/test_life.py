"""An invoice until it is taken back: number, own reference, withdrawal, dispute, and who comes first."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from models import (
    Actual,
    Contact,
    Invoice,
    InvoiceLine,
    PaymentPeriod,
    PaymentRun,
    Service,
    acting_for,
    db,
    enter,
    limit_to_services,
)
from models.scoped import COUNCIL, COUNCIL_POOL
from rules.refusal import Refused
from rules.states import ActualState, InvoiceState
from tests.support.processes.at_once import at_once
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.invoices import invoice
from workflows.invoices.desk import accept, dispute, reject, settle_dispute
from workflows.invoices.withdraw import withdraw
from workflows.payments import run as payment_run

PAY_DATE = "01/12/2017"


class Life:
    """A provider with a line, and the two periods an invoice can be for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contact: Contact = world.contact(world.organisation())
        self.organisation = self.contact.organisation
        self.user_id = self.contact.user_id or 0
        self.period: PaymentPeriod = world.period(0)
        self.line = world.line(self.organisation)

    def draft(self, period: PaymentPeriod | None = None) -> Invoice:
        return invoice.draft_for(self.organisation, (period or self.period).id, self.user_id)

    def submit(self, draft: Invoice, own_reference: str = "") -> bool:
        digest = invoice.preview_of(draft).digest
        return invoice.submit(draft.id, digest=digest, own_reference=own_reference, user_id=self.user_id)

    def correct(self, monday: date, *days: str) -> None:
        saved = save_week(monday, [Entry(self.line.id, days, "SHORTER")], self.contact.user, correct=True)
        assert saved.corrected == 1


@pytest.fixture
def life(world: World) -> Life:
    return Life(world)


def fresh(record: Any) -> Any:
    db.session.refresh(record)
    return record


def in_thread(app: Flask, results: dict[str, Any], name: str, work: Callable[[], Any]) -> Thread:
    """Do something on a connection of its own; what it returned or raised is kept under its name."""

    def do() -> None:
        with app.app_context():
            enter(COUNCIL)
            try:
                results[name] = work()
            except Exception as problem:  # noqa: BLE001 - the test looks at it
                results[name] = problem

    thread = Thread(target=do)
    thread.start()
    return thread


def wait_for_waiting(count: int) -> None:
    """Return once so many connections of this database wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with db.engines[COUNCIL_POOL].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(1000):
            if (connection.scalar(waiting) or 0) >= count:
                return
            connection.execute(text("SELECT pg_sleep(0.01)"))
    raise AssertionError("nobody waits")


def test_looking_takes_no_number_and_sending_takes_the_next(life: Life) -> None:
    week(life.line)
    first = fresh(send(life.contact, life.period))
    week(life.line, OCT_23)
    looked_at = life.draft(life.world.period(1))
    invoice.preview_of(looked_at)
    draft = life.draft()
    invoice.preview_of(draft)
    assert (draft.number, str(draft)) == (None, "Draft invoice")
    assert life.submit(draft)
    assert int(fresh(draft).number[4:]) == int(first.number[4:]) + 1


def test_an_own_reference_is_used_once_whatever_its_case_and_blanks(life: Life) -> None:
    week(life.line)
    draft = life.draft()
    life.submit(draft, "FH 17")
    first = fresh(draft)
    week(life.line, OCT_23)
    with pytest.raises(Refused) as refused:
        life.submit(life.draft(), "fh17")
    (problem,) = refused.value.problems
    assert problem.field == "own_reference"
    assert problem.wrong == f"Invoice {first.number}, sent on 20 November 2017, already has your reference FH 17."
    withdraw(first.id, "Wrong reference", life.user_id)
    assert life.submit(life.draft(), "FH17")


def test_another_organisations_reference_is_no_hindrance(life: Life) -> None:
    week(life.line)
    life.submit(life.draft(), "A1")
    contact = life.world.contact(life.world.organisation("Broadland Care"))
    week(life.world.line(contact.organisation))
    user_id = contact.user_id or 0
    draft = invoice.draft_for(contact.organisation, life.period.id, user_id)
    digest = invoice.preview_of(draft).digest
    assert invoice.submit(draft.id, digest=digest, own_reference="A1", user_id=user_id)


def test_one_own_reference_on_two_invoices_at_the_same_moment_is_refused_in_words(life: Life) -> None:
    week(life.line)
    draft = life.draft()
    digest, draft_id, user_id = invoice.preview_of(draft).digest, draft.id, life.user_id
    db.session.commit()
    results: dict[str, Any] = {}
    with db.engines[COUNCIL_POOL].connect() as colleague:
        colleague.execute(
            text(
                "INSERT INTO invoice (organisation_id, period_id, state, submitted_at, net, vat, gross, own_reference)"
                f" VALUES ({life.organisation.id}, {life.period.id}, 'submitted', now(), 0, 0, 0, 'r 1')"
            )
        )
        submit = in_thread(
            life.world.app,
            results,
            "submit",
            lambda: invoice.submit(draft_id, digest=digest, own_reference="R1", user_id=user_id),
        )
        wait_for_waiting(1)
        colleague.commit()
    submit.join(20)
    refused = results["submit"]
    assert isinstance(refused, Refused)
    assert [each.field for each in refused.problems] == ["own_reference"]
    assert "already has your reference r 1" in str(refused)
    assert fresh(draft).state is InvoiceState.DRAFT


def test_withdrawing_frees_the_weeks_and_keeps_why(life: Life) -> None:
    actual = week(life.line)
    sent = send(life.contact, life.period)
    with pytest.raises(Refused, match="Enter why you withdraw"):
        withdraw(sent.id, "  ", life.user_id)
    withdraw(sent.id, "A week is missing", life.user_id)
    kept = fresh(sent)
    assert (kept.state, kept.live, kept.withdrawn_reason) == (InvoiceState.WITHDRAWN, False, "A week is missing")
    assert kept.closed_by_id == life.user_id
    assert fresh(actual).state is ActualState.CONFIRMED
    assert send(life.contact, life.period).id != sent.id
    with pytest.raises(Refused, match="cannot be withdrawn: it is withdrawn"):
        withdraw(sent.id, "Again", life.user_id)


def test_who_looks_after_some_services_withdraws_no_invoice_with_weeks_of_others(life: Life) -> None:
    elsewhere = Service(name="Swaffham branch", organisation_id=life.organisation.id)
    db.session.add(elsewhere)
    db.session.flush()
    own, other, organisation_id, user_id = life.line.service_id, elsewhere.id, life.organisation.id, life.user_id
    actual_id, sent_id = week(life.line).id, send(life.contact, life.period).id

    def tried_for(service_id: int) -> None:
        with acting_for(organisation_id):
            limit_to_services([service_id])
            try:
                withdraw(sent_id, "A week is missing", user_id)
            finally:
                limit_to_services([])

    with pytest.raises(Refused, match="has weeks of services that you do not look after"):
        tried_for(other)
    assert db.session.get_one(Invoice, sent_id).state is InvoiceState.ACCEPTED
    tried_for(own)
    assert db.session.get_one(Invoice, sent_id).state is InvoiceState.WITHDRAWN
    assert db.session.get_one(Actual, actual_id).state is ActualState.CONFIRMED


def test_a_payment_run_keeps_an_invoice_from_being_withdrawn_or_rejected(life: Life) -> None:
    week(life.line)
    sent = send(life.contact, life.period)
    payment_run.prepare(PAY_DATE, life.world.officer("Payments officer"))
    with pytest.raises(Refused, match="cannot be withdrawn: it is in a payment run"):
        withdraw(sent.id, "Too late", life.user_id)
    with pytest.raises(Refused, match="cannot be rejected: it is in a payment run"):
        reject(sent.id, "Too late", life.user_id)


def test_a_dispute_has_a_day_and_a_reason_and_keeps_the_invoice_from_being_accepted(life: Life) -> None:
    week(life.line)
    sent = send(life.contact, life.period)
    db.session.execute(text("UPDATE invoice SET state = 'submitted', accepted_at = NULL"))
    db.session.commit()
    with pytest.raises(Refused, match="Enter what the council disputes"):
        dispute(sent.id, "")
    dispute(sent.id, "Two carers on one visit")
    disputed = fresh(sent)
    assert (disputed.disputed_on, disputed.in_dispute, disputed.to_check) == (date(2017, 11, 20), True, False)
    with pytest.raises(Refused, match="Settle the dispute first"):
        accept([sent.id])
    with pytest.raises(Refused, match="in dispute since 20 November 2017 already"):
        dispute(sent.id, "Again")
    settle_dispute(sent.id)
    assert fresh(sent).to_check
    assert accept([sent.id]) == 1
    with pytest.raises(Refused, match="is in no dispute"):
        settle_dispute(sent.id)


def test_withdrawing_and_preparing_at_once_leave_it_with_one_of_them(life: Life) -> None:
    officer = life.world.officer("Payments officer")
    week(life.line)
    for _ in range(6):
        sent = send(life.contact, life.period)
        db.session.commit()
        sent_id = sent.id
        withdrawn, prepared = at_once(
            life.world.app,
            partial(withdraw, sent_id, "Not yet", life.user_id),
            lambda: payment_run.prepare(PAY_DATE, officer),
        )
        state = db.session.scalar(select(Invoice.state).where(Invoice.id == sent_id))
        in_run = db.session.scalar(select(func.count()).select_from(PaymentRun))
        if withdrawn is None:
            assert isinstance(prepared, Refused)
            assert (state, in_run) == (InvoiceState.WITHDRAWN, 0)
        else:
            assert isinstance(withdrawn, Refused)
            assert (state, in_run) == (InvoiceState.IN_RUN, 1)
            payment_run.discard(prepared.id)
            withdraw(sent_id, "For the next round", life.user_id)


@pytest.mark.parametrize("taken_back", ["rejected", "withdrawn"])
def test_a_rejection_that_meets_the_submit_of_its_difference_waits_for_it(life: Life, taken_back: str) -> None:
    """Both want the week; the submit is first in the queue, and the other must see the line it wrote."""
    actual = week(life.line)
    sent = send(life.contact, life.period)
    life.correct(OCT_16, "1", "1", "1", "1", "1", "1", "0")
    draft = life.draft()
    digest, draft_id, sent_id, user_id = invoice.preview_of(draft).digest, draft.id, sent.id, life.user_id
    db.session.commit()
    take_back = {
        "rejected": lambda: reject(sent_id, "Wrong person", user_id),
        "withdrawn": lambda: withdraw(sent_id, "Wrong person", user_id),
    }[taken_back]
    results: dict[str, Any] = {}
    with db.engines[COUNCIL_POOL].connect() as holder:
        holder.execute(text("SELECT id FROM actual FOR UPDATE"))
        first = in_thread(
            life.world.app,
            results,
            "submit",
            lambda: invoice.submit(draft_id, digest=digest, own_reference="", user_id=user_id),
        )
        wait_for_waiting(1)
        second = in_thread(life.world.app, results, "taken back", take_back)
        wait_for_waiting(2)
        holder.rollback()
    for thread in (first, second):
        thread.join(20)
    assert results == {"submit": True, "taken back": None}
    # The week stays on the invoice of its difference; what is missing comes as another difference.
    assert fresh(actual).state is ActualState.INVOICED
    again = send(life.contact, life.period)
    held = db.session.scalar(select(func.sum(InvoiceLine.net)).where(InvoiceLine.live))
    assert (fresh(again).gross, held) == (Decimal("137.76"), Decimal("118.08"))
    assert db.session.scalar(select(func.count()).select_from(Actual)) == 1


def test_a_submit_that_meets_the_rejection_of_what_it_corrects_is_refused_in_words(life: Life) -> None:
    week(life.line)
    sent = send(life.contact, life.period)
    life.correct(OCT_16, "1", "1", "1", "1", "1", "1", "0")
    draft = life.draft()
    digest, draft_id, sent_id, user_id = invoice.preview_of(draft).digest, draft.id, sent.id, life.user_id
    db.session.commit()
    results: dict[str, Any] = {}
    with db.engines[COUNCIL_POOL].connect() as holder:
        holder.execute(text("SELECT id FROM actual FOR UPDATE"))
        first = in_thread(life.world.app, results, "rejected", lambda: reject(sent_id, "Wrong person", user_id))
        wait_for_waiting(1)
        second = in_thread(
            life.world.app,
            results,
            "submit",
            lambda: invoice.submit(draft_id, digest=digest, own_reference="", user_id=user_id),
        )
        wait_for_waiting(2)
        holder.rollback()
    for thread in (first, second):
        thread.join(20)
    assert results["rejected"] is None
    assert isinstance(results["submit"], invoice.InvoiceChanged)


@pytest.mark.parametrize("state", ["paid", "rejected", "withdrawn"])
def test_an_invoice_that_is_not_to_be_paid_is_not_disputed(life: Life, state: str) -> None:
    week(life.line)
    sent = send(life.contact, life.period)
    if state == "paid":
        db.session.execute(text("UPDATE invoice SET state = 'paid'"))
        db.session.commit()
    else:
        db.session.execute(text("UPDATE invoice SET state = 'submitted', accepted_at = NULL"))
        db.session.commit()
        {"rejected": reject, "withdrawn": withdraw}[state](sent.id, "Sent twice", life.user_id)
    with pytest.raises(Refused, match=f"cannot be disputed: it is {state}"):
        dispute(sent.id, "Two carers")
    assert fresh(sent).disputed_on is None
