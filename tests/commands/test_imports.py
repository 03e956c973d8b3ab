"""`flask --app app import`: the staff imports from the command line."""

from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from models import ImportFile, Organisation, db
from tests.support.worlds.world import World

TRAFFORD = Path(__file__).parents[1] / "cases" / "trafford_care_homes.csv"


def organisations() -> int:
    return db.session.scalar(select(func.count()).select_from(Organisation)) or 0


def test_without_yes_a_file_is_only_checked(world: World, app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["import", "organisations", str(TRAFFORD)])
    assert done.exit_code == 0, done.output
    assert "56 rows read, 56 new, 0 changed, 0 unchanged, 0 rejected." in done.output
    assert "Add --yes" in done.output
    assert organisations() == 0


def test_with_yes_its_rows_are_written(world: World, app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["import", "organisations", str(TRAFFORD), "--yes"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("Imported.\n")
    assert organisations() == 46


def test_a_broken_file_lists_its_problems_and_fails(world: World, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_text("Organisation ref,Organisation,Sector,Service\nA,B,Nursery,C\n")
    done = app.test_cli_runner().invoke(args=["import", "organisations", str(file), "--yes"])
    assert done.exit_code == 1
    assert "Row 2, Sector “Nursery”: There is no such sector." in done.output
    file.write_bytes(b"PK nonsense")
    assert "damaged" in app.test_cli_runner().invoke(args=["import", "organisations", str(file)]).output
    assert organisations() == 0


def test_a_long_file_shows_how_far_it_is(world: World, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    rows = (f"A-{number},Home {number},Nursing,House {number}" for number in range(2_500))
    file.write_text("\n".join(("Organisation ref,Organisation,Sector,Service", *rows)))
    done = app.test_cli_runner().invoke(args=["import", "organisations", str(file), "--yes"])
    assert done.exit_code == 0, done.output
    assert "Checking" in done.output
    assert "Importing" in done.output
    assert organisations() == 2_500
    assert db.session.scalar(select(ImportFile.state)) == "done"
