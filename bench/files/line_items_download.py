"""The workbook of 500 line items beside its floor: XlsxWriter alone, writing the same cells and styles to a file.

Both are measured in one run, in turns, and checked to write the same parts.
"""

from dataclasses import dataclass
from io import BytesIO
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter
from typing import IO, Any

import xlsxwriter
from flask import Flask

from bench.files.actuals_download import check_same
from bench.measure import measure, signed_in
from bench.world import BenchWorld, Signed
from files.contracts.line_items_workbook import WorkbookLine, begin_lines, write_summary
from models import COUNCIL, Organisation, acting_for, db
from rules.states import PlanKind, label
from workflows.contracts.line_items import LineFilter, line_rows, workbook_title

LINES = 500
TIMES = 11
MOST = 1.5
MOST_QUERIES = 8
ADDRESS = "/line-items/workbook.xlsx"


@dataclass(frozen=True)
class ComparedWorkbook:
    """Rows in the workbook, queries of the page and of the workbook, medians of seconds and of their ratio."""

    rows: int
    queries: tuple[int, int]
    portal: float
    floor: float
    ratio: float


def measure_line_items(app: Flask, world: BenchWorld) -> ComparedWorkbook:
    """Add a provider with 500 line items, and measure its list and its workbook."""
    with app.app_context(), acting_for(COUNCIL):
        who = world.organisation(LINES)
    client = signed_in(app, who)
    rows, organisation, title = _rows(app, who)
    queries = measure(client, "/line-items?rows=200", times=1).queries, measure(client, ADDRESS, times=1).queries
    portal, floor = [], []
    for _ in range(TIMES):
        began = perf_counter()
        downloaded = client.get(ADDRESS).data
        portal.append(perf_counter() - began)
        with TemporaryFile() as target:
            began = perf_counter()
            _write_floor(target, rows, organisation, title)
            floor.append(perf_counter() - began)
            check_same(BytesIO(downloaded), target)
    ratio = median(one / other for one, other in zip(portal, floor, strict=True))
    return ComparedWorkbook(len(rows), queries, median(portal), median(floor), ratio)


def words(compared: ComparedWorkbook) -> str:
    """Return the lines of the table."""
    most = max(compared.queries)
    return (
        f"Line items, {compared.rows} of them, as a workbook: {compared.portal * 1000:.0f} ms, XlsxWriter alone"
        f" {compared.floor * 1000:.0f} ms: {compared.ratio:.2f} times, to reach {MOST}"
        f"{'' if compared.ratio <= MOST else '  <- too slow'}.\n"
        f"  {compared.queries[0]} queries for the list, {compared.queries[1]} for the workbook, of {MOST_QUERIES}"
        f"{'' if most <= MOST_QUERIES else '  <- too many'}."
    )


def _rows(app: Flask, who: Signed) -> tuple[list[WorkbookLine], str, str]:
    contact = who.contact
    if contact is None:
        raise RuntimeError("Only a provider downloads line items.")
    with app.app_context(), acting_for(contact.organisation_id):
        organisation = db.session.get_one(Organisation, contact.organisation_id)
        return list(line_rows(LineFilter())), organisation.name, workbook_title(organisation)


def _write_floor(target: IO[bytes], rows: list[WorkbookLine], organisation: str, title: str) -> None:
    """Write the workbook with XlsxWriter, its cells one by one, as its manual shows for large files."""
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    book.set_properties({"title": title, "company": organisation})
    sheet, styles = begin_lines(book, len(rows), title)
    for number, row in enumerate(rows, start=1):
        _write_row(sheet, styles, number, row)
    write_summary(book, rows, title)
    book.close()


def _write_row(sheet: Any, styles: list[Any], number: int, row: WorkbookLine) -> None:
    plain = (row.line, row.document, row.person_reference, row.person, row.service, row.element, row.unit.value)
    for column, word in enumerate((*plain, label(row.plan_kind))):
        sheet.write_string(number, column, word, styles[column])
    for column, units in enumerate(row.days, start=8):
        if row.plan_kind is PlanKind.WEEKLY:
            sheet.write_blank(number, column, None, styles[column])
        else:
            sheet.write_number(number, column, units, styles[column])
    cost = row.cost or (None,) * 4
    for column, figure in enumerate((row.units, row.rate, *cost), start=15):
        if figure is None:
            sheet.write_blank(number, column, None, styles[column])
        else:
            sheet.write_number(number, column, figure, styles[column])
    sheet.write_string(number, 21, row.vat_code.value, styles[21])
    for column, day in enumerate((row.start, row.end), start=22):
        if day is None:
            sheet.write_blank(number, column, None, styles[column])
        else:
            sheet.write_datetime(number, column, day, styles[column])
    sheet.write_string(number, 24, label(row.status), styles[24])
    sheet.write_string(number, 25, row.payment_method.value, styles[25])
    if row.exception_rule:
        sheet.write_string(number, 26, row.exception_rule, styles[26])
    else:
        sheet.write_blank(number, 26, None, styles[26])
