"""Passwords, own six digits and recovery codes: what is refused; there are no rules of composition (policy.md)."""

import re
import secrets
from collections.abc import Callable
from itertools import pairwise

from rules.problem_codes import Code
from rules.refusal import Problem

# Longer passwords only give a stranger work to make the server do.
MOST_LENGTH = 256
# A name shorter than this is part of too many ordinary words to refuse.
LEAST_NAME = 5
# Without letters and digits that are read as one another: no I, L, O, S, Z, B, 0, 1, 2, 5, 8.
RECOVERY_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
RECOVERY_CODES = 10


def check_password(
    new: str, again: str, current_or_given: str, email: str, denied: frozenset[str], least_length: int
) -> list[Problem]:
    """Return what is wrong with a new password, at `new_password` or `new_password_again`; nothing where it is good.

    `current_or_given` is the password it replaces as the person typed it, `denied` the deny-list in lower case (empty
    where policy switches it off), `least_length` counts characters.
    """
    wrong = _refuse_password(new, current_or_given, email, denied, least_length)
    if wrong:
        return [wrong.at("new_password")]
    if new != again:
        differ, remedy = "The two passwords are not the same.", "Type the new password again."
        return [Problem(Code.NOT_THE_SAME, differ, remedy, "new_password_again")]
    return []


def _refuse_password(
    new: str, current_or_given: str, email: str, denied: frozenset[str], least_length: int
) -> Problem | None:
    folded = new.casefold()
    address = email.strip().casefold()
    name = address.partition("@")[0]
    if not new:
        return Problem(Code.MISSING, "Enter a new password.")
    if len(new) < least_length:
        remedy = "Three words you can remember make a good password."
        return Problem(Code.TOO_SHORT, f"Use at least {least_length} characters.", remedy)
    if len(new) > MOST_LENGTH:
        return Problem(Code.TOO_LONG, f"Use at most {MOST_LENGTH} characters.")
    if new == current_or_given:
        return Problem(Code.SAME_AS_BEFORE, "Choose a password that is different from the one you have now.")
    if (address and address in folded) or (len(name) >= LEAST_NAME and name in folded):
        return Problem(Code.EASY_TO_GUESS, "Choose a password that does not contain your email address.")
    if folded in denied:
        return Problem(Code.EASY_TO_GUESS, "This password is known to be used by many people.", "Choose another.")
    return None


def check_digits(code: str, again: str) -> list[Problem]:
    """Return what is wrong with six digits a person chose, at `security_code` or `security_code_again`."""
    wrong = _refuse_digits(code)
    if wrong:
        return [wrong.at("security_code")]
    if code != again:
        differ = "The two codes are not the same."
        return [Problem(Code.NOT_THE_SAME, differ, "Type the code again.", "security_code_again")]
    return []


def _refuse_digits(code: str) -> Problem | None:
    if not re.fullmatch("[0-9]{6}", code):
        return Problem(Code.NOT_SIX_DIGITS, "Enter six digits.")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(code)}
    if steps == {0}:
        return Problem(Code.EASY_TO_GUESS, "Choose six digits that are not all the same.")
    if steps in ({1}, {9}):
        return Problem(Code.EASY_TO_GUESS, "Choose six digits that do not simply count up or down.")
    return None


def recovery_codes(choose: Callable[[str], str] = secrets.choice) -> list[str]:
    """Return ten different codes like "ACDE-FGHJ", each good for one sign-in without the security code.

    `choose` picks one character of the alphabet; only a test gives another than the operating system's random source.
    """
    codes: dict[str, None] = {}
    while len(codes) < RECOVERY_CODES:
        letters = "".join(choose(RECOVERY_ALPHABET) for _ in range(8))
        codes[f"{letters[:4]}-{letters[4:]}"] = None
    return list(codes)
