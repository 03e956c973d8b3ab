"""The import of paper ISOs: registered as if typed, changed until they became something, never twice."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Organisation, PaperOrder, PortalUser, db, say_who
from rules.agreement_states import PaperState
from rules.refusal import Refused
from rules.states import PlanKind
from tests.support.worlds.papers import officers
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import a_csv, bring_in, problem_of
from workflows.clock import now
from workflows.imports import steps as imports
from workflows.paper_isos.migration import migrate_papers
from workflows.paper_isos.register import confirm_papers, registration_of

ROW = {
    "Paper ref": "PAP-0412", "Organisation ref": "ORG-0001", "Service": "", "Person ref": "P900001",
    "Person name": "Nora Ollett", "Element": "Personal care", "Unit": "HOUR", "Mon": "1", "Tue": "1.25",
    "Rate": "19.68", "Start": "16/10/2017", "Issued on": "09/10/2017",
}  # fmt: skip


@pytest.fixture
def provider(world: World) -> Organisation:
    world.element("Personal care")
    return world.organisation()


def papers(*changes: dict[str, str]) -> bytes:
    return a_csv(*(ROW | change for change in changes))


def stored() -> PaperOrder:
    found: PaperOrder = db.session.scalars(select(PaperOrder).execution_options(populate_existing=True)).one()
    return found


def acting(officer: PortalUser) -> PortalUser:
    say_who(officer.id, "127.0.0.1")
    return officer


def confirmed_by(officer: PortalUser) -> None:
    found = stored()
    confirm_papers({found.id: registration_of(found)}, officer)


def test_a_paper_is_registered_for_who_imported_it_and_waits(world: World, provider: Organisation) -> None:
    first, _ = officers(world)
    acting(first)
    kept = bring_in("paper-isos", papers({}))
    found = stored()
    assert kept.findings["notices"][0].startswith("What is new or changed waits under Paper ISOs")
    assert (found.state, found.registered_by, found.confirmed_at) == (PaperState.WAITING, first, None)
    assert (found.days[:2], found.rate, found.plan_kind) == (
        (Decimal(1), Decimal("1.25")), Decimal("19.68"), PlanKind.TIMETABLED,
    )  # fmt: skip
    assert (found.start, found.issued_on, found.organisation_id) == (date(2017, 10, 16), date(2017, 10, 9), provider.id)
    with pytest.raises(Refused, match="You registered PAP-0412 yourself"):
        confirmed_by(first)


def test_the_same_file_again_changes_nothing(world: World, provider: Organisation) -> None:
    acting(officers(world)[0])
    bring_in("paper-isos", papers({}, {"Paper ref": "PAP-2", "Rate": "", "Mon": "", "Tue": ""}))
    again = bring_in("paper-isos", papers({}, {"Paper ref": "pap-2", "Rate": "", "Mon": "", "Tue": ""}))
    assert (again.findings["unchanged"], again.findings["changes"]) == (2, [])


def test_what_changes_is_shown_before_and_after_and_has_to_be_confirmed_anew(
    world: World, provider: Organisation
) -> None:
    first, second = officers(world)
    acting(first)
    bring_in("paper-isos", papers({"Rate": ""}))
    confirmed_by(second)
    migrate_papers()
    assert stored().state is PaperState.REVIEW
    kept = imports.check_file("paper-isos", "file.csv", papers({"Rate": "19.86", "End": "30/11/2017"}), first)
    assert [(each["record"], each["column"], each["before"], each["after"]) for each in kept.findings["changes"]] == [
        ("Paper ISO PAP-0412", "Rate", "", "19.8600"),
        ("Paper ISO PAP-0412", "End", "", "30 November 2017"),
    ]
    assert stored().rate is None
    acting(second)
    imports.confirm(kept.id)
    found = stored()
    assert (found.rate, found.state, found.confirmed_at) == (Decimal("19.86"), PaperState.WAITING, None)
    assert found.registered_by == second


def test_what_became_an_iso_is_not_changed_by_a_file(world: World, provider: Organisation) -> None:
    first, second = officers(world)
    acting(first)
    bring_in("paper-isos", papers({}))
    confirmed_by(second)
    migrate_papers()
    assert bring_in("paper-isos", papers({})).findings["unchanged"] == 1
    problem = problem_of("paper-isos", papers({"Rate": "21"}))
    assert (problem["column"], "has become" in problem["wrong"]) == ("Rate", True)


def test_a_command_registers_for_nobody_so_that_an_officer_has_to_save_it_first(
    world: World, provider: Organisation
) -> None:
    bring_in("paper-isos", papers({}))
    assert (stored().registered_by_id, stored().registered_at <= now()) == (None, True)
    with pytest.raises(Refused, match="Nobody is known to have registered"):
        confirmed_by(officers(world)[1])


def test_an_unknown_element_is_warned_of_and_left_to_the_review(world: World, provider: Organisation) -> None:
    kept = bring_in("paper-isos", papers({"Element": "Personal caer"}))
    assert kept.findings["warnings"] == [
        "Row 2: there is no element of care “Personal caer”. Did you mean “Personal care”?"
        " It can be imported, and will need review."
    ]


@pytest.mark.parametrize(
    ("change", "column", "wrong"),
    [
        ({"Organisation ref": "ORG-0009"}, "Organisation ref", "There is no such organisation."),
        ({"Paper ref": "=1+1"}, "Paper ref", "begin with ="),
        ({"Person ref": "+4"}, "Person ref", "begin with +"),
        ({"Rate": "NaN"}, "Rate", "not an amount in pounds"),
        ({"Issued on": ""}, "Issued on", "This cell is empty."),
        ({"Unit": "HOURS A DAY"}, "Unit", "is not known here"),
        ({"Paper ref": "P" * 41}, "Paper ref", "41 characters"),
    ],
)
def test_a_cell_that_cannot_stand_is_rejected(
    provider: Organisation, change: dict[str, str], column: str, wrong: str
) -> None:
    problem = problem_of("paper-isos", papers(change))
    assert problem["column"] == column
    assert wrong in problem["wrong"]


def test_one_paper_twice_in_a_file_is_rejected(provider: Organisation) -> None:
    problem = problem_of("paper-isos", papers({}, {"Paper ref": "pap-0412", "Rate": "20"}))
    assert (problem["row"], problem["wrong"]) == (3, "Row 2 is about the same paper ISO.")
