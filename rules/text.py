"""Text that people write: what of it can be kept, read by others, and carried by a spreadsheet and back."""

import re

from rules.problem_codes import Code
from rules.refusal import Problem

# Control characters but tab and line breaks; those that turn the direction of the text after them, so that a reference
# could look like another; what XML, and with it a workbook, or HTML has no place for, and the mark
# that stands for any of them.
_NO_CHARACTERS = "\ufffd\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
UNSEEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff{_NO_CHARACTERS}]")
_SHOWN_BEFORE = 20
# Characters without a width or a sign: zero-width ones, soft hyphens, byte order marks, and what only marks which way a
# text runs. The two that turn the letters after them round, so that they read otherwise than they stand, are UNSEEN.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202c\u2060-\u2064\u2066-\u206f\ufe0f\ufeff]")
_WIDE_SPACES = re.compile("[\u00a0\u2007\u202f]")

# A cell that begins with one of these is run by spreadsheets as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_REFERENCE = 40

# Characters of a comment, typed or out of a file: as many as the workbook's cells take.
LONGEST_COMMENT = 500


def refuse_unseen(text: str, what: str = "This text") -> Problem | None:
    """Return the problem of a text that holds a character nobody can see, nothing where it holds none.

    It says where: `what` the text is, and the words before the character.
    """
    found = UNSEEN.search(text)
    if found is None:
        return None
    before = text[: found.start()].split("\n")[-1].strip()
    shown = f"…{before[-_SHOWN_BEFORE:]}" if len(before) > _SHOWN_BEFORE else before
    where = f"after “{shown}”" if shown else "at the beginning of a line"
    return Problem(Code.UNSEEN, f"{what} holds a character that cannot be seen, {where}.", "Type that part again.")


def refuse_longer(text: str, longest: int, what: str = "This text") -> Problem | None:
    """Return the problem of a text of more than `longest` characters, nothing where it can be kept."""
    if len(text) <= longest:
        return None
    return Problem(Code.TOO_LONG, f"{what} has {len(text):,} characters.", f"Shorten it to {longest:,}.")


def reference_problem(text: str, what: str) -> Problem | None:
    """Return why a text cannot be the reference of a record, nothing where it can; `what` it is, such as "The CPLI"."""
    if text.lstrip(" ").startswith(_FORMULA):
        wrong = f"{what} begins with “{text.lstrip(' ')[0]}”, which spreadsheets take for a formula."
        return Problem(Code.NOT_ON_LIST, wrong, "Begin it with a letter or a digit.")
    return refuse_unseen(text, what) or refuse_longer(text, LONGEST_REFERENCE, what)


def without_invisible(text: str) -> str:
    """Return a text without the characters that have neither width nor sign, and with its hard spaces made plain."""
    return text if text.isascii() else _WIDE_SPACES.sub(" ", _INVISIBLE.sub("", text))


def visible(text: str) -> str:
    """Return a text with a mark in the place of each character that nobody can see."""
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def plain(heading: object) -> str:
    """Return a heading without case, spaces and marks: "Organisation ref*" and "organisation_ref" are the same."""
    return re.sub("[^a-z0-9]", "", str(heading or "").lower())
