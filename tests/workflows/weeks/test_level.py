"""Every save is checked against the exception level, and the check is kept with what it was worked out from."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import ExceptionCheck, ExceptionDecision, LineItem, Organisation, PolicySetting, acting_for, db
from rules.exception import ExceptionLevel
from rules.states import Decision, PolicyScope
from tests.support.worlds.decisions import decided
from tests.support.worlds.world import World
from workflows.actuals.history import week_history
from workflows.actuals.save import Entry, confirm_as_planned, save_week
from workflows.actuals.sheet import sheet
from workflows.weeks.level import LevelInForce

WEEK = date(2017, 11, 6)


def _save(line: LineItem, *days: str, confirm: bool = True) -> int:
    return save_week(WEEK, [Entry(line.id, days, "EXTRA")], None, confirm=confirm).held


def _check() -> ExceptionCheck:
    check: ExceptionCheck = db.session.scalars(select(ExceptionCheck).execution_options(populate_existing=True)).one()
    return check


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (ExceptionLevel(Decimal("10.0000"), Decimal(1), True), "EL-1: 10% above plan, at least 1.00"),
        (ExceptionLevel(Decimal("12.5000"), Decimal("0.5"), True), "EL-1: 12.5% above plan, at least 0.50"),
        (ExceptionLevel(Decimal(10), Decimal(1), False), "EL-1: nothing above plan"),
    ],
)
def test_a_level_reads(level: ExceptionLevel, words: str) -> None:
    assert LevelInForce(level, "EL-1").in_words == words


def test_a_week_over_the_level_is_confirmed_but_held(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        assert _save(line, "1", "1.5", "2", "2", "1", "1.5", "1") == 1
        check = _check()
        (row,) = sheet(WEEK).rows
        explanation = week_history(line.id, WEEK).explanation
    assert (check.planned, check.claimed, check.allowance, check.over) == (Decimal(7), Decimal(10), Decimal(1), True)
    assert (check.percent, check.least_units, check.extras_allowed, check.rule) == (
        Decimal(10),
        Decimal(1),
        True,
        "EL-1",
    )
    assert (row.held, row.state, row.over, row.allowance) == (True, "Confirmed", Decimal(3), Decimal(1))
    assert explanation[0] == "Planned 7.00 hours, delivered 10.00."


def test_exactly_the_allowance_is_not_held_but_checked(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        assert _save(line, "2", "1", "1", "1", "1", "1", "1") == 0
        assert not _check().over


def test_a_week_as_planned_is_checked_too(world: World, organisation: Organisation) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        confirm_as_planned([WEEK], None)
        assert (_check().claimed, _check().over) == (Decimal(7), False)


def test_the_level_is_that_of_the_service_date_and_is_named(world: World, organisation: Organisation) -> None:
    for value, day in (("50", date(2017, 10, 1)), ("5", date(2017, 11, 13))):
        db.session.add(PolicySetting(name="exception_percent", value=value, scope=PolicyScope.COUNCIL, valid_from=day))
    db.session.commit()
    line = world.line(organisation)
    with acting_for(organisation.id):
        assert _save(line, "3", "2", "1", "1", "1", "1", "1") == 0
        check = _check()
    assert (check.percent, check.allowance, check.rule) == (Decimal(50), Decimal("3.50"), "EL-1 of 1 October 2017")


def test_without_extras_a_quarter_of_an_hour_is_over(world: World) -> None:
    organisation = world.organisation(sector="Supported living")
    line = world.line(organisation)
    with acting_for(organisation.id):
        assert _save(line, "1.25", "1", "1", "1", "1", "1", "1") == 1
        assert (_check().allowance, _check().rule) == (Decimal(0), "EL-2")


def test_a_line_may_have_its_own_word_on_extras(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, extras_allowed=False)
    with acting_for(organisation.id):
        assert _save(line, "1.25", "1", "1", "1", "1", "1", "1") == 1


def test_an_allowance_of_odd_hundredths_is_kept_as_it_decides(world: World, organisation: Organisation) -> None:
    db.session.add(
        PolicySetting(name="exception_percent", value="7.125", scope=PolicyScope.COUNCIL, valid_from=date(2017, 10, 1))
    )
    db.session.commit()
    line = world.line(organisation, weekly="20.75")
    with acting_for(organisation.id):
        assert _save(line, "22.25") == 1
        assert (_check().percent, _check().allowance) == (Decimal("7.125"), Decimal("1.4784"))


def test_a_change_of_figures_voids_the_decision(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        _save(line, "4", "1", "1", "1", "1", "1", "1")
        decided(_check().actual_id, Decision.UP_TO, "8.50")
        (row,) = sheet(WEEK).rows
        assert (row.held, row.decision, row.payable) == (False, "Approved up to 8.50", Decimal("8.50"))
        _save(line, "4.5", "1", "1", "1", "1", "1", "1")
        assert (_check().decision_id, db.session.scalars(select(ExceptionDecision.units)).all()) == (
            None,
            [Decimal("8.50")],
        )
        (row,) = sheet(WEEK).rows
        assert (row.held, row.payable) == (True, Decimal("10.50"))


def test_moving_units_to_another_day_voids_the_decision(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        _save(line, "4", "1", "1", "1", "1", "1", "1")
        decided(_check().actual_id, Decision.UP_TO, "8.50")
        _save(line, "1", "4", "1", "1", "1", "1", "1")
        assert _check().decision_id is None


def test_a_comment_leaves_the_decision_as_it_is(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        _save(line, "4", "1", "1", "1", "1", "1", "1")
        decided(_check().actual_id, Decision.UP_TO, "8.50")
        entry = Entry(line.id, ("4", "1", "1", "1", "1", "1", "1"), "EXTRA")
        assert save_week(WEEK, [replace(entry, comment="Asked by the family")], None, confirm=True).written == 1
        (row,) = sheet(WEEK).rows
    assert (row.decision, row.payable, row.state) == ("Approved up to 8.50", Decimal("8.50"), "Confirmed")
