"""A payment run by two officers at once, and ended at any moment: everything is paid once, or waits.

RUN_KILLS is how often each step is ended, by a kill or by a cut connection; the suite is content with a few.
"""

import logging
import os
import random
from collections import Counter
from decimal import Decimal
from threading import Thread

import psycopg
import pytest
from sqlalchemy import select, text

import database
from models import BankReturn, OneOffPayment, PaymentRun, PortalUser, Recovery, Remittance, RunFinding, db
from rules.refusal import Refused
from rules.states import OneOffState, RunState
from tests.support.processes.at_once import at_once
from tests.support.processes.children import until
from tests.support.processes.forks import KILLED, RAISED, Forks
from tests.support.worlds.world import World
from tests.workflows.payments.test_returns import file_of, row_of
from tests.workflows.payments.test_run import PAY_DATE, Story, all_of, one_off, owes, reload, story
from workflows.payments import run as payment_run
from workflows.payments import run_checks

__all__ = ["story"]

log = logging.getLogger(__name__)

KILLS = int(os.environ.get("RUN_KILLS", "4"))
STEPS = ("prepare", "release", "return")
ORGANISATIONS = 6

PREPARED = """
from models import PortalUser
from workflows.payments import returns, run
"""


@pytest.mark.timeout(120 + 20 * KILLS)
def test_a_run_ended_at_any_moment_pays_and_un_pays_everything_once(story: Story, test_database: database.Urls) -> None:
    chance = random.Random("payment run")
    organisations = [story.world.organisation(f"Provider {number}") for number in range(ORGANISATIONS)]
    for organisation in organisations:
        story.world.contact(organisation)
    officer = f"db.session.get(PortalUser, {story.preparer.id})"
    rounds = 0
    ended: dict[str, Counter[int]] = {step: Counter() for step in STEPS}
    longest = dict.fromkeys(STEPS, 0.2)
    with Forks(test_database, PREPARED) as steps:

        def until_done(name: str, deed: str, done: str) -> None:
            while not db.session.execute(text(f"SELECT {done}")).scalar_one():
                db.session.rollback()
                if often_enough(ended[name]):
                    steps.start(deed)
                    assert steps.ended() == [0]
                else:
                    (status,) = steps.interrupted(deed, chance, longest[name])
                    ended[name][status] += 1
                    longest[name] *= 0.8 if status == 0 else 1.2
                whole()

        while not all(map(often_enough, ended.values())):
            rounds += 1
            debts = [owes(story, each.id, "1.00") for each in organisations]
            for number, each in enumerate(organisations):
                one_off(each.id, f"{rounds}{number}.25")
            until_done(
                "prepare",
                f"run.prepare('{PAY_DATE}', {officer})",
                "count(*) > 0 FROM payment_run WHERE state = 'draft' AND payment_count > 0",
            )
            run = db.session.scalars(
                select(PaymentRun).where(PaymentRun.payment_count > 0).order_by(PaymentRun.id.desc())
            ).first()
            assert run
            for finding in db.session.scalars(select(RunFinding.id).where(RunFinding.run_id == run.id)).all():
                run_checks.look_at(run.id, finding, "As last time", story.approver)
            payment_run.approve(run.id, story.approver)
            until_done(
                "release",
                f"run.release({run.id}, {officer})",
                f"state = 'released' FROM payment_run WHERE id = {run.id}",
            )
            paid = db.session.scalars(select(Remittance).where(Remittance.run_id == run.id)).all()
            assert len(paid) == ORGANISATIONS
            assert {reload(debt).balance for debt in debts} == {Decimal("0.00")}
            content = file_of(*map(row_of, paid))
            until_done(
                "return",
                f"returns.record_returns({content!r}, {officer})",
                f"count(*) > 0 FROM bank_return WHERE run_id = {run.id}",
            )
            assert {reload(debt).balance for debt in debts} == {Decimal("1.00")}
            db.session.execute(text("UPDATE recovery SET paused_on = current_date, paused_reason = 'Enough'"))
            db.session.commit()
    log.info("%s rounds: %s", rounds, ended)


def often_enough(ended: Counter[int]) -> bool:
    return ended[KILLED] + ended[RAISED] >= KILLS


def whole() -> None:
    """What must be true whenever a process was killed, as queries that find nothing."""
    for fact, query in {
        "a run is the sum of its sources": "SELECT id FROM payment_run WHERE payment_count > 0"
        " AND total <> (SELECT sum(gross) FROM payment_source WHERE run_id = payment_run.id)",
        "a payment is in a run exactly when it says so": "SELECT id FROM one_off_payment"
        " WHERE (state = 'waiting') = EXISTS (SELECT"
        " FROM payment_source WHERE one_off_payment_id = one_off_payment.id AND bank_return_id IS NULL)",
        "what is released has all its remittances, and nothing else has one": "SELECT id FROM payment_run WHERE"
        " (CASE WHEN state = 'released' THEN total ELSE 0 END) <> (SELECT coalesce(sum(total), 0) FROM remittance"
        " WHERE run_id = payment_run.id) AND payment_count > 0",
        "what came back came back whole": "SELECT run_id FROM payment_source GROUP BY run_id, organisation_id"
        " HAVING count(bank_return_id) NOT IN (0, count(*))",
        "a balance is what no run keeps": "SELECT id FROM recovery WHERE balance <> amount + coalesce("
        "(SELECT sum(gross) FROM payment_source WHERE recovery_id = recovery.id AND bank_return_id IS NULL), 0)",
        "each payment and each return was told once": "SELECT 1 WHERE (SELECT count(*) FROM email)"
        " <> (SELECT count(*) FROM remittance) + (SELECT count(*) FROM bank_return)",
    }.items():
        assert not db.session.execute(text(query)).all(), fact
    db.session.rollback()


def test_two_approvers_at_once_approve_once(story: Story) -> None:
    story.invoiced()
    run_id, first = story.prepared().id, story.approver
    second = story.world.officer("Payments approver")
    results = at_once(
        story.world.app, *(lambda each=each: payment_run.approve(run_id, each) for each in (first, second))
    )
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "Refused"]
    assert db.session.get_one(PaymentRun, run_id, populate_existing=True).approved_by_id in (first.id, second.id)


@pytest.mark.parametrize("against", ["withdraw", "take out"])
def test_a_release_against_who_takes_it_back_does_one_of_the_two(story: Story, against: str) -> None:
    story.invoiced("A")
    story.invoiced("B")
    run_id, officer = story.approved().id, story.preparer
    organisation: int = db.session.execute(text("SELECT min(organisation_id) FROM payment_source")).scalar_one()

    def back() -> object:
        if against == "take out":
            return payment_run.take_out(run_id, organisation_id=organisation)
        payment_run.withdraw(run_id)
        return True

    released, taken = at_once(story.world.app, lambda: payment_run.release(run_id, officer), back)
    assert isinstance(released, Refused) != isinstance(taken, Refused)
    run = db.session.get_one(PaymentRun, run_id, populate_existing=True)
    done = run.state is RunState.RELEASED
    assert (done, len(all_of(Remittance.id))) == (not isinstance(released, Refused), 2 if done else 0)


@pytest.mark.parametrize(
    "stop",
    [
        "INSERT INTO hold (organisation_id, reason, start) SELECT organisation_id, 'Ends', '2017-11-01' FROM invoice",
        "UPDATE invoice SET disputed_on = '2017-11-20', dispute_reason = 'Units'",
    ],
)
def test_a_hold_or_dispute_that_comes_at_the_same_moment_stops_the_release(
    story: Story, test_database: database.Urls, stop: str
) -> None:
    story.invoiced()
    run_id, officer = story.approved().id, story.preparer
    plain = test_database.owner.replace("+psycopg", "")
    results: list[object] = []
    with psycopg.connect(plain) as stopping, psycopg.connect(plain, autocommit=True) as watcher:
        stopping.execute(stop)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        release = Thread(
            target=lambda: results.extend(at_once(story.world.app, lambda: payment_run.release(run_id, officer)))
        )
        release.start()
        until(lambda: watcher.execute(waits).fetchone() == (1,), "the release did not wait for who stops it")
        stopping.commit()
        release.join(30)
    (refused,) = results
    assert isinstance(refused, Refused)
    assert "Take it out of the run" in str(refused)
    assert db.session.get_one(PaymentRun, run_id, populate_existing=True).state is RunState.APPROVED
    assert not all_of(Remittance.id)


def test_two_officers_taking_the_same_source_out_free_it_once(story: Story) -> None:
    organisation = story.world.organisation()
    payment, other = one_off(organisation.id, "5.00"), one_off(organisation.id, "6.00")
    debt = owes(story, organisation.id, "1.00")
    run_id = story.prepared().id
    source = db.session.scalar(text(f"SELECT id FROM payment_source WHERE one_off_payment_id = {payment.id}"))
    results = at_once(story.world.app, *[lambda: payment_run.take_out(run_id, source_id=source)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["Refused", "bool"]
    states = db.session.scalars(select(OneOffPayment.state).order_by(OneOffPayment.id)).all()
    assert states == [OneOffState.WAITING, OneOffState.IN_RUN]
    assert (reload(other).state, reload(debt).balance) == (OneOffState.IN_RUN, Decimal("0.00"))
    assert all_of(BankReturn.id) == []
    assert all_of(Recovery.id) == [debt.id]


def test_a_withdrawal_against_an_approval_leaves_a_run_that_somebody_approved_or_a_draft(
    world: World, story: Story
) -> None:
    story.invoiced()
    run_id = story.approved().id
    second: PortalUser = world.officer("Payments approver")
    at_once(world.app, lambda: payment_run.withdraw(run_id), lambda: payment_run.approve(run_id, second))
    run = db.session.get_one(PaymentRun, run_id, populate_existing=True)
    assert (run.state is RunState.DRAFT) == (run.approved_by_id is None)
