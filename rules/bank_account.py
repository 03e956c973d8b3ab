"""Bank accounts: how a sort code and an account number are written, and whether the two can belong together.

The check is VocaLink's modulus check: the fourteen digits (sort code u–z, account a–h) are multiplied by the weights of
the sort code and added up. It finds a mistyped digit; it does not say whose account it is. What the weights do not
cover is unchecked, and said to be.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem

DIGITS: Final = 14
# VocaLink's table has a good thousand.
MOST_LINES: Final = 10_000
_SORT_CODE_DIGITS: Final = 6
_LEAST_ACCOUNT_DIGITS, _ACCOUNT_DIGITS = 6, 8
# Positions of single digits of the fourteen.
_A, _B, _C, _G, _H = 6, 7, 8, 12, 13
# What exceptions put in the place of the sort code (8, 9) and of the weights (2).
_SANTANDER, _LLOYDS_EURO = "090126", "309634"
_LLOYDS = (0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1)
_LLOYDS_NINE = (0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1)
# Pairs of checks of which one is enough.
_EITHER: Final = ((2, 9), (10, 11), (12, 13))
# Of exception 5 the check takes a second table, of substitutes, that the portal does not have.
KNOWN_EXCEPTIONS: Final = frozenset(range(15)) - {5}


class Method(StrEnum):
    """How the products are added up and what they have to be a multiple of."""

    MOD10 = "MOD10"
    MOD11 = "MOD11"
    DBLAL = "DBLAL"


class DigitCheck(StrEnum):
    """What the modulus check found. PASSED: the digits fit. FAILED: a digit is wrong. UNCHECKED: nobody can say."""

    PASSED = "digits checked"
    FAILED = "digits do not fit"
    UNCHECKED = "digits not checked"


@dataclass(frozen=True)
class Weights:
    """One line of the table: the check of the sort codes from `first` to `last`, both inclusive.

    `exception` is VocaLink's number of what is special about it, 0 where nothing is.
    """

    first: str
    last: str
    method: Method
    weights: tuple[int, ...]
    exception: int = 0


@dataclass(frozen=True)
class BankDetails:
    """An account as it is paid into: whose name it is in, six digits of sort code, eight of account number."""

    name: str
    sort_code: str
    account_number: str

    @property
    def ending(self) -> str:
        """The last four digits: all that a page, a list or an e-mail ever shows."""
        return self.account_number[-4:]

    def __repr__(self) -> str:
        # Whatever prints it, a log or an error's page, prints no account.
        return f"BankDetails(…{self.ending})"


class NotASortCode(NotUnderstood):
    """What was typed is no sort code."""


class NotAnAccountNumber(NotUnderstood):
    """What was typed is no account number."""


class NotWeights(NotUnderstood):
    """A file is no table of modulus weights."""


def read_sort_code(text: str) -> str:
    """Return the six digits of a sort code typed with or without dashes or blanks. Raises `NotASortCode`."""
    digits = re.sub(r"[\s–-]", "", text)
    if not re.fullmatch("[0-9]{6}", digits):
        raise NotASortCode(Problem(Code.NOT_BANK_DETAILS, "A sort code has six digits.", "Write it like 20-00-00."))
    return digits


def read_account_number(text: str) -> str:
    """Return eight digits of an account number; one of six or seven gets noughts before it, as banks do.

    Raises `NotAnAccountNumber`, also for longer ones, which a few building societies have: they have a second number of
    eight digits for payments.
    """
    digits = re.sub(r"[\s–-]", "", text)
    if not re.fullmatch(f"[0-9]{{{_LEAST_ACCOUNT_DIGITS},{_ACCOUNT_DIGITS}}}", digits):
        raise NotAnAccountNumber(
            Problem(
                Code.NOT_BANK_DETAILS,
                "An account number has eight digits.",
                "If yours has more, ask your bank which eight digits payments are sent to.",
            )
        )
    return digits.zfill(_ACCOUNT_DIGITS)


def read_weights(text: str) -> list[Weights]:
    """Return the lines of a file in VocaLink's layout (sort codes from and to, method, fourteen weights, exception).

    Raises `NotWeights`, naming the first line that is not one, or where there is none or more than MOST_LINES.
    """
    found = [_read_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(found) > MOST_LINES:
        wrong = f"The file has {len(found):,} lines; the portal takes at most {MOST_LINES:,}."
        raise NotWeights(Problem(Code.TOO_LONG, wrong, "Use VocaLink's file valacdos.txt."))
    if not found:
        raise NotWeights(Problem(Code.NO_ROWS, "The file holds no weights.", "Use VocaLink's file valacdos.txt."))
    return found


def _read_line(number: int, line: str) -> Weights:
    words = line.split()
    shape = len(words) in (DIGITS + 3, DIGITS + 4) and words[2] in list(Method)
    if not shape or not all(re.fullmatch("[0-9]{6}", word) for word in words[:2]):
        raise _no_line(number)
    if not all(re.fullmatch("-?[0-9]{1,3}", word) for word in words[3:]):
        raise _no_line(number)
    weights = tuple(int(word) for word in words[3 : 3 + DIGITS])
    exception = int(words[3 + DIGITS]) if len(words) > 3 + DIGITS else 0
    return Weights(words[0], words[1], Method(words[2]), weights, exception)


def _no_line(number: int) -> NotWeights:
    wrong = f"Line {number} is not a line of modulus weights."
    remedy = (
        "It needs two sort codes, MOD10, MOD11 or DBLAL, fourteen weights, and the exception's number if it has one."
    )
    return NotWeights(Problem(Code.BROKEN_FILE, wrong, remedy))


def check(sort_code: str, account_number: str, table: Sequence[Weights]) -> DigitCheck:
    """Return whether an account number (eight digits) fits its sort code (six), by the lines of a table in its order.

    A table without the sort code, with an exception it does not know, or for an account in a foreign currency says
    UNCHECKED.
    """
    lines = [line for line in table if line.first <= sort_code <= line.last]
    digits = _digits(sort_code, account_number)
    if not lines or any(line.exception not in KNOWN_EXCEPTIONS for line in lines):
        return DigitCheck.UNCHECKED
    if lines[0].exception == 6 and 4 <= digits[_A] <= 8 and digits[_G] == digits[_H]:
        return DigitCheck.UNCHECKED
    if any(line.exception == 3 for line in lines) and digits[_C] in (6, 9):
        lines = [line for line in lines if line.exception != 3] or lines
    results = [_passes(line, digits) for line in lines]
    exceptions = tuple(line.exception for line in lines)
    return DigitCheck.PASSED if (any(results) if exceptions in _EITHER else all(results)) else DigitCheck.FAILED


def _digits(sort_code: str, account_number: str) -> tuple[int, ...]:
    return tuple(int(digit) for digit in sort_code + account_number)


def _passes(line: Weights, digits: tuple[int, ...]) -> bool:
    """Say whether the digits pass one line, with what its exception changes about digits, weights, total or answer."""
    account = "".join(map(str, digits[_SORT_CODE_DIGITS:]))
    if line.exception in (8, 9):
        digits = _digits(_SANTANDER if line.exception == 8 else _LLOYDS_EURO, account)
    total = _total(replace(line, weights=_weights(line, digits)), digits)
    if line.exception == 4:
        return total % 11 == digits[_G] * 10 + digits[_H]
    if line.exception == 1:
        total += 27
    passes = total % (11 if line.method is Method.MOD11 else 10) == 0
    if line.exception == 14 and not passes and digits[_H] in (0, 1, 9):
        shifted = (*digits[:_SORT_CODE_DIGITS], 0, *digits[_SORT_CODE_DIGITS:_H])
        return _total(line, shifted) % 11 == 0
    return passes


def _weights(line: Weights, digits: tuple[int, ...]) -> tuple[int, ...]:
    """Return the weights for these digits: some exceptions have others for some accounts."""
    if line.exception == 2 and digits[_A] != 0:
        return _LLOYDS_NINE if digits[_G] == 9 else _LLOYDS
    short = line.exception == 7 or (line.exception == 10 and digits[_A] in (0, 9) and digits[_B] == 9)
    if short and digits[_G] == 9:
        return (*[0] * (_B + 1), *line.weights[_B + 1 :])
    return line.weights


def _total(line: Weights, digits: tuple[int, ...]) -> int:
    products = [weight * digit for weight, digit in zip(line.weights, digits, strict=True)]
    if line.method is Method.DBLAL:
        return sum(int(figure) for product in products for figure in str(product))
    return sum(products)
