"""The cells of a week with what does not depend on their line put into HTML once: most lines share them with others.

At 200 lines a page has 1,400 cells, and each expression of the template costs a microsecond: ready cells save 11 of
62 ms (make bench).
"""

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from workflows.actuals.sheet_cells import Cell
from workflows.actuals.sheet_row import SheetRow


class ReadyCell(NamedTuple):
    """A cell as the template lays it out, all but what closes it: the HTML around the line's id and its name.

    `figure` stands in its place where the week cannot be edited. `marked` is the cell itself where more than that is to
    be shown.
    """

    name: str
    begin: str
    before_name: str
    after_name: str
    figure: Markup
    wrong: bool
    marked: Cell | None

    def input(self, line_id: str, name: str, focus: str) -> str:
        """Return the cell of a line with its input; `name` is the line's, escaped, `focus` the field to begin at."""
        field = f"{self.name}{line_id}"
        wrong = f' aria-invalid="true" aria-describedby="{field}-error"' if self.wrong else ""
        begins = " autofocus" if field == focus else ""
        return f'{self.begin}<input{wrong}{begins} id="{field}" name="{field}"{self.before_name}{name}{self.after_name}'


class ReadyRow(NamedTuple):
    """A row of the week, its cells, and what each of its parts is called by: the line's id and name.

    The cells are pieces of HTML that lack the end of their last one, each with the Cell that this is where more of it
    is to be shown: most rows are one piece.
    """

    row: SheetRow
    pieces: list[tuple[Markup, Cell | None]]
    line_id: str
    name: Markup


def ready_row(row: SheetRow, focus: str) -> ReadyRow:
    """Return a row ready for the template; `focus` is the field that the page begins at, if any."""
    line_id, name, open_ = str(row.line_id), escape(row.name), row.editable
    pieces: list[tuple[Markup, Cell | None]] = []
    run: list[str] = []
    for each in map(ready, row.cells):
        run.append(each.input(line_id, name, focus) if open_ and each.name else each.figure)
        if each.marked:
            pieces.append((_joined(run), each.marked))
            run = []
    return ReadyRow(row, [*pieces, (_joined(run), None)] if run else pieces, line_id, name)


def _joined(cells: list[str]) -> Markup:
    return Markup("</td>".join(cells))  # each of them is HTML already


@lru_cache(maxsize=4096)
def ready(cell: Cell) -> ReadyCell:
    """Return a cell ready for the template."""
    if cell.closed:
        closed = Markup('<td role="cell" class="off" colspan="{}" data-day="{}"><small>{}</small>')
        return ReadyCell(
            "", "", "", "", closed.format(cell.span, cell.day_words, cell.closed), wrong=False, marked=None
        )
    rate = Markup(' data-rate="{}"').format(cell.rate) if cell.rate else ""
    tint = Markup(' class="diff"') if cell.changed else ""
    aborted = Markup(' data-aborted-payable="{}"').format(cell.aborted_payable) if cell.aborted else ""
    attributes = Markup(' {}" inputmode="decimal" data-plan="{}"').format(cell.words, cell.planned)
    figure = Markup('<span class="figure{}">{}</span></span>').format(
        " diff" if cell.changed else "", cell.value or "–"
    )
    begin = _begin(cell)
    return ReadyCell(
        name=f"{cell.field}-",
        begin=begin,
        before_name=Markup(' value="{}" aria-label="').format(cell.value),
        after_name=f"{attributes}{rate}{tint}{aborted}></span>",
        figure=begin + figure,
        wrong=bool(cell.problem),
        marked=cell if cell.aborted or cell.claim_id or cell.theirs else None,
    )


def _begin(cell: Cell) -> Markup:
    """Return how a cell begins: its day, or what the figure of a whole week counts, and what is planned."""
    pair = Markup('<span class="pair"><span class="plan">{}</span>').format(cell.planned)
    if cell.whole:
        whole = Markup(
            '<td role="cell" colspan="7" class="whole"><span class="whole__label" aria-hidden="true">{}</span> '
        )
        return whole.format(cell.whole) + pair
    return Markup('<td role="cell" data-day="{}">').format(cell.day_words) + pair
