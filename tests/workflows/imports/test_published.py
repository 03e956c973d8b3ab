"""Changes of published documents out of a file: proposed like those on the pages of line and document, and once."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import ImportFile, LineItem, PortalUser, Proposal, Service, db, say_who
from rules.agreement_states import DocumentState, ProposalKind
from rules.plan import plan_of_day
from rules.problem_codes import Code
from rules.refusal import Refused
from tests.support.worlds.agreements import propose_rate
from tests.support.worlds.weeks import NOV_6
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import a_csv
from workflows.confirm import desk
from workflows.imports import steps as imports


@pytest.fixture
def line(world: World) -> LineItem:
    return world.line(world.organisation(), state=DocumentState.ACCEPTED)


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
    kinds = (
        ProposalKind.CHANGE_RATE, ProposalKind.CHANGE_PLAN, ProposalKind.END_LINE, ProposalKind.CHANGE_DEDUCTION,
        ProposalKind.NEW_VERSION,
    )  # fmt: skip
    return list(db.session.scalars(select(Proposal).where(Proposal.kind.in_(kinds)).order_by(Proposal.id)))


def bring_in(officer: PortalUser, *rows: dict[str, str]) -> ImportFile:
    """Check a file that has no problem, and import it in the officer's name."""
    kept = check(*rows)
    assert kept.findings["problems"] == []
    say_who(officer.id, "test")
    return imports.confirm(kept.id)


def confirm_all(world: World) -> None:
    """Let another officer confirm whatever waits, with all that is unusual ticked."""
    ruth = world.officer("Service Brokerage")
    for each in [each for each in proposed() if each.decided_at is None]:
        desk.confirm(each.id, ruth, [unusual["code"] for unusual in each.unusual])
    db.session.expire_all()


def counts(kept: ImportFile) -> tuple[int, int, int]:
    """How many rows are new, changed, and unchanged."""
    return kept.findings["new"], kept.findings["changed"], kept.findings["unchanged"]


def test_a_rate_a_plan_and_an_end_are_proposed_and_live_when_confirmed(
    world: World, line: LineItem, carol: PortalUser
) -> None:
    plan = {"Mon": "2", "Plan from": "06/11/2017", "End": "31/12/2017"}
    rows = [row(line, **plan), row(line, **plan, **{"Rate": "20.25", "Rate from": "06/11/2017"})]
    bring_in(carol, *rows)
    assert [each.kind for each in proposed()] == [
        ProposalKind.CHANGE_RATE, ProposalKind.CHANGE_PLAN, ProposalKind.END_LINE,
    ]  # fmt: skip
    assert line.rate_on(NOV_6) == Decimal("19.68")
    assert counts(check(*rows)) == (0, 0, 2)
    confirm_all(world)
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


def test_the_rows_of_further_rates_need_not_say_the_status_again(
    world: World, line: LineItem, carol: PortalUser
) -> None:
    world.element("Sitting service")
    further = added(line, **{"Rate": "20.25", "Rate from": "06/11/2017", "Status": ""})
    assert counts(bring_in(carol, row(line, Status="PUBLISHED"), added(line, Status="PUBLISHED"), further)) == (2, 0, 1)


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


def added(line: LineItem, **more: str) -> dict[str, str]:
    """The row of a line that the file adds to the document of another."""
    return row(line, **({"CPLI": "49000", "Element": "Sitting service", "Rate from": ""} | more))


def test_a_line_that_a_file_adds_is_a_new_version_for_another_officer(
    world: World, line: LineItem, carol: PortalUser
) -> None:
    world.element("Sitting service")
    rows = [row(line), added(line), added(line, **{"Rate": "20.25", "Rate from": "06/11/2017"})]
    kept = bring_in(carol, *rows)
    assert counts(kept) == (2, 0, 1)
    assert kept.findings["notices"][0].startswith("What changes a published document is proposed")
    assert [(each["record"], each["column"], each["after"]) for each in kept.findings["changes"]] == [
        (f"Document {line.document}", "CPLI", "49000")
    ]
    assert ([each.kind for each in proposed()], len(line.document.line_items)) == ([ProposalKind.NEW_VERSION], 1)
    again = check(*rows)
    assert counts(again) == (0, 0, 3)
    assert again.findings["warnings"] == [f"Row 3: “New version of {line.document}” waits to be confirmed already."]
    confirm_all(world)
    new = db.session.scalars(select(LineItem).where(LineItem.reference == "49000")).one()
    assert [new.rate_on(date(2017, 11, 5)), new.rate_on(NOV_6)] == [Decimal("19.68"), Decimal("20.25")]
    assert (new.document_id, line.document.version, line.document.state) == (
        line.document_id, 2, DocumentState.PUBLISHED,
    )  # fmt: skip
    assert counts(check(*rows)) == (0, 0, 3)


def test_what_a_person_pays_of_an_added_line_comes_with_it(world: World, carol: PortalUser) -> None:
    home = world.line(world.organisation(sector="Residential"), state=DocumentState.ACCEPTED)
    world.element("Residential week")
    net = {
        "Element": "Residential week", "Unit": "WEEK", "Plan kind": "WEEKLY", "Weekly quantity": "1", "Rate": "748.37",
        "Payment method": "SCHEDULED", "Payment basis": "NET", "Contribution": "139.75", "Top-up": "25",
        "Extras allowed": "No",
    } | dict.fromkeys(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "")  # fmt: skip
    bring_in(carol, added(home, **net))
    confirm_all(world)
    new = db.session.scalars(select(LineItem).where(LineItem.reference == "49000")).one()
    assert (new.contribution, new.top_up, new.extras_allowed) == (Decimal("139.75"), Decimal(25), False)
    later = net | {"Contribution": "150", "Contribution from": "06/11/2017"}
    bring_in(carol, added(home, **later))
    assert [each.kind for each in proposed()][1:] == [ProposalKind.CHANGE_DEDUCTION]
    confirm_all(world)
    assert [each.contribution for each in new.deductions] == [Decimal(150)]
    assert counts(check(added(home, **later))) == (0, 0, 1)


def test_another_service_in_every_row_moves_the_document(world: World, line: LineItem, carol: PortalUser) -> None:
    world.element("Sitting service")
    db.session.add(Service(organisation=line.organisation, name="Second branch"))
    db.session.commit()
    moved = {"Service": "Second branch"}
    (problem,) = imports.problems_of(check(row(line, **moved), added(line)))
    assert (problem.row, problem.column) == (2, "Service")
    bring_in(carol, row(line, **moved), added(line, **moved))
    confirm_all(world)
    assert {each.service.name for each in line.document.line_items} == {"Second branch"} == {line.document.service.name}
    assert counts(check(row(line, **moved), added(line, **moved))) == (0, 0, 2)


def test_what_waits_otherwise_is_said_at_the_check_and_the_same_with_other_words_is_unchanged(
    world: World, line: LineItem, carol: PortalUser
) -> None:
    world.element("Sitting service")
    propose_rate(line.id, NOV_6, Decimal("20.25"), carol, "Typed on the line's page")
    bring_in(carol, added(line))
    same = row(line, **{"Rate": "20.2500", "Rate from": "06/11/2017"})
    assert counts(check(row(line), same, added(line))) == (0, 0, 3)
    other = row(line, **{"Rate": "20.30", "Rate from": "06/11/2017"})
    assert [(each.column, each.problem.code) for each in imports.problems_of(check(row(line), other))] == [
        ("Rate", Code.ASKED_ALREADY)
    ]
    (problem,) = imports.problems_of(check(added(line), added(line, CPLI="49001")))
    assert (problem.row, problem.column, problem.problem.code) == (2, "ISO", Code.ASKED_ALREADY)


def test_of_a_withdrawn_document_no_line_is_added_by_a_file(world: World, line: LineItem) -> None:
    world.element("Sitting service")
    line.document.state, line.document.withdrawn_reason = DocumentState.WITHDRAWN, "Went elsewhere"
    db.session.commit()
    (problem,) = imports.problems_of(check(added(line)))
    assert (problem.column, problem.problem.code) == ("ISO", Code.WRONG_STATE)
