"""An aborted visit is recorded with what is payable for it, and its week follows from it."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models import (
    AbortedVisit,
    Actual,
    Organisation,
    PolicySetting,
    PortalUser,
    acting_for,
    db,
)
from rules.agreement_states import DocumentState
from rules.refusal import Refused, Unknown
from rules.states import PaymentMethod, PolicyScope, Unit
from tests.support.worlds.visits import stored, visit_on
from tests.support.worlds.world import World
from workflows.aborted_visits.record import VisitEntry, choices, foreseen, record

TOO_LONG = "Enter how long the visit was to take, from 1 to 1,440 minutes."


@pytest.fixture
def organisation(world: World) -> Organisation:
    world.period()
    return world.organisation()


@pytest.fixture
def user(world: World, organisation: Organisation) -> PortalUser:
    found = world.contact(organisation, "ida@provider.example").user
    assert found
    return found


def clock(text: str) -> datetime:
    """What the clocks of London show."""
    return datetime.fromisoformat(text)


def problems(error: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in error.value.problems]


def test_what_is_payable_is_said_before_anything_is_stored(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        payable, sentence = foreseen(visit_on(line, told_at=clock("2017-11-07 05:00")))
    assert (payable, sentence) == (Decimal("0.50"), "30 minutes are paid: told 3 hours before, rule AV-1.")
    assert not db.session.scalars(select(AbortedVisit)).all()
    assert not db.session.scalars(select(Actual)).all()


def test_the_setting_in_force_on_the_day_decides_and_is_kept(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation)
    setting = PolicySetting(name="aborted_minutes", value="15", scope=PolicyScope.COUNCIL, valid_from=date(2017, 11, 7))
    db.session.add(setting)
    db.session.commit()
    with acting_for(organisation.id):
        before = record(visit_on(line, date(2017, 11, 6)), user)
        since = record(visit_on(line), user)
    assert (before.payable, before.rule) == (Decimal("0.50"), "AV-1")
    assert (since.payable, since.rule) == (Decimal("0.25"), "AV-1 of 7 November 2017")


@pytest.mark.parametrize(
    ("told", "paid", "sentence"),
    [
        (clock("2017-11-06 08:00"), "0", "Nothing is paid: told 24 hours before, rule AV-3."),
        (clock("2017-11-06 08:01"), "0.50", "30 minutes are paid: told 23 hours 59 minutes before, rule AV-1."),
        (clock("2017-11-07 08:00"), "0.50", "30 minutes are paid: told 0 minutes before, rule AV-1."),
        (clock("2017-11-07 09:00"), "0.50", "30 minutes are paid: told after the planned start, rule AV-1."),
        (None, "0.50", "30 minutes are paid: you were not told, rule AV-1."),
    ],
)
def test_notice_is_counted_to_the_planned_start(
    world: World, organisation: Organisation, told: datetime | None, paid: str, sentence: str
) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        assert foreseen(visit_on(line, told_at=told)) == (Decimal(paid), sentence)


@pytest.mark.parametrize(
    ("told", "notice"),
    [
        # On 29 October 2017 the clocks go back at two: the night is an hour longer.
        (clock("2017-10-28 08:00"), timedelta(hours=25)),
        (clock("2017-10-28 09:00"), timedelta(hours=24)),
        # Half past one comes twice that night; the later one is taken.
        (clock("2017-10-29 01:30"), timedelta(hours=6, minutes=30)),
        (datetime(2017, 10, 29, 0, 30, tzinfo=UTC), timedelta(hours=7, minutes=30)),
    ],
)
def test_notice_counts_the_hours_that_passed_when_the_clocks_change(told: datetime, notice: timedelta) -> None:
    entry = VisitEntry(1, date(2017, 10, 29), time(8), 45, told_at=told)
    assert entry.notice == notice


@pytest.mark.parametrize(
    ("more", "field", "message"),
    [
        ({"day": date(2017, 10, 30)}, "day", "This line starts on 6 November 2017. Enter a day on or after it."),
        ({"day": date(2017, 11, 19)}, "day", "This line ended on 18 November 2017. Enter a day on or before it."),
        ({"planned_minutes": 0}, "planned_minutes", TOO_LONG),
        ({"planned_minutes": 1441}, "planned_minutes", TOO_LONG),
        (
            {"planned_minutes": 61},
            "planned_minutes",
            "1.00 hour is planned on Tuesday 7 November 2017. An aborted visit cannot be longer.",
        ),
        ({"day": date(2017, 11, 12)}, "day", "Nothing is planned on Sunday 12 November 2017, so no visit of this line"
         " was aborted."),
        (
            {"told_at": clock("2017-11-21 00:00")},
            "told_at",
            "21 November 2017 is in the future. Enter when you were told.",
        ),
        ({"waited_minutes": -1}, "waited_minutes", "Enter how long the carer waited, from 0 to 1,440 minutes."),
        ({"informed": "x" * 201}, "informed", "This text has 201 characters. Shorten it to 200."),
        ({"reason": "FORGOT"}, "reason", "Choose why the visit could not take place."),
        ({"reason": "OTHER"}, "comment", "Say in the comment what the reason was."),
        ({"informed": "\x07"}, "informed", "This text holds a character that cannot be seen, at the beginning of a"
         " line. Type that part again."),
        ({"comment": "Nobody\uffff there"}, "comment", "The comment holds a character that cannot be seen, after"
         " “Nobody”. Type that part again."),
        ({"comment": "x" * 501}, "comment", "The comment has 501 characters. Shorten it to 500."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(
    world: World, organisation: Organisation, user: PortalUser, more: dict[str, Any], field: str, message: str
) -> None:
    line = world.line(
        organisation, ("1", "1", "1", "1", "1", "1", "0"), start=date(2017, 11, 6), end=date(2017, 11, 18)
    )
    with acting_for(organisation.id), pytest.raises(Refused) as refused:
        record(visit_on(line, **more), user)
    assert problems(refused) == [(field, message)]
    assert not db.session.scalars(select(AbortedVisit)).all()


def test_the_future_and_what_was_before_the_portal_are_refused(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    line = world.line(organisation, start=date(2017, 10, 1))
    with acting_for(organisation.id):
        with pytest.raises(Refused) as refused:
            record(visit_on(line, date(2017, 11, 21)), user)
        assert problems(refused)[0][1] == "21 November 2017 is in the future. Record a visit on its day or later."
        with pytest.raises(Refused) as refused:
            record(visit_on(line, date(2017, 10, 15)), user)
        assert problems(refused)[0][1].startswith("Care before 16 October 2017 cannot be entered here.")


def test_no_more_is_aborted_than_was_planned(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        record(visit_on(line), user)
        with pytest.raises(Refused) as refused:
            record(visit_on(line, planned_start=time(18), planned_minutes=20), user)
        assert problems(refused) == [(
            "planned_minutes",
            "1.00 hour is planned on Tuesday 7 November 2017, of which 45 minutes are recorded as aborted already."
            " At most 15 minutes are left.",
        )]  # fmt: skip
        record(visit_on(line, planned_start=time(18), planned_minutes=15), user)
    assert (stored(line).aborted, stored(line).tue) == (Decimal(1), Decimal("0.25"))


def test_minutes_are_compared_unrounded(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        # Six times ten minutes are an hour, though each is 0.17 of one.
        for hour in range(8, 14):
            record(visit_on(line, planned_start=time(hour), planned_minutes=10), user)
    assert stored(line).aborted == Decimal("1.02")


def test_visits_of_a_weekly_plan_share_the_week(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation, weekly="2", unit=Unit.VISIT)
    with acting_for(organisation.id):
        record(visit_on(line), user)
        record(visit_on(line, date(2017, 11, 9)), user)
        with pytest.raises(Refused) as refused:
            record(visit_on(line, date(2017, 11, 10)), user)
    assert problems(refused) == [
        ("day", "2.00 visits are planned in that week, and as many aborted visits are recorded already.")
    ]


def test_the_same_visit_is_recorded_once(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        record(visit_on(line, planned_minutes=15), user)
        with pytest.raises(Refused) as refused:
            record(visit_on(line, planned_minutes=15), user)
    assert problems(refused) == [("planned_start", "A visit planned at 08:00 on that day is recorded already.")]


def test_a_line_that_is_not_there_or_not_paid_on_actuals(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    theirs = world.line(world.organisation("Broadland Care"))
    draft = world.line(organisation, state=DocumentState.DRAFT)
    scheduled = world.line(organisation, payment_method=PaymentMethod.SCHEDULED)
    with acting_for(organisation.id):
        for line in (theirs, draft):
            with pytest.raises(Unknown):
                record(visit_on(line), user)
            with pytest.raises(Unknown):
                foreseen(visit_on(line))
        with pytest.raises(Refused, match="without actuals"):
            record(visit_on(scheduled), user)
        assert choices() == []
