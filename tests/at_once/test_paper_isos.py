"""The migration of paper ISOs killed at random moments, run again, and run by two at once: each exactly once."""

import logging
import os
import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

import database
from models import ContractDocument, LineItem, Organisation, PaperOrder, db
from rules.agreement_states import PaperState
from tests.support.processes.forks import Forks
from tests.support.worlds.papers import paper
from tests.support.worlds.world import START, World
from workflows.paper_isos.register import count_papers

log = logging.getLogger(__name__)

# PAPER_KILLS=200 kills two hundred runs; here a few, as each round takes some seconds.
KILLS = int(os.environ.get("PAPER_KILLS", "8"))

# Nothing waits yet: statements are compiled once, and not by each run.
PREPARED = """
from workflows.clock import today
from workflows.paper_isos.migration import run_migration
run_migration("paper-isos", today())
"""
MIGRATE = "run_migration('paper-isos', today())"


def register(world: World, organisation: Organisation, round_: int) -> None:
    """Two papers with a line each, one of them of two that are the same; two that are new, one twice; one not whole."""
    for number in range(2):
        line = world.line(organisation)
        paper(world, organisation, f"PAP-{round_}-R{number}", person_reference=line.person.reference, person_name="")
    for number in range(2):
        paper(world, organisation, f"PAP-{round_}-M{number}", person_reference=f"NEW{round_:05}{number}")
    again = START + timedelta(days=2)
    paper(world, organisation, f"PAP-{round_}-T", person_reference=f"NEW{round_:05}0", start=again)
    paper(world, organisation, f"PAP-{round_}-V", person_reference=f"NEW{round_:05}9", rate=None)


@pytest.mark.timeout(60 + 20 * KILLS)
def test_each_paper_is_taken_exactly_once_however_often_the_job_is_killed(
    world: World, test_database: database.Urls
) -> None:
    chance = random.Random("paper ISOs")
    organisation = world.organisation()
    statuses: Counter[int] = Counter()
    rounds = interrupted = 0
    with Forks(test_database, PREPARED) as processes:
        longest = duration(world, organisation, processes)
        while statuses[-9] < KILLS or not interrupted:
            rounds += 1
            register(world, organisation, rounds)
            while waiting := left():
                children = processes.start(MIGRATE, 2)
                # Not to wait for something, but to kill at a moment that nobody chose.
                threading.Event().wait(chance.uniform(0, longest))
                for child in children:
                    os.kill(child, 9)
                ended = processes.ended()
                statuses.update(ended)
                interrupted += 0 < left() < waiting
                # A machine with other work to do is slower now and faster then: follow it.
                longest *= 0.7 if 0 in ended else 1.2
            everything_once(rounds + 1)
    log.info(
        "%s rounds: %s runs killed, %s ended first; %s times some papers of a round were taken and some were not",
        rounds, statuses[-9], statuses[0], interrupted,
    )  # fmt: skip


def left() -> int:
    """How many papers wait for a run."""
    db.session.rollback()
    waiting = count_papers().to_migrate
    db.session.rollback()
    return waiting


def duration(world: World, organisation: Organisation, processes: Forks) -> float:
    """How long two runs at once take for the papers of a round, in seconds."""
    register(world, organisation, 0)
    begun = time.monotonic()
    processes.start(MIGRATE, 2)
    assert processes.ended() == [0, 0]
    everything_once(1)
    return time.monotonic() - begun


def everything_once(rounds: int) -> None:
    """Each paper became one thing, and every new ISO is one paper's."""
    db.session.rollback()
    found = count_papers()
    assert found.received == 6 * rounds == found.replaced + found.migrated + found.review
    assert (found.replaced, found.migrated, found.review) == (3 * rounds, 2 * rounds, rounds)
    migrated = select(PaperOrder.document_id).where(PaperOrder.state == PaperState.MIGRATED)
    made = select(func.count(ContractDocument.id)).where(ContractDocument.reference.like("PAP-%"))
    assert db.session.scalar(made) == len(set(db.session.scalars(migrated))) == 2 * rounds
    per_person = select(func.count(LineItem.id)).group_by(LineItem.person_id).order_by(func.count(LineItem.id).desc())
    assert db.session.scalar(per_person.limit(1)) == 1, "somebody has two lines for the same care"
    db.session.rollback()
