"""The catalogue of codes: what the check of a file of actuals says by each, who acts on it, and how it is mended.

The one source of the page of codes. What a code means never changes; the sentences may.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from rules.problem_codes import Code


class Meaning(StrEnum):
    """What a code does to the row, or the file, that has it; in the order in which the page lists them."""

    FILE = "The whole file is refused"
    REJECTED = "The row stays out"
    ASKED = "You decide: it goes in only if you tick it"
    WARNING = "The row goes in, with a warning"
    SKIPPED = "The row is skipped: it asks for nothing"


class Acts(StrEnum):
    """Who has to do something."""

    YOU = "You"
    SUPPLIER = "You, and the supplier of your software"
    COUNCIL = "You, with Service Brokerage"
    NOBODY = "Nobody"


class CodeEntry(NamedTuple):
    """A code in the catalogue; `supplier` is what to ask the software's supplier for, empty where nothing helps."""

    code: Code
    meaning: Meaning
    means: str
    acts: Acts
    mend: str
    supplier: str = ""


_FILE, _REJECTED, _ASKED, _WARNING, _SKIPPED = Meaning
_YOU, _SUPPLIER, _COUNCIL, _NOBODY = Acts
_DAYS = "Export dates as day, month, year (16/10/2017) or as 2017-10-16."
_NUMBERS = "Export quantities as plain numbers with a point for the decimals and no thousands commas: 1250.50."

_ENTRIES: Final = (
    CodeEntry(
        Code.BROKEN_FILE, _FILE,
        "The file cannot be read: it is damaged, protected by a password, too big, holds no rows or has "
        "headings that the portal does not know.", _YOU,
        "Open it, save it as .xlsx or .csv without a password and send it again. A file of more than 100,000 "
        "rows is sent in two.", "Export a plain .csv file in UTF-8, or an .xlsx workbook, with one row of headings.",
    ),
    CodeEntry(
        Code.MONTH_FIRST, _FILE,
        "The dates are written month first, as in 10/16/2017, or a spreadsheet has taken days for months. The portal "
        "reads every date day first, so it would take the 3rd of April for the 4th of March.", _SUPPLIER,
        "Change the dates in your system's export, then send the file again.", _DAYS,
    ),
    CodeEntry(
        Code.ROW_SHAPE, _REJECTED,
        "The row has filled cells beyond the last heading: usually a comma inside a number or a comment has cut "
        "a cell in two. Or all of it stands in its first cell: quotation marks round the whole row keep it together.",
        _SUPPLIER, "Put quotation marks round text with commas in it, round no whole row, or save the file as .xlsx.",
        "Put quotation marks round every text, and use a point for decimals.",
    ),
    CodeEntry(
        Code.OTHER_TABLE, _REJECTED,
        "The row belongs to another table below the first of its sheet, under headings of its own. Rows below the same "
        "headings once more are read.", _YOU, "Send that table as a file of its own.",
        "Export one table for each sheet or file.",
    ),
    CodeEntry(
        Code.CONTRADICTION, _REJECTED,
        "The row says two things that cannot both be right, such as a Row key of one line and the CPLI of "
        "another, or a Week total that is not the sum of its days.", _YOU,
        "Correct the one that is wrong. Never copy a Row key into another row.",
    ),
    CodeEntry(
        Code.UNKNOWN_LINE, _REJECTED, "You have no line with this CPLI, or none for this person.", _YOU,
        "Compare it with the contract document. Where the line is new, ask Service Brokerage.",
        "Store the council's CPLI with each care package and export it as text, so that no zero is lost.",
    ),
    CodeEntry(
        Code.TWO_LINES, _REJECTED,
        "The person has more than one line on that day, or in that week, so a person reference alone does not say "
        "which is meant.", _SUPPLIER, "Fill in the CPLI.", "Export the CPLI with each row.",
    ),
    CodeEntry(
        Code.OUTSIDE_LINE, _REJECTED,
        "The day is before the line's start or after its end, or its contract document is not in force.", _COUNCIL,
        "Remove the row, or ask Service Brokerage to change the line.",
    ),
    CodeEntry(
        Code.BEFORE_PORTAL_START, _REJECTED, "The care was given before the portal's first day for you.", _YOU,
        "Claim it by the previous method and remove the row.",
    ),
    CodeEntry(
        Code.FUTURE_DATE, _REJECTED, "The day has not come yet.", _YOU, "Send it once the care has been delivered.",
    ),
    CodeEntry(
        Code.NOT_A_DATE, _REJECTED, "The date is missing, or it is not a date.", _SUPPLIER,
        "Write it as 16/10/2017. A week starts on a Monday.", _DAYS,
    ),
    CodeEntry(
        Code.NOT_A_TIME, _REJECTED, "This is not a time of day.", _SUPPLIER,
        "Write hours and minutes, such as 08:30.", "Export times as hh:mm on a clock of 24 hours.",
    ),
    CodeEntry(
        Code.NOT_A_NUMBER, _REJECTED, "This is not a quantity.", _SUPPLIER,
        "Write a number such as 1.5, or hours and minutes such as 1:30.", _NUMBERS,
    ),
    CodeEntry(
        Code.AMBIGUOUS_NUMBER, _REJECTED,
        "The number can be read in two ways: 1,250 is one and a quarter, or one thousand two hundred and fifty.",
        _SUPPLIER, "Write 1.25 or 1250.", _NUMBERS,
    ),
    CodeEntry(
        Code.NEGATIVE, _REJECTED, "The quantity is below zero, or a visit ends before it begins.", _YOU,
        "Write what was delivered, 0 where it was nothing.",
    ),
    CodeEntry(
        Code.WRONG_STEP, _REJECTED,
        "The quantity is not in the steps in which the line is paid, such as quarters of an hour.", _YOU,
        "Round it to the step that the message names.",
        "Round to the step of the line before exporting, or export visits: the portal rounds those itself.",
    ),
    CodeEntry(
        Code.OVER_24_HOURS, _REJECTED, "A day has more than 24 hours.", _YOU,
        "Check for two carers in one row, minutes in the place of hours, or two days in one.",
    ),
    CodeEntry(Code.OUT_OF_RANGE, _REJECTED, "A number of minutes is too small or too large.", _YOU, "Correct it."),
    CodeEntry(
        Code.TOO_LONG, _REJECTED, "A text has more characters than the portal keeps.", _YOU,
        "Shorten it to the length that the message names.",
    ),
    CodeEntry(
        Code.NOT_TEXT, _REJECTED, "A text holds characters that cannot be seen or kept.", _YOU, "Type it again.",
        "Export text in UTF-8.",
    ),
    CodeEntry(
        Code.FORMULA, _REJECTED,
        "The cell holds a formula whose result is not stored in the file, or that gives an error.", _YOU,
        "Put the value itself into the cell, or open and save the file in your spreadsheet program.",
    ),
    CodeEntry(
        Code.EMPTY_WITH_REASON, _REJECTED,
        "The row gives a reason or an outcome but no quantity, so it is not clear what was delivered.", _YOU,
        "Write 0 where nothing was delivered, or remove the row.",
        "Export 0, not an empty cell, where nothing was delivered.",
    ),
    CodeEntry(
        Code.REASON_NEEDED, _WARNING,
        "The week differs from its plan and has no reason. It goes in as a draft that cannot be confirmed yet. "
        "A correction of an invoiced week stays out until it has a reason.", _YOU,
        "Give the reason in the file, or on the Actuals page.",
    ),
    CodeEntry(
        Code.UNKNOWN_REASON, _REJECTED, "There is no such reason.", _SUPPLIER,
        "Write one of the reasons on the sheet Reasons of the workbook.", "Map your reasons to the council's codes.",
    ),
    CodeEntry(Code.COMMENT_NEEDED, _REJECTED, "The reason needs a comment.", _YOU, "Say in the comment what happened."),
    CodeEntry(
        Code.UNKNOWN_OUTCOME, _REJECTED, "There is no such outcome of a visit.", _SUPPLIER,
        "Write DELIVERED, ABORTED, MISSED or CANCELLED.", "Map your outcomes to these four words.",
    ),
    CodeEntry(
        Code.BY_DAY, _REJECTED, "The line is planned by day and the row gives a week, or the other way round.", _YOU,
        "Send days for a line planned by day, and the week's total for one planned by week.",
    ),
    CodeEntry(
        Code.PLANNED_BY_DAY, _REJECTED, "The line is planned by day and the row gives a week.", _YOU,
        "Send what was delivered on each day.",
    ),
    CodeEntry(
        Code.PLANNED_BY_WEEK, _REJECTED, "The line is planned by the week and the row gives days.", _YOU,
        "Send the week's total.",
    ),
    CodeEntry(
        Code.NO_ACTUALS, _REJECTED, "The line is paid every four weeks without actuals.", _YOU,
        "Remove the row: you are paid without it.",
    ),
    CodeEntry(
        Code.ABSENCE_CLAIM, _REJECTED, "An absence is claimed for the day, so it cannot also have care.", _COUNCIL,
        "Remove the row, or telephone the council about the claim.",
    ),
    CodeEntry(
        Code.NOT_OPEN, _REJECTED, "The week of an aborted visit is not open.", _COUNCIL, "Ask the Payments Team.",
    ),
    CodeEntry(
        Code.NOTHING_PLANNED, _REJECTED, "An aborted visit was sent for a day without any planned care.", _YOU,
        "Check the day and the line.",
    ),
    CodeEntry(
        Code.OVER_PLAN, _REJECTED, "Aborted visits of the day are longer than its plan.", _YOU,
        "Correct the planned minutes.",
    ),
    CodeEntry(
        Code.DUPLICATE_ROW, _SKIPPED,
        "The row repeats another exactly, so it is not counted again. Where two rows for one line and day, or "
        "one visit, differ, both stay out.", _SUPPLIER,
        "Nothing for an exact repeat. Where they differ, keep the one that is right.",
        "Export each visit, or each line and day, once.",
    ),
    CodeEntry(
        Code.SENT_BEFORE, _SKIPPED,
        "The same visit (line, planned start and carer) is in the portal already, under another reference. It "
        "is not counted again.", _SUPPLIER, "Nothing: it is not paid twice.",
        "Keep a visit's reference the same in every export.",
    ),
    CodeEntry(
        Code.NO_QUANTITY, _SKIPPED, "The row has neither a quantity nor a reason.", _NOBODY,
        "Nothing. Write 0 where nothing was delivered.",
    ),
    CodeEntry(Code.BLANK_ROW, _SKIPPED, "The row is empty.", _NOBODY, "Nothing."),
    CodeEntry(Code.TOTALS_ROW, _SKIPPED, "The row is a total of others.", _NOBODY, "Nothing."),
    CodeEntry(
        Code.HEADINGS_AGAIN, _SKIPPED,
        "The row is the headings once more, as at the top of a printed page. The rows below it are read.", _NOBODY,
        "Nothing.",
    ),
    CodeEntry(
        Code.OVER_LEVEL, _WARNING,
        "The week is over its exception level. It goes in and is held until Service Brokerage decides.", _COUNCIL,
        "Check the figures. If they are right, put the file in and ask Service Brokerage on the page Over "
        "exception level.",
    ),
    CodeEntry(
        Code.TWO_REASONS, _WARNING, "The rows of one week give different reasons. The first is stored.", _YOU,
        "Change the reason on the Actuals page if another is the better one.",
    ),
    CodeEntry(
        Code.COMMENTS_CUT, _WARNING,
        "The comments of a week's rows are longer together than a week keeps. The first that fit are stored.", _YOU,
        "Write what matters of the others into the week's comment on the Actuals page.",
    ),
    CodeEntry(
        Code.NOT_IN_FILE, _WARNING, "Visits of these days are in the portal and not in the file. They stay.", _YOU,
        "If they were cancelled, send them with the outcome CANCELLED.",
        "Export cancelled visits too, with their outcome.",
    ),
    CodeEntry(
        Code.CONFLICT, _ASKED,
        "The portal says something else: the week was changed there after the file was downloaded, somebody typed over "
        "a day whose visits come again, or a visit stands on another day or line. With a tick the file is used, and a "
        "visit that moves is gone from its old place. From a line that ended too long ago it cannot move: "
        "then the row stays out.", _YOU, "Look at both. Tick it if the file is right.",
    ),
    CodeEntry(
        Code.LOCKED, _ASKED, "The week is on an invoice. With a tick it becomes a correction on your next one.", _YOU,
        "Tick it if the invoiced figure was wrong.",
    ),
    CodeEntry(
        Code.SPREAD_OFFER, _ASKED,
        "A week's total was given for a line planned by day. With a tick it is spread over the days like the " "plan.",
        _YOU, "Tick it, or send what was delivered on each day.", "Export days, or visits.",
    ),
    CodeEntry(
        Code.OVERLAP, _ASKED,
        "One carer is in two places at once, or a line has two visits at once and no second carer is named. The "
        "first goes in, the second only with a tick; of more than three in a line's week one tick counts all.", _YOU,
        "Correct the times, name the second carer, or tick it if both are right.",
        "Export the carer with each visit, and a slot where two come together.",
    ),
    CodeEntry(
        Code.NUMBERED_ANEW, _ASKED,
        "More than one in ten of the known visit references stand on another day or line, so the file seems to "
        "renumber its visits. Visits are known by line, planned start and carer instead.", _SUPPLIER,
        "Leave it unticked if these are new visits. Tick it only if all of them were moved.",
        "Keep a visit's reference the same in every export: a row number is no reference.",
    ),
)  # fmt: skip

CATALOGUE: Final = {entry.code: entry for entry in _ENTRIES}
# A row with a warning of one of these is skipped.
SKIPPED: Final = frozenset(entry.code for entry in _ENTRIES if entry.meaning is Meaning.SKIPPED)
