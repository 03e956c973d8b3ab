"""The boxes of a row of the Actuals sheet as HTML.

Two hundred lines are fourteen hundred boxes with nine attributes each: put together here, they take a fraction of the
time they take as expressions of a template. Everything that people typed or named is escaped.
"""

from markupsafe import Markup, escape

from rules.money import NOTHING
from rules.plan import unit_words
from workflows.actual import SheetRow
from workflows.sheet_cell import Cell


def cells_html(row: SheetRow) -> Markup:
    """Return the cells Monday to Sunday of a row: boxes where it is editable, figures where not, closed stretches."""
    words = unit_words(row.unit, NOTHING) if row.weekly else ""
    box = _box if row.editable else _figure
    return Markup("".join(_closed(cell) if cell.closed else box(cell, row, words) for cell in row.cells))


def visit_links(row: SheetRow) -> Markup:
    """Return a link for each open day of a row to the form of an aborted visit; a weekly line has one for the week."""
    form = f"/actuals/aborted-visit?line={row.line_id}"
    if row.weekly:
        return Markup(f'<a href="{form}">Aborted visit</a>')
    links = (f'<a href="{form}&amp;date={cell.day}">{cell.day_words}</a>' for cell in row.cells if cell.day)
    return Markup(f"<span>Aborted visit on</span> {' '.join(links)}")


def _closed(cell: Cell) -> str:
    return f'<td class="off" colspan="{cell.span}"><small>{escape(cell.closed)}</small></td>'


def _box(cell: Cell, row: SheetRow, words: str) -> str:
    name = cell.name
    more = f' data-rate="{cell.rate}"' if cell.rate else ""
    if cell.aborted:
        more += f' data-aborted-payable="{cell.aborted_payable}"'
    if cell.changed:
        more += ' class="diff"'
    if cell.problem:
        more += f' aria-invalid="true" aria-describedby="{name}-error"'
    value = escape(cell.value) if row.messages else cell.value
    return (
        f'{_opening(cell, words)}<input id="{name}" name="{name}" value="{value}" aria-label="{escape(cell.label)}"'
        f' inputmode="decimal" autocomplete="off" data-plan="{cell.planned}"{more}>{_below(cell, row)}</td>'
    )


def _figure(cell: Cell, row: SheetRow, words: str) -> str:
    tint = " diff" if cell.changed else ""
    return (
        f'{_opening(cell, words)}<span class="figure{tint}">{escape(cell.value or "–")}</span>{_below(cell, row)}</td>'
    )


def _opening(cell: Cell, words: str) -> str:
    if cell.span == 1:
        return "<td>"
    return f'<td colspan="7" class="total"><span class="total__label" aria-hidden="true">{words} in the week</span> '


def _below(cell: Cell, row: SheetRow) -> str:
    """Return what stands under a figure: its plan, its aborted visits, and what a colleague saved meanwhile."""
    below = f"<small>of {cell.planned}</small>" if cell.planned else ""
    if cell.aborted:
        visits = f"{cell.aborted} aborted {'visit' if cell.aborted == 1 else 'visits'}"
        below += f'<a class="mark" href="/actuals/aborted-visits?week={row.week}&amp;line={row.line_id}">{visits}</a>'
    if cell.theirs:
        below += f'<span class="mark">now {cell.theirs}</span>'
    return below
