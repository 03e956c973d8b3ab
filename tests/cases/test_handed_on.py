"""Files that went through a spreadsheet, or another program, before they were sent."""

from datetime import datetime

import pytest

from models import LineItem, Organisation
from rules.upload_states import UploadState
from tests.cases.test_files import days, sentences
from tests.support.files.cases import case
from tests.support.files.uploads import found, matched, put_in, send
from tests.support.files.workbooks import DAILY, headed, number, row, text, workbook
from tests.support.worlds.world import World
from workflows.uploads.matching.columns import first_draft, table_of


@pytest.fixture
def other(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="0048999")


def test_what_a_program_wrote_as_text_for_spreadsheets_is_that_text(
    organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    kept = send(organisation, case("as-text.csv", line, other))
    assert found(kept) == []
    put_in(organisation, kept)
    assert (days(line)[:4], days(other)[:4]) == ("1.50", "1.50")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252"])
def test_so_it_is_in_any_encoding(organisation: Organisation, line: LineItem, other: LineItem, encoding: str) -> None:
    kept = send(organisation, case("as-text.csv", line, other).encode(encoding))
    assert (found(kept), kept.counts["new"]) == ([], 2)


def test_a_mark_in_front_of_a_reference_is_no_part_of_it(organisation: Organisation, line: LineItem) -> None:
    rows = [f"{line.reference},16/10/2017,1,OTHER", f"'{line.reference},17/10/2017,1,OTHER"]
    kept = send(organisation, ["CPLI,Service date,Delivered units,Reason", *rows])
    assert (sentences(kept), kept.counts["new"]) == ([], 2)


def test_a_file_all_of_whose_references_lost_their_zeros_is_no_strangers(
    world: World, organisation: Organisation, other: LineItem
) -> None:
    heading = "CPLI,Service date,Delivered units,Reason"
    kept = send(organisation, [heading, "48999,16/10/2017,1,OTHER", "48999,17/10/2017,1,OTHER"])
    assert kept.notices[0].startswith("The references in this file have lost the zeros in front of them.")
    assert set(sentences(kept)) == {"No such line. Nearest: 0048999 (A. B.)."}
    kept = send(organisation, [heading, "48999,16/10/2017,1,OTHER", "48111,17/10/2017,1,OTHER"])
    assert kept.notices[0].startswith("None of the references in this file is yours")
    assert set(sentences(kept)) == {"You have no such line."}


def turned(line: LineItem, *cells: str) -> bytes:
    rows = [row(text(line.reference), cell, number(1), text("OTHER"), text("")) for cell in cells]
    return workbook(headed(DAILY, *rows))


def real(month: int, day: int) -> str:
    return number((datetime(2017, month, day) - datetime(1899, 12, 30)).days, 1)  # noqa: DTZ001


def test_days_that_a_spreadsheet_took_for_months_refuse_the_file(organisation: Organisation, line: LineItem) -> None:
    # Of 30/10, 31/10, 01/11 and 02/11 the last two became the 11th of January and of February.
    kept = send(organisation, turned(line, text("30/10/2017"), text("31/10/2017"), real(1, 11), real(2, 11)), "a.xlsx")
    assert kept.state is UploadState.REFUSED
    assert "“Service date” all dates up to the 12th are dates, and all later ones are text" in kept.notices[0]


def test_so_it_is_in_a_table_of_visits_of_ones_own(organisation: Organisation, line: LineItem) -> None:
    days = text("30/10/2017"), text("31/10/2017"), real(1, 11), real(2, 11)
    rows = [row(text(line.reference), day, text("08:00"), text("09:00")) for day in days]
    table = workbook(headed(("Contract", "Date", "Clock in", "Clock out"), *rows))
    kept = matched(organisation, send(organisation, table, "a.xlsx"))
    assert kept.state is UploadState.REFUSED
    assert "“Date of the visit” all dates up to the 12th are dates" in kept.notices[0]


def test_a_column_of_dates_with_one_or_two_typed_as_text_is_read(organisation: Organisation, line: LineItem) -> None:
    for cells in (
        (text("30/10/2017"), real(11, 1), real(11, 2)),
        (text("30/10/2017"), text("31/10/2017"), real(11, 1), real(10, 20)),
        (text("30/10/2017"), text("31/10/2017"), text("03/11/2017"), real(11, 1), real(11, 2)),
    ):
        kept = send(organisation, turned(line, *cells), "a.xlsx")
        assert (kept.state, kept.counts["new"]) == (UploadState.CHECKED, len(cells))


def test_rounding_is_no_contradiction_of_days_and_their_total(world: World, organisation: Organisation) -> None:
    short, other = world.line(organisation, ("0.33",) * 7), world.line(organisation)
    kept = send(organisation, case("calls-of-20-minutes.csv", short, other))
    assert found(kept) == [("rejected", "contradiction", 3, "Week total")]
    put_in(organisation, kept)
    assert days(short) == " ".join(["0.33"] * 7)


def test_the_end_of_a_day_is_the_beginning_of_the_next(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("until-midnight.csv", line))
    assert {each[:3] for each in found(kept) if each[0] == "rejected"} == {("rejected", "not-a-date", 4)}
    put_in(organisation, kept)
    assert days(line).startswith("2.00 2.00 0.00")


def test_the_end_of_a_day_stands_in_a_table_of_ones_own_too(organisation: Organisation, line: LineItem) -> None:
    put_in(organisation, matched(organisation, send(organisation, case("own-until-midnight.csv", line))))
    assert days(line).startswith("2.00 2.00 0.00")


def test_of_two_columns_with_one_heading_nobody_guesses_which_is_which(
    organisation: Organisation, line: LineItem
) -> None:
    kept = send(organisation, case("planned-and-actual.csv", line))
    draft = first_draft(*table_of(kept.id))
    assert draft.columns == ["line", "date", "", "", "", ""]


def test_rows_that_stand_in_one_cell_are_told_so(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("unsplit.csv", line))
    assert kept.state is UploadState.REFUSED
    assert "All of a row stands in its first cell" in kept.notices[0]


def test_a_quotation_mark_that_never_ends_is_found_where_it_begins(organisation: Organisation, line: LineItem) -> None:
    rows = [f"{line.reference},{day}/10/2017,1,OTHER,{'' if day != 17 else chr(34) + 'oops'}" for day in range(16, 23)]
    kept = send(organisation, ["CPLI,Service date,Delivered units,Reason,Comment", *rows])
    assert "The quotation marks that begin in line 3 do not match." in kept.notices[0]


def test_a_table_of_a_web_page_is_told_so(organisation: Organisation) -> None:
    kept = send(organisation, "<table><tr><td>CPLI</td></tr></table>", "actuals.xls")
    assert "This is a web page." in kept.notices[0]
