"""An invoice, a remittance or a scheduled payment as a tagged PDF (PDF/UA-1): facts, how they add up, and lines."""

from typing import Final

from files.documents.typst_pdf import tagged_pdf
from files.payments.money_sheet import MoneySheet, in_text
from rules.text import visible

# Characters beyond a column's width that still fit: the sheet's widths leave some room.
_ROOM: Final = 1


def money_pdf(sheet: MoneySheet, council: str) -> bytes:
    """Return the PDF of an invoice, a remittance or a scheduled payment; `council` is its author."""
    holds = [column.holds for column in sheet.columns]
    rows = [[visible(in_text(value, kind)) for value, kind in zip(row, holds, strict=True)] for row in sheet.rows]
    widths = [column.width for column in sheet.columns]
    paper = {
        "title": sheet.title,
        "council": council,
        "organisation": visible(sheet.organisation),
        "facts": [[fact.heading, visible(in_text(fact.value, fact.holds))] for fact in sheet.facts],
        "balance": visible(sheet.balance),
        "headings": [column.heading for column in sheet.columns],
        "widths": widths,
        "figures": [kind.is_figure for kind in holds],
        "rows": rows,
        # Rows of one line have a height, and need not be measured: half of the time of a long table.
        "low": [all(len(text) < width + _ROOM for text, width in zip(row, widths, strict=True)) for row in rows],
        "totals": [in_text(total, kind) for total, kind in zip(sheet.totals, holds, strict=True)],
    }
    return tagged_pdf("money.typ", paper)
