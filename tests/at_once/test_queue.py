"""A request and a worker, or two requests, at the same file at the same moment: it is worked on once."""

from multiprocessing.context import ForkServerProcess
from typing import LiteralString

from flask import Flask

import database
from models import COUNCIL, ImportFile, Organisation, Upload, acting_for, db
from rules.upload_states import ImportState, UploadState
from tests.support.files.uploads import big_file
from tests.support.processes.children import CONFIRM, doing, held_back, said, until, worker
from tests.support.processes.queue import as_owner, make_due, waiting, work_off
from tests.support.worlds.world import World
from workflows.imports import steps as imports
from workflows.uploads import steps as uploads

KEEP = """
from workflows.uploads import steps
content = "CPLI,Service date,Delivered units" + chr(10) + "{reference},16/10/2017,1"
print(steps.store_upload("small.csv", content.encode(), None, {organisation_id}).state.value)
"""
IMPORT = b"Organisation ref,Organisation,Sector,Service\nA,Yare Care,Nursing,Yare Lodge\n"
AT_ITS_FILE: LiteralString = "LOCK TABLE rate"
WORKERS: LiteralString = "SELECT FROM procrastinate_workers"
END_CONNECTIONS: LiteralString = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def upload() -> Upload:
    with acting_for(COUNCIL):
        found: Upload = db.session.query(Upload).populate_existing().one()
        db.session.rollback()
    return found


def give_big(world: World) -> None:
    organisation = world.organisation()
    content = big_file(world.line(organisation))
    with acting_for(organisation.id):
        uploads.store_upload("big.csv", content, None, organisation.id)


def test_a_file_that_its_request_checks_is_not_checked_by_a_worker_too(
    app: Flask, world: World, test_database: database.Urls
) -> None:
    line = world.line(world.organisation())
    keep = KEEP.format(organisation_id=line.organisation_id, reference=line.reference)
    db.session.rollback()
    with held_back(test_database.owner, AT_ITS_FILE) as wait:
        request = doing(test_database, line.organisation_id, keep)
        wait(1)
        make_due()
        work_off(app)
        assert (upload().state, upload().attempts) == (UploadState.CHECKING, 1)
        assert [state for *_, state in waiting()] == ["todo"]
    assert said(request) == "checked"
    make_due()
    work_off(app)
    assert (upload().state, upload().attempts, waiting()) == (UploadState.CHECKED, 1, [])


def test_of_two_who_confirm_an_import_at_once_one_imports_it(world: World, test_database: database.Urls) -> None:
    kept = imports.store_import("organisations", "a.csv", IMPORT, None)
    db.session.rollback()
    with held_back(test_database.owner, "SELECT FROM import_file FOR UPDATE") as wait:
        children = [doing(test_database, COUNCIL, CONFIRM.format(import_id=kept.id)) for _ in range(2)]
        wait(2)
    assert sorted(said(child) for child in children) == ["refused", "written"]
    db.session.expire_all()
    found = db.session.query(ImportFile).one()
    assert (found.state, found.attempts) == (ImportState.DONE, 1)
    assert db.session.query(Organisation).count() == 1


def test_a_worker_that_is_asked_to_end_finishes_its_file_first(world: World, test_database: database.Urls) -> None:
    give_big(world)
    with worker(test_database.web) as process:
        with held_back(test_database.owner, AT_ITS_FILE) as wait:
            wait(1)
            process.terminate()
            assert still_there(process)
        process.join(60)
        assert process.exitcode == 0
    assert (upload().state, waiting()) == (UploadState.CHECKED, [])


def test_a_worker_that_loses_the_database_begins_anew(world: World, test_database: database.Urls) -> None:
    with worker(test_database.web):
        until(lambda: as_owner(test_database.owner, WORKERS) == 2, "no worker came")
        assert as_owner(test_database.owner, END_CONNECTIONS) >= 2
        give_big(world)
        until(lambda: upload().state is UploadState.CHECKED, "the file was not checked")


def still_there(process: ForkServerProcess) -> bool:
    """Whether a process goes on for a second."""
    process.join(1)
    return process.exitcode is None
