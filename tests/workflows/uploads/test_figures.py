"""What a file does to weeks that somebody confirmed, that were decided about, or whose price changes."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from models import Actual, ExceptionCheck, Organisation, Rate, acting_for, db
from rules.states import ActualState, Decision
from tests.support.files.uploads import put_in, send
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import week
from tests.support.worlds.world import World

DAILY = "CPLI,Service date,Delivered units,Reason,Comment"
# 8.50 of 7.00 planned, where 1.00 more is allowed.
OVER = ("2.50", *("1.00",) * 6)


def upload(organisation: Organisation, row: str) -> None:
    put_in(organisation, send(organisation, [DAILY, row]))


def decide(units: str) -> None:
    """Let Service Brokerage approve up to so many units of the only week there is."""
    decided(db.session.scalars(select(Actual.id)).one(), Decision.UP_TO, units)


def test_a_comment_out_of_a_file_leaves_a_confirmed_week_confirmed(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    confirmed_at = week(line).confirmed_at
    upload(organisation, f"{line.reference},16/10/2017,1,,Late bus")
    actual = db.session.scalars(select(Actual)).one()
    assert (actual.comment, actual.state, actual.confirmed_at) == ("Late bus", ActualState.CONFIRMED, confirmed_at)


def test_a_figure_out_of_a_file_makes_a_confirmed_week_a_draft(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    week(line)
    upload(organisation, f"{line.reference},16/10/2017,0.5,SHORTER,")
    actual = db.session.scalars(select(Actual)).one()
    assert (actual.state, actual.confirmed_at) == (ActualState.DRAFT, None)


def test_a_comment_out_of_a_file_leaves_a_decision_and_what_it_pays(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    week(line, delivered=OVER)
    decide("8.25")
    upload(organisation, f"{line.reference},16/10/2017,2.5,EXTRA,As agreed by telephone")
    actual, check = db.session.scalars(select(Actual)).one(), db.session.scalars(select(ExceptionCheck)).one()
    assert (actual.comment, actual.payable) == ("As agreed by telephone", Decimal("8.25"))
    assert check.decided is not None
    assert (check.decided.decision, check.claimed, check.over) == (Decision.UP_TO, Decimal("8.50"), True)


def test_a_figure_out_of_a_file_voids_a_decision(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    week(line, delivered=OVER)
    decide("8.25")
    upload(organisation, f"{line.reference},16/10/2017,3,EXTRA,")
    actual, check = db.session.scalars(select(Actual)).one(), db.session.scalars(select(ExceptionCheck)).one()
    assert (actual.payable, check.decision_id, check.claimed) == (Decimal("9.00"), None, Decimal("9.00"))


def test_moving_units_between_days_in_a_file_voids_a_decision(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    week(line, delivered=OVER)
    decide("8.25")
    rows = [f"{line.reference},16/10/2017,1,EXTRA,", f"{line.reference},17/10/2017,2.5,EXTRA,"]
    put_in(organisation, send(organisation, [DAILY, *rows]))
    assert db.session.scalars(select(ExceptionCheck.decision_id)).one() is None
    assert db.session.scalars(select(Actual.payable)).one() == Decimal("8.50")


def test_the_effect_in_pounds_is_worked_out_with_every_rate_of_the_week(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation, ("1.25",) * 7)
    thursday = date(2017, 10, 19)
    World.confirmed()
    db.session.execute(update(Rate).values(end=thursday - timedelta(days=1)))
    db.session.add(Rate(organisation=organisation, line_item=line, rate=Decimal("20.25"), start=thursday))
    db.session.commit()
    reference = line.reference
    days = [f"{reference},{16 + index}/10/2017,1.25,," for index in range(7)]
    with acting_for(organisation.id):
        kept = send(organisation, [DAILY, *days])
    # 3.75 h at £19.68 and 5.00 h at £20.25
    assert (kept.pounds_before, kept.pounds_after) == (Decimal(0), Decimal("175.05"))
