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
LEAST_WORD = 3
_AS_LETTERS = str.maketrans("@4031$57", "aaoeisst")
# Without letters and digits that are read as one another: no I, L, O, S, Z, B, 0, 1, 2, 5, 8.
RECOVERY_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
RECOVERY_CODES = 10


def check_password(
    new: str,
    again: str,
    current_or_given: str,
    email: str,
    denied: frozenset[str],
    least_length: int,
    known_words: frozenset[str] = frozenset(),
) -> list[Problem]:
    """Return what is wrong with a new password, at `new_password` or `new_password_again`; nothing where it is good.

    `current_or_given` is the password it replaces as the person typed it, `denied` the deny-list in lower case (empty
    where policy switches it off, and then nothing is said of words), `least_length` counts characters, `known_words`
    are those that strangers try first: names of the person and the council (by `words_in`), months and the like.
    """
    wrong = _refuse_password(new, current_or_given, email, denied, least_length)
    if wrong is None and denied and _is_of_words(new, known_words | words_in(email)):
        easy = "This password is made of words that strangers try first, such as names, months and the council's own."
        wrong = Problem(Code.EASY_TO_GUESS, easy, "Three words that have nothing to do with it make a good password.")
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
        return Problem(Code.EASY_TO_GUESS, "Choose a password that does not contain your e-mail address.")
    if folded in denied:
        return Problem(Code.EASY_TO_GUESS, "This password is known to be used by many people.", "Choose another.")
    return None


def words_in(text: str) -> frozenset[str]:
    """Return the words of a name or an address that are long enough to count, in lower case."""
    return frozenset(word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) >= LEAST_WORD)


def _is_of_words(password: str, words: frozenset[str]) -> bool:
    """Say whether a password is nothing but these words, however digits and signs stand round and for its letters."""
    plain = password.casefold()
    # Figures stand for letters within a word, and for themselves behind it.
    in_letters = re.sub(r"[\W\d_]+$", "", plain).translate(_AS_LETTERS)
    spelt = {re.sub(r"[\W\d_]", "", each) for each in (plain, in_letters)}
    return any(letters and _is_chain(letters, words) for letters in spelt)


def _is_chain(letters: str, words: frozenset[str]) -> bool:
    reached = {0}
    for at in range(len(letters)):
        if at in reached:
            reached.update(at + len(word) for word in words if letters.startswith(word, at))
    return len(letters) in reached


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
