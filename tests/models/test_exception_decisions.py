"""A decision about a week over the exception level is kept as made, and settles only the figures it was about."""

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import ProgrammingError

from models import Actual, ExceptionCheck, ExceptionDecision, acting_for, db
from rules.states import Decision
from tests.models.test_promises import refuses
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World

TEN = ("4", "1", "1", "1", "1", "1", "1")


@pytest.fixture
def held(world: World) -> Actual:
    """A week of 10.00 hours against 7.00 planned."""
    return week(world.line(world.organisation()), OCT_16, TEN)


@pytest.mark.parametrize("change", ["UPDATE exception_decision SET reason = 'Other'", "DELETE FROM exception_decision"])
def test_a_decision_is_not_rewritten(held: Actual, owner: Connection, change: str) -> None:
    decided(held.id)
    with refuses("kept as it was written"):
        owner.execute(text(change))
    owner.rollback()


def test_a_provider_reads_its_decisions_and_makes_none(held: Actual) -> None:
    decided(held.id)
    with acting_for(held.organisation_id):
        assert db.session.scalars(select(ExceptionDecision.reason)).all() == ["Agreed"]
        with pytest.raises(ProgrammingError, match="permission denied"):
            db.session.execute(text("INSERT INTO exception_decision SELECT * FROM exception_decision"))


def test_a_check_takes_no_decision_about_other_figures(held: Actual) -> None:
    decided(held.id)
    with refuses("fk_exception_check_actual_id_decision_id_planned_claimed"):
        db.session.execute(text("UPDATE exception_check SET claimed = 11"))


def test_a_check_takes_no_decision_about_another_week(world: World, held: Actual) -> None:
    made = decided(held.id)
    week(world.line(world.organisation("Other Ltd"), reference="OTHER"), OCT_16, TEN)
    with refuses("fk_exception_check_actual_id_decision_id_planned_claimed"):
        db.session.execute(text("UPDATE exception_check SET decision_id = :id"), {"id": made.id})


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [("units = NULL", "units_given"), ("units = 10", "units_between"), ("units = 6.99", "units_between"),
     ("reason = ''", "why"), ("\"end\" = start - 1", "dates")],
)  # fmt: skip
def test_a_decision_makes_sense(held: Actual, wrong: str, constraint: str) -> None:
    decided(held.id, Decision.UP_TO, "8.50")
    name, _, value = wrong.partition(" = ")
    columns = [each.name for each in ExceptionDecision.__table__.columns if each.name != "id"]
    values = ", ".join(value if f'"{each}"' == name or each == name else f'"{each}"' for each in columns)
    with refuses(f"ck_exception_decision_{constraint}"):
        names = ", ".join(f'"{each}"' for each in columns)
        db.session.execute(text(f"INSERT INTO exception_decision ({names}) SELECT {values} FROM exception_decision"))


def test_a_week_that_is_over_its_level_is_held_until_a_decision_is_in_force(held: Actual) -> None:
    check = db.session.scalars(select(ExceptionCheck)).one()
    assert check.held
    decided(held.id)
    assert db.session.scalars(select(ExceptionCheck.id).where(ExceptionCheck.held)).all() == []
