"""A small import is checked and written in its request, a big one by the worker, in the same way."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from models import AuditEvent, ImportFile, Organisation, Sector, db
from rules.refusal import Refused
from rules.upload_states import ImportState
from tests.support.files.imports import MANY, big_import
from tests.support.processes.queue import make_due, waiting, work_off
from tests.support.worlds.world import World
from workflows.imports import steps as imports
from workflows.imports.work import CHANGED_SINCE

SMALL = b"Organisation ref,Organisation,Sector,Service\nA,Yare Care,Nursing,Yare Lodge\n"
BROKEN = b"PK\x03\x04 nonsense"


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def now(kept: ImportFile) -> ImportFile:
    """A file as it is now."""
    db.session.expire_all()
    found = imports.import_file(kept.id)
    db.session.rollback()
    return found


def test_a_small_import_is_checked_and_written_at_once_and_its_tasks_find_nothing_to_do(
    app: Flask, world: World
) -> None:
    kept = imports.store_import("organisations", "a.csv", SMALL, None)
    assert (kept.state, kept.attempts, kept.findings["new"]) == (ImportState.CHECKED, 1, 1)
    done = imports.ask_to_confirm(kept.id, None)
    assert (done.state, done.attempts, count(Organisation)) == (ImportState.DONE, 1, 1)
    assert [name for name, *_ in waiting()] == ["import", "import"]
    make_due()
    work_off(app)
    assert (now(kept).state, now(kept).attempts, waiting()) == (ImportState.DONE, 1, [])


def test_a_big_import_is_checked_and_written_by_the_worker_in_the_name_of_who_confirmed_it(
    app: Flask, world: World
) -> None:
    giver, confirmer = world.officer("Procurement"), world.officer("Procurement", "other@council.example")
    kept = imports.store_import("organisations", "big.csv", big_import(), giver)
    assert (kept.state, waiting()) == (ImportState.WAITING, [("import", {"import_id": kept.id}, "todo")])
    work_off(app)
    assert (now(kept).state, now(kept).findings["new"], count(Organisation)) == (ImportState.CHECKED, MANY, 0)
    assert imports.ask_to_confirm(kept.id, confirmer).state is ImportState.APPLYING
    with pytest.raises(Refused, match="imported already"):
        imports.ask_to_confirm(kept.id, confirmer)
    work_off(app)
    assert (now(kept).state, now(kept).done_by_id, count(Organisation)) == (ImportState.DONE, confirmer.id, MANY)
    acted = select(AuditEvent.user_id, AuditEvent.from_address).where(AuditEvent.record == "organisation").distinct()
    assert [tuple(row) for row in db.session.execute(acted)] == [(confirmer.id, "import")]


@pytest.mark.parametrize("content", [BROKEN, BROKEN + b"x" * imports.SMALL])
def test_an_import_that_cannot_be_read_says_why(app: Flask, world: World, content: bytes) -> None:
    kept = imports.store_import("organisations", "a.xlsx", content, None)
    make_due()
    work_off(app)
    found = now(kept)
    assert (found.state, found.attempts, found.findings["rows"]) == (ImportState.REFUSED, 1, 0)
    assert "damaged" in found.findings["notices"][0]


def test_a_big_import_that_no_longer_fits_says_so_on_its_page(app: Flask, world: World) -> None:
    db.session.add(sector := Sector(name="Trial homes"))
    db.session.commit()
    kept = imports.store_import("organisations", "big.csv", big_import().replace(b"Nursing", b"Trial homes"), None)
    work_off(app)
    imports.ask_to_confirm(kept.id, None)
    db.session.delete(sector)
    db.session.commit()
    work_off(app)
    found = now(kept)
    assert (found.state, found.findings["notices"], waiting()) == (ImportState.REFUSED, [CHANGED_SINCE.message], [])
    assert imports.problems_of(found)[0].column == "Sector"
    assert count(Organisation) == 0
