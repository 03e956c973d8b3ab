"""A week of care is saved line by line: what is good is kept, what is not comes back with its message."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event, select, text

from models import Actual, Contact, LineItem, Organisation, PortalUser, Rate, acting_for, db
from models.scoped import COUNCIL_POOL
from rules.agreement_states import DocumentState
from rules.states import ActualState, PaymentMethod, Unit
from tests.support.queries import Queries
from tests.support.worlds.world import World
from workflows.actuals.period import period_weeks
from workflows.actuals.save import Entry, Saved, confirm_as_planned, save_week
from workflows.actuals.sheet import sheet
from workflows.actuals.sheet_row import SheetRow
from workflows.weeks.entry import fingerprint

WEEK = date(2017, 11, 6)
PERIOD = [date(2017, 10, 16), date(2017, 10, 23), date(2017, 10, 30), WEEK]


@pytest.fixture
def organisation(world: World) -> Organisation:
    world.period()
    return world.organisation()


@pytest.fixture
def user(world: World, organisation: Organisation) -> PortalUser:
    return _user(world.contact(organisation, "ida@provider.example"))


def _user(contact: Contact) -> PortalUser:
    assert contact.user is not None
    return contact.user


def _typed(row: SheetRow, **figures: str) -> Entry:
    """What a form would send for a row, with some of its fields changed (d0 … d6, total)."""
    shown = {cell.field: cell.value for cell in row.cells}
    names = ["total"] if row.weekly else [f"d{index}" for index in range(7)]
    values = tuple(figures.get(name, shown.get(name, "")) for name in names)
    return Entry(row.line_id, values, row.reason, row.comment, row.seen)


def _only_row(week: date = WEEK) -> SheetRow:
    (row,) = sheet(week).rows
    return row


def _only_actual() -> Actual:
    actual: Actual = db.session.scalars(select(Actual).execution_options(populate_existing=True)).one()
    return actual


def _messages(saved: Saved) -> dict[str, str]:
    (refusal,) = saved.refused
    return dict(refusal.messages)


def test_a_line_not_started_shows_its_plan(world: World, organisation: Organisation) -> None:
    world.line(organisation, ("1.5", "0", "1", "0", "0", "0", "2"))
    with acting_for(organisation.id):
        row = _only_row()
    assert [cell.value for cell in row.cells] == ["1.50", "", "1.00", "", "", "", "2.00"]
    assert (row.state, row.planned, row.amount) == ("Not started", Decimal("4.50"), Decimal("88.56"))
    assert row.cells[0].words == "Mon 6 delivered hours, planned 1.50"


def test_saving_an_untouched_line_leaves_it_not_started(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        saved = save_week(WEEK, [_typed(_only_row())], user)
        assert saved == Saved(0, 0, 0, 0, [])
        assert _only_row().state == "Not started"


def test_what_follows_from_a_week_is_stored_with_it(world: World, organisation: Organisation, user: PortalUser) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        entry = replace(_typed(_only_row(), d1="1:30", d6=""), reason="LONGER", comment="Late bus")
        saved = save_week(WEEK, [entry], user, confirm=True)
        actual = _only_actual()
    assert (saved.written, saved.confirmed, saved.held) == (1, 1, 0)
    assert actual.state is ActualState.CONFIRMED
    assert (actual.tue, actual.sun, actual.delivered) == (Decimal("1.50"), Decimal(0), Decimal("6.50"))
    assert (actual.planned, actual.missed, actual.extra, actual.payable) == tuple(
        map(Decimal, ("7", "0.5", "0", "6.5"))
    )
    assert (actual.reason, actual.comment, actual.version) == ("LONGER", "Late bus", 1)
    assert actual.changed_by_id == actual.confirmed_by_id == user.id


def test_a_week_that_differs_is_kept_as_a_draft_until_it_has_a_reason(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        saved = save_week(WEEK, [_typed(_only_row(), d2="0")], user, confirm=True)
        assert _messages(saved) == {"reason": "This week differs from its plan. Choose a reason."}
        assert _only_row().state == "Draft"
        saved = save_week(WEEK, [replace(_typed(_only_row()), reason="MISSED")], user, confirm=True)
        assert not saved.refused
        assert _only_row().state == "Confirmed"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("1.30", "Enter hours in steps of 0.25, such as 1.25."),
        ("24.25", "There are only 24 hours in a day."),
        ("-1", "Hours cannot be below 0. Enter 0 where nothing was delivered."),
        ("two", "“two” is not a quantity. Enter a number such as 1.5, or hours and minutes such as 1:30."),
    ],
)
def test_a_figure_that_cannot_be_is_refused_and_shown_again(
    world: World, organisation: Organisation, user: PortalUser, typed: str, message: str
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        saved = save_week(WEEK, [_typed(_only_row(), d3=typed)], user)
        assert _messages(saved) == {"d3": message}
        (row,) = sheet(WEEK, saved.refused).rows
        assert (row.cells[3].value, row.cells[3].problem) == (typed, message)
        assert row.state == "Not started"


def test_one_refused_line_does_not_stop_the_others(world: World, organisation: Organisation, user: PortalUser) -> None:
    world.line(organisation)
    world.line(organisation)
    with acting_for(organisation.id):
        bad, good = sheet(WEEK).rows
        saved = save_week(WEEK, [_typed(bad, d0="99"), _typed(good)], user, confirm=True)
        assert (saved.confirmed, len(saved.refused)) == (1, 1)
        assert [row.state for row in sheet(WEEK).rows] == ["Not started", "Confirmed"]


def test_days_outside_the_line_are_closed_with_the_reason(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation, start=date(2017, 11, 9), end=date(2017, 11, 11))
    with acting_for(organisation.id):
        row = _only_row()
        assert [(cell.closed, cell.span) for cell in row.cells if cell.closed] == [
            ("starts 9 Nov", 3),
            ("ended 11 Nov", 1),
        ]
        assert row.planned == Decimal(3)
        saved = save_week(WEEK, [Entry(row.line_id, ("1", "", "", "1", "1", "1", ""))], user)
    assert _messages(saved) == {"d0": "This line starts on 9 November 2017. Leave the days before it empty."}


def test_a_weekly_line_is_one_figure_of_its_share_of_the_week(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation, weekly="14", start=date(2017, 11, 8))
    with acting_for(organisation.id):
        row = _only_row()
        assert (row.weekly, row.cells[0].value, row.cells[0].field) == (True, "10.00", "total")
        save_week(WEEK, [replace(_typed(row, total="9.5"), reason="AWAY")], user, confirm=True)
        actual = _only_actual()
    assert (actual.delivered, actual.planned, actual.mon) == (Decimal("9.50"), Decimal("10.00"), Decimal(0))


def test_days_to_come_are_closed_and_the_week_cannot_be_confirmed_before_it_is_over(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.app.config["PORTAL_TODAY"] = "2017-11-08"
    world.line(organisation)
    with acting_for(organisation.id):
        row = _only_row()
        assert [(cell.closed, cell.span) for cell in row.cells[3:]] == [("not yet", 4)]
        saved = save_week(WEEK, [replace(_typed(row), reason="OTHER")], user, confirm=True)
        assert _messages(saved) == {"": "This week is not over. Confirm it on or after 13 November 2017."}
        future = save_week(WEEK, [Entry(row.line_id, ("1", "1", "1", "1", "", "", ""))], user)
        assert _messages(future) == {"d3": "9 November 2017 is in the future. Enter care after it has been delivered."}
        assert confirm_as_planned([WEEK], user).written == 0


def test_care_before_the_portal_started_is_refused(world: World, organisation: Organisation, user: PortalUser) -> None:
    line = world.line(organisation, start=date(2017, 10, 2))
    before = date(2017, 10, 9)
    with acting_for(organisation.id):
        assert not _only_row(before).editable
        saved = save_week(before, [Entry(line.id, ("1",) * 7)], user)
        assert _messages(saved)["d0"] == (
            "Care before 16 October 2017 cannot be entered here. Use the previous method for it."
        )
        assert save_week(before, [Entry(line.id, ("",) * 7, "OTHER")], user, confirm=True).refused


def test_a_week_in_which_the_portal_began_is_confirmed_as_planned_from_that_day_on(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.policy("portal_start", "2017-10-18")
    world.line(organisation, start=date(2017, 10, 2))
    with acting_for(organisation.id):
        assert confirm_as_planned([date(2017, 10, 16)], user).confirmed == 1
        actual = _only_actual()
    assert [actual.mon, actual.wed, actual.delivered, actual.missed] == [0, 1, 5, 2]
    assert (actual.reason, actual.comment) == ("OTHER", "Entered here from 18 October 2017 on")


def test_only_what_changed_is_written(world: World, organisation: Organisation, user: PortalUser) -> None:
    for _ in range(3):
        world.line(organisation)
    with acting_for(organisation.id):
        confirm_as_planned([WEEK], user)
        rows = sheet(WEEK).rows
        entries = [_typed(rows[0]), replace(_typed(rows[1], d0="1.5"), reason="LONGER"), _typed(rows[2])]
        assert save_week(WEEK, entries, user, confirm=True).written == 1
        versions = db.session.scalars(select(Actual.version).order_by(Actual.line_item_id)).all()
    assert versions == [1, 2, 1]


def test_changing_a_confirmed_week_makes_it_a_draft_again(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        confirm_as_planned([WEEK], user)
        saved = save_week(WEEK, [_typed(_only_row(), d0="0.5")], user)
        assert (saved.written, saved.reopened) == (1, 1)
        actual = _only_actual()
    assert (actual.state, actual.confirmed_at) == (ActualState.DRAFT, None)


def test_all_weeks_of_a_period_are_confirmed_at_once_where_nobody_started(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    world.line(organisation, weekly="10")
    with acting_for(organisation.id):
        touched = sheet(PERIOD[1]).rows[0]
        save_week(PERIOD[1], [_typed(touched, d0="0.25")], user)
        assert period_weeks().untouched == PERIOD
        assert confirm_as_planned(PERIOD, user).confirmed == 7
        counts = [(week.confirmed, week.lines) for week in period_weeks().weeks]
    assert counts == [(2, 2), (1, 2), (2, 2), (2, 2)]


def test_what_is_typed_is_saved_with_confirm_as_planned(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    world.line(organisation)
    with acting_for(organisation.id):
        changed, planned = sheet(WEEK).rows
        confirm_as_planned([WEEK], user, week=WEEK, entries=[_typed(changed, d0="0.5"), _typed(planned)])
        assert [row.state for row in sheet(WEEK).rows] == ["Draft", "Confirmed"]


def test_nobody_overwrites_what_they_have_not_seen(world: World, organisation: Organisation, user: PortalUser) -> None:
    world.line(organisation)
    other = _user(world.contact(organisation, "may@provider.example"))
    with acting_for(organisation.id):
        opened = _only_row()
        save_week(WEEK, [_typed(opened, d0="0.5")], other)
        mine = _typed(opened, d0="0.75")
        saved = save_week(WEEK, [mine], user)
        assert saved.written == 0
        (row,) = sheet(WEEK, saved.refused).rows
        assert row.messages[""].startswith("May Lane saved this line after you opened it, 6.50 in the week.")
        assert (row.cells[0].value, row.cells[0].theirs) == ("0.75", "0.50")
        assert save_week(WEEK, [replace(mine, seen=row.seen)], user).written == 1
        assert _only_actual().mon == Decimal("0.75")


def test_a_line_i_left_alone_keeps_what_a_colleague_saved(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        opened = _only_row()
        save_week(WEEK, [_typed(opened, d0="0.5")], None)
        assert save_week(WEEK, [_typed(opened)], user) == Saved(0, 0, 0, 0, [])
        # Confirming it unseen would be another matter.
        assert save_week(WEEK, [_typed(opened)], user, confirm=True).refused
        assert _only_actual().mon == Decimal("0.50")


def test_two_saves_at_the_same_moment_write_one(world: World, organisation: Organisation, user: PortalUser) -> None:
    """Somebody saves between our reading and our writing: the database refuses our version, and we say so."""
    world.line(organisation)

    def overtake(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO actual"):
            with db.engines[COUNCIL_POOL].begin() as other:
                other.execute(text("UPDATE actual SET version = version + 1, reason = 'LONGER'"))

    with acting_for(organisation.id):
        save_week(WEEK, [_typed(_only_row(), d0="0.5")], None)
        mine = _typed(_only_row(), d0="0.75")
        event.listen(db.engine, "before_cursor_execute", overtake)
        saved = save_week(WEEK, [mine], user)
        event.remove(db.engine, "before_cursor_execute", overtake)
        assert "at the same moment" in _messages(saved)[""]
        assert (saved.written, _only_actual().mon, _only_actual().reason) == (0, Decimal("0.50"), "LONGER")


def test_another_organisations_line_is_left_alone(world: World, organisation: Organisation, user: PortalUser) -> None:
    theirs = world.line(world.organisation("Broadland Care Ltd"))
    with acting_for(organisation.id):
        assert save_week(WEEK, [Entry(theirs.id, ("1",) * 7)], user, confirm=True) == Saved(0, 0, 0, 0, [])
        assert sheet(WEEK).rows == []
    assert not db.session.scalars(select(Actual)).all()


def test_the_sheet_names_its_organisation_even_where_the_database_shows_everything(
    world: World, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.period(1)
    own, other = world.line(organisation), world.organisation("Broadland Care Ltd")
    world.line(other)
    monkeypatch.setattr("models.scoped.pool_of", lambda _scope: COUNCIL_POOL)
    with acting_for(organisation.id):
        assert db.session.scalar(text("SELECT count(*) FROM line_item")) == 2
        shown = sheet(WEEK)
        assert [row.line_id for row in shown.rows] == [own.id]
        assert {service_id for service_id, _ in shown.services} == {own.service_id}
        assert {week.lines for week in period_weeks().weeks} == {1}


def test_what_a_form_remembers_is_the_same_for_the_same_figures() -> None:
    for same in (["-0", "0.00"], ["1.5", "1.50"], ["0", "-0.0"]):
        words = set()
        for figure in same:
            words.add(fingerprint((Decimal(figure), Decimal(1)), "AWAY", "In Leeds"))
        assert len(words) == 1
    assert fingerprint((Decimal(1),), "", "") != fingerprint((Decimal(10),), "", "")
    assert fingerprint((Decimal(1),), "AWAY", "") != fingerprint((Decimal(1),), "", "AWAY")


def test_a_week_on_an_invoice_is_shown_and_not_changed(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        confirm_as_planned([WEEK], user)
        _only_actual().state = ActualState.INVOICED
        db.session.commit()
        row = _only_row()
        assert (row.editable, row.state) == (False, "Invoiced")
        assert save_week(WEEK, [_typed(row, d0="0")], user, confirm=True) == Saved(0, 0, 0, 0, [])


def test_only_lines_paid_on_actuals_with_a_published_document_are_listed(
    world: World, organisation: Organisation
) -> None:
    shown = world.line(organisation)
    world.line(organisation, payment_method=PaymentMethod.SCHEDULED)
    world.line(organisation, state=DocumentState.DRAFT)
    world.line(organisation, start=date(2017, 11, 13))
    with acting_for(organisation.id):
        assert [row.line_id for row in sheet(WEEK).rows] == [shown.id]


def test_two_rates_in_a_week_price_each_day_with_its_own(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, ("1.25",) * 7)
    World.confirmed()
    line.rates[0].end = date(2017, 11, 8)
    db.session.add(Rate(organisation=organisation, line_item=line, rate=Decimal("20.25"), start=date(2017, 11, 9)))
    db.session.commit()
    with acting_for(organisation.id):
        row = _only_row()
    assert (row.amount, row.rate) == (Decimal("175.05"), "£19.68 an hour, £20.25 from 9 Nov")


def test_units_other_than_hours_are_whole(world: World, organisation: Organisation, user: PortalUser) -> None:
    world.line(organisation, unit=Unit.VISIT)
    with acting_for(organisation.id):
        saved = save_week(WEEK, [_typed(_only_row(), d0="1.5")], user)
    assert _messages(saved) == {"d0": "Enter whole visits, such as 2."}


def test_the_period_due_next_opens_at_its_newest_complete_week(world: World, organisation: Organisation) -> None:
    world.period(1)
    with acting_for(organisation.id):
        found = period_weeks()
        assert (found.start, found.submit_by, found.week) == (date(2017, 10, 16), date(2017, 11, 27), WEEK)
        assert (found.earlier, found.later) == (None, date(2017, 11, 13))
        assert period_weeks(date(2018, 3, 1)).start == date(2018, 2, 5)  # a period nobody made yet


@pytest.mark.parametrize("lines", [2, 20])
def test_a_week_takes_the_same_queries_however_many_lines_it_has(
    world: World, organisation: Organisation, user: PortalUser, lines: int
) -> None:
    for _ in range(lines):
        world.line(organisation)
    with acting_for(organisation.id):
        entries = [replace(_typed(row, d0="9"), reason="EXTRA") for row in sheet(WEEK).rows]
        db.session.commit()
        with Queries() as statements:
            assert save_week(WEEK, entries, user, confirm=True).held == lines
    # whose turn it is, claimed days; lines, rates, what is stored; the weeks, whether they have visits, the checks
    assert len(statements) == 8


def test_the_organisations_own_line_may_be_read_again_after_saving(
    world: World, organisation: Organisation, user: PortalUser
) -> None:
    world.line(organisation)
    with acting_for(organisation.id):
        save_week(WEEK, [replace(_typed(_only_row(), d0="0"), reason="MISSED")], user, confirm=True)
        assert db.session.scalars(select(LineItem)).one().organisation_id == organisation.id
        assert _only_row().delivered == Decimal(6)
