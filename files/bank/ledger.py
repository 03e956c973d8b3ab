"""The file for the council's ledger: one row for each payment line, in the columns the council has chosen."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from files.payments.money_sheet import Value, as_data
from files.writing.record_list import csv_lines
from rules.ledger import LedgerField

LedgerRow = Mapping[LedgerField, Value]
# What no ledger reads as headings: it stands before those of a trial.
TRIAL: Final = "TRIAL - NOT FOR THE LEDGER\r\n"


class LedgerHeading(NamedTuple):
    """A column as the council wants it: what it is called, and what it holds."""

    heading: str
    field: LedgerField


def ledger_csv(columns: Sequence[LedgerHeading], rows: Iterable[LedgerRow], *, trial: bool = False) -> bytes:
    """Return the rows as CSV; what a row does not know stays empty."""
    headings = [column.heading for column in columns]
    lines = csv_lines(headings, ([as_data(row.get(column.field)) for column in columns] for row in rows))
    content = b"".join(lines)
    return BOM_UTF8 + TRIAL.encode() + content.removeprefix(BOM_UTF8) if trial else content
