"""New versions of contract documents: terms, service and lines to add; what stays is not touched."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Actual, LineItem, Plan, PortalUser, Rate, Service, db
from rules.agreement_states import DocumentState
from rules.plan import NO_DAYS, PlanVersion
from rules.refusal import Refused
from rules.states import PaymentMethod, PlanKind, Unit, VatCode
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.agreements import changes
from workflows.agreements.new_version import NewLine, line_in, new_version
from workflows.confirm import desk


@pytest.fixture
def officers(world: World) -> tuple[PortalUser, PortalUser]:
    return world.officer("Service Brokerage"), world.officer("Service Brokerage")


def added(line: LineItem, **values: object) -> NewLine:
    """A line to add beside one that is there: two hours on Mondays, of another element unless told."""
    plan = PlanVersion(NOV_6, (Decimal(2), *NO_DAYS[1:]), Decimal(0))
    new = NewLine(
        "49000", line.element_id, Unit.HOUR, PlanKind.TIMETABLED, plan, Decimal("19.68"), None, PaymentMethod.ACTUALS,
        VatCode.EXEMPT,
    )  # fmt: skip
    return replace(new, **values)  # type: ignore[arg-type]


def test_a_line_is_the_same_after_it_was_written_as_json(line: LineItem) -> None:
    assert line_in(added(line).payload) == added(line)


def test_a_line_is_added_and_what_stays_is_not_touched(
    world: World, line: LineItem, officers: tuple[PortalUser, PortalUser]
) -> None:
    stored = week(line, NOV_6)
    before = (stored.id, stored.version_id if hasattr(stored, "version_id") else None, line.plans[0].id)
    sitting = world.element("Sitting service")
    change = new_version(
        line.document_id, line.service_id, "Twice on Mondays", [added(line, element_id=sitting.id)], "R"
    )
    assert change.unusual == []
    proposal = changes.propose(change, officers[0])
    assert db.session.scalars(select(LineItem.reference)).all() == [line.reference]
    desk.confirm(proposal.id, officers[1], ())
    db.session.expire_all()
    assert (line.document.version, line.document.state, line.document.terms) == (
        2, DocumentState.PUBLISHED, "Twice on Mondays",
    )  # fmt: skip
    lines = {each.reference: each for each in line.document.line_items}
    assert lines["49000"].rate_on(NOV_6) == Decimal("19.68")
    assert lines["49000"].plans[0].mon == 2
    kept = db.session.scalars(select(Actual)).one()
    assert (kept.id, before[1], lines[line.reference].plans[0].id) == before
    for table in (Plan, Rate):
        assert {each.proposal_id for each in db.session.scalars(select(table))} == {None, proposal.id}


def test_another_service_is_that_of_all_its_lines(
    world: World, line: LineItem, officers: tuple[PortalUser, PortalUser]
) -> None:
    service = Service(organisation=line.organisation, name="Second branch")
    db.session.add(service)
    db.session.commit()
    change = new_version(line.document_id, service.id, "", [], "Moved")
    desk.confirm(changes.propose(change, officers[0]).id, officers[1], ())
    db.session.expire_all()
    assert {line.service_id, line.document.service_id} == {service.id}


def test_a_line_of_the_same_element_is_asked_about(line: LineItem) -> None:
    asked = new_version(line.document_id, line.service_id, "", [added(line)], "R").unusual
    assert [each.code for each in asked] == [f"overlap 49000 {line}"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"rate": Decimal("NaN")}, "rate"),
        ({"element_id": 0}, "element"),
        ({"end": date(2017, 11, 5)}, "end"),
        ({"unit": Unit.WEEK}, "unit"),
        ({"plan": PlanVersion(NOV_6, (Decimal(25), *NO_DAYS[1:]), Decimal(0))}, "mon"),
    ],
)
def test_a_line_that_cannot_stand_is_refused_in_its_own_row(
    line: LineItem, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        new_version(line.document_id, line.service_id, "", [added(line, reference="1"), added(line, **values)], "R")
    assert [problem.field for problem in refused.value.problems] == [f"line-1-{field}"]


def test_a_cpli_is_taken_once_whatever_its_case(world: World, line: LineItem) -> None:
    world.line(line.organisation, reference="AB-1")
    for reference in ("ab-1 ", "49000"):
        lines = [added(line), added(line, reference=reference)]
        with pytest.raises(Refused, match="There is a line"):
            new_version(line.document_id, line.service_id, "", lines, "R")


def test_nothing_different_and_a_service_of_somebody_else_are_refused(world: World, line: LineItem) -> None:
    other = world.organisation("Broadland Care CIC").services[0]
    with pytest.raises(Refused, match="Nothing is different"):
        new_version(line.document_id, line.service_id, "", [], "R")
    with pytest.raises(Refused, match="service of this provider"):
        new_version(line.document_id, other.id, "", [], "R")
