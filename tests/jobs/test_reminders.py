"""The job of every morning that reminds organisations of their contacts form, and to check their contacts."""

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


def test_who_looks_after_contacts_is_reminded_once_a_quarter_whatever_runs_again(world: World) -> None:
    world.app.config["PORTAL_TODAY"] = "2018-01-15"
    world.contact(world.organisation(), "mary@provider.example")
    form(provider(world, "Beech Court"))
    assert run_job(world.app, "reminders") == "1 reminder of the contacts form. 1 reminder to check contacts."
    assert run_job(world.app, "reminders", date(2018, 1, 16)) == "Nobody to remind."
    written = db.session.query(Email.recipient).filter(Email.subject.contains("our contacts")).order_by(Email.id)
    assert [recipient for (recipient,) in written] == ["office@beech.example", "mary@provider.example"]
