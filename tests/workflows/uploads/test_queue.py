"""Big files wait for a worker, one takes each, and a file outlives a worker that ends in the middle."""

import pytest
from sqlalchemy import func, select, text

from models import COUNCIL, Organisation, Upload, acting_for, db
from rules.states import UploadState
from tests.support.uploads import big_file, stored
from tests.support.world import World
from workflows.uploads import steps as uploads
from workflows.uploads.queue import MOST_ATTEMPTS, UPLOAD_LOCK, work_once


@pytest.fixture
def organisation(world: World) -> Organisation:
    return world.organisation()


@pytest.fixture
def big(world: World, organisation: Organisation) -> Upload:
    line = world.line(organisation)
    with acting_for(organisation.id):
        return uploads.keep("big.csv", big_file(line), None, organisation.id)


def state(kept: Upload) -> UploadState:
    found: UploadState = db.session.scalars(select(Upload.state).where(Upload.id == kept.id)).one()
    return found


def test_a_big_file_waits_and_a_worker_checks_and_puts_it_in(organisation: Organisation, big: Upload) -> None:
    assert state(big) is UploadState.WAITING
    assert work_once()
    assert state(big) is UploadState.CHECKED
    with acting_for(organisation.id):
        assert uploads.ask_to_apply(big.id, [], None).state is UploadState.APPLYING
    assert stored() == {}
    assert work_once()
    assert state(big) is UploadState.DONE
    assert len(stored()) == 1
    assert not work_once(), "there is nothing left to do"


def test_a_file_whose_worker_ended_is_taken_again(big: Upload) -> None:
    db.session.execute(text("UPDATE upload SET state = 'checking', attempts = 1, rows_done = 5"))
    db.session.commit()
    assert work_once()
    assert state(big) is UploadState.CHECKED


def test_a_file_that_another_worker_has_is_left_to_it(big: Upload) -> None:
    with db.engine.connect() as other:
        other.scalar(select(func.pg_advisory_lock(UPLOAD_LOCK, big.id)))
        assert not work_once()
    assert work_once()


def test_a_file_that_ends_every_worker_is_given_up_with_a_sentence(big: Upload) -> None:
    db.session.execute(text(f"UPDATE upload SET state = 'checking', attempts = {MOST_ATTEMPTS}"))
    db.session.commit()
    assert work_once()
    with acting_for(COUNCIL):
        kept = uploads.find_upload(big.id)
    assert kept.state is UploadState.FAILED
    assert "Split it" in kept.notices[0]


def test_a_check_in_the_background_says_how_far_it_is(big: Upload) -> None:
    assert work_once()
    with acting_for(COUNCIL):
        kept = uploads.find_upload(big.id)
    assert kept.rows_done == kept.rows_total == 507
