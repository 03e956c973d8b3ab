"""The workbook of line items: cost and breakdown of care, then a summary by element with a chart (files.md 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from files.actuals.formats import DAY, TEXT, UNITS, Style, Value, put
from files.writing.workbook import FONT, HEADING, open_workbook
from rules.agreement_states import DocumentState
from rules.line_cost import NO_COST, WeeklyCost, sum_of
from rules.period import DAY_NAMES
from rules.plan import SevenDays
from rules.states import PaymentMethod, PlanKind, Unit, VatCode, label

# Heading, width in characters and style, in order.
_COLUMNS = (
    ("CPLI", 11, "text"), ("ISO", 12, "text"), ("Person ref", 11, "text"), ("Person", 9, "text"),
    ("Service", 22, "text"), ("Element", 20, "text"), ("Unit", 9, "text"), ("Plan kind", 11, "text"),
    *((name, 7, "units") for name in DAY_NAMES), ("Planned per week", 10, "units"), ("Rate", 11, "rate"),
    ("Weekly cost", 12, "pounds"), ("Contribution", 12, "pounds"), ("Top-up", 10, "pounds"),
    ("Net weekly cost", 12, "pounds"), ("VAT code", 10, "text"), ("Start", 11, "date"), ("End", 11, "date"),
    ("Status", 11, "text"), ("Payment method", 11, "text"), ("Exception rule", 44, "text"),
)  # fmt: skip
COLUMNS = tuple(heading for heading, _width, _style in _COLUMNS)
SUMMARY = ("Element", "Lines", "Weekly cost", "Contribution", "Top-up", "Net weekly cost")
_STYLES: dict[str, Style] = {
    "text": TEXT,
    "date": DAY,
    "units": UNITS,
    "rate": {"num_format": "£#,##0.00##"},
    "pounds": {"num_format": "£#,##0.00"},
    "count": {"num_format": "0"},
}


@dataclass(frozen=True, slots=True)
class WorkbookLine:
    """One line as a row: units a day and a week of its plan, pounds per unit and a week, both None without a rate.

    `days` are all nothing where the line is planned by the week, and stand empty. Only a line that `runs`, one in
    force on the day of the file, is added up.
    """

    line: str
    document: str
    person_reference: str
    person: str
    service: str
    element: str
    unit: Unit
    plan_kind: PlanKind
    days: SevenDays
    units: Decimal
    rate: Decimal | None
    cost: WeeklyCost | None
    vat_code: VatCode
    start: date
    end: date | None
    status: DocumentState
    payment_method: PaymentMethod
    exception_rule: str
    runs: bool


def write_line_items(target: IO[bytes], rows: Iterable[WorkbookLine], *, title: str, organisation: str) -> None:
    """Write the workbook into an open file: the sheets Line items and Summary."""
    rows = list(rows)
    with open_workbook(target) as book:
        book.set_properties({"title": title, "company": organisation})
        sheet, styles = begin_lines(book, len(rows), title)
        for number, row in enumerate(rows, start=1):
            _write(sheet, number, _cells(row), styles)
        write_summary(book, rows, title)


def begin_lines(book: Any, count: int, title: str) -> tuple[Any, list[Any]]:
    """Add the sheet Line items with all but its rows; return it, and the format of each column."""
    sheet = book.add_worksheet("Line items")
    formats = {name: book.add_format(FONT | style) for name, style in _STYLES.items()}
    for place, (_heading, width, _style) in enumerate(_COLUMNS):
        sheet.set_column(place, place, width)
    _put_headings(book, sheet, [(heading, style) for heading, _width, style in _COLUMNS])
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    sheet.freeze_panes(1, 1)
    _print_across(sheet, title)
    return sheet, [formats[style] for _heading, _width, style in _COLUMNS]


def write_summary(book: Any, rows: Sequence[WorkbookLine], title: str) -> None:
    """Add the sheet Summary: what the lines in force cost a week, by element, with a chart beside it."""
    sheet = book.add_worksheet("Summary")
    styles = [book.add_format(FONT | _STYLES[style]) for style in ("text", "count", *["pounds"] * 4)]
    bold = [book.add_format(FONT | _STYLES[style] | {"bold": True, "top": 1}) for style in ("text", "count", "pounds")]
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, len(SUMMARY) - 1, 14)
    _put_headings(book, sheet, [(heading, "text" if place == 0 else "units") for place, heading in enumerate(SUMMARY)])
    groups = _by_element(rows)
    for number, (element, costs) in enumerate(groups.items(), start=1):
        _write(sheet, number, [element, len(costs), *_parts(sum_of(costs))], styles)
    last = len(groups) + 1
    in_all = [cost for costs in groups.values() for cost in costs]
    sheet.write_string(last, 0, "Total", bold[0])
    for place, value in enumerate([len(in_all), *_parts(sum_of(in_all))], start=1):
        column = chr(ord("A") + place)
        formula = f"=SUM({column}2:{column}{last})" if groups else "=0"
        sheet.write_formula(last, place, formula, bold[1 if place == 1 else 2], value)
    sheet.write_string(last + 2, 0, "Lines in force on the day of this file; a line without a rate adds nothing.")
    _print_across(sheet, title)
    if groups:
        sheet.insert_chart(0, len(SUMMARY) + 1, _chart(book, last - 1), {"description": "Net weekly cost by element"})


def _by_element(rows: Sequence[WorkbookLine]) -> dict[str, list[WeeklyCost]]:
    groups: dict[str, list[WeeklyCost]] = {}
    for row in sorted(rows, key=lambda row: row.element):
        if row.runs:
            groups.setdefault(row.element, []).append(row.cost or NO_COST)
    return groups


def _parts(cost: WeeklyCost) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return cost.gross, cost.contribution, cost.top_up, cost.net


def _chart(book: Any, elements: int) -> Any:
    chart = book.add_chart({"type": "bar"})
    net = len(SUMMARY) - 1
    chart.add_series(
        {
            "name": "Net weekly cost",
            "categories": ["Summary", 1, 0, elements, 0],
            "values": ["Summary", 1, net, elements, net],
            "fill": {"color": "#173F5F"},
        }
    )
    chart.set_title({"name": "Net weekly cost by element"})
    chart.set_legend({"none": True})
    chart.set_x_axis({"num_format": "£#,##0"})
    chart.set_y_axis({"reverse": True})
    return chart


def _cells(row: WorkbookLine) -> list[Value]:
    days = [None] * 7 if row.plan_kind is PlanKind.WEEKLY else row.days
    cost = _parts(row.cost) if row.cost else [None] * 4
    return [
        row.line, row.document, row.person_reference, row.person, row.service, row.element, row.unit.value,
        label(row.plan_kind), *days, row.units, row.rate, *cost, row.vat_code.value, row.start, row.end,
        label(row.status), row.payment_method.value, row.exception_rule,
    ]  # fmt: skip


def _write(sheet: Any, number: int, cells: Sequence[Value], styles: Sequence[Any]) -> None:
    for place, value in enumerate(cells):
        put(sheet, number, place, value, styles[place])


def _put_headings(book: Any, sheet: Any, headings: Sequence[tuple[str, str]]) -> None:
    left = book.add_format(HEADING | {"align": "left", "indent": 1})
    right = book.add_format(HEADING | {"align": "right"})
    sheet.set_row(0, 30)
    for place, (heading, style) in enumerate(headings):
        sheet.write_string(0, place, heading, left if style in ("text", "date") else right)


def _print_across(sheet: Any, title: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L&10{title.replace('&', '&&')}")
    sheet.set_footer("&L&8&A&R&8Page &P of &N")
