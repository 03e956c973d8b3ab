"""Scheduled payments made by jobs that are ended at random moments, run again, and run by two at once: each once.

One is ended by a kill, or by a cut connection to the database.
"""

import logging
import os
import random
import time
from collections import Counter
from decimal import Decimal

import pytest
from sqlalchemy import func, select

import database
from models import Email, PaymentPeriod, ScheduledPayment, ScheduledPaymentLine, db
from rules.states import ScheduledState
from tests.support.processes.forks import KILLED, RAISED, Forks
from tests.support.worlds.scheduled import CareHome
from tests.support.worlds.world import World
from workflows.scheduled.prepare import preview_day

log = logging.getLogger(__name__)

# SCHEDULED_KILLS=200 ends two hundred runs of each step; here a few, as each round takes some seconds.
KILLS = int(os.environ.get("SCHEDULED_KILLS", "4"))
STEPS = ("preview", "finalise")
HOMES, LINES = 7, 4
# So many homes in one transaction: three of them, the last one not full.
TOGETHER = 3
RATE = Decimal("748.37")

# Nothing is due on that day: statements are compiled once, and not by each run.
PREPARED = """
from datetime import date
from workflows.scheduled.prepare import prepare_due
prepare_due(date(2017, 10, 16))
"""


@pytest.mark.timeout(60 + 40 * KILLS)
def test_each_week_of_each_line_is_paid_exactly_once_however_often_the_job_is_ended(
    world: World, test_database: database.Urls
) -> None:
    chance = random.Random("scheduled payments")
    for number in range(HOMES):
        organisation = world.organisation(f"Home {number}")
        world.contact(organisation)
        home = CareHome.of(world, organisation)
        for _line in range(LINES):
            home.line(f"{RATE}")
    ended: dict[str, Counter[int]] = {step: Counter() for step in STEPS}
    middle: Counter[str] = Counter()
    rounds = 0
    with Forks(test_database, PREPARED) as processes:
        begun = time.monotonic()
        in_turn(processes, world.period(rounds))
        longest = dict.fromkeys(STEPS, time.monotonic() - begun)
        while any(each[KILLED] + each[RAISED] < KILLS for each in ended.values()) or not middle.total():
            rounds += 1
            period = world.period(rounds)
            for step in STEPS:
                while waiting := left(period, step):
                    statuses = processes.interrupted(deed_of(period, step), chance, longest[step], 2)
                    ended[step].update(statuses)
                    middle[step] += 0 < left(period, step) < waiting
                    # A machine with other work to do is slower now and faster then: follow it.
                    longest[step] *= 0.7 if 0 in statuses else 1.2
            everything_once(rounds + 1)
    log.info("%s periods: %s; in the middle: %s", rounds, ended, middle)


def deed_of(period: PaymentPeriod, step: str) -> str:
    """The job on the day on which a period is previewed, or finalised."""
    day = preview_day(period, period.amend_by) if step == "preview" else period.finalise_on
    return f"prepare_due(date.fromisoformat('{day}'), together={TOGETHER})"


def in_turn(processes: Forks, period: PaymentPeriod) -> None:
    """Two runs at once that nobody kills."""
    processes.start(deed_of(period, "finalise"), 2)
    assert processes.ended() == [0, 0]
    everything_once(1)


def left(period: PaymentPeriod, step: str) -> int:
    """How many homes wait for the payment of a period to be previewed, or finalised."""
    db.session.rollback()
    done = select(func.count(ScheduledPayment.id)).where(ScheduledPayment.period_id == period.id)
    if step == "finalise":
        done = done.where(ScheduledPayment.state == ScheduledState.FINALISED)
    found = HOMES - (db.session.scalar(done) or 0)
    db.session.rollback()
    return found


def everything_once(periods: int) -> None:
    """Every home has one payment a period, of its own four weeks and no other; each was told of each once."""
    db.session.rollback()
    payments = db.session.scalars(select(ScheduledPayment)).all()
    assert Counter(payment.period_id for payment in payments) == dict.fromkeys(
        {payment.period_id for payment in payments}, HOMES
    )
    assert len(payments) == HOMES * periods
    assert {payment.gross for payment in payments} == {4 * LINES * RATE}
    assert db.session.scalar(select(func.count(ScheduledPaymentLine.id))) == 4 * LINES * HOMES * periods
    assert set(db.session.scalars(select(ScheduledPaymentLine.kind))) == {"SCHEDULED"}
    assert db.session.scalar(select(func.count(Email.id))) == HOMES * periods
    db.session.rollback()
