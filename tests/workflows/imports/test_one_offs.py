"""The import of one-off payments: one proposal of all rows, and nothing is paid before another officer confirms."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from models import ImportFile, OneOffPayment, Organisation, PortalUser, Proposal, db, say_who
from rules.agreement_states import ProposalKind
from rules.problem_codes import Code
from rules.upload_states import ImportState
from tests.support.tables import a_csv
from tests.support.worlds.world import World
from workflows.confirm import desk
from workflows.imports import steps as imports


@pytest.fixture
def organisation(world: World) -> Organisation:
    return world.organisation(reference="ORG-0001")


@pytest.fixture(autouse=True)
def officer(world: World) -> PortalUser:
    officer = world.officer("Payments officer")
    say_who(officer.id, "127.0.0.1")
    return officer


def row(**cells: str) -> dict[str, str]:
    names = {"owner": "Organisation ref", "line": "CPLI", "net": "Amount", "vat": "VAT code", "reason": "Reason",
             "period": "Period"}  # fmt: skip
    given = {"owner": "ORG-0001", "net": "12.34", "reason": "Taxi in snow"} | cells
    return {names[key]: value for key, value in given.items()}


def check(*rows: dict[str, str]) -> ImportFile:
    return imports.check_file("one-off-payments", "payments.csv", a_csv(*rows), None)


def problem(**cells: str) -> tuple[str, str]:
    kept = check(row(**cells))
    assert kept.state is ImportState.REFUSED
    found = kept.findings["problems"][0]
    return found["column"], found["code"]


def made() -> Decimal:
    return db.session.scalar(select(func.coalesce(func.sum(OneOffPayment.net), 0))) or Decimal(0)


def test_a_file_is_one_proposal_and_repeated_pays_nothing_twice(world: World, organisation: Organisation) -> None:
    world.period()
    line = world.line(organisation)
    rows = (row(), row(line=line.reference, net="£1,000.66", vat="STANDARD", period="20/10/2017"))
    kept = check(*rows)
    assert (kept.findings["new"], kept.findings["problem_count"]) == (2, 0)
    assert kept.findings["notices"] == ["2 payments, £1,013.00 together. Another officer confirms them."]
    imports.confirm(kept.id)
    assert made() == 0
    assert check(*rows).findings["unchanged"] == 2
    (proposal,) = db.session.scalars(select(Proposal).where(Proposal.kind == ProposalKind.ONE_OFF))
    say_who(None, "")  # who makes an officer is the machine's own setting-up
    desk.confirm(proposal.id, world.officer("Payments officer"), [])
    assert made() == Decimal("1013.00")
    assert check(*rows).findings["unchanged"] == 2


def test_each_cell_that_makes_no_sense_is_named(world: World, organisation: Organisation) -> None:
    other = world.line(world.organisation("Another"))
    assert problem(owner="ORG-9999") == ("Organisation ref", Code.NOT_FOUND)
    assert problem(line="none") == ("CPLI", Code.NOT_FOUND)
    assert problem(line=other.reference) == ("CPLI", Code.NOT_FOUND)
    assert problem(net="0") == ("Amount", Code.NOTHING_PAYABLE)
    assert problem(net="-5") == ("Amount", Code.NEGATIVE)
    assert problem(net="Infinity") == ("Amount", Code.NOT_A_NUMBER)
    assert problem(net="1.005") == ("Amount", Code.WRONG_STEP)
    assert problem(vat="20%") == ("VAT code", Code.NOT_ON_LIST)
    assert problem(reason=" ") == ("Reason", Code.MISSING)
    assert problem(period="20/10/2017") == ("Period", Code.NOT_FOUND)


def test_the_same_payment_twice_is_refused(organisation: Organisation) -> None:
    kept = check(row(), row())
    assert [each["code"] for each in kept.findings["problems"]] == [Code.DUPLICATE_ROW]
    assert check(row(), row(reason="Taxi back")).findings["new"] == 2
