"""Passwords, own six digits and recovery codes: what is refused; there are no rules of composition (policy.md)."""

import re
import secrets
from collections.abc import Callable
from itertools import pairwise

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
    message = _refuse_password(new, current_or_given, email, denied, least_length)
    if message:
        return [Problem(message, "new_password")]
    if new != again:
        return [Problem("The two passwords are not the same. Type the new password again.", "new_password_again")]
    return []


def _refuse_password(new: str, current_or_given: str, email: str, denied: frozenset[str], least_length: int) -> str:
    folded = new.casefold()
    address = email.strip().casefold()
    name = address.partition("@")[0]
    if not new:
        return "Enter a new password."
    if len(new) < least_length:
        return f"Use at least {least_length} characters. Three words you can remember make a good password."
    if len(new) > MOST_LENGTH:
        return f"Use at most {MOST_LENGTH} characters."
    if new == current_or_given:
        return "Choose a password that is different from the one you have now."
    if (address and address in folded) or (len(name) >= LEAST_NAME and name in folded):
        return "Choose a password that does not contain your email address."
    if folded in denied:
        return "This password is known to be used by many people. Choose another."
    return ""


def check_digits(code: str, again: str) -> list[Problem]:
    """Return what is wrong with six digits a person chose, at `security_code` or `security_code_again`."""
    message = _refuse_digits(code)
    if message:
        return [Problem(message, "security_code")]
    if code != again:
        return [Problem("The two codes are not the same. Type the code again.", "security_code_again")]
    return []


def _refuse_digits(code: str) -> str:
    if not re.fullmatch("[0-9]{6}", code):
        return "Enter six digits."
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(code)}
    if steps == {0}:
        return "Choose six digits that are not all the same."
    if steps in ({1}, {9}):
        return "Choose six digits that do not simply count up or down."
    return ""


def recovery_codes(choose: Callable[[str], str] = secrets.choice) -> list[str]:
    """Return ten different codes like "ACDE-FGHJ", each good for one sign-in without the security code.

    `choose` picks one character of the alphabet; only a test gives another than the operating system's random source.
    """
    codes: dict[str, None] = {}
    while len(codes) < RECOVERY_CODES:
        letters = "".join(choose(RECOVERY_ALPHABET) for _ in range(8))
        codes[f"{letters[:4]}-{letters[4:]}"] = None
    return list(codes)
