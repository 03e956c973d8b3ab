"""A Bacs Standard 18 file: credits to many accounts, and the contra that takes their sum from the council's.

A record of a payment has 100 characters (files.md 5), a label before and after them 80, as the standard has it: VOL1,
HDR1, HDR2 and UHL1 open the file, EOF1, EOF2 and UTL1 close it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.bank_account import BankDetails
from rules.payment_run import ControlTotals

CREDIT: Final = "99"
CONTRA: Final = "17"
NEW_LINE: Final = "\r\n"
LONGEST: Final = 18  # characters of a name, and of a reference
MOST_PENCE: Final = 99_999_999_999

# What no bank reads as a file: it stands before the first label of a trial.
TRIAL: Final = "TRIAL - NOT FOR THE BANK"

_ALLOWED = re.compile("[^A-Z0-9.&/ -]+")
# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ß": "SS", "ẞ": "SS", "ı": "I", "Ħ": "H",
     "–": "-", "—": "-", "’": "", "'": "", "‘": "", "@": " AT ", "+": " AND "}
)  # fmt: skip
_NAMELESS = "PAYEE"


@dataclass(frozen=True)
class Payment:
    """What one account is paid: whole pence, and the reference its statement shows."""

    to: BankDetails
    pence: int
    reference: str


@dataclass(frozen=True)
class Submission:
    """Who pays from which account, under which service user number of Bacs, and when.

    `serial` tells two files of one day apart. `made_on` is the day the file was made; `processed_on` the day on which
    Bacs processes it, the working day before the money arrives. A `trial` can be handed in nowhere.
    """

    payer: BankDetails
    user_number: str
    serial: int
    made_on: date
    processed_on: date
    trial: bool = False


def bacs_name(text: str, otherwise: str = "") -> str:
    """Return a text in the characters that Bacs takes, 18 at most, accents off: "José’s Café Ltd" is "JOSES CAFE LTD".

    Where nothing of it can be kept, `otherwise` stands there in the same way; it is never empty.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS).upper().translate(_LETTERS))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    name = " ".join(_ALLOWED.sub(" ", letters).split())[:LONGEST].strip()
    if re.search("[A-Z0-9]", name):
        return name
    return bacs_name(otherwise) if otherwise else _NAMELESS


def bacs_lines(submission: Submission, payments: Sequence[Payment]) -> list[str]:
    """Return the lines of the file: labels, a credit for each payment, the contra, and the totals.

    Raises ValueError where there is nothing to pay, a payment is not above nothing, or one or all are more than a
    record holds.
    """
    total = sum(payment.pence for payment in payments)
    if not payments or any(payment.pence <= 0 for payment in payments) or total > MOST_PENCE:
        raise ValueError("a Bacs file pays something to each, and no more than a record holds")
    paid = [_record(submission, payment.to, CREDIT, payment.pence, payment.reference) for payment in payments]
    contra = _record(submission, submission.payer, CONTRA, total, "CONTRA")
    trial = [TRIAL] if submission.trial else []
    return [*trial, *_opening(submission), *paid, contra, *_closing(submission, total, len(payments))]


def bacs_text(lines: Sequence[str]) -> str:
    """Return the lines as they are kept in a file."""
    return "".join(f"{line}{NEW_LINE}" for line in lines)


def credits_in(lines: Sequence[str]) -> ControlTotals:
    """Return what the credits of a file come to, as its lines say it."""
    pence = [int(line[35:46]) for line in lines if len(line) == 100 and line[15:17] == CREDIT]
    return ControlTotals(len(pence), sum(pence))


def _record(submission: Submission, to: BankDetails, code: str, pence: int, reference: str) -> str:
    payer = submission.payer
    return (
        f"{to.sort_code}{to.account_number}0{code}{payer.sort_code}{payer.account_number}{'':4}{pence:011}"
        f"{bacs_name(payer.name):18}{bacs_name(reference):18}{bacs_name(to.name, reference):18}"
    )


def _opening(submission: Submission) -> list[str]:
    user = submission.user_number
    return [
        f"VOL1{submission.serial:06} {'':20}{'':6}{'':4}{user}{'':4}{'':28}1",
        _first("HDR", submission),
        _second("HDR"),
        f"UHL1{_day(submission.processed_on)}999999{'':4}00000000{'1 DAILY':9}001{'':7}{'':7}{'':26}",
    ]


def _closing(submission: Submission, pence: int, count: int) -> list[str]:
    # Debits: the contra alone.
    totals = f"UTL1{pence:013}{pence:013}{1:07}{count:07}{'':8}{'':7}{'':21}"
    return [_first("EOF", submission), _second("EOF"), totals]


def _first(label: str, submission: Submission) -> str:
    user, made_on = submission.user_number, _day(submission.made_on)
    return (
        f"{label}1A{user}S{'':2}1{user}{submission.serial:06}00010001{'':4}{'':2}{made_on}{_day(submission.processed_on)}"
        f" 000000{'':13}{'':7}"
    )


def _second(label: str) -> str:
    return f"{label}2F0200000100{'':35}00{'':28}"


def _day(day: date) -> str:
    """Return a day as labels have it: a blank, two digits of the year, three of its day."""
    return f" {day:%y%j}"
