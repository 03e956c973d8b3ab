"""What goes with the weeks in the Actuals workbook: the sheets Reasons and Help."""

from collections.abc import Mapping
from typing import Any

from files.actuals.formats import protect_and_print
from files.writing.workbook import FONT, HEADING
from rules import aborted_visit, actual

_LISTS: Mapping[str, Mapping[str, str]] = {"Weeks": actual.REASONS, "Aborted visits": aborted_visit.REASONS}
_FIRST_ABORTED = 2 + len(actual.REASONS)

# The ranges of the reasons, as validations refer to them.
WEEK_REASONS = f"=Reasons!$A$2:$A${_FIRST_ABORTED - 1}"
ABORTED_REASONS = f"=Reasons!$A${_FIRST_ABORTED}:$A${_FIRST_ABORTED + len(aborted_visit.REASONS) - 1}"

CHARACTERS_IN_A_LINE = 130
HELP = (
    ("How to fill it in", (
        "Fill in the yellow cells of the sheet Actuals, save the workbook, and upload it on the page Upload actuals.",
        "There is one row for each line and week. Filter by week, service or person with the arrows in the headings.",
        "A line planned by day takes what was delivered on each day; its Week total adds up by itself. A line planned"
        " by the week takes the Week total only. Grey cells take nothing: the line is not active on that day, or is"
        " not entered by day.",
        "The columns Mon plan to Sun plan show what was planned for each day. They are only to look at.",
        "Units are those of the column Unit. Write hours as a number: an hour and a half is 1.5. Choose a cell to see"
        " the plan of its line.",
        "A row without any figure is a week nobody has started: left empty, it stays so. In a row with figures an empty"
        " day is a day on which nothing was delivered.",
        "A total typed for a line planned by day, with its days left empty, is spread like the plan if you tick that"
        " after the upload.",
        "Rows you do not want to change can stay as they are: uploading them again changes nothing.",
        "Where a week differs from its plan, choose a Reason; without one it goes in as a draft. The sheet Reasons says"
        " what each one means.",
    )),
    ("Aborted visits", (
        "Grey rows are visits that are recorded already. Write new ones below them, one to a row: the line's CPLI, the"
        " date, when the visit should have started (such as 07:30), how many minutes were planned, and a reason.",
        "Told at is the date and time at which you were told that the visit could not take place. Leave it empty if"
        " nobody told you.",
    )),
    ("After the upload", (
        "Uploading shows what would change, and changes nothing until you choose Update the portal.",
        "Rows that cannot be taken come back as a correction file: the same columns, with what to do in Message.",
        "If somebody changed a week in the portal after you downloaded this workbook, you are shown both figures and"
        " choose which to keep. The column Row key is how the portal knows: leave it as it is.",
        "You may also save the sheet Actuals as .csv and upload that. It holds no aborted visits.",
    )),
)  # fmt: skip


def write_reasons(book: Any) -> None:
    """Add the sheet with the code and the meaning of each reason."""
    sheet = book.add_worksheet("Reasons")
    heading, text = book.add_format(HEADING), book.add_format(FONT | {"num_format": "@"})
    for place, (name, width) in enumerate((("Code", 14), ("Meaning", 44), ("For", 18))):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, heading)
    rows = [(code, meaning, kind) for kind, reasons in _LISTS.items() for code, meaning in reasons.items()]
    for number, row in enumerate(rows, start=1):
        for place, words in enumerate(row):
            sheet.write_string(number, place, words, text)
    sheet.freeze_panes(1, 0)
    protect_and_print(sheet, "Reasons")


def write_help(book: Any) -> None:
    """Add the sheet that says how the workbook is filled in."""
    sheet = book.add_worksheet("Help")
    bold = book.add_format(FONT | {"bold": True, "font_size": 12, "font_color": "#173F5F"})
    text = book.add_format(FONT | {"text_wrap": True})
    sheet.set_column(0, 0, 100)
    sheet.hide_gridlines(2)
    number = 0
    for heading, sentences in HELP:
        sheet.write_string(number, 0, heading, bold)
        for sentence in sentences:
            number += 1
            sheet.write_string(number, 0, sentence, text)
            # Not every spreadsheet program fits the height to wrapped text.
            sheet.set_row(number, 14 * -(-len(sentence) // CHARACTERS_IN_A_LINE) + 4)
        number += 2
    protect_and_print(sheet, "Help")
