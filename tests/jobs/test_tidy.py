"""The nightly tidying says what it put away."""

from datetime import date, timedelta

from sqlalchemy import update

from jobs import tidy
from models import ImportFile, KeptForm, db
from tests.support.worlds.world import World
from workflows.access.forms import kept as kept_forms
from workflows.clock import now
from workflows.imports import steps as imports


def test_an_import_that_nobody_confirmed_is_abandoned(world: World) -> None:
    imports.check_file("people", "people.csv", b"Person ref,Person name\nP1,Ada Bell\n", None)
    db.session.execute(update(ImportFile).values(given_at=now() - timedelta(days=8)))
    db.session.commit()
    assert tidy.run(date(2017, 11, 20)) == "No old failed tasks. 1 import abandoned."


def test_what_was_typed_and_never_sent_again_is_forgotten_after_a_day(world: World) -> None:
    user = world.officer("Auditor")
    kept_forms.keep(user.id, None, "/", "/", [("name", "Ada")], [])
    db.session.execute(update(KeptForm).values(kept_at=now() - kept_forms.LASTS))
    db.session.commit()
    assert tidy.run(date(2017, 11, 20)) == "No old failed tasks. 1 kept form forgotten."
