"""Every version of a week is kept by the database, and a correction is settled once, whatever the code above does."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import ProgrammingError

from models import Actual, ActualVersion, AuditEvent, ExceptionCheck, Person, db, say_who
from rules.states import ActualState, Decision
from tests.models.test_promises import confirmed_week, invoice_of, refuses
from tests.support.worlds.decisions import decided
from tests.support.worlds.world import World


def test_an_invoiced_week_is_corrected_by_a_version_of_its_own(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    invoice_of(actual, world.period())
    values = {"delivered": 6, "missed": 1, "payable": 6, "sun": 0, "reason": "MISSED"}
    db.session.execute(update(Actual).where(Actual.id == actual.id).values(state=ActualState.INVOICED))
    db.session.execute(update(Actual).where(Actual.id == actual.id).values(version=Actual.version + 1, **values))
    assert db.session.scalars(select(ActualVersion.delivered).order_by(ActualVersion.version)).all() == [7, 6]


def test_an_invoiced_week_stays_the_week_it_is(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    db.session.execute(update(Actual).where(Actual.id == actual.id).values(state=ActualState.INVOICED))
    with refuses("has become money"):
        db.session.execute(update(Actual).values(week_starting=date(2017, 10, 23), version=Actual.version + 1))


def test_figures_that_change_are_another_version_whoever_forgets_to_say_so(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    say_who(world.officer("Procurement").id, "")
    db.session.execute(text("SELECT set_config('app.why', 'A slip of the finger', true)"))
    db.session.execute(
        update(Actual).where(Actual.id == actual.id).values(delivered=6, sun=0, missed=1, payable=6, reason="MISSED")
    )
    assert db.session.scalar(select(Actual.__table__.c.version)) == 2
    first, second = db.session.scalars(select(ActualVersion).order_by(ActualVersion.version))
    assert (first.version, first.delivered, second.version, second.delivered) == (1, 7, 2, 6)
    assert (second.source, second.saved_by and second.saved_by.council) == ("A slip of the finger", True)


def test_a_change_of_state_alone_is_no_version_of_a_week(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    db.session.execute(
        update(Actual).where(Actual.id == actual.id).values(state=ActualState.DRAFT, version=Actual.version + 1)
    )
    assert db.session.scalars(select(ActualVersion.version)).all() == [1]


def test_versions_are_not_rewritten(world: World, owner: Connection) -> None:
    confirmed_week(world.line(world.organisation()))
    for change in ("UPDATE actual_version SET delivered = 0", "DELETE FROM actual_version"):
        with refuses("has become money"):
            owner.execute(text(change))
        owner.rollback()


def test_the_web_role_cannot_write_versions(world: World) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(text("UPDATE actual_version SET delivered = 0"))


def test_one_statement_leaves_a_trace_of_each_row_it_changed(world: World) -> None:
    for number in range(3):
        world.person(f"P{number}", "Ada Bell")
    db.session.execute(update(Person).where(Person.reference != "P0").values(name="Bea Cole"))
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "person", AuditEvent.action == "changed"))
    assert [(each.before, each.after) for each in events] == [({"name": "Ada Bell"}, {"name": "Bea Cole"})] * 2
    db.session.execute(update(Person).values(name=Person.name))
    assert len(db.session.scalars(select(AuditEvent).where(AuditEvent.action == "changed")).all()) == 2


def test_a_decision_leaves_a_trace_and_so_does_what_voids_it(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    check = ExceptionCheck(
        organisation_id=actual.organisation_id, actual_id=actual.id, planned=7, claimed=9, percent=10, least_units=1,
        extras_allowed=True, allowance=1, over=True, rule="EL-1",
    )  # fmt: skip
    db.session.add(check)
    db.session.commit()
    made = decided(actual.id, Decision.REFUSED)
    check.decided = None
    db.session.commit()
    check.claimed, check.over = Decimal(7), False
    db.session.commit()
    of_checks = select(AuditEvent).where(AuditEvent.record == "exception_check").order_by(AuditEvent.id)
    events = db.session.scalars(of_checks).all()
    assert [((each.before or {})["decision_id"], (each.after or {})["decision_id"]) for each in events] == [
        (None, made.id),
        (made.id, None),
    ]
