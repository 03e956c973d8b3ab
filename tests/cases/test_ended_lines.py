"""A visit leaves a line that has ended while its week can still be changed; after that its row says why it stays."""

from datetime import date

import pytest
from sqlalchemy import select, update

from models import LineItem, Organisation, Upload, UploadFinding, db
from tests.support.files.cases import case
from tests.support.files.uploads import download, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from workflows.payments.money_checks import check_money

# The claim window is 90 days after a line's end.
ENDED, WITHIN, AFTER = date(2017, 10, 29), "2018-01-27", "2018-01-28"


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    """A line that ended, with visits on Tuesday and Wednesday of its first week."""
    line = world.line(organisation, ("2", "2", "2", "2", "2", "2", "2"), end=ENDED)
    put_in(organisation, send(organisation, case("moved-line-1.csv", line)))
    return line


@pytest.fixture
def other(world: World, organisation: Organisation, line: LineItem) -> LineItem:
    return world.line(organisation, person=line.person)


def moved(world: World, organisation: Organisation, line: LineItem, other: LineItem, today: str) -> Upload:
    world.app.config["PORTAL_TODAY"] = today
    return send(organisation, case("moved-line-2.csv", line, other))


def findings(kept: Upload) -> list[UploadFinding]:
    query = select(UploadFinding).where(UploadFinding.upload_id == kept.id, UploadFinding.kind != "warning")
    return list(db.session.scalars(query.order_by(UploadFinding.id)))


def tuesday(line: LineItem) -> str:
    return stored()[line.id, OCT_16][0][1]


def is_sound() -> bool:
    return [each for each in check_money() if "visits" in each.holds] == []


@pytest.fixture
def waiting(world: World, organisation: Organisation) -> LineItem:
    """The same of a line whose week waits over its exception level: 2 hours where a quarter of one was planned."""
    line = world.line(organisation, ("0.25", *["0"] * 6), end=ENDED)
    put_in(organisation, send(organisation, case("moved-line-1.csv", line)))
    return line


def test_within_the_claim_window_a_visit_leaves_an_ended_line_where_ticked(
    world: World, organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    kept = moved(world, organisation, line, other, WITHIN)
    (found,) = findings(kept)
    assert (found.code, found.kind.value) == ("conflict", "conflict")
    put_in(organisation, kept, [found.id])
    assert (tuesday(line), tuesday(other)) == ("0.00", "1.00")
    assert is_sound()


def test_after_it_the_row_says_that_the_line_ended_and_nothing_is_paid_twice(
    world: World, organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    kept = moved(world, organisation, line, other, AFTER)
    (found,) = findings(kept)
    assert (found.code, found.kind.value, kept.counts["rejected"]) == ("conflict", "rejected", 1)
    assert found.wrong == (
        f"The portal has {found.value} on 17 Oct on another line, which ended on 29 October 2017, and none of its weeks"
        " can be changed after so long."
    )
    assert line.reference not in found.wrong + found.remedy
    put_in(organisation, kept)
    assert (tuesday(line), (other.id, OCT_16) in stored()) == ("1.00", False)


def test_a_week_that_waits_over_its_exception_level_can_still_be_left(
    world: World, organisation: Organisation, waiting: LineItem
) -> None:
    other = world.line(organisation, person=waiting.person)
    kept = moved(world, organisation, waiting, other, AFTER)
    (found,) = findings(kept)
    assert found.kind.value == "conflict"
    put_in(organisation, kept, [found.id])
    assert (tuesday(waiting), tuesday(other)) == ("0.00", "1.00")
    assert is_sound()


def test_a_workbook_with_such_a_week_comes_in_and_no_other_week_of_its_line(
    world: World, organisation: Organisation, waiting: LineItem
) -> None:
    world.app.config["PORTAL_TODAY"] = AFTER
    workbook = send(organisation, download(organisation, world.period(0)), "actuals.xlsx")
    assert (workbook.counts["rejected"], workbook.counts["unchanged"]) == (0, 1)
    rows = [f"{waiting.reference},{day}/10/2017,0.5,OTHER" for day in (18, 24)]
    kept = send(organisation, ["CPLI,Service date,Delivered units,Reason", *rows])
    (found,) = findings(kept)
    assert (found.row, found.code, kept.counts["changed"]) == (3, "outside-line", 1)
    assert found.wrong.startswith("This line ended on 29 October 2017, and none of its weeks can be changed")


def test_a_visit_that_counted_for_nothing_leaves_a_line_that_ended_before_its_day(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation, start=date(2017, 10, 9))
    first = case("moved-line-1.csv", line)
    put_in(organisation, send(organisation, first.replace("DELIVERED", "CANCELLED").replace("OTHER", "")))
    world.confirmed()
    db.session.execute(update(LineItem).where(LineItem.id == line.id).values(end=date(2017, 10, 15)))
    db.session.commit()
    other = world.line(organisation, person=line.person)
    kept = send(organisation, case("moved-line-2.csv", line, other))
    (found,) = findings(kept)
    put_in(organisation, kept, [found.id])
    assert (tuesday(line), tuesday(other)) == ("0.00", "1.00")
    assert is_sound()
