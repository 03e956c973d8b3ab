"""The result of every row: one fate each, with its code, its message and its figure before and after."""

from sqlalchemy import select, update

from models import Actual, Organisation, Upload, UploadFinding, acting_for, db
from rules.states import ActualState
from tests.support.files.uploads import big_file, put_in, send
from tests.support.worlds.weeks import week
from tests.support.worlds.world import World
from workflows.uploads import steps
from workflows.uploads.kept.rows import HEADINGS, result_rows
from workflows.uploads.results.read import ticked_weeks

DAILY = "CPLI,Service date,Delivered units,Reason"


def results(organisation: Organisation, kept: Upload) -> list[dict[str, object]]:
    """The result of every row of a file, by heading."""
    with acting_for(organisation.id):
        found = steps.find_upload(kept.id)
        return [dict(zip(HEADINGS, row, strict=True)) for row in result_rows(found, ticked_weeks(found))]


def test_every_row_has_its_fate_with_code_message_and_figures(world: World, organisation: Organisation) -> None:
    line, other = world.line(organisation), world.line(organisation)
    week(line)
    kept = send(organisation, [
        DAILY,
        f"{line.reference},16/10/2017,1,",  # as stored
        f"{line.reference},17/10/2017,1.25,LONGER",
        f"{other.reference},16/10/2017,1,OTHER",
        f"{other.reference},17/10/2017,many,",
        f"{other.reference},16/10/2017,1,OTHER",  # again
        f"{other.reference},18/10/2017,,",
    ])  # fmt: skip
    found = results(organisation, kept)
    assert [(each["Row"], each["Fate"], each["Code"]) for each in found] == [
        (2, "unchanged", ""), (3, "changed", ""), (4, "new", ""), (5, "rejected", "not-a-number"),
        (6, "skipped", "duplicate-row"), (7, "skipped", "no-quantity"),
    ]  # fmt: skip
    figures = [(each["Before"], each["After"]) for each in found[:3]]
    assert figures == [("1.00", "1.00"), ("1.00", "1.25"), ("0.00", "1.00")]
    assert found[1]["CPLI"] == line.reference
    assert found[1]["Week starting"] == "16/10/2017"
    assert "number" in str(found[3]["Message"])
    assert {each["Went in"] for each in found} == {""}
    assert sum(kept.counts[name] for name in ("new", "changed", "unchanged", "asked", "rejected", "skipped")) == 6


def test_after_the_update_it_says_which_rows_went_in(world: World, organisation: Organisation) -> None:
    line, other = world.line(organisation), world.line(organisation)
    week(line)
    week(other)
    db.session.execute(update(Actual).values(state=ActualState.INVOICED))
    db.session.commit()
    new = world.line(organisation)
    rows = [f"{each.reference},16/10/2017,0.5,SHORTER" for each in (line, other, new)]
    kept = send(organisation, [DAILY, *rows, "none,16/10/2017,1,"])
    assert [each["Fate"] for each in results(organisation, kept)] == ["conflict", "conflict", "new", "rejected"]
    tick = db.session.scalars(select(UploadFinding.id).where(UploadFinding.line_item_id == line.id)).one()
    done = put_in(organisation, kept, [tick])
    assert [each["Went in"] for each in results(organisation, done)] == ["yes", "no", "yes", "no"]


def test_rows_that_share_a_question_are_led_to_it(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    week(line)
    db.session.execute(update(Actual).values(state=ActualState.INVOICED))
    db.session.commit()
    rows = [f"{line.reference},{day}/10/2017,0.5,SHORTER" for day in (16, 17)]
    first, second = results(organisation, send(organisation, [DAILY, *rows]))
    assert (first["Code"], second["Code"]) == ("locked", "locked")
    assert "tick it on the page of the check" in str(first["Message"])
    assert str(second["Message"]).startswith("See row 2: ")
    assert (second["Before"], second["After"]) == ("1.00", "0.50")


def test_a_big_file_has_a_result_for_each_of_its_rows(world: World, organisation: Organisation) -> None:
    kept = send(organisation, big_file(world.line(organisation)))
    found = results(organisation, kept)
    assert [each["Row"] for each in found] == list(range(2, 509))
    assert {each["Code"] for each in found if each["Fate"] == "rejected"} == {"unknown-line"}
