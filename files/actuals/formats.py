"""How the sheets of the Actuals workbook look, and what they have in common: headings, protection, print, checks."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Final, TypeAlias

from files.actuals.columns import DAY_PLANS
from files.writing.workbook import FONT, HEADING, write_text
from rules.period import DAY_NAMES
from rules.text import LONGEST_COMMENT

Style = dict[str, object]
Value: TypeAlias = str | Decimal | int | date | time | None

COMMENT_WIDTH = 36  # characters
POINTS_A_LINE = 13
MOST_LINES = 20

FREE: Final[Style] = {"bg_color": "#FFF6D6", "border": 1, "border_color": "#D8CFA8", "locked": False}
GREY: Final[Style] = {"bg_color": "#DDE1E4", "border": 1, "border_color": "#C9CED2"}
# Text and dates are left-aligned, indented away from the right-aligned figures before them.
TEXT: Final[Style] = {"num_format": "@", "align": "left", "indent": 1}
DAY: Final[Style] = {"num_format": "dd/mm/yyyy", "align": "left", "indent": 1}
CLOCK: Final[Style] = {"num_format": "hh:mm", "align": "left", "indent": 1}
MOMENT: Final[Style] = {"num_format": "dd/mm/yyyy hh:mm", "align": "left", "indent": 1}
UNITS: Final[Style] = {"num_format": "0.00"}
MINUTES: Final[Style] = {"num_format": "0"}

# A union made in the function would be made for each cell.
_DAYS_AND_TIMES: Final = (date, time)

# Headings above figures.
FIGURES = {"Planned", *DAY_PLANS, *DAY_NAMES, "Week total", "Planned minutes", "Waited minutes"}

COMMENT_CHECK: Final[Style] = {
    "validate": "length",
    "criteria": "<=",
    "value": LONGEST_COMMENT,
    "error_title": "Too long",
    "error_message": f"Shorten the comment to {LONGEST_COMMENT} characters.",
}


def put_headings(book: Any, sheet: Any, columns: Sequence[tuple[str, int]], free: Sequence[Style] = ()) -> None:
    """Write the headings; with `free`, every cell below can be filled in, each column in its style."""
    left, right = (
        book.add_format(HEADING | {"align": "left", "indent": 1}),
        book.add_format(HEADING | {"align": "right"}),
    )
    sheet.set_row(0, 30)
    for place, (name, width) in enumerate(columns):
        style = book.add_format(FONT | FREE | free[place]) if free else None
        sheet.set_column(place, place, width, style)
        sheet.write_string(0, place, name, right if name in FIGURES else left)


def add_formats(book: Any, styles: Mapping[str, Style]) -> dict[str, Any]:
    """Return the workbook's formats for these styles, by the same names."""
    return {name: book.add_format(FONT | style) for name, style in styles.items()}


def put(sheet: Any, row: int, column: int, value: Value, style: Any) -> None:
    """Write a cell as what its value is: text, a number, a day, a time of day or both; an empty one for None and ""."""
    if isinstance(value, str):
        write_text(sheet, row, column, value, style)
    elif value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, _DAYS_AND_TIMES):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def fit_height(sheet: Any, row: int, comment: str) -> None:
    """Make a row as high as its comment, up to MOST_LINES: not every program does so by itself."""
    lines = sum(max(1, -(-len(part) // COMMENT_WIDTH)) for part in comment.split("\n"))
    if lines > 1:
        sheet.set_row(row, POINTS_A_LINE * min(lines, MOST_LINES))


def protect_and_print(sheet: Any, title: str) -> None:
    """Keep locked cells from being changed, and set the sheet for A4 across, headings on every page."""
    # Without a password: it prevents accidents, and anybody who has to can lift it.
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L&10{title.replace('&', '&&')}")
    sheet.set_footer("&L&8&A&R&8Page &P of &N")


def choice_of(reasons: str) -> Style:
    """Return the check of a cell that takes a code of the sheet Reasons."""
    return {
        "validate": "list",
        "source": reasons,
        "error_title": "No such reason",
        "error_message": "Choose a reason from the list. The sheet Reasons says what each one means.",
    }
