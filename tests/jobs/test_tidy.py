"""The nightly tidying says what it put away."""

from datetime import date, timedelta

from sqlalchemy import update

from jobs import tidy
from models import ImportFile, db
from tests.support.world import World
from workflows.clock import now
from workflows.imports import steps as imports


def test_an_import_that_nobody_confirmed_is_abandoned(world: World) -> None:
    imports.check_file("people", "people.csv", b"Person ref,Person name\nP1,Ada Bell\n", None)
    db.session.execute(update(ImportFile).values(given_at=now() - timedelta(days=8)))
    db.session.commit()
    assert tidy.run(date(2017, 11, 20)) == "No old failed tasks. 1 import abandoned."
