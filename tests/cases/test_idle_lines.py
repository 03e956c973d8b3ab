"""Rows about a line of one's own that takes no actuals: they say why it takes none, and not that there is none."""

from collections.abc import Callable
from datetime import date

import pytest

from models import LineItem, Organisation
from rules.agreement_states import DocumentState
from rules.states import PaymentMethod, Unit
from tests.cases.test_refused_rows import said
from tests.support.files.uploads import send
from tests.support.worlds.world import World
from tests.workflows.uploads.test_visits import HEADINGS, visit

Kind = Callable[[World, Organisation], LineItem]
DAILY = "CPLI,Service date,Delivered units,Reason,Comment"
BY_PERSON = HEADINGS.replace("CPLI", "Person ref")


def scheduled(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, weekly="1", unit=Unit.WEEK, payment_method=PaymentMethod.SCHEDULED)


def long_ended(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, start=date(2012, 1, 2), end=date(2014, 1, 5))


def rejected(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, state=DocumentState.REJECTED)


def in_a_draft(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, state=DocumentState.DRAFT)


SCHEDULED = (
    "no-actuals",
    "This line is paid every four weeks without actuals: nothing is recorded for it.",
    "Remove the row: you are paid without it.",
)
ENDED = (
    "outside-line",
    "This line ended on 5 January 2014, and none of its weeks can be changed after so long.",
    "Remove the row, or ask the Payments Team.",
)
REJECTED = (
    "outside-line",
    "The contract document of A. B. ({}) is not in force, so no week of it can be started.",
    "Remove the row, or ask Service Brokerage.",
)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(scheduled, SCHEDULED), (long_ended, ENDED), (rejected, REJECTED)],
    ids=["scheduled", "ended", "rejected"],
)
def test_a_row_says_why_its_line_takes_no_actuals(
    world: World, organisation: Organisation, kind: Kind, expected: tuple[str, str, str]
) -> None:
    line = kind(world, organisation)
    code, wrong, remedy = expected
    wrong = wrong.format(line.reference)
    for content in ([DAILY, f"{line.reference},16/10/2017,1,,"], [HEADINGS, visit("V1", line)]):
        kept = send(organisation, content)
        assert said(kept) == [(code, "CPLI", line.reference, wrong, remedy)]
        assert kept.notices == []
    named = visit("V1", line).replace(line.reference, line.person.reference)
    kept = send(organisation, [BY_PERSON, named])
    assert said(kept) == [(code, "Person ref", line.person.reference, wrong, remedy)]
    assert kept.notices == []


def test_a_line_of_a_draft_is_not_known(world: World, organisation: Organisation) -> None:
    line = in_a_draft(world, organisation)
    kept = send(organisation, [DAILY, f"{line.reference},16/10/2017,1,,"])
    assert [(code, wrong) for code, _, _, wrong, _ in said(kept)] == [("unknown-line", "You have no such line.")]


def test_a_line_of_another_organisation_is_not_known(world: World, organisation: Organisation) -> None:
    line = scheduled(world, world.organisation("Fenland Care"))
    kept = send(organisation, [DAILY, f"{line.reference},16/10/2017,1,,"])
    assert [(code, wrong) for code, _, _, wrong, _ in said(kept)] == [("unknown-line", "You have no such line.")]
