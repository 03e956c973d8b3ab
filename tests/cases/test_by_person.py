"""An export that names the person alone: days, weeks and totals find the line as visits do, or say why they cannot."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models import LineItem, Organisation, Upload, UploadFinding, db
from tests.support.files.cases import case
from tests.support.files.uploads import found, matched, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World

FILES = ("by-person-days.csv", "by-person-week.csv", "by-person-total.csv")


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="48212")


def checked(organisation: Organisation, text: str) -> Upload:
    return matched(organisation, send(organisation, text))


def rejected(kept: Upload) -> list[tuple[str, int, str, str]]:
    columns = (UploadFinding.code, UploadFinding.row, UploadFinding.column, UploadFinding.wrong)
    query = select(*columns).where(UploadFinding.upload_id == kept.id, UploadFinding.kind == "rejected")
    return [tuple(each) for each in db.session.execute(query.order_by(UploadFinding.id))]


@pytest.mark.parametrize(
    ("name", "units"),
    [(FILES[0], "1.25 0.75 0.00 0.00 0.00 0.00 0.00"), (FILES[1], "1.25 1.25 1.25 1.25 1.25 0.00 0.00")],
)
def test_days_and_weeks_of_a_person_go_to_their_only_line(
    organisation: Organisation, line: LineItem, name: str, units: str
) -> None:
    kept = checked(organisation, case(name, line))
    assert (kept.counts["rejected"], kept.counts["asked"]) == (0, 0), found(kept)
    put_in(organisation, kept)
    assert " ".join(stored()[line.id, OCT_16][0]) == units
    again = send(organisation, case(name, line))
    assert again.counts["unchanged"] == again.counts["read"]


def test_a_total_of_a_person_goes_to_their_only_line(world: World, organisation: Organisation) -> None:
    weekly = world.line(organisation, weekly="7.00")
    put_in(organisation, checked(organisation, case(FILES[2], weekly)))
    assert stored()[weekly.id, OCT_16][0] == ("6.25",)


@pytest.mark.parametrize("name", FILES)
def test_a_person_with_two_lines_is_rejected_naming_both_at_the_senders_column(
    world: World, organisation: Organisation, line: LineItem, name: str
) -> None:
    other = world.line(organisation, person=line.person)
    kept = checked(organisation, case(name, line))
    rows = range(2, 2 + kept.counts["read"])
    assert found(kept) == [("rejected", "two-lines", row, "Client Ref") for row in rows]
    assert kept.counts["rejected"] == kept.counts["read"]
    wrong = db.session.scalars(select(UploadFinding.wrong).order_by(UploadFinding.id).limit(1)).one()
    assert line.reference in wrong
    assert other.reference in wrong


def test_of_two_lines_one_after_the_other_the_day_says_which_and_a_week_of_both_cannot(
    world: World, organisation: Organisation
) -> None:
    tuesday = OCT_16 + timedelta(days=1)
    first = world.line(organisation, end=OCT_16)
    second = world.line(organisation, person=first.person, start=tuesday)
    put_in(organisation, checked(organisation, case(FILES[0], first)))
    assert (stored()[first.id, OCT_16][0][0], stored()[second.id, OCT_16][0][1]) == ("1.25", "0.75")
    assert [code for _kind, code, _row, _column in found(checked(organisation, case(FILES[1], first)))] == ["two-lines"]


@pytest.mark.parametrize("name", FILES)
def test_a_person_who_has_no_line_then_says_when(world: World, organisation: Organisation, name: str) -> None:
    line = world.line(organisation, start=date(2017, 10, 30))
    kept = checked(organisation, case(name, line))
    assert {code for _kind, code, _row, _column in found(kept)} == {"outside-line"}


def test_a_person_of_nobodys_is_an_unknown_line(organisation: Organisation, line: LineItem) -> None:
    rows = case(FILES[0], line) + "P-NOBODY,16/10/2017,1\n"
    assert rejected(checked(organisation, rows)) == [
        ("unknown-line", 4, "Client Ref", "You have no line for this person.")
    ]


def test_a_row_without_a_person_says_so_at_the_senders_column(organisation: Organisation, line: LineItem) -> None:
    kept = checked(organisation, case(FILES[0], line) + ",18/10/2017,1\n")
    assert rejected(kept) == [("unknown-line", 4, "Client Ref", "Nothing says which line the row is for.")]


def test_one_day_by_its_line_and_by_its_person_is_one_day(organisation: Organisation, line: LineItem) -> None:
    rows = ["Client Ref,Agreement no,Care date,Hours", f",{line.reference},16/10/2017,1.5"]
    twice = checked(organisation, "\n".join([*rows, f"{line.person.reference},,16/10/2017,1.25"]))
    assert [code for _kind, code, _row, _column in found(twice)] == ["duplicate-row", "duplicate-row"]
    assert twice.counts["rejected"] == 2
