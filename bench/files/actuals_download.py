"""The download of 4,000 rows beside its floor: XlsxWriter alone, writing the same cells, styles and checks to a file.

Both are measured in one run, in turns. The floor is given its rows; the portal has to read them, answer a request,
and hand the file out. That both write the same is checked part by part.
"""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter
from typing import IO, Any
from zipfile import ZipFile

import xlsxwriter
from flask import Flask
from sqlalchemy import select

from bench.measure import cookie_of, signed_in
from bench.memory import MOST_MEBIBYTES, Request, over_idle
from bench.world import START, BenchWorld, Signed
from files.actuals.aborted_sheet import write_aborted
from files.actuals.formats import fit_height
from files.actuals.help_sheets import write_help, write_reasons
from files.actuals.workbook import COMMENT, MONDAY, MONDAY_PLAN, RATE, REASON, TOTAL, SheetLine, begin_weeks
from models import COUNCIL, PaymentPeriod, Service, acting_for, db
from rules.period import date_range
from workflows.actuals.download import period_rows

LINES = 1_000
TIMES = 11
MOST = 1.5
PERIOD = (START, START + timedelta(days=27))
TITLE = f"Organisation of {LINES}, {date_range(*PERIOD)}"


@dataclass(frozen=True)
class ComparedDownload:
    """Rows in the workbook, medians of seconds and of their ratio turn by turn, and mebibytes of the server process."""

    rows: int
    portal: float
    floor: float
    ratio: float
    mebibytes: float


def measure_download(app: Flask, world: BenchWorld) -> ComparedDownload:
    """Add a provider with a thousand line items, a period of them delivered, and measure its download."""
    with app.app_context(), acting_for(COUNCIL):
        who = world.large_organisation(LINES)
    client = signed_in(app, who)
    rows, period_id = _rows(app, who)
    address = f"/actuals/download/workbook.xlsx?period={period_id}"
    portal, floor = [], []
    for _ in range(TIMES):
        began = perf_counter()
        downloaded = client.get(address).data
        portal.append(perf_counter() - began)
        with TemporaryFile() as target:
            began = perf_counter()
            _write_floor(target, rows)
            floor.append(perf_counter() - began)
            check_same(BytesIO(downloaded), target)
    # What else the machine does in a turn slows both down; a least time would need one quiet turn of each.
    ratio = median(one / other for one, other in zip(portal, floor, strict=True))
    mebibytes = over_idle(app.config, cookie_of(app, who), "/actuals/download", Request(address, 200))
    return ComparedDownload(len(rows), median(portal), median(floor), ratio, mebibytes)


def words(compared: ComparedDownload) -> str:
    """Return the lines of the table."""
    ratio = compared.ratio
    return (
        f"Download of {compared.rows:,} rows: {compared.portal * 1000:.0f} ms, XlsxWriter alone"
        f" {compared.floor * 1000:.0f} ms: {ratio:.2f} times, to reach {MOST}"
        f"{'' if ratio <= MOST else '  <- too slow'}.\n"
        f"  Server process +{compared.mebibytes:.0f} MiB over idle, of {MOST_MEBIBYTES}"
        f"{'' if compared.mebibytes <= MOST_MEBIBYTES else '  <- too much memory'}."
    )


def _rows(app: Flask, who: Signed) -> tuple[list[SheetLine], int]:
    contact = who.contact
    if contact is None:
        raise RuntimeError("Only a provider downloads actuals.")
    with app.app_context(), acting_for(contact.organisation_id):
        period = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.start == START)).one()
        return list(period_rows(period, list(db.session.scalars(select(Service.id))))), period.id


def _write_floor(target: IO[bytes], rows: list[SheetLine]) -> None:
    """Write the workbook with XlsxWriter, its cells one by one, as its manual shows for large files."""
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet, style = begin_weeks(book, rows, TITLE)
    for number, row in enumerate(rows, start=1):
        _write_row(sheet, style, number, row)
    write_aborted(book, [], PERIOD)
    write_reasons(book)
    write_help(book)
    book.close()


def _write_row(sheet: Any, style: dict[str, Any], number: int, row: SheetLine) -> None:
    text, units = style["text"], style["units"]
    sheet.write_string(number, 0, row.key, style["faint"])
    plain = (row.service, row.line, row.person_reference, row.person, row.element, row.unit)
    for column, word in enumerate(plain, start=1):
        sheet.write_string(number, column, word, text)
    sheet.write_datetime(number, 7, row.week, style["date"])
    sheet.write_number(number, 8, row.planned, units)
    for column, planned in enumerate(row.day_plan, start=MONDAY_PLAN):
        if planned is None:
            sheet.write_blank(number, column, None, style["plan"])
        else:
            sheet.write_number(number, column, planned, style["plan"])
    for column, (is_open, day) in enumerate(zip(row.open_days, row.days, strict=True), start=MONDAY):
        each = style["free_units" if is_open and not row.weekly else "closed"]
        if day is None:
            sheet.write_blank(number, column, None, each)
        else:
            sheet.write_number(number, column, day, each)
    if row.weekly:
        sheet.write_number(number, TOTAL, row.total, style["free_units"])
    else:
        sheet.write_formula(number, TOTAL, f"=SUM(Q{number + 1}:W{number + 1})", units, row.total)
    for column, word, each in ((REASON, row.reason, style["free_text"]), (COMMENT, row.comment, style["free_comment"])):
        if word:
            sheet.write_string(number, column, word, each)
        else:
            sheet.write_blank(number, column, None, each)
    sheet.write_number(number, RATE, row.rate, style["rate"])
    sheet.write_string(number, RATE + 1, row.status, text)
    sheet.write_blank(number, RATE + 2, None, style["message"])
    fit_height(sheet, number, row.comment)


def check_same(one: IO[bytes], other: IO[bytes]) -> None:
    """Raise RuntimeError unless two workbooks hold the same parts, but for the moment at which they were made."""
    with ZipFile(one) as first, ZipFile(other) as second:
        for name in {*first.namelist(), *second.namelist()} - {"docProps/core.xml", "docProps/app.xml"}:
            if first.read(name) != second.read(name):
                raise RuntimeError(f"The floor writes another {name} than the portal.")
