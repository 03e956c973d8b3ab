"""The import of rate uplifts: one proposal of all rows, and nothing changes before another officer confirms."""

import pytest
from sqlalchemy import select

from models import ImportFile, LineItem, Organisation, PortalUser, Proposal, Rate, db, say_who
from rules.agreement_states import ProposalKind
from rules.problem_codes import Code
from rules.refusal import Refused
from rules.upload_states import ImportState
from tests.support.tables import a_csv
from tests.support.worlds.world import World
from workflows.confirm import desk
from workflows.imports import steps as imports

CARE = {"Element or CPLI": "personal care", "Percent or New rate": "3.2%", "From": "02/04/2018"}


@pytest.fixture
def officer(world: World) -> PortalUser:
    officer = world.officer("Service Brokerage")
    say_who(officer.id, "127.0.0.1")
    return officer


def check(*rows: dict[str, str]) -> ImportFile:
    return imports.check_file("rate-uplifts", "uplifts.csv", a_csv(*rows), None)


def problem(**cells: str) -> tuple[str, str]:
    names = {"name": "Element or CPLI", "figure": "Percent or New rate", "start": "From", "unit": "Unit"}
    kept = check(CARE | {names[key]: value for key, value in cells.items()})
    assert kept.state is ImportState.REFUSED
    found = kept.findings["problems"][0]
    return found["column"], found["code"]


def waiting() -> list[Proposal]:
    return list(db.session.scalars(select(Proposal).where(Proposal.kind == ProposalKind.UPLIFT)))


def newest(line: LineItem) -> str:
    rates = select(Rate.rate).where(Rate.line_item_id == line.id).order_by(Rate.start.desc()).limit(1)
    return f"{db.session.scalars(rates).one():.2f}"


def test_a_file_is_one_proposal_and_repeated_changes_nothing(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    line, other = world.line(organisation, rate="20.00"), world.line(organisation, rate="20.00")
    rows = (CARE, CARE | {"Element or CPLI": other.reference, "Percent or New rate": "£21.50"})
    kept = check(*rows)
    assert (kept.findings["changed"], kept.findings["problem_count"]) == (2, 0)
    assert kept.findings["notices"] == [
        "2 lines get a new rate: £280.00 a week before, £294.98 after. Another officer confirms it."
    ]
    imports.confirm(kept.id)
    (proposal,) = waiting()
    assert (newest(line), newest(other)) == ("20.00", "20.00")
    again = check(*rows)
    assert (again.findings["changed"], again.findings["unchanged"]) == (0, 2)
    desk.confirm(proposal.id, world.officer("Service Brokerage"), [each["code"] for each in proposal.unusual])
    assert (newest(line), newest(other)) == ("20.64", "21.50")
    assert check(*rows).findings["unchanged"] == 2


def test_each_cell_that_makes_no_sense_is_named(world: World, organisation: Organisation, officer: PortalUser) -> None:
    world.line(organisation, rate="20.00")
    assert problem(name="Personnal care") == ("Element or CPLI", Code.NOT_FOUND)
    assert problem(name="") == ("Element or CPLI", Code.MISSING)
    assert problem(figure="lots") == ("Percent or New rate", Code.NOT_A_NUMBER)
    assert problem(figure="NaN") == ("Percent or New rate", Code.NOT_A_NUMBER)
    assert problem(figure="0.032") == ("Percent or New rate", Code.AMBIGUOUS)
    assert problem(figure="0%") == ("Percent or New rate", Code.SAME_AS_BEFORE)
    assert problem(figure="150%") == ("Percent or New rate", Code.OUT_OF_RANGE)
    assert problem(figure="21.50") == ("Unit", Code.MISSING)
    assert problem(figure="21.50", unit="FORTNIGHT") == ("Unit", Code.NOT_ON_LIST)
    assert problem(start="soon") == ("From", Code.NOT_A_DATE)
    assert problem(start="02/04/1999") == ("From", Code.OUT_OF_RANGE)


def test_the_same_lines_twice_are_refused(world: World, organisation: Organisation, officer: PortalUser) -> None:
    world.line(organisation)
    kept = check(CARE, CARE | {"Percent or New rate": "4%"})
    assert [each["code"] for each in kept.findings["problems"]] == [Code.DUPLICATE_ROW]


def test_a_row_without_a_line_in_force_is_refused(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    world.element("Sitting service")
    world.line(organisation)
    assert problem(name="Sitting service") == ("Element or CPLI", Code.NOT_IN_FORCE)


def test_where_nobody_is_signed_in_nothing_is_proposed(world: World, organisation: Organisation) -> None:
    world.line(organisation)
    kept = check(CARE)
    with pytest.raises(Refused, match="nobody is signed in"):
        imports.confirm(kept.id)
    db.session.rollback()
    assert waiting() == []
