"""Which layout a file of actuals follows, told by its headings wherever and however they stand."""

import csv as csv_module
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from files.actuals.columns import DAY_PLANS
from files.actuals.layouts import AbortedRow, DayRow, LayoutName, Skipped, TotalRow, VisitRow, WeekRow
from files.actuals.workbook import ABORTED_COLUMNS, COLUMNS
from tests.support.reading import message, read, said
from tests.support.workbooks import (
    DAILY,
    DAYS,
    VISITS,
    WEEKLY,
    WORKBOOK,
    headed,
    letters,
    number,
    raw_sheet,
    row,
    sheet,
    text,
    workbook,
)

MONDAY = date(2017, 10, 16)
WEEK = row(
    text("key"), text("Home care"), text("0048210"), text("P1"), text("AB"), text("Personal care"), text("HOUR"),
    number(43024, 1), number(7), *(number(1.25) for _ in DAYS), number(8.75), text("LONGER"), text("=1+1"),
    number(19.68), text("draft"), text(""),
)  # fmt: skip
A_WEEK = WeekRow(
    2, "Actuals", "key", "0048210", MONDAY, (Decimal("1.25"),) * 7, Decimal("8.75"), "LONGER", "=1+1", "P1"
)  # fmt: skip
DAY = row(text("48210"), number(43024, 1), number(1.5), text("EXTRA"), text("Late"))


def csv(*rows: Sequence[str]) -> bytes:
    return "\r\n".join(",".join(cells) for cells in rows).encode()


def test_the_headings_are_those_that_are_handed_out() -> None:
    assert [heading for heading in COLUMNS if heading not in DAY_PLANS] == list(WORKBOOK)
    assert read(workbook(headed(COLUMNS, row(*["<c />"] * 2, text("48210"))))).notices == []
    aborted = workbook(headed(ABORTED_COLUMNS, row(text("48210"), number(43024, 1), text("08:30"), number(45))))
    assert read(aborted).notices == []


def test_the_workbook_is_read() -> None:
    file = read(workbook(headed(WORKBOOK, WEEK), names=["Actuals"]))
    assert (file.layout, file.rows, file.notices, file.row_count) == (LayoutName.WORKBOOK, [A_WEEK], [], 1)


def test_the_workbook_is_read_with_its_columns_reordered_and_others_between() -> None:
    cells = list(zip(WORKBOOK, ["<c " + cell for cell in WEEK.split("<c ")[1:]], strict=False))
    cells = [("Colour", text("red")), *reversed(cells), ("Second colour", text("blue"))]
    headings, values = zip(*((title, cell.removesuffix("</row>")) for title, cell in cells), strict=True)
    file = read(workbook(sheet(row(*map(text, headings)), row(*values)), names=["Actuals"]))
    assert file.rows == [A_WEEK]
    assert file.notices == ["Columns of the sheet “Actuals” not used: “Colour”, “Second colour”."]


def test_the_first_visible_sheet_may_have_any_name_and_a_hidden_one_stand_before_it() -> None:
    file = read(workbook(headed(DAILY, DAY), headed(WORKBOOK, WEEK), names=["Hidden", "Figures"], hidden=1))
    assert file.rows == [A_WEEK._replace(sheet="Figures")]


def test_headings_stand_below_a_merged_title_and_a_blank_row() -> None:
    cells = [cell.replace("<row>", "<row>", 1) for cell in (row(text("Actuals of Hestia Care")), row(), WEEK)]
    made = sheet(cells[0], cells[1], row(*map(text, WORKBOOK)), WEEK)
    merged = made.replace("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A1:V1"/></mergeCells>')
    assert read(workbook(merged, names=["Actuals"])).rows == [A_WEEK._replace(number=4)]


def test_a_table_that_begins_neither_in_the_first_row_nor_in_the_first_column_is_read() -> None:
    cells = [
        "".join(f'<c r="{letters(place + 2)}{line}" t="str"><v>{value}</v></c>' for place, value in enumerate(values))
        for line, values in ((5, DAILY), (7, ("48210", "16/10/2017", "1.5", "", "")))
    ]
    made = raw_sheet(f'<row r="5">{cells[0]}</row><row r="7">{cells[1]}</row>')
    assert read(workbook(made)).rows == [DayRow(7, "Sheet1", "48210", MONDAY, Decimal("1.5"), "", "")]


def test_aborted_visits_are_read_from_their_own_sheet() -> None:
    cells = row(
        text("48210"), number(43024, 1), number(0.34375, 3), number(45), number(43024.25, 2), text("8:40"),
        text("0:15"), text("The office"), text("NO_REPLY"), text("Nobody in"),
    )  # fmt: skip
    file = read(workbook(headed(WORKBOOK), headed(ABORTED_COLUMNS, cells), names=["Actuals", "Aborted visits"]))
    told = datetime.fromisoformat("2017-10-16T06:00")
    expected = AbortedRow(
        2, "Aborted visits", "48210", MONDAY, time(8, 15), 45, told, time(8, 40), 15, "The office", "NO_REPLY",
        "Nobody in",
    )  # fmt: skip
    assert (file.layout, file.rows, file.aborted, file.row_count) == (LayoutName.WORKBOOK, [], [expected], 1)


def test_the_portals_own_sheets_are_passed_over_and_other_sheets_named() -> None:
    notes = sheet(row(text("Remember the milk")))
    names = ["Actuals", "Reasons", "Help", "Notes", "Blank"]
    file = read(workbook(headed(WORKBOOK, WEEK), notes, notes, notes, sheet(), names=names))
    assert file.rows == [A_WEEK]
    assert file.notices == ["The sheet “Notes” was not read: its headings are not those of workbook actuals."]


def test_all_sheets_of_one_layout_are_read() -> None:
    file = read(workbook(headed(DAILY, DAY), headed(DAILY, DAY), headed(WEEKLY, DAY), names=["Oct", "Nov", "Other"]))
    assert [(each.sheet, each.number) for each in file.rows] == [("Oct", 2), ("Nov", 2)]
    assert file.notices == ["The sheet “Other” was not read: its headings are not those of daily actuals."]


def test_the_daily_layout() -> None:
    file = read(workbook(headed(DAILY, DAY), names=["Export"]))
    assert file.layout is LayoutName.DAILY
    assert file.rows == [DayRow(2, "Export", "48210", MONDAY, Decimal("1.5"), "EXTRA", "Late")]


@pytest.mark.parametrize("headings", ["CPLI,Service date,Delivered units", "cpli,SERVICE_DATE, delivered  UNITS ",
                                      "Cpli*,service-date,DeliveredUnits"])  # fmt: skip
def test_headings_are_known_in_any_case_with_any_spaces(headings: str) -> None:
    file = read(f"{headings}\n48210,16/10/2017,1.5\n".encode(), "export.csv")
    assert file.rows == [DayRow(2, "", "48210", MONDAY, Decimal("1.5"), "", "")]


def test_the_weekly_layout() -> None:
    file = read(csv(("Delivered units", "Week starting", "CPLI"), ("7,5".replace(",", "."), "2017-10-16", "48210")))
    assert file.layout is LayoutName.WEEKLY
    assert file.rows == [TotalRow(2, "", "48210", MONDAY, Decimal("7.5"), "", "")]


def test_the_visits_layout() -> None:
    cells = (
        "V1",
        "48210",
        "16/10/2017 08:00",
        "16/10/2017 08:45",
        "16/10/2017 07:58",
        "2017-10-16T08:41",
        "DELIVERED",
        "C7",
    )
    file = read(csv(VISITS, cells))
    planned, end, start, left = (
        datetime.fromisoformat(f"2017-10-16T{clock}") for clock in ("08:00", "08:45", "07:58", "08:41")
    )
    assert file.layout is LayoutName.VISITS
    assert file.rows == [
        VisitRow(2, "", "V1", "48210", "", planned, end, start, left, "DELIVERED", None, "C7", "", "", "")
    ]


def test_visits_may_be_by_person() -> None:
    file = read(csv(("Person ref", *VISITS[:1], *VISITS[2:]), ("P1", "V1", "", "", "", "", "MISSED", "")))
    assert [(each.person, each.line) for each in file.rows if isinstance(each, VisitRow)] == [("P1", "")]


def test_blank_rows_and_totals_are_passed_over_and_rows_keep_their_numbers() -> None:
    rows = "CPLI,Service date,Delivered units\n,,\n48210,16/10/2017,1\n\nTotal,,1\n,Grand total,1\n"
    rows += "48211,16/10/2017,2\n,,3\n"
    file = read(rows.encode(), "export.csv")
    assert [(each.number, each.line) for each in file.rows] == [(3, "48210"), (7, "48211"), (8, "")]
    assert file.row_count == 3
    assert [each[:3] for each in file.skipped] == [
        (2, "", Skipped.BLANK), (4, "", Skipped.BLANK), (5, "", Skipped.TOTALS), (6, "", Skipped.TOTALS)
    ]  # fmt: skip


def test_what_stands_above_the_headings_and_totals_with_more_words_are_skipped_and_told() -> None:
    rows = "Hours by client\nPrinted on a Friday\n\nCPLI,Service date,Delivered units\n48210,16/10/2017,1\n"
    file = read(f"{rows}Total hours:,,1\n\n,,\n".encode(), "export.csv")
    assert [(each.number, each.why.value) for each in file.skipped] == [
        (1, "above the headings"), (2, "above the headings"), (6, "a row of totals"),
    ]  # fmt: skip


def test_a_row_longer_than_the_headings_is_not_read() -> None:
    file = read(b"CPLI,Service date,Delivered units\n48210,16/10/2017,1,50\n48210,17/10/2017,1,,\n48210\n", "a.csv")
    assert said(file) == [("", "row-shape")]
    assert file.rows[0].problems[0].value == "50"
    cells = row(text("48210"), number(43024, 1), number(1), number(0))
    assert said(read(workbook(headed(DAILY[:3], cells)))) == [("", "row-shape")]


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_the_one_by_which_the_headings_are_known(delimiter: str) -> None:
    rows = [("Title, with; all\tof|them,,;;",), DAILY, ("48210", "16/10/2017", "1.5", "", "x;x;x;x;x")]
    target = io.StringIO()
    csv_module.writer(target, delimiter=delimiter).writerows(rows)
    assert len(read(target.getvalue().encode(), "export.csv").rows) == 1


def test_a_line_that_begins_like_a_total_is_kept() -> None:
    assert len(read(b"CPLI,Service date,Delivered units\nTOTAL-1,16/10/2017,1\n").rows) == 1


def test_repeated_rows_are_left_to_the_check() -> None:
    assert len(read(workbook(headed(DAILY, DAY, DAY))).rows) == 2


def test_a_heading_that_stands_twice_is_named() -> None:
    file = read(b"CPLI,Service date,Delivered units,delivered_units\n48210,16/10/2017,1,2\n", "export.csv")
    assert file.notices == ["More than one column is headed “delivered_units”: the first is read."]
    assert [each.units for each in file.rows if isinstance(each, DayRow)] == [Decimal(1)]


def test_many_unknown_columns_are_counted() -> None:
    more = ",".join(f"x{place}" for place in range(30))
    (notice,) = read(f"CPLI,Service date,Delivered units,{more}\n48210,16/10/2017,1\n".encode()).notices
    assert notice.endswith("“x7” and 22 more.")


def test_a_file_that_fits_no_layout_is_told_all_three_and_the_nearest() -> None:
    found = message(b"CPLI,Week starting,Hours\n48210,16/10/2017,1\n", "export.csv")
    assert found.startswith("export.csv: The headings fit no layout. Nearest is the weekly layout, which also needs ")
    for words in (
        "“Delivered units”",
        "daily: CPLI, Service date",
        "weekly: CPLI, Week",
        "visits: Visit ref",
        "CPLI or",
    ):
        assert words in found


def test_headings_alone_are_no_file() -> None:
    assert "no rows below" in message(workbook(headed(WORKBOOK), headed(ABORTED_COLUMNS)))


def test_a_long_name_of_a_file_is_cut() -> None:
    assert len(message(b"", "x" * 5_000)) < 250


def test_a_workbook_with_another_calendar_is_read_right() -> None:
    rows = [row(text("48210"), number(41_562, 1), number(1)), row(text("48210"), number(41_562), number(1))]
    file = read(workbook(headed(DAILY, *rows), settings='<workbookPr date1904="1"/>'))
    assert [each.day for each in file.rows if isinstance(each, DayRow)] == [MONDAY, MONDAY]
    assert said(file) == []


def test_more_than_100000_rows_on_all_sheets_together_are_refused() -> None:
    many = raw_sheet(
        headed(DAILY).split("<sheetData>")[1].split("</sheetData>")[0] + '<row><c t="str"><v>x</v></c></row>' * 55_000
    )
    assert "more than 100,000 rows" in message(workbook(many, many))
