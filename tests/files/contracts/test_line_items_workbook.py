"""The workbook of line items: its columns, references as text, nothing a spreadsheet runs, sums by element."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from files.contracts.line_items_workbook import COLUMNS, SUMMARY, WorkbookLine, write_line_items
from rules.agreement_states import DocumentState
from rules.line_cost import weekly_cost
from rules.plan import NO_DAYS
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode
from tests.support.worlds.documents import seven_days

ROW = WorkbookLine(
    line="0048213", document="ISO-20501", person_reference="0105118", person="E. K.", service="Aylsham",
    element="Personal care", unit=Unit.HOUR, plan_kind=PlanKind.TIMETABLED, days=seven_days("1", "0.75"),
    units=Decimal("6.75"), rate=Decimal("19.6825"),
    cost=weekly_cost(Decimal("6.75"), Decimal("19.6825"), PaymentBasis.NET, Decimal(40), Decimal("2.50")),
    vat_code=VatCode.EXEMPT, start=date(2026, 4, 6), end=None, status=DocumentState.ACCEPTED,
    payment_method=PaymentMethod.ACTUALS, exception_rule="EL-1: 10% above plan, at least 1.00", runs=True,
)  # fmt: skip


def content(*rows: WorkbookLine) -> bytes:
    file = BytesIO()
    write_line_items(file, rows, title="Broadland & Co", organisation="Broadland & Co")
    return file.getvalue()


def workbook(*rows: WorkbookLine) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content(*rows)), data_only=True)


def cells(*rows: WorkbookLine) -> list[dict[str, object]]:
    """Return the rows of the sheet Line items by heading."""
    sheet = workbook(*rows)["Line items"]
    headings, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), line, strict=True)) for line in lines]


def summary(*rows: WorkbookLine) -> list[tuple[object, ...]]:
    return [row for row in workbook(*rows)["Summary"].iter_rows(values_only=True) if row[0]]


def test_the_columns_are_those_that_were_agreed() -> None:
    assert ", ".join(COLUMNS) == (
        "CPLI, ISO, Person ref, Person, Service, Element, Unit, Plan kind, Mon, Tue, Wed, Thu, Fri, Sat, Sun, "
        "Planned per week, Rate, Weekly cost, Contribution, Top-up, Net weekly cost, VAT code, Start, End, Status, "
        "Payment method, Exception rule"
    )
    assert list(cells(ROW)[0]) == list(COLUMNS)


def test_a_line_is_written_with_its_plan_its_rate_and_its_cost() -> None:
    cell = cells(ROW)[0]
    assert (cell["CPLI"], cell["Person ref"], cell["Unit"], cell["End"]) == ("0048213", "0105118", "HOUR", None)
    assert (cell["Wed"], cell["Planned per week"], cell["Rate"]) == (0.75, 6.75, 19.6825)
    assert (cell["Weekly cost"], cell["Contribution"], cell["Top-up"], cell["Net weekly cost"]) == (
        132.86,
        40,
        2.5,
        90.36,
    )
    assert cell["Start"] == datetime(2026, 4, 6)  # noqa: DTZ001 – openpyxl's shape of a day


def test_a_weekly_plan_leaves_its_days_empty_and_a_line_without_a_rate_its_cost() -> None:
    cell = cells(replace(ROW, plan_kind=PlanKind.WEEKLY, days=NO_DAYS, rate=None, cost=None))[0]
    assert {cell[day] for day in ("Mon", "Sun", "Rate", "Weekly cost", "Net weekly cost")} == {None}
    assert cell["Planned per week"] == 6.75


@settings(max_examples=20)
@given(st.sampled_from("=+-@\t\r"), st.text("abc1()!'\"<>&", max_size=20))
def test_nothing_that_somebody_wrote_is_a_formula(first: str, rest: str) -> None:
    hostile = f"{first}{rest}"
    made = content(replace(ROW, line=hostile, element=hostile, service=hostile, person=hostile))
    book = openpyxl.load_workbook(BytesIO(made))
    assert {cell.data_type for row in book["Line items"].iter_rows() for cell in row} <= {"s", "n", "d", "inlineStr"}
    assert [row[0].data_type for row in book["Summary"].iter_rows()][1] in ("s", "inlineStr")


def test_the_summary_adds_up_by_element() -> None:
    other = replace(ROW, element="Sitting service", line="48214")
    headings, care, sitting, total, _note = summary(ROW, other, replace(ROW, line="48215"))
    assert headings == SUMMARY
    assert care == ("Personal care", 2, 265.72, 80, 5, 180.72)
    assert sitting == ("Sitting service", 1, 132.86, 40, 2.5, 90.36)
    assert total == ("Total", 3, 398.58, 120, 7.5, 271.08)


def test_the_total_is_a_formula_over_the_elements() -> None:
    sheet = openpyxl.load_workbook(BytesIO(content(ROW)))["Summary"]
    assert [cell.value for cell in sheet[3]][1:] == [f"=SUM({column}2:{column}2)" for column in "BCDEF"]


def test_a_line_that_is_not_in_force_is_listed_and_not_added_up() -> None:
    ended = replace(ROW, runs=False)
    assert len(cells(ended)) == 1
    assert summary(ended)[1] == ("Total", 0, 0, 0, 0, 0)


def test_a_chart_stands_beside_the_sums_where_there_are_any() -> None:
    with ZipFile(BytesIO(content(ROW, replace(ROW, element="Sitting service")))) as parts:
        assert b"Summary!$F$2:$F$3" in parts.read("xl/charts/chart1.xml")
        assert b"Net weekly cost by element" in parts.read("xl/drawings/drawing1.xml")
    with ZipFile(BytesIO(content())) as parts:
        assert not [name for name in parts.namelist() if "chart" in name]
