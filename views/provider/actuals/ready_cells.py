"""Cells of the week with what does not depend on their line put into HTML: most lines share them with others.

With 1,400 cells a page each expression of the template counts: ready cells, and rows rendered apart, save 7 of 71 ms at
200 lines (make bench).
"""

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from workflows.actuals.sheet_cells import Cell


class ReadyCell(NamedTuple):
    """A cell as the template lays it out: its input's attributes, what stands below it, and the ends of its links."""

    cell: Cell
    attributes: Markup
    figure: Markup
    below: Markup
    visit: Markup
    absence: Markup


@lru_cache(maxsize=4096)
def ready(cell: Cell) -> ReadyCell:
    """Return a cell ready for the template."""
    rate = Markup(' data-rate="{}"').format(cell.rate) if cell.rate else ""
    tint = Markup(' class="diff"') if cell.changed else ""
    aborted = Markup(' data-aborted-payable="{}"').format(cell.aborted_payable) if cell.aborted else ""
    attributes = Markup(' inputmode="decimal" data-plan="{}"').format(cell.planned) + rate + tint + aborted
    figure = Markup('<span class="figure{}">{}</span>').format(" diff" if cell.changed else "", cell.value or "–")
    return ReadyCell(
        cell,
        attributes,
        figure,
        Markup("<small>of {}</small>").format(cell.planned) if cell.planned else Markup(),
        Markup('&amp;date={}">{}</a>').format(cell.day, cell.day_words),
        Markup('&amp;first={}">{}</a>').format(cell.day, cell.day_words),
    )
