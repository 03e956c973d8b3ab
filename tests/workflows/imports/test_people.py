"""The import of people: new ones and new names, each person once."""

from sqlalchemy import select

from models import Person, db
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import a_csv, bring_in, problem_of


def people(*rows: tuple[str, str]) -> bytes:
    return a_csv(*({"Person ref": reference, "Person name": name} for reference, name in rows))


def names() -> dict[str, str]:
    return {person.reference: person.name for person in db.session.scalars(select(Person))}


def test_people_are_added_and_renamed(world: World) -> None:
    world.person("P105340", "Nora Olet")
    kept = bring_in("people", people(("p105340", "Nora Ollett"), ("P105341", "Ada Bell")))
    assert (kept.findings["new"], kept.findings["changed"]) == (1, 1)
    assert kept.findings["changes"] == [
        {"row": 2, "record": "P105340", "column": "Person name", "before": "Nora Olet", "after": "Nora Ollett"}
    ]
    assert names() == {"P105340": "Nora Ollett", "P105341": "Ada Bell"}


def test_the_same_file_again_changes_nothing(world: World) -> None:
    rows = people(("P1", "Ada Bell"), ("P2", "Nora Ollett"), ("P1", "Ada Bell"))
    first = bring_in("people", rows)
    assert (first.findings["new"], first.findings["warnings"]) == (2, ["Row 4 repeats row 2."])
    assert bring_in("people", rows).findings["unchanged"] == 3


def test_two_names_for_one_person_are_rejected(world: World) -> None:
    problem = problem_of("people", people(("P1", "Ada Bell"), ("P1", "Ida Bell")))
    assert (problem["row"], problem["column"]) == (3, "Person name")


def test_a_reference_that_a_spreadsheet_would_run_is_rejected(world: World) -> None:
    assert "for a formula" in problem_of("people", people(("=1+1", "Ada Bell")))["wrong"]
