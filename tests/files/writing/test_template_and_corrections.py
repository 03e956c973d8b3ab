"""Workbooks that are handed out: no formula, no number where text is meant."""

import io
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from files.reading.table import Column, Layout
from files.writing.template_and_corrections import (
    FaultyRow,
    FaultySheet,
    write_correction,
    write_corrections,
    write_template,
)


def sheets(content: bytes) -> list[Worksheet]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [sheet for sheet in book.worksheets if isinstance(sheet, Worksheet)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 1603", "-1", "@SUM(A1)", "\tx", "\rx", "0048210", "https://a.example", "<r><t>x</t></r>"]
)
def test_text_is_never_a_formula_or_a_number(text: str) -> None:
    cell = sheets(write_correction(["CPLI"], [FaultyRow([text], frozenset(), "")]))[0]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value) == " ".join(text.split())


def test_a_correction_has_the_cells_coloured_and_the_message_last() -> None:
    row = FaultyRow(["48210", date(2017, 10, 16), 1.5, "old message"], frozenset({2}), "Mon: too much.")
    sheet = sheets(write_correction(["CPLI", "Start", "Mon", "message"], [row]))[0]
    assert [cell.value for cell in sheet[1]] == ["CPLI", "Start", "Mon", "Message"]
    assert sheet["B2"].number_format == "dd/mm/yyyy"
    assert [cell.fill.fgColor.rgb == "FFFBDAD7" for cell in sheet[2]] == [False, False, True, False]
    assert sheet["D2"].value == "Mon: too much."


def test_a_correction_has_every_sheet_under_its_own_headings() -> None:
    moment = datetime.fromisoformat("2017-10-16T09:30")
    names = ["Actuals", "a[b]:c" + "x" * 40, "actuals", "'"]
    faulty = [
        FaultySheet(name, ["Told at", "Comment"], [FaultyRow([moment, "two\nlines"], frozenset(), "")])
        for name in names
    ]
    made = sheets(write_corrections(faulty))
    assert [sheet.title for sheet in made] == ["Actuals", f"abc{'x' * 28}", "Sheet3", "Sheet4"]
    assert [(sheet["A2"].value, sheet["B2"].value) for sheet in made] == [(moment, "two\nlines")] * 4
    assert made[0]["A2"].number_format == "dd/mm/yyyy hh:mm"


def test_a_template_marks_what_is_needed_and_keeps_typed_text() -> None:
    layout = Layout("Lines", (Column("CPLI", True, "Printed on the ISO."), Column("End")))
    lines, explained = sheets(write_template(layout))
    assert [cell.value for cell in lines[1]] == ["CPLI*", "End"]
    assert lines.column_dimensions["A"].number_format == "@"
    assert [cell.value for cell in explained[2]] == ["CPLI", "Yes", "Printed on the ISO."]
