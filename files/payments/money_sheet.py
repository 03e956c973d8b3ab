"""What invoices, remittances and scheduled payments hold, laid out once for their files: facts above, lines below."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from files.actuals.formats import DAY, TEXT, Style, put
from files.writing.record_list import csv_lines
from files.writing.workbook import FONT, HEADING, open_workbook
from rules.money import NOTHING, pounds, short_rate
from rules.period import uk_date
from rules.quantity import in_words

Value = str | int | Decimal | date | None

_POUNDS: Final = "£#,##0.00;-£#,##0.00"


class Holds(Enum):
    """What the cells of a column are, and how a spreadsheet shows them."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    UNITS = "units"
    RATE = "rate"
    POUNDS = "pounds"

    @property
    def is_figure(self) -> bool:
        """Whether it stands at the right of its column."""
        return self not in (Holds.TEXT, Holds.DAY)


STYLES: Final[dict[Holds, Style]] = {
    Holds.TEXT: TEXT,
    Holds.DAY: DAY,
    Holds.NUMBER: {"num_format": "0"},
    Holds.UNITS: {"num_format": "#,##0.00####"},
    Holds.RATE: {"num_format": "£#,##0.00##"},
    Holds.POUNDS: {"num_format": _POUNDS},
}


@dataclass(frozen=True)
class MoneyColumn:
    """A column: its heading, so many characters wide, and what it holds."""

    heading: str
    width: int
    holds: Holds = Holds.TEXT


@dataclass(frozen=True)
class Fact:
    """One value of the whole, by its heading."""

    heading: str
    value: Value
    holds: Holds = Holds.TEXT


@dataclass(frozen=True)
class MoneySheet:
    """An invoice, a remittance or a scheduled payment as its files hold it. `balance` says in words how it adds up."""

    kind: str
    number: str
    organisation: str
    balance: str
    facts: Sequence[Fact]
    columns: Sequence[MoneyColumn]
    rows: Sequence[Sequence[Value]]

    @property
    def title(self) -> str:
        """What the file is called inside: "Remittance R-000031"."""
        return f"{self.kind} {self.number}"

    @property
    def totals(self) -> list[Value]:
        """The sums of the columns of pounds, below them."""
        return [
            _sum(row[place] for row in self.rows) if column.holds is Holds.POUNDS else None
            for place, column in enumerate(self.columns)
        ]


def _sum(values: Iterable[Value]) -> Decimal:
    return sum((value for value in values if isinstance(value, Decimal)), NOTHING)


def in_text(value: Value, holds: Holds) -> str:
    """Return a value as people read it on paper."""
    if value is None:
        return ""
    if isinstance(value, date):
        return uk_date(value)
    if isinstance(value, Decimal):
        return {Holds.POUNDS: pounds, Holds.RATE: short_rate}.get(holds, in_words)(value)
    return str(value)


def as_data(value: Value) -> Value:
    """Return a value as programs read it: figures with two places, and more only where they have them."""
    if not isinstance(value, Decimal):
        return value
    two = round(value, 2)
    return two if two == value else value.normalize()


def money_csv(sheet: MoneySheet) -> bytes:
    """Return the lines as CSV."""
    headings = [column.heading for column in sheet.columns]
    return b"".join(csv_lines(headings, ([as_data(value) for value in row] for row in sheet.rows)))


def money_workbook(sheet: MoneySheet) -> bytes:
    """Return a workbook: a sheet of the facts under the name of what it is, and a sheet Lines with its sums."""
    target = io.BytesIO()
    with open_workbook(target) as book:
        book.set_properties({"title": sheet.title, "company": sheet.organisation})
        styles = {holds: book.add_format(FONT | style) for holds, style in STYLES.items()}
        _write_facts(book, sheet, styles)
        _write_lines(book, sheet, styles)
    return target.getvalue()


def _write_facts(book: Any, sheet: MoneySheet, styles: dict[Holds, Any]) -> None:
    page = book.add_worksheet(sheet.kind)
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 44)
    bold = book.add_format(FONT | {"bold": True})
    left = {holds: book.add_format(FONT | style | {"align": "left"}) for holds, style in STYLES.items()}
    for row, fact in enumerate(sheet.facts):
        page.write_string(row, 0, fact.heading, bold)
        put(page, row, 1, fact.value, left[fact.holds])
    page.write_string(len(sheet.facts) + 1, 0, sheet.balance, styles[Holds.TEXT])


def _write_lines(book: Any, sheet: MoneySheet, styles: dict[Holds, Any]) -> None:
    page = book.add_worksheet("Lines")
    left, right = (book.add_format(HEADING | style) for style in ({"align": "left", "indent": 1}, {"align": "right"}))
    page.set_row(0, 30)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.heading, right if column.holds.is_figure else left)
    of_columns = [styles[column.holds] for column in sheet.columns]
    for number, row in enumerate(sheet.rows, start=1):
        for place, value in enumerate(row):
            put(page, number, place, value, of_columns[place])
    _write_totals(book, page, sheet)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&L&10{sheet.title}")
    page.set_footer("&L&8&A&R&8Page &P of &N")


def _write_totals(book: Any, page: Any, sheet: MoneySheet) -> None:
    last = len(sheet.rows) + 1
    page.write_string(last, 0, "Total", book.add_format(FONT | {"bold": True, "top": 1}))
    style = book.add_format(FONT | STYLES[Holds.POUNDS] | {"bold": True, "top": 1})
    for place, total in enumerate(sheet.totals):
        if total is not None:
            letter = chr(ord("A") + place)
            # Of what the filter shows.
            page.write_formula(last, place, f"=SUBTOTAL(109,{letter}2:{letter}{last})", style, total)
