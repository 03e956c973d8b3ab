"""The import of organisations and their services: each once, and what contradicts itself is refused."""

import pytest
from sqlalchemy import select

from models import Organisation, Service, db
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import a_csv, bring_in, problem_of

ROW = {
    "Organisation ref": "ORG-0900", "Organisation": "Fenland Homecare Ltd", "Sector": "Home support",
    "Service": "Wisbech", "CQC location": "1-466088203",
}  # fmt: skip
Problem = dict[str, object]


def rows(*changed: dict[str, str]) -> bytes:
    """A file of one service, and the same again with other cells."""
    return a_csv(*(ROW | each for each in changed))


def refused(*changed: dict[str, str]) -> tuple[object, ...]:
    problem = problem_of("organisations", rows(*changed))
    return tuple(problem[name] for name in ("row", "column", "wrong", "remedy"))


def services() -> list[tuple[str, str, str | None]]:
    found = select(Organisation.name, Service.name, Service.cqc_location).join(Service.organisation)
    return [tuple(row) for row in db.session.execute(found.order_by(Organisation.reference, Service.name))]


@pytest.mark.usefixtures("world")
def test_an_organisation_and_its_services_are_added_once_and_again_unchanged() -> None:
    file = rows({}, {"Service": "March", "CQC location": "1-466088204"})
    assert bring_in("organisations", file).findings["new"] == 2
    assert bring_in("organisations", file).findings["unchanged"] == 2
    assert services() == [
        ("Fenland Homecare Ltd", "March", "1-466088204"),
        ("Fenland Homecare Ltd", "Wisbech", "1-466088203"),
    ]


@pytest.mark.usefixtures("world")
def test_a_row_that_repeats_another_is_passed_over_with_a_warning() -> None:
    kept = bring_in("organisations", rows({}, {}))
    assert kept.findings["warnings"] == ["Row 3 repeats row 2."]
    assert len(services()) == 1


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (
            {"Organisation": "Fenland Care Ltd"},
            (3, "Organisation", "Row 2 says something else.", "Make all rows of an organisation agree."),
        ),
        (
            {"Service postcode": "PE13 1AA"},
            (3, "Service", "Row 2 describes this service differently.", "Keep one of the rows."),
        ),
        (
            {"Organisation ref": "ORG-0901", "Organisation": "Broadland Care"},
            (
                3,
                "CQC location",
                "This location belongs to Fenland Homecare Ltd (ORG-0900).",
                "Check the number, or ask for the service to be moved to its new organisation.",
            ),
        ),
        (
            {"Sector": "Nursin"},
            (3, "Sector", "There is no such sector.", "Did you mean “Nursing”? Use a sector of the list."),
        ),
    ],
)
def test_rows_that_contradict_each_other_are_refused(second: dict[str, str], expected: tuple[object, ...]) -> None:
    assert refused({}, second) == expected


def test_a_service_is_known_by_its_location_where_its_name_changed(world: World) -> None:
    bring_in("organisations", rows({}))
    kept = bring_in("organisations", rows({"Service": "Wisbech and March"}))
    assert (kept.findings["new"], kept.findings["changed"]) == (0, 1)
    assert services() == [("Fenland Homecare Ltd", "Wisbech and March", "1-466088203")]


def test_another_sector_is_shown_by_its_names(world: World) -> None:
    bring_in("organisations", rows({}))
    kept = bring_in("organisations", rows({"Sector": "Nursing"}))
    (change,) = kept.findings["changes"]
    assert (change["column"], change["before"], change["after"]) == ("Sector", "Home support", "Nursing")
