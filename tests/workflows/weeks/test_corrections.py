"""A week that is on an invoice is corrected: every version stays, and the difference waits for the next invoice."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Actual, ActualVersion, Contact, ExceptionCheck, LineItem, PaymentPeriod, db
from rules.states import ActualState
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, Saved, save_week


class Desk:
    """A provider with one line of an hour a day at £19.68, whose first week is on an invoice."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contact: Contact = world.contact(world.organisation())
        self.period: PaymentPeriod = world.period(0)
        self.line: LineItem = world.line(self.contact.organisation)
        self.actual = week(self.line)
        self.invoice = send(self.contact, self.period)

    def correct(self, *figures: str, reason: str = "SHORTER", comment: str = "", allowed: bool = True) -> Saved:
        """Type seven figures over the invoiced week."""
        entry = Entry(self.line.id, figures, reason, comment)
        return save_week(OCT_16, [entry], self.contact.user, correct=[self.line.id] if allowed else [])

    def stored(self) -> Actual:
        found: Actual = db.session.scalars(select(Actual).execution_options(populate_existing=True)).one()
        return found

    def versions(self) -> list[ActualVersion]:
        return list(db.session.scalars(select(ActualVersion).order_by(ActualVersion.version)))


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


FIVE = ("1", "1", "1", "1", "1", "0", "0")
NINE = ("1", "1", "1", "1", "1", "2", "2")


def test_an_invoiced_week_is_left_alone_unless_it_is_to_be_corrected(desk: Desk) -> None:
    assert desk.correct(*FIVE, allowed=False) == Saved(0, 0, 0, 0, [])
    assert desk.stored().delivered == 7


def test_a_correction_keeps_the_week_on_its_invoice_with_its_new_figures(desk: Desk) -> None:
    saved = desk.correct(*FIVE)
    assert (saved.written, saved.corrected, saved.confirmed, saved.refused) == (1, 1, 0, [])
    actual = desk.stored()
    assert actual.state is ActualState.INVOICED
    assert [actual.delivered, actual.missed, actual.payable] == [5, 2, 5]
    assert actual.confirmed_at is not None


def test_a_correction_needs_a_reason_even_where_the_week_is_as_planned_again(desk: Desk) -> None:
    desk.correct(*FIVE)
    (refusal,) = desk.correct(*["1"] * 7, reason="").refused
    assert refusal.messages == {"reason": "This week is on an invoice. Choose the reason why it is corrected."}
    assert desk.stored().delivered == 5
    assert desk.correct(*["1"] * 7, reason="OTHER").corrected == 1


def test_a_correction_is_judged_like_any_week(desk: Desk) -> None:
    (refusal,) = desk.correct("-1", "25", "1", "1", "1", "1", "1.1").refused
    assert set(refusal.messages) == {"d0", "d1", "d6"}


def test_saving_an_invoiced_week_as_it_is_changes_nothing(desk: Desk) -> None:
    assert desk.correct(*["1"] * 7, reason="").written == 0
    assert len(desk.versions()) == 1


def test_a_correction_over_the_exception_level_is_held(desk: Desk) -> None:
    assert desk.correct(*NINE, reason="EXTRA").held == 1
    stored = select(ExceptionCheck).execution_options(populate_existing=True)
    check = db.session.scalars(stored).one()
    assert (check.over, check.claimed, check.decision_id) == (True, 9, None)


def test_every_version_is_kept_with_who_and_where_from(desk: Desk) -> None:
    desk.correct(*FIVE, comment="Carer left early")
    first, second = desk.versions()
    assert [first.delivered, second.delivered] == [7, 5]
    assert [first.state, second.state] == [ActualState.CONFIRMED, ActualState.INVOICED]
    assert (second.saved_by_id, second.source, second.reason) == (desk.contact.user_id, "Actuals page", "SHORTER")
    assert (second.version, second.comment) == (desk.stored().version, "Carer left early")
    assert second.days == tuple(map(Decimal, FIVE))


def test_invoicing_a_week_is_no_version_of_its_figures(desk: Desk) -> None:
    assert [each.version for each in desk.versions()] == [1]
    assert desk.stored().version == 2
