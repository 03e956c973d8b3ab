"""A letter: an e-mail of one kind, its words, what is filled into them, and what is wrong with other words for it.

What is in curly brackets is a placeholder. There are no others than those of PLACEHOLDERS, and none of them stands for
an amount, or for the name or reference of a person.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final

from rules.announcement import names_money_or_people
from rules.problem_codes import Code
from rules.record_fields import LONGEST_LINE, LONGEST_TEXT, read_line
from rules.refusal import Problem

# What each is, and the invented value of it in previews.
PLACEHOLDERS: Final[dict[str, tuple[str, str]]] = {
    "council": ("the name of the council", "Example County Council"),
    "telephone": ("the council’s telephone number", "01632 960100"),
    "help": ("the address of the help pages", "https://portal.council.example/help"),
    "address": ("the link that the letter is about", "https://portal.council.example/the-page-to-open"),
    "organisation": ("the name of the organisation", "Example Homecare Ltd"),
    "place": ("the name of the organisation or service", "Example Homecare Ltd, Northtown branch"),
    "kind": ("what is to change: legal name, VAT number or bank details", "bank details"),
    "password": ("the password to begin with", "abcd-efgh-ijkl-mnop"),
    "until": ("how long it works", "17:00 on 16 October 2017"),
    "opens": ("when the portal opens, where that is still to come", "The portal opens to you on 16 October 2017."),
    "title": ("the title of the announcement", "The portal is closed on Sunday morning"),
    "text": ("the text of the announcement", "Nobody can sign in from 7:00 to 9:00. Nothing that you saved is lost."),
    "notices": (
        "the notices of the day",
        "A remittance advice is ready\nSign in to the provider portal to read it, line by line.\n",
    ),
}
# These may stand in every letter.
EVERYWHERE: Final = ("council", "telephone", "help")
# An empty value leaves no gap behind.
_GAP = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Letter:
    """A kind of e-mail: when it is written, who gets it, and the portal's own words.

    It is no use without the placeholders it `needs`, and may have those of `may` and EVERYWHERE. The one that is
    `secret` stands in the text alone, which is not kept once it was sent. A notice can wait for the digest of the day.
    """

    when: str
    to: str
    subject: str
    body: str
    needs: tuple[str, ...] = ("address",)
    may: tuple[str, ...] = ()
    secret: str = ""
    is_notice: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """The placeholders that may stand in its words, those it needs first."""
        return tuple(dict.fromkeys((*self.needs, *self.may, *EVERYWHERE)))

    @property
    def given(self) -> frozenset[str]:
        """The placeholders whose values whoever writes the letter gives, each time all of them."""
        return frozenset(self.known) - set(EVERYWHERE)


def fill(subject: str, body: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Return subject and text with the values of their placeholders; a paragraph that is empty leaves no gap."""
    return read_line(subject.format(**values)), _GAP.sub("\n\n", body.format(**values))


def preview(subject: str, body: str) -> tuple[str, str]:
    """Return subject and text, whose placeholders are known, with invented values."""
    return fill(subject, body, {name: example for name, (_, example) in PLACEHOLDERS.items()})


def problems_of(own: Letter, subject: str, body: str) -> list[Problem]:
    """Return everything that is wrong with other words for a letter, at the fields `subject` and `body`."""
    found: list[Problem] = []
    for field, text, most in (("subject", subject, LONGEST_LINE), ("body", body, LONGEST_TEXT)):
        if not text:
            found.append(Problem(Code.MISSING, "Write some words.", field=field))
        elif len(text) > most:
            wrong = f"This has {len(text)} characters, {most} are allowed."
            found.append(Problem(Code.TOO_LONG, wrong, field=field))
        if names_money_or_people(text):
            wrong = "An e-mail holds no amounts and no references of people."
            found.append(Problem(Code.NOT_ON_LIST, wrong, "Say where it is read in the portal.", field))
        found += _of_placeholders(own, field, text)
    in_subject, in_body = (set(_names(text) or ()) for text in (subject, body))
    if own.secret and own.secret in in_subject:
        wrong = f"{{{own.secret}}} must not stand in the subject."
        found.append(Problem(Code.NOT_ON_LIST, wrong, "A subject is shown where others can read it.", "subject"))
    for name in own.needs:
        if name not in in_body and (name == own.secret or name not in in_subject):
            remedy = f"It stands for {PLACEHOLDERS[name][0]}: the letter is no use without it."
            found.append(Problem(Code.MISSING, f"{{{name}}} is missing.", remedy, "body"))
    return found


def _of_placeholders(own: Letter, field: str, text: str) -> Iterable[Problem]:
    names = _names(text)
    if names is None:
        yield Problem(Code.ROW_SHAPE, "A curly bracket is not closed.", "Write {address}, for example.", field)
        return
    known = ", ".join(f"{{{each}}}" for each in own.known)
    for name in dict.fromkeys(names):
        if name not in own.known:
            yield Problem(Code.NOT_ON_LIST, f"{{{name}}} is not known in this letter.", f"Known are {known}.", field)


def _names(text: str) -> list[str] | None:
    """Return the placeholders of a text as they were typed, none where a bracket is not closed."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return None
    return [
        name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        for _, name, spec, conversion in parts
        if name is not None
    ]
