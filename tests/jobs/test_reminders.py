"""The job of every morning that reminds organisations of their contacts form."""

from datetime import date

from jobs.scheduler import run_job
from models import Email, db
from tests.support.go_live import form, provider
from tests.support.world import World


def test_who_has_not_answered_is_reminded_once_a_date(world: World) -> None:
    form(provider(world, "Beech Court"))
    assert run_job(world.app, "reminders") == "1 reminder of the contacts form."
    assert run_job(world.app, "reminders") == "Already done, or being done, for this date."
    assert run_job(world.app, "reminders", date(2017, 11, 21)) == "Nobody to remind."
    reminders = db.session.query(Email.recipient).filter(Email.subject.startswith("Reminder: ")).all()
    assert [recipient for (recipient,) in reminders] == ["office@beech.example"]
