"""Two at the same moment, in processes of their own, with and without the lock that keeps them apart.

With it one does what is asked and the other is told, in words. Without it both come through, or one of them breaks on
a promise of the database: that shows that the test would notice if the lock were gone.
"""

from decimal import Decimal
from typing import NamedTuple

import pytest

import database
from models import COUNCIL, PortalUser, acting_for, db
from tests.support.processes.children import doing, held_back, said
from tests.support.worlds.agreements import propose_rate
from tests.support.worlds.scheduled import PREVIEWED, CareHome
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import Story
from workflows.actuals.sheet import sheet
from workflows.invoices import invoice

NO_LOCKS = """
from sqlalchemy.sql.selectable import GenerativeSelect
GenerativeSelect.with_for_update = lambda self, *_args, **_more: self
"""
TRY = """
from rules.refusal import Refused
try:
    {deed}
    print("done")
except Exception as broken:
    print(type(broken).__name__)
"""


class Race(NamedTuple):
    """Two deeds, each a line of Python with what it needs before it; in whose scope, and what holds both back.

    The first comes to what holds both back before the second, and goes on before it.
    """

    deeds: tuple[str, str]
    needs: str
    scope: int | str
    table: str

    def run(self, urls: database.Urls, *, locks: bool) -> list[str]:
        db.session.rollback()
        with held_back(urls.owner, f"LOCK TABLE {self.table} IN EXCLUSIVE MODE") as wait:
            before = self.needs if locks else NO_LOCKS + self.needs
            children = []
            for deed in self.deeds:
                children.append(doing(urls, self.scope, before + TRY.format(deed=deed)))
                wait(len(children))
        return sorted(said(child) for child in children)


def two_submits(world: World) -> Race:
    """Of one draft: the second finds it sent, which is no refusal but makes no second invoice."""
    contact, period = world.contact(world.organisation()), world.period(0)
    week(world.line(contact.organisation))
    assert contact.user_id
    with acting_for(contact.organisation_id):
        draft = invoice.draft_for(contact.organisation, period.id, contact.user_id)
        digest = invoice.preview_of(draft).digest
    submit = f"""if not invoice.submit({draft.id}, digest={digest!r}, own_reference="", user_id={contact.user_id}):
        raise Refused(Problem("sent", "It was sent before."))"""
    return Race((submit, submit), OF_INVOICES, contact.organisation_id, "invoice")


def a_change_and_a_submit(world: World) -> Race:
    """Of a confirmed week: it is a draft again, so that nothing is left to send."""
    contact, period = world.contact(world.organisation()), world.period(0)
    actual = week(world.line(contact.organisation))
    assert contact.user_id
    with acting_for(contact.organisation_id):
        draft = invoice.draft_for(contact.organisation, period.id, contact.user_id)
        digest, seen = invoice.preview_of(draft).digest, sheet(actual.week_starting).rows[0].seen
    submit = f'invoice.submit({draft.id}, digest={digest!r}, own_reference="", user_id={contact.user_id})'
    days = ("1", "1", "1", "1", "1", "1", "0")
    change = f"save({actual.line_item_id}, {actual.week_starting!r}, {days}, {seen!r})"
    return Race((change, submit), OF_SAVES, contact.organisation_id, "actual")


def two_confirmers(world: World) -> Race:
    line = world.line(world.organisation())
    carol, *others = (world.officer("Service Brokerage").id for _ in range(3))
    proposer = db.session.get_one(PortalUser, carol)
    proposal_id = propose_rate(line.id, NOV_6, Decimal("20.25"), proposer, "Agreed").id
    one, other = (f"desk.confirm({proposal_id}, db.session.get_one(PortalUser, {each}), ())" for each in others)
    return Race((one, other), OF_PROPOSALS, COUNCIL, "proposal")


def two_schedulers(world: World) -> Race:
    home = CareHome(world)
    home.line()
    return Race((PREPARE, PREPARE), OF_SCHEDULED, COUNCIL, "scheduled_payment")


def two_approvers(world: World) -> Race:
    story = Story(world)
    story.invoiced()
    run_id, others = story.prepared().id, (story.approver.id, world.officer("Payments approver").id)
    one, other = (f"run.approve({run_id}, db.session.get_one(PortalUser, {each}))" for each in others)
    return Race((one, other), OF_RUNS, COUNCIL, "payment_run")


def release_and_withdrawal(world: World) -> Race:
    story = Story(world)
    story.invoiced()
    run_id = story.approved().id
    release = f"run.release({run_id}, db.session.get_one(PortalUser, {story.preparer.id}))"
    return Race((release, f"run.withdraw({run_id})"), OF_RUNS, COUNCIL, "payment_run")


OF_INVOICES = """
from rules.refusal import Problem
from workflows.invoices import invoice
"""
OF_SAVES = (
    OF_INVOICES
    + """
import datetime
from workflows.actuals.save import Entry, save_week
def save(line, monday, days, seen):
    if not save_week(monday, [Entry(line, days, "SHORTER", "", seen)], None).written:
        raise Refused(Problem("saved", "It was saved before."))
"""
)
OF_SCHEDULED = """
from datetime import date
from models import db
from workflows.scheduled.prepare import prepare_due
"""
PREPARE = f"prepare_due(date.fromisoformat('{PREVIEWED}')); db.session.commit()"
OF_PROPOSALS = """
from models import PortalUser, db
from workflows.confirm import desk
"""
OF_RUNS = """
from models import PortalUser, db
from workflows.payments import run
"""
# Each race, and what the two say who do not get into each other's way.
RACES = {
    "two submits": (two_submits, ["Refused", "done"]),
    "a change and a submit": (a_change_and_a_submit, ["Refused", "done"]),
    "two approvers": (two_approvers, ["Refused", "done"]),
    "a release and a withdrawal": (release_and_withdrawal, ["Refused", "done"]),
    "two who confirm": (two_confirmers, ["Refused", "done"]),
    "two schedulers": (two_schedulers, ["done", "done"]),
}


@pytest.mark.parametrize("name", RACES)
def test_one_does_it_and_the_other_is_told(world: World, test_database: database.Urls, name: str) -> None:
    race, orderly = RACES[name]
    assert race(world).run(test_database, locks=True) == orderly


@pytest.mark.parametrize("name", RACES)
def test_without_the_lock_the_race_is_seen(world: World, test_database: database.Urls, name: str) -> None:
    race, orderly = RACES[name]
    assert race(world).run(test_database, locks=False) != orderly
