"""Changes of published lines out of a file: proposed like those on the line's own page, and once."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import ImportFile, LineItem, PortalUser, Proposal, db, say_who
from rules.agreement_states import DocumentState, ProposalKind
from rules.plan import plan_of_day
from rules.refusal import Refused
from rules.upload_states import ImportState
from tests.support.weeks import NOV_6
from tests.support.world import World
from tests.workflows.imports.test_steps import a_csv
from workflows.confirm import desk
from workflows.imports import steps as imports


@pytest.fixture
def line(world: World) -> LineItem:
    return world.line(world.organisation(), state=DocumentState.ACCEPTED)


@pytest.fixture
def carol(world: World) -> PortalUser:
    return world.officer("Service Brokerage", "carol@council.example")


def row(line: LineItem, **more: str) -> dict[str, str]:
    """The row that says of a line just what the portal knows."""
    values = {
        "Organisation ref": line.organisation.reference, "Service": line.document.service.name,
        "ISO": line.document.reference, "CPLI": line.reference, "Person ref": line.person.reference,
        "Person name": line.person.name, "Element": line.element.name, "Unit": "HOUR", "Plan kind": "TIMETABLED",
        "Rate": "19.68", "Rate from": "16/10/2017", "Start": "16/10/2017", "End": "", "Payment method": "ACTUALS",
        "Plan from": "",
    }  # fmt: skip
    return values | dict.fromkeys(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "1") | more


def check(*rows: dict[str, str]) -> ImportFile:
    return imports.check_file("contract-documents", "lines.csv", a_csv(*rows), None)


def proposed() -> list[Proposal]:
    kinds = (ProposalKind.CHANGE_RATE, ProposalKind.CHANGE_PLAN, ProposalKind.END_LINE)
    return list(db.session.scalars(select(Proposal).where(Proposal.kind.in_(kinds)).order_by(Proposal.id)))


def test_a_rate_a_plan_and_an_end_are_proposed_and_live_when_confirmed(
    world: World, line: LineItem, carol: PortalUser
) -> None:
    plan = {"Mon": "2", "Plan from": "06/11/2017", "End": "31/12/2017"}
    rows = [row(line, **plan), row(line, **plan, **{"Rate": "20.25", "Rate from": "06/11/2017"})]
    kept = check(*rows)
    assert kept.state is ImportState.CHECKED, kept.findings
    say_who(carol.id, "test")
    imports.confirm(kept.id)
    assert [each.kind for each in proposed()] == [
        ProposalKind.CHANGE_RATE, ProposalKind.CHANGE_PLAN, ProposalKind.END_LINE,
    ]  # fmt: skip
    assert line.rate_on(NOV_6) == Decimal("19.68")
    again = check(*rows)
    assert (again.findings["changed"], again.findings["unchanged"]) == (0, 2), again.findings
    ruth = world.officer("Service Brokerage")
    for each in proposed():
        desk.confirm(each.id, ruth, [unusual["code"] for unusual in each.unusual])
    db.session.expire_all()
    assert (line.rate_on(NOV_6), plan_of_day(line.plan, NOV_6), line.end) == (
        Decimal("20.25"), Decimal(2), date(2017, 12, 31),
    )  # fmt: skip
    assert line.document.version == 4


@pytest.mark.parametrize(
    ("more", "column", "said"),
    [
        ({"Mon": "2"}, "Plan from", "another plan"),
        ({"Payment method": "SCHEDULED"}, "Payment method", "differs from this row"),
        ({"End": "15/10/2017"}, "End", ""),
    ],
)
def test_what_a_file_cannot_change_is_said_at_its_column(
    line: LineItem, more: dict[str, str], column: str, said: str
) -> None:
    problems = imports.problems_of(check(row(line, **more)))
    assert problems[0].column == column
    assert said in problems[0].wrong


def test_a_file_takes_no_rate_away(world: World, line: LineItem, carol: PortalUser) -> None:
    both = [row(line), row(line, **{"Rate": "20.25", "Rate from": "06/11/2017"})]
    say_who(carol.id, "test")
    imports.confirm(check(*both).id)
    desk.confirm(proposed()[0].id, world.officer("Service Brokerage"), ())
    problems = imports.problems_of(check(row(line)))
    assert ["takes none away" in problem.wrong for problem in problems] == [True]


def test_where_nobody_is_signed_in_nothing_is_proposed(line: LineItem) -> None:
    kept = check(row(line, End="31/12/2017"))
    say_who(None, "command")
    with pytest.raises(Refused, match="nobody is signed in"):
        imports.confirm(kept.id)
    db.session.rollback()
    assert proposed() == []
