"""The cells of a week with what does not depend on their line put into HTML once: most lines share them with others.

At 200 lines a page has 1,400 cells, and each expression of the template costs a microsecond: ready cells save 11 of
62 ms (make bench).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Self

from markupsafe import Markup, escape

from workflows.actuals.sheet_cells import Cell
from workflows.actuals.sheet_row import SheetRow


class ReadyCell(NamedTuple):
    """A cell as the template lays it out: the HTML of its input around the line's id and the person.

    `figure` stands in place of the input where the week cannot be edited. `marked` is the cell itself where more than
    that is to be shown. `visit` and `absence` end the links of its day, empty where it has none.
    """

    name: str
    before_person: str
    after_person: str
    figure: Markup
    wrong: bool
    marked: Cell | None
    visit: str
    absence: str

    def input(self, line_id: str, person: str) -> Markup:
        """Return the input of a line, of which the id and the escaped name of the person are given."""
        field = f"{self.name}{line_id}"
        wrong = f' aria-invalid="true" aria-describedby="{field}-error"' if self.wrong else ""
        return Markup(f'<input{wrong} id="{field}" name="{field}"{self.before_person}{person}{self.after_person}')


class ReadyRow(NamedTuple):
    """A row of the week and its cells, each its HTML and the Cell where more than that is to be shown.

    `visits` and `absences` are the links of its open days, which lead to an aborted visit and to an absence claim.
    """

    row: SheetRow
    cells: list[tuple[Markup, Cell | None]]
    visits: Markup
    absences: Markup

    @classmethod
    def of(cls, row: SheetRow, visit: str, absence: str) -> Self:
        """Return a row ready for the template; `visit` and `absence` are the addresses its days lead to."""
        cells, line_id, person = [ready(cell) for cell in row.cells], str(row.line_id), escape(row.person)
        days = [cell for cell in cells if cell.visit]
        return cls(
            row,
            [(each.input(line_id, person) if row.editable else each.figure, each.marked) for each in cells],
            _links(f"{visit}?line={line_id}", [cell.visit for cell in days]),
            _links(f"{absence}?line={line_id}", [cell.absence for cell in days]),
        )


def _links(address: str, ends: Sequence[str]) -> Markup:
    return Markup("".join([f' <a href="{address}{end}' for end in ends]))


@lru_cache(maxsize=4096)
def ready(cell: Cell) -> ReadyCell:
    """Return a cell ready for the template."""
    rate = Markup(' data-rate="{}"').format(cell.rate) if cell.rate else ""
    tint = Markup(' class="diff"') if cell.changed else ""
    aborted = Markup(' data-aborted-payable="{}"').format(cell.aborted_payable) if cell.aborted else ""
    below = Markup("<small>of {}</small>").format(cell.planned) if cell.planned else Markup()
    attributes = Markup(' {}" inputmode="decimal" data-plan="{}"').format(cell.words, cell.planned)
    figure = Markup('<span class="figure{}">{}</span>').format(" diff" if cell.changed else "", cell.value or "–")
    return ReadyCell(
        name=f"{cell.field}-",
        before_person=Markup(' value="{}" aria-label="').format(cell.value),
        after_person=f"{attributes}{rate}{tint}{aborted}>{below}",
        figure=figure + below,
        wrong=bool(cell.problem),
        marked=cell if cell.closed or cell.aborted or cell.claim_id or cell.theirs else None,
        visit=Markup('&amp;date={}">{}</a>').format(cell.day, cell.day_words) if cell.day else "",
        absence=Markup('&amp;first={}">{}</a>').format(cell.day, cell.day_words) if cell.day else "",
    )
