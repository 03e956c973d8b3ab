"""The weeks of aborted visits follow from them, one by one and in sets, whoever saves at the same moment."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select, text

from models import AbortedVisit, ExceptionCheck, Organisation, PortalUser, acting_for, db
from rules.refusal import Refused, Unknown
from rules.states import ActualState, Unit
from tests.support.processes.at_once import at_once
from tests.support.queries import Queries
from tests.support.worlds.visits import stored, visit_on
from tests.support.worlds.weeks import NOV_6, OCT_16, send, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.aborted_visits.record import record, record_many, rederive, remove, visits_of
from workflows.actuals.history import week_history
from workflows.actuals.save import Entry, save_week
from workflows.actuals.sheet import sheet


@pytest.fixture
def organisation(world: World) -> Organisation:
    world.period()
    return world.organisation()


@pytest.fixture
def user(world: World, organisation: Organisation) -> PortalUser:
    found = world.contact(organisation, "ida@provider.example").user
    assert found
    return found


def test_a_week_nobody_started_becomes_a_draft_with_its_plan_less_the_visit(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        visit = record(visit_on(line), user)
    actual = stored(line)
    assert (visit.planned_units, visit.payable) == (Decimal("0.75"), Decimal("0.50"))
    assert (actual.state, actual.tue, actual.delivered) == (ActualState.DRAFT, Decimal("0.25"), Decimal("6.25"))
    derived = (actual.aborted, actual.aborted_payable, actual.missed, actual.extra, actual.payable)
    assert derived == tuple(map(Decimal, ("0.75", "0.50", "0", "0", "6.75")))
    assert (actual.version, actual.changed_by_id) == (1, user.id)
    assert actual.check
    assert actual.check.claimed == Decimal("6.75")


def test_such_a_week_is_confirmed_without_a_reason(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        record(visit_on(line), user)
        (row,) = sheet(NOV_6).rows
        figures = tuple(cell.value for cell in row.cells)
        saved = save_week(NOV_6, [Entry(row.line_id, figures, seen=row.seen)], user, confirm=True)
    assert (saved.confirmed, saved.refused) == (1, [])
    assert stored(line).payable == Decimal("6.75")


def test_what_is_left_of_the_plan_is_in_whole_steps(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        record(visit_on(line, planned_minutes=20), user)
    assert (stored(line).tue, stored(line).aborted, stored(line).missed) == tuple(map(Decimal, ("0.5", "0.33", "0.17")))


def test_days_to_come_are_not_taken_as_delivered(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation)
    world.app.config["PORTAL_TODAY"] = "2017-11-08"
    with acting_for(organisation.id):
        record(visit_on(line), user)
    assert [f"{units:.2f}" for units in stored(line).days] == ["1.00", "0.25", "1.00", "0.00", "0.00", "0.00", "0.00"]


def test_a_weekly_plan_loses_the_visit_from_its_total(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation, weekly="3.50")
    with acting_for(organisation.id):
        record(visit_on(line), user)
    assert (stored(line).delivered, stored(line).payable) == (Decimal("2.75"), Decimal("3.25"))


def test_half_of_a_session_is_paid(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation, ("0", "2", "0", "0", "0", "0", "0"), unit=Unit.SESSION)
    with acting_for(organisation.id):
        visit = record(visit_on(line, planned_minutes=60), user)
    assert (visit.planned_units, visit.payable, visit.rule) == (Decimal(1), Decimal("0.50"), "AV-2")
    assert (stored(line).tue, stored(line).payable) == (Decimal(1), Decimal("1.50"))


def test_what_was_typed_stays_and_a_confirmed_week_is_a_draft_again(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    week(line, NOV_6)
    with acting_for(organisation.id):
        record(visit_on(line), user)
    actual = stored(line)
    assert (actual.state, actual.delivered, actual.extra, actual.payable) == (
        ActualState.DRAFT, Decimal(7), Decimal("0.75"), Decimal("7.50"),
    )  # fmt: skip
    assert (actual.version, actual.confirmed_at) == (2, None)


def test_a_week_that_goes_over_its_level_is_held_and_a_decision_is_void(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    actual = week(line, NOV_6, ("1", "1", "1", "1", "1", "1", "1.75"))
    with acting_for(organisation.id):
        record(visit_on(line), user)
    check = db.session.scalars(select(ExceptionCheck).where(ExceptionCheck.actual_id == actual.id)).one()
    assert (check.claimed, check.over, stored(line).is_held) == (Decimal("8.25"), True, True)


def test_a_week_on_an_invoice_stays(world: World, organisation: Organisation, user: PortalUser) -> None:
    line, contact = world.line(organisation), organisation.contacts[0]
    week(line, OCT_16, ("1", "0.25", "1", "1", "1", "1", "1"), aborted="0.75", aborted_payable="0.50")
    period = world.period(1)
    visit = AbortedVisit(
        organisation_id=organisation.id, line_item_id=line.id, visit_date=date(2017, 10, 17), planned_start=time(8),
        planned_minutes=45, reason="NO_REPLY", planned_units=Decimal("0.75"), payable=Decimal("0.50"), rule="AV-1",
    )  # fmt: skip
    db.session.add(visit)
    db.session.commit()
    assert send(contact, period).number
    with acting_for(organisation.id):
        with pytest.raises(Refused, match="The week of 16 October 2017 is on an invoice"):
            record(visit_on(line, date(2017, 10, 18)), user)
        with pytest.raises(Refused, match="The week of 16 October 2017 is on an invoice"):
            remove(visit.id, user, "typed twice")
        assert [each.can_be_removed for each in visits_of(line.id, OCT_16)] == [False]
        (same,) = record_many([visit_on(line, date(2017, 10, 17))], user)
        assert same.is_unchanged
        assert not same.problems


def test_a_visit_is_taken_off_what_was_delivered_if_asked(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    by_day, by_week = world.line(organisation), world.line(organisation, weekly="3.50")
    for line in (by_day, by_week):
        week(line, NOV_6)
        with acting_for(organisation.id):
            record(visit_on(line), user, take_off=True)
    assert (stored(by_day).tue, stored(by_day).delivered, stored(by_day).extra) == tuple(
        map(Decimal, ("0.25", "6.25", "0"))
    )
    assert (stored(by_week).delivered, stored(by_week).payable) == (Decimal("2.75"), Decimal("3.25"))


def test_a_visit_forgotten_on_an_invoice_is_a_correction(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    actual = week(line, OCT_16)
    send(organisation.contacts[0], world.period(1))
    forgotten = visit_on(line, date(2017, 10, 17), reason="HOSPITAL")
    with acting_for(organisation.id):
        record(forgotten, user, take_off=True, correct=True)
        corrected = stored(line, OCT_16)
        assert (corrected.state, corrected.delivered, corrected.payable) == (
            ActualState.INVOICED, Decimal("6.25"), Decimal("6.75"),
        )  # fmt: skip
        assert (corrected.reason, corrected.comment) == (
            "HOSPITAL", "Aborted visit on 17 October 2017: The person was in hospital",
        )  # fmt: skip
        assert corrected.id == actual.id
        # A quarter of an hour at £19.68 an hour less.
        assert week_history(line.id, OCT_16).waiting == Decimal("-4.92")


def test_removing_brings_the_week_back_and_is_kept_in_the_audit_trail(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    week(line, NOV_6)
    with acting_for(organisation.id):
        visit = record(visit_on(line), user)
        with pytest.raises(Refused, match="Say why the visit is removed"):
            remove(visit.id, user, "")
        remove(visit.id, user, "The wrong person")
        with pytest.raises(Unknown):
            remove(visit.id, user, "Again")
        assert visits_of(line.id, NOV_6) == []
    actual = stored(line)
    assert (actual.aborted, actual.payable, actual.extra) == tuple(map(Decimal, (0, 7, 0)))
    assert actual.version == 3
    kept = text("SELECT why, before ->> 'planned_minutes' FROM audit_event WHERE record = 'aborted_visit' AND"
                " action = 'deleted'")  # fmt: skip
    assert db.session.execute(kept).one() == ("The wrong person", "45")


def test_many_are_recorded_in_as_many_queries_as_two(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    lines = [world.line(organisation) for _ in range(12)]
    counts = []
    with acting_for(organisation.id):
        for some in (lines[:2], lines[2:]):
            db.session.expunge_all()
            db.session.connection()  # a transaction begins by telling the database the scope
            policy.versions()  # read once in a request
            with Queries() as queries:
                judged = record_many([visit_on(line) for line in some], user)
            db.session.commit()
            counts.append(len(queries))
            assert not any(each.problems for each in judged)
    assert counts[0] == counts[1] == 21, queries
    assert len(db.session.scalars(select(AbortedVisit)).all()) == 12


def test_of_many_the_good_are_recorded_and_the_changed_are_changed(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    good, late = visit_on(line), visit_on(line, planned_start=time(18), planned_minutes=15)
    with acting_for(organisation.id):
        first = record_many([good, visit_on(line, planned_start=time(12)), late, late], user)
        db.session.commit()
        assert [len(each.problems) for each in first] == [0, 1, 0, 1]
        again = record_many([good, late], user)
        db.session.commit()
        assert all(each.is_unchanged for each in again)
        assert stored(line).version == 1
        shorter = replace(good, planned_minutes=30, comment="Half of it")
        (changed,) = record_many([shorter], user)
        db.session.commit()
    assert (changed.known and not changed.is_unchanged) or changed.known
    assert (stored(line).aborted, stored(line).aborted_payable, stored(line).version) == (
        Decimal("0.75"), Decimal("0.75"), 2,
    )  # fmt: skip


def test_weeks_that_agree_with_their_visits_are_left_alone(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    week(line, NOV_6)
    with acting_for(organisation.id):
        rederive([], user)
        rederive([(line.id, NOV_6)], user)
        db.session.commit()
    assert (stored(line).version, stored(line).state) == (1, ActualState.CONFIRMED)


def test_two_who_record_at_once_do_not_use_the_same_time_twice(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    entries = [visit_on(line, planned_start=time(hour)) for hour in (8, 18)]
    results = at_once(world.app, *(partial(record, entry, None) for entry in entries))
    assert sorted(type(each).__name__ for each in results) == ["AbortedVisit", "Refused"]
    assert stored(line).aborted == Decimal("0.75")


def test_recording_while_the_week_is_saved_loses_neither(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    for round_ in range(5):
        monday = OCT_16 + timedelta(weeks=round_ % 4)
        save = Entry(line.id, ("1", "0.25", "1", "1", "1", "1", "0"), "SHORTER", f"round {round_}")
        day = monday + timedelta(days=1)
        saved, recorded = at_once(
            world.app,
            partial(save_week, monday, [save], None),
            partial(record, visit_on(line, day, planned_start=time(8 + round_), planned_minutes=15), None),
        )
        there = len(visits_of(line.id, monday))
        assert isinstance(recorded, AbortedVisit | Refused)
        assert stored(line, monday).aborted == Decimal("0.25") * there
        assert there or isinstance(recorded, Refused)
        assert saved.refused or stored(line, monday).comment == f"round {round_}"
