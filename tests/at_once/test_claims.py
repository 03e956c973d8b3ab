"""A claim and care saved for the same day at the same moment, in two processes: one of them is refused in words."""

import pytest
from sqlalchemy import select

import database
from models import AbsenceClaim, Actual, LineItem, Organisation, PortalUser, db
from tests.support.files.uploads import send
from tests.support.processes.children import PUT_IN, doing, held_back, said
from tests.support.worlds.world import World

WITHOUT_TURNS = """
import workflows.absences.claim, workflows.actuals.save
for each in (workflows.absences.claim, workflows.actuals.save):
    each.take_turns = lambda *_args, **_more: None
"""
CLAIM = """
from datetime import date
from models import PortalUser, db
from rules.absence_refusal import ClaimEntry
from rules.refusal import Refused
from rules.states import AbsenceReason
from workflows.absences import claim
wanted = ClaimEntry({line_id}, date(2017, 10, 19), date(2017, 10, 20), AbsenceReason.HOSPITAL)
seen = claim.foresee(wanted).seen
db.session.rollback()
try:
    claim.submit(wanted, db.session.get_one(PortalUser, {user_id}), seen=seen)
    print("claimed")
except Refused as refused:
    print(refused)
"""
TYPE = """
from datetime import date
from workflows.actuals.save import Entry, save_week
saved = save_week(date(2017, 10, 16), [Entry({line_id}, ("1",) * 7, "")], None, confirm=True)
print(saved.refused[0].problems[0].wrong if saved.refused else "saved")
"""


@pytest.fixture
def user(world: World, organisation: Organisation) -> PortalUser:
    found = world.contact(organisation).user
    assert found
    return found


def at_once(urls: database.Urls, organisation: Organisation, *deeds: str) -> list[str]:
    """Let processes do deeds that have read everything before one of them can write. What each said."""
    with held_back(urls.owner, "LOCK TABLE actual IN EXCLUSIVE MODE") as wait:
        children = [doing(urls, organisation.id, deed) for deed in deeds]
        wait(len(deeds))
    return [said(child) for child in children]


def both_there() -> bool:
    db.session.rollback()
    return bool(db.session.scalars(select(Actual.id)).all() and db.session.scalars(select(AbsenceClaim.id)).all())


@pytest.mark.parametrize("care", ["typed", "in a file"])
def test_of_a_claim_and_care_of_its_day_one_is_refused_in_words(
    test_database: database.Urls, organisation: Organisation, line: LineItem, user: PortalUser, care: str
) -> None:
    rows = ["CPLI,Service date,Delivered units,Reason", f"{line.reference},19/10/2017,1,OTHER"]
    saving = TYPE.format(line_id=line.id) if care == "typed" else PUT_IN.format(upload_id=send(organisation, rows).id)
    words = at_once(test_database, organisation, CLAIM.format(line_id=line.id, user_id=user.id), saving)
    assert not both_there()
    done, refused = sorted(words, key=lambda each: each not in ("claimed", "saved", "written"))
    assert done in ("claimed", "saved", "written")
    assert "are is recorded" in refused or "Absence claim AC-" in refused or refused == "refused"


def test_without_taking_turns_the_day_would_have_both(
    test_database: database.Urls, organisation: Organisation, line: LineItem, user: PortalUser
) -> None:
    deeds = [CLAIM.format(line_id=line.id, user_id=user.id), TYPE.format(line_id=line.id)]
    words = at_once(test_database, organisation, *(WITHOUT_TURNS + deed for deed in deeds))
    assert words == ["claimed", "saved"]
    assert both_there()
