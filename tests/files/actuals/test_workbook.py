"""The Actuals workbook as Excel finds it: what can be filled in, what is checked, and what comes back."""

import io
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from files.actuals.row_key import row_key
from files.actuals.workbook import (
    ABORTED_COLUMNS,
    COLUMNS,
    COMMENT,
    AbortedLine,
    SheetLine,
    write_actuals_workbook,
)
from rules.states import Unit

OCT_16, NOV_12 = date(2017, 10, 16), date(2017, 11, 12)
OCT_17, MIDNIGHT = date(2017, 10, 17), time(0)
TOLD = datetime.combine(OCT_17, time(6, 45))
ONE = Decimal("1.00")
LINE = SheetLine(
    key=row_key(7, OCT_16, 3), service="Holt branch", line="0048210", person_reference="0000123", person="A. B.",
    element="Personal care", unit=Unit.HOUR, week=OCT_16, planned=Decimal("7.00"),
    day_plan=[ONE] * 6 + [None], weekly=False, open_days=[True] * 7,
    days=[ONE] * 7, total=Decimal("7.00"), reason="", comment="", rate=Decimal("19.6800"), status="Draft",
    step=Decimal("0.25"), off_step=(), plan="Mon 1, Tue 1 hours",
)  # fmt: skip
WEEKLY = replace(LINE, weekly=True, day_plan=[None] * 7, days=[None] * 7, plan="7 hours a week")
EMPTY = replace(LINE, days=[None] * 7, total=None, status="Not started")
VISIT = AbortedLine("48210", OCT_17, time(7, 30), 45, TOLD, time(7, 28), 10, "Ann", "NO_REPLY", "=")
# Text a database column and a form can hold. No spreadsheet has a place for the two that are no characters.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffe\uffff"), max_size=60)


def written(*rows: SheetLine, aborted: tuple[AbortedLine, ...] = (), organisation: str = "Fenland & Co") -> bytes:
    target = io.BytesIO()
    write_actuals_workbook(
        target, rows, aborted, organisation=organisation, period=(OCT_16, NOV_12), period_words="16 October"
    )
    return target.getvalue()


def opened(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def weeks(*rows: SheetLine) -> Worksheet:
    sheet = opened(written(*rows))["Actuals"]
    assert isinstance(sheet, Worksheet)
    return sheet


def free(sheet: Worksheet, row: int = 2) -> str:
    """The columns of a row that can be filled in, and whether they look so."""
    cells = [cell for cell in sheet[row] if not cell.protection.locked]
    assert all(cell.fill.fgColor.rgb == "FFFFF6D6" for cell in cells)
    return " ".join(COLUMNS[(cell.column or 0) - 1] for cell in cells)


def test_the_sheets_and_columns_are_those_of_the_specification() -> None:
    book = opened(written(LINE, aborted=(VISIT,)))
    assert book.sheetnames == ["Actuals", "Aborted visits", "Reasons", "Help"]
    assert [cell.value for cell in book["Actuals"][1]] == list(COLUMNS)
    assert " | ".join(COLUMNS) == (
        "Row key | Service | CPLI | Person ref | Person | Element | Unit | Week starting | Planned |"
        " Mon plan | Tue plan | Wed plan | Thu plan | Fri plan | Sat plan | Sun plan |"
        " Mon | Tue | Wed | Thu | Fri | Sat | Sun | Week total | Reason | Comment | Rate | Status | Message"
    )
    assert [cell.value for cell in book["Aborted visits"][1]] == list(ABORTED_COLUMNS)


def test_references_are_text_and_dates_and_figures_are_what_they_are() -> None:
    row = dict(zip(COLUMNS, weeks(LINE)[2], strict=True))
    assert [(row[name].value, row[name].data_type, row[name].number_format) for name in ("CPLI", "Person ref")] == [
        ("0048210", "s", "@"),
        ("0000123", "s", "@"),
    ]
    assert (row["Week starting"].value, row["Week starting"].number_format) == (
        datetime.combine(OCT_16, MIDNIGHT),
        "dd/mm/yyyy",
    )
    assert [row[name].value for name in ("Planned", "Mon", "Sun", "Rate")] == [7, 1, 1, 19.68]
    assert row["Message"].value is None


def test_days_of_a_timetabled_line_can_be_filled_in_and_its_total_adds_up() -> None:
    content = written(LINE)
    sheet = opened(content)["Actuals"]
    assert free(sheet) == "Mon Tue Wed Thu Fri Sat Sun Reason Comment"
    assert sheet["X2"].value == "=SUM(Q2:W2)"
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Actuals"]
    assert stored["X2"].value == 7


def test_the_plan_of_each_day_stands_locked_and_grey_before_the_days() -> None:
    sheet = weeks(LINE)
    assert [cell.value for cell in sheet["J2:P2"][0]] == [1] * 6 + [None]
    assert {(cell.protection.locked, cell.fill.fgColor.rgb) for cell in sheet["J2:P2"][0]} == {(True, "FFF2F4F5")}


def test_only_the_total_of_a_weekly_line_can_be_filled_in() -> None:
    sheet = weeks(WEEKLY)
    assert free(sheet) == "Week total Reason Comment"
    assert (sheet["X2"].value, sheet["Q2"].value, sheet["Q2"].fill.fgColor.rgb) == (7, None, "FFDDE1E4")


def test_days_outside_the_line_are_locked_and_grey() -> None:
    part = replace(EMPTY, open_days=[False, False, True, True, True, True, True])
    sheet = weeks(part)
    assert free(sheet) == "Wed Thu Fri Sat Sun Reason Comment"
    assert [sheet[place].fill.fgColor.rgb for place in ("Q2", "R2")] == ["FFDDE1E4"] * 2


def test_a_week_nobody_has_started_is_empty_and_shows_no_total() -> None:
    sheet = weeks(EMPTY)
    assert [cell.value for cell in sheet["Q2:W2"][0]] == [None] * 7
    assert sheet["X2"].number_format == "0.00;-0.00;"


def test_the_sheets_are_protected_without_a_password_and_can_be_filtered() -> None:
    book = opened(written(LINE))
    for sheet in book.worksheets:
        assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
    weeks_sheet = book["Actuals"]
    assert not weeks_sheet.protection.autoFilter
    assert (weeks_sheet.auto_filter.ref, weeks_sheet.freeze_panes) == ("A1:AC2", "F2")
    assert (weeks_sheet.print_title_rows, weeks_sheet.page_setup.orientation) == ("$1:$1", "landscape")


def test_planned_quantities_off_the_step_can_be_written_too() -> None:
    call = replace(LINE, off_step=(Decimal("0.33"), Decimal("0.58")))
    (check,) = [each for each in weeks(call).data_validations.dataValidation if each.type == "custom"]
    good = "OR(MOD(ROUND(Q2*10000,0),2500)=0,ROUND(Q2*10000,0)=3300,ROUND(Q2*10000,0)=5800)"
    assert check.formula1 == f"AND(ISNUMBER(Q2),Q2>=0,{good},Q2<=24)"


def test_quantities_are_checked_on_the_step_of_their_unit() -> None:
    visits = replace(LINE, unit=Unit.VISIT, step=Decimal(1))
    checks = {str(each.sqref): each for each in weeks(LINE, LINE, visits, WEEKLY).data_validations.dataValidation}
    hours, whole, week = checks["Q2:W3"], checks["Q4:W4"], checks["X5"]
    assert hours.formula1 == "AND(ISNUMBER(Q2),Q2>=0,MOD(ROUND(Q2*10000,0),2500)=0,Q2<=24)"
    assert whole.formula1 == "AND(ISNUMBER(Q4),Q4>=0,MOD(ROUND(Q4*10000,0),10000)=0)"
    assert week.formula1.endswith("X5<=168)")
    assert hours.error == "Write hours in steps of 0.25, such as 1.25, at most 24. Write 0 where nothing was delivered."
    assert whole.error == "Write whole visits, such as 2. Write 0 where nothing was delivered."
    # The plan of the line stands beside the cell that is being filled in; what is wrong is stopped, not just said.
    assert (hours.prompt, hours.showErrorMessage, hours.showInputMessage) == ("Mon 1, Tue 1 hours", True, True)


def test_what_is_checked_in_one_way_is_checked_together() -> None:
    visits = replace(LINE, unit=Unit.VISIT, step=Decimal(1))
    checks = weeks(LINE, visits, LINE, LINE).data_validations.dataValidation
    assert {str(each.sqref) for each in checks if each.type == "custom"} == {"Q2:W2 Q4:W5", "Q3:W3"}


def test_a_row_is_as_high_as_its_comment() -> None:
    sheet = weeks(LINE, replace(LINE, comment="two\nlines"), replace(LINE, comment="word " * 30))
    # Of 13 points a line, rounded to whole pixels.
    assert [sheet.row_dimensions[number].height for number in (2, 3, 4)] == [None, 26.25, 65.25]


def test_reasons_are_a_list_of_the_codes_on_their_sheet() -> None:
    book = opened(written(LINE))
    codes = {row[0].value: row[2].value for row in book["Reasons"].iter_rows(min_row=2)}
    for sheet, column, kind in (("Actuals", "Y", "Weeks"), ("Aborted visits", "I", "Aborted visits")):
        lists = [each for each in book[sheet].data_validations.dataValidation if each.type == "list"]
        assert [str(each.sqref)[:2] for each in lists] == [f"{column}2"]
        first, last = (int(part) for part in lists[0].formula1.replace("Reasons!$A$", "").replace("$A$", "").split(":"))
        offered = [book["Reasons"].cell(row, 1).value for row in range(first, last + 1)]
        assert {book["Reasons"].cell(row, 3).value for row in range(first, last + 1)} == {kind}
        assert set(offered) <= set(codes)


def test_recorded_visits_are_locked_and_new_ones_can_be_written_below() -> None:
    sheet = opened(written(LINE, aborted=(VISIT,)))["Aborted visits"]
    assert [cell.value for cell in sheet[2]] == [
        "48210", datetime.combine(OCT_17, MIDNIGHT), time(7, 30), 45, TOLD, time(7, 28), 10, "Ann",
        "NO_REPLY", "=",
    ]  # fmt: skip
    assert all(cell.protection.locked for cell in sheet[2])
    formats = [sheet.column_dimensions[letter].number_format for letter in "ABCE"]
    assert formats == ["@", "dd/mm/yyyy", "hh:mm", "dd/mm/yyyy hh:mm"]
    assert not sheet.column_dimensions["A"].protection.locked


def test_nobodys_name_is_in_the_properties() -> None:
    with ZipFile(io.BytesIO(written(LINE))) as book:
        properties = book.read("docProps/core.xml").decode() + book.read("docProps/app.xml").decode()
    assert "<dc:creator></dc:creator>" in properties
    assert "A. B." not in properties
    assert "<Company>Fenland &amp; Co</Company>" in properties


@pytest.mark.parametrize("text", ["=1+1", "+44 1603", "-1", "@SUM(A1)", "\tx", "\rx", "<r><t>x</t></r>", "_x0041_"])
def test_text_is_never_a_formula_nor_xml(text: str) -> None:
    content = written(replace(LINE, comment=text, service=text), aborted=(replace(VISIT, informed=text),))
    sheet = opened(content)["Actuals"]
    assert (sheet["B2"].data_type, sheet["Z2"].data_type, sheet["Z2"].number_format) == ("s", "s", "@")
    assert [read(content, "Actuals")[1][place] for place in (1, COMMENT)] == [text, text]
    assert read(content, "Aborted visits")[1][7] == text


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=12))
def test_any_text_comes_back_as_it_was(texts: list[str]) -> None:
    content = written(*(replace(LINE, comment=text, person=text) for text in texts))
    rows = read(content, "Actuals")[1:]
    assert [row[COMMENT] for row in rows] == texts
    assert [row[4] for row in rows] == texts


def read(content: bytes, sheet: str) -> list[list[object]]:
    """Read a sheet as uploads are read."""
    return [
        list(row) for row in CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()
    ]
