"""What a bank sends back of a payment run: why, and how a line of its report is read (Bacs, ARUCS)."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from rules.period import NotADate, read_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused

# Automated Return of Unapplied Credits Service: why a credit could not be applied.
REASONS: Final[Mapping[str, str]] = {
    "0": "invalid details",
    "2": "the account holder has died",
    "3": "the account was transferred",
    "5": "no such account",
    "B": "the account is closed",
    "C": "the council asked for it back",
}
COLUMNS: Final = ("Reference", "Sort code", "Account", "Pence", "Reason code", "Date")


class ReturnedItem(NamedTuple):
    """One payment that came back: by its bank reference, pounds, why (the bank's code), on which day."""

    reference: str
    amount: Decimal
    code: str
    returned_on: date


def reason_of(code: str) -> str:
    """Return why a payment came back, in words; one the portal does not know by its code."""
    return REASONS.get(code, f"reason code {code}")


def reference_key(reference: str) -> str:
    """Return a bank reference as banks compare it: capitals, without blanks and signs."""
    return re.sub("[^A-Z0-9]", "", reference.upper())


def read_item(row: int, cells: Mapping[str, str], today: date) -> ReturnedItem:
    """Read one row of a bank's report. Raises Refused with all that is wrong in it, naming the row."""
    typed = {name: cells.get(name, "").strip() for name in COLUMNS}
    found = []
    if not reference_key(typed["Reference"]):
        found.append(Problem(Code.MISSING, f"Row {row}: there is no reference."))
    if not re.fullmatch("[0-9]{6}", re.sub("[ -]", "", typed["Sort code"])):
        found.append(Problem(Code.NOT_A_NUMBER, f"Row {row}: the sort code is not six digits."))
    if not re.fullmatch("[0-9]{8}", typed["Account"]):
        found.append(Problem(Code.NOT_A_NUMBER, f"Row {row}: the account is not eight digits."))
    if not re.fullmatch("0*[1-9][0-9]{0,10}", typed["Pence"]):
        found.append(Problem(Code.NOT_A_NUMBER, f"Row {row}: the amount is not a number of pence."))
    code = typed["Reason code"].upper()
    if not re.fullmatch("[0-9A-Z]", code):
        found.append(Problem(Code.NOT_ON_LIST, f"Row {row}: the reason code is not one letter or digit."))
    day = _read_day(row, typed["Date"], today, found)
    if found or day is None:
        raise Refused(*found)
    return ReturnedItem(reference_key(typed["Reference"]), Decimal(typed["Pence"]) / 100, code, day)


def _read_day(row: int, typed: str, today: date, found: list[Problem]) -> date | None:
    try:
        day = read_date(typed)
    except NotADate as error:
        found.append(Problem(error.problem.code, f"Row {row}: {error.problem.message}"))
        return None
    if day > today:
        found.append(Problem(Code.FUTURE_DATE, f"Row {row}: {typed} is in the future."))
    return day
