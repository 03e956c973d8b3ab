"""A reference names the one record a conversation is about: a line is that line, not its document."""

from decimal import Decimal

import pytest

from models import Organisation, ScheduledPayment, acting_for, db
from rules.agreement_states import DocumentState
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows.conversations.about import read_about


@pytest.fixture
def own(world: World) -> Organisation:
    return world.organisation()


def read(own: Organisation, typed: str) -> tuple[set[str], str]:
    """What it is about, by name, and what is wrong."""
    with acting_for(own.id):
        about, problem = read_about(typed)
        return {name for name, record in vars(about).items() if record}, problem.message if problem else ""


def test_two_lines_of_one_document_are_told_apart(world: World, own: Organisation) -> None:
    first = world.line(own, reference="48210")
    second = world.line(own, reference="48211")
    with acting_for(own.id):
        for line in (first, second):
            about, problem = read_about(f" {line.reference} ")
            assert problem is None
            assert about.document is None
            assert about.line_item
            assert about.line_item.id == line.id


@pytest.mark.parametrize("typed", ["48210 16/10/2017", "48210, week of 18 October 2017", "48210 week 2017-10-16"])
def test_a_line_and_a_day_are_the_week_of_that_day(world: World, own: Organisation, typed: str) -> None:
    line = world.line(own, reference="48210")
    actual = week(line, OCT_16)
    with acting_for(own.id):
        about, problem = read_about(typed)
        assert problem is None
        assert about.actual
        assert about.actual.id == actual.id


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("48210 23/10/2017", "Line item 48210 has no week of 23 October 2017 with actuals."),
        ("48299 16/10/2017", "You have no line item 48299."),
        ("48210 31/11/2017", "31/11/2017"),
        ("INV-999999", "You have no invoice, payment, contract document or line item with this reference."),
    ],
)
def test_what_names_nothing_says_why(world: World, own: Organisation, typed: str, wrong: str) -> None:
    week(world.line(own, reference="48210"), OCT_16)
    about, said = read(own, typed)
    assert not about
    assert wrong in said


def test_a_document_a_payment_and_nothing(world: World, own: Organisation) -> None:
    line = world.line(own)
    payment = ScheduledPayment(
        organisation=own, period=world.period(0), net=Decimal(10), vat=Decimal(0), gross=Decimal(10)
    )
    db.session.add(payment)
    db.session.commit()
    db.session.refresh(payment)
    assert read(own, line.document.reference.lower()) == ({"document"}, "")
    assert read(own, payment.number) == ({"scheduled_payment"}, "")
    assert read(own, "  ") == (set(), "")


def test_drafts_and_what_others_have_are_not_there(world: World, own: Organisation) -> None:
    draft = world.line(own, state=DocumentState.DRAFT)
    other = world.line(world.organisation("Broadland Care CIC"))
    for line in (draft, other):
        for reference in (line.reference, line.document.reference):
            about, said = read(own, reference)
            assert not about
            assert said
