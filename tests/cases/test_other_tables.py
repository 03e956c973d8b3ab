"""More than one table on one sheet: what stands under the same headings is read, another table is named, never lost."""

import io

import openpyxl
import pytest
from sqlalchemy import select

from models import LineItem, Organisation, Upload, UploadFinding, acting_for, db
from rules.upload_states import UploadState
from tests.support.files.cases import case
from tests.support.files.uploads import found, matched, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from workflows.uploads.results.correction_file import correction

FATES = ("new", "changed", "unchanged", "asked", "rejected", "skipped")


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="48212")


def days(line: LineItem) -> str:
    return " ".join(stored()[line.id, OCT_16][0])


def put(organisation: Organisation, line: LineItem, name: str) -> Upload:
    kept = send(organisation, case(name, line))
    assert sum(kept.counts[fate] for fate in FATES) == kept.counts["read"]
    put_in(organisation, kept)
    return kept


def codes(kept: Upload, code: str) -> list[int]:
    return [row for _kind, each, row, _column in found(kept) if each == code]


def test_rows_below_the_same_headings_are_rows_of_the_same_table(organisation: Organisation, line: LineItem) -> None:
    kept = put(organisation, line, "headings-again.csv")
    assert days(line) == "0.75 0.75 0.50 0.50 0.00 0.00 0.00"
    assert (kept.counts["rejected"], codes(kept, "headings-again"), kept.notices) == (0, [5], [])


def test_the_same_headings_in_another_order_are_the_same_table(organisation: Organisation, line: LineItem) -> None:
    kept = put(organisation, line, "headings-in-another-order.csv")
    assert days(line) == "0.75 0.50 0.00 0.00 0.00 0.00 0.00"
    assert (kept.counts["rejected"], codes(kept, "headings-again")) == (0, [4])


def test_another_table_is_named_with_its_row_and_what_is_round_it_is_read(
    organisation: Organisation, line: LineItem
) -> None:
    kept = put(organisation, line, "other-table.csv")
    assert days(line) == "0.75 0.75 0.00 0.00 0.50 0.00 0.00"
    assert codes(kept, "other-table") == [5, 6, 7]
    assert (kept.counts["rejected"], codes(kept, "headings-again")) == (3, [9])
    (notice,) = kept.notices
    assert notice.startswith("Row 5 begins another table, with the headings “Visit ref”, “CPLI”, ")
    assert notice.endswith("Its 2 rows were not read: send it as a file of its own.")
    again = send(organisation, case("other-table.csv", line))
    assert (again.counts["unchanged"], again.counts["rejected"]) == (3, 3)


def test_another_table_stands_in_the_correction_file_as_it_is_and_comes_in_from_there(
    organisation: Organisation, line: LineItem
) -> None:
    kept = put(organisation, line, "other-table.csv")
    with acting_for(organisation.id):
        content = correction(kept.id)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    assert [cell.value for cell in sheet[1]][:2] == ["Visit ref", "CPLI"]
    assert sheet.max_row == 3
    put_in(organisation, send(organisation, content, "to correct.xlsx"))
    assert days(line) == "0.75 0.75 1.00 1.00 0.50 0.00 0.00"


def test_words_below_a_blank_row_over_other_dates_begin_another_table(
    organisation: Organisation, line: LineItem
) -> None:
    kept = put(organisation, line, "table-nobody-knows.csv")
    assert (codes(kept, "other-table"), days(line)) == ([5, 6], "1.00 1.00 0.00 0.00 0.00 0.00 0.00")
    assert "“Vehicle”, “Driver”" in kept.notices[0]


def test_a_note_between_rows_is_one_wrong_row_and_cuts_nothing_off(organisation: Organisation, line: LineItem) -> None:
    rows = case("table-nobody-knows.csv", line).splitlines()
    kept = send(organisation, [*rows[:3], "", "checked,by,the office", rows[2].replace("17/", "18/")])
    assert (kept.counts["new"], kept.counts["rejected"], codes(kept, "other-table")) == (3, 1, [])


def test_a_first_table_of_few_rows_is_not_lost_above_a_fuller_one(organisation: Organisation, line: LineItem) -> None:
    put(organisation, line, "headings-again.csv")
    first = ["CPLI,Service date,Delivered units", f"{line.reference},16/10/2017,1"]
    kept = send(organisation, [*first, "", "CPLI,Week starting,Delivered units,Reason,Comment,Person ref", "x,y,z"])
    assert (kept.layout, kept.counts["changed"], codes(kept, "other-table")) == ("daily", 1, [4, 5])


def test_aborted_visits_below_a_table_of_visits_are_another_table(organisation: Organisation, line: LineItem) -> None:
    rows = case("other-table.csv", line).splitlines()[4:7]
    kept = send(
        organisation, [*rows, "", "CPLI,Date,Planned start,Planned minutes", f"{line.reference},20/10/2017,08:00,45"]
    )
    assert (kept.layout, kept.counts["new"], codes(kept, "other-table")) == ("visits", 2, [5, 6])


def test_aborted_visits_below_days_are_read_with_them(organisation: Organisation, line: LineItem) -> None:
    rows = case("headings-again.csv", line).splitlines()[:3]
    aborted = ["CPLI,Date,Planned start,Planned minutes,Reason", f"{line.reference},18/10/2017,08:00,45,NO_REPLY"]
    kept = send(organisation, [*rows, "", *aborted])
    assert (kept.layout, kept.counts["new"], kept.counts["rejected"], kept.notices) == ("daily", 3, 0, [])


OWN = ("Client Ref,Care date,Hours,Status", "{PERSON},{MON},1,", "{PERSON},{TUE},1,", "")


def test_of_an_own_export_the_words_of_another_table_are_not_asked_about(
    organisation: Organisation, line: LineItem
) -> None:
    other = ["Staff member,Shift date,Outcome,Status", "Tom,{MON},Late,Sick leave"]
    text = "\n".join([*OWN, *other, OWN[0], OWN[1].replace("{MON}", "{WED}")])
    for name, value in (("PERSON", line.person.reference), ("MON", "16/10/2017"), ("TUE", "17/10/2017")):
        text = text.replace(f"{{{name}}}", value)
    kept = matched(organisation, send(organisation, text.replace("{WED}", "18/10/2017")))
    assert kept.state is UploadState.CHECKED
    assert (codes(kept, "other-table"), codes(kept, "headings-again")) == ([5, 6], [7])
    wrong = db.session.scalars(select(UploadFinding.wrong).where(UploadFinding.row == 6)).one()
    assert wrong == "This row belongs to the table whose headings are in row 5."
    put_in(organisation, kept)
    assert days(line) == "1.00 1.00 1.00 0.00 0.00 0.00 0.00"
