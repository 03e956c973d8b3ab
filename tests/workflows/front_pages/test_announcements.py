"""Announcements reach their audience, on the page and by e-mail, and nobody else."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models import Announcement, Email, Organisation, Sector, acting_for, db
from rules.announcement import Wording
from rules.mail_states import Audience
from rules.refusal import Refused
from tests.support.processes.at_once import at_once
from tests.support.worlds.world import World
from workflows.front_pages.announced import put_away, seen_last, widespread
from workflows.front_pages.announcements import (
    AudienceCount,
    end,
    listed,
    organisations_named,
    publish,
    reach,
    write_due_emails,
)

TODAY = date(2017, 11, 20)


def wording(**more: Any) -> Wording:
    """An announcement for everybody from today on, unless told."""
    known: dict[str, Any] = {
        "title": "Invoices", "body": "Send them.", "audience": Audience.EVERYBODY, "sector_id": None,
        "organisation_ids": (), "start": TODAY, "end": None,
    }  # fmt: skip
    return Wording(**(known | more))


def sector(name: str) -> int:
    """The id of a sector."""
    found: int = db.session.scalars(select(Sector.id).where(Sector.name == name)).one()
    return found


def recipients() -> set[str]:
    """Who is written to."""
    return set(db.session.scalars(select(Email.recipient)))


@pytest.fixture
def three(world: World) -> tuple[Organisation, Organisation, Organisation]:
    """Two home support organisations and a care home, with a contact each."""
    made = (
        world.organisation("Fenland"), world.organisation("Broadland"), world.organisation("Holt House", "Residential")
    )  # fmt: skip
    for each in made:
        world.contact(each, f"manager@{each.name.split()[0].lower()}.example")
    return made


def seen_by(organisations: Iterable[Organisation]) -> list[list[str]]:
    """What the database shows each of them below every page."""
    found = []
    for each in organisations:
        with acting_for(each.id):
            found.append(list(db.session.scalars(select(Announcement.title).order_by(Announcement.title))))
    return found


def test_a_home_is_not_told_what_home_support_has_to_do(
    three: tuple[Organisation, Organisation, Organisation],
) -> None:
    typed = wording(audience=Audience.SECTOR, sector_id=sector("Home support"), by_email=True)
    assert reach(typed) == AudienceCount(2, 2, 0)
    publish(typed, [])
    assert seen_by(three) == [["Invoices"], ["Invoices"], []]
    assert recipients() == {"manager@fenland.example", "manager@broadland.example"}


def test_some_organisations_are_named_by_their_references(
    three: tuple[Organisation, Organisation, Organisation],
) -> None:
    ids, problems = organisations_named(f"{three[1].reference.lower()}\n{three[2].reference}")
    assert problems == []
    typed = wording(audience=Audience.ORGANISATIONS, organisation_ids=ids)
    assert reach(typed) == AudienceCount(2, 2, 0)
    publish(typed, [])
    assert seen_by(three) == [[], ["Invoices"], ["Invoices"]]
    assert recipients() == set()
    assert organisations_named("ORG-9999")[1][0].wrong == "There is no organisation with the reference ORG-9999."


def test_one_for_officers_alone_is_shown_to_no_organisation(
    world: World, three: tuple[Organisation, Organisation, Organisation]
) -> None:
    auditor, gone = world.officer("Auditor"), world.officer("Procurement")
    gone.active = False
    db.session.commit()
    typed = wording(audience=Audience.STAFF, by_email=True)
    found = reach(typed)
    assert (found.organisations, found.contacts) == (0, 0)
    publish(typed, [])
    assert seen_by(three) == [[], [], []]
    assert len(recipients()) == found.officers
    assert auditor.email in recipients()
    assert not recipients() & {gone.email, "manager@fenland.example"}


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_published(world: World) -> None:
    bad = wording(title="", body="You are owed £12.50", audience=None, end=date(2017, 11, 1), by_email=True)
    with pytest.raises(Refused) as refused:
        publish(bad, [])
    assert [each.field for each in refused.value.problems] == ["title", "body", "audience", "end"]
    assert listed() == ([], [])


def test_an_announcement_is_ended_at_once_and_only_once(
    three: tuple[Organisation, Organisation, Organisation],
) -> None:
    made = publish(wording(widespread=True), [])
    assert [each.title for each in widespread()] == ["Invoices"]
    end(made.id)
    assert widespread() == []
    assert [each.announcement.title for each in listed()[1]] == ["Invoices"]
    with pytest.raises(Refused):
        end(made.id)


def test_what_was_seen_last_is_known_without_the_database(world: World) -> None:
    publish(wording(widespread=True, end=TODAY), [])
    widespread()
    assert [each.title for each in seen_last()] == ["Invoices"]
    world.app.config["PORTAL_TODAY"] = "2017-11-21"
    assert seen_last() == []


def test_its_emails_are_written_on_its_first_day_and_once(
    world: World, three: tuple[Organisation, Organisation, Organisation]
) -> None:
    publish(wording(start=date(2017, 11, 22), by_email=True), [])
    ended = publish(wording(title="Closed", start=date(2017, 11, 22), by_email=True), [])
    end(ended.id)
    assert (write_due_emails(), recipients()) == (0, set())
    world.app.config["PORTAL_TODAY"] = "2017-11-22"
    assert (write_due_emails(), write_due_emails()) == (3, 0)
    assert len(recipients()) == 3
    db.session.commit()
    assert publish(wording(start=date(2017, 11, 22), by_email=True), []).emailed_at


def test_two_jobs_at_once_write_its_emails_once(
    world: World, three: tuple[Organisation, Organisation, Organisation]
) -> None:
    publish(wording(start=date(2017, 11, 22), by_email=True), [])
    world.app.config["PORTAL_TODAY"] = "2017-11-22"
    assert write_due_emails() == 3
    # The first has written, and not committed.
    assert at_once(world.app, write_due_emails) == [0]
    db.session.commit()
    assert at_once(world.app, write_due_emails) == [0]
    assert len(db.session.scalars(select(Email.id)).all()) == 3


def test_how_many_have_put_one_away_is_counted_by_person_once(
    world: World, three: tuple[Organisation, Organisation, Organisation]
) -> None:
    made = publish(wording(), [])
    reader = world.user("reader@provider.example")
    for _ in range(2):
        with acting_for(three[0].id):
            put_away(made.id, reader.id, three[0].id)
    assert [each.read for each in listed()[0]] == [1]
