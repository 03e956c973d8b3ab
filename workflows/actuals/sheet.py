"""The sheet of a week of Actuals: every line of the organisation with its boxes, units and pounds."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from workflows.actuals.marks import read_marks
from workflows.actuals.sheet_row import Desk, SheetRow, build_row
from workflows.weeks.entry import Refusal
from workflows.weeks.read import read_weeks


@dataclass(frozen=True)
class WeekSheet:
    """One week of one organisation: a row for each line that is active in it and paid on actuals.

    `services` are the id and the name of each service of the organisation.
    """

    week: date
    rows: list[SheetRow]
    services: list[tuple[int, str]]


def sheet(week: date, refused: Iterable[Refusal] = (), correcting: Collection[int] = ()) -> WeekSheet:
    """Return the sheet of the week that begins on a Monday, for the organisation in scope.

    What was typed for a line and `refused` is shown in place of what is stored. Weeks of the lines `correcting` are
    open although they are on an invoice.
    """
    by_line = {refusal.entry.line_id: refusal for refusal in refused}
    marks = read_marks(week)
    desk = Desk(week, marks.claimed)
    rows = [
        build_row(
            stored,
            desk,
            by_line.get(stored.line.id),
            marks.visits_of(stored.line.id),
            correcting=stored.line.id in correcting,
        )
        for stored in read_weeks([week])
    ]
    return WeekSheet(week, rows, marks.services)
