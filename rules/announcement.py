"""Announcements: what a notice has to say before it is published."""

import re
from dataclasses import dataclass
from datetime import date

from rules.mail_states import Audience
from rules.problem_codes import Code
from rules.record_fields import LONGEST_NAME, LONGEST_TEXT
from rules.refusal import Problem

# E-mail is read on other people's screens: it holds no amounts and no references of people.
_AMOUNT = re.compile(r"£\s*[0-9]")
_PERSON = re.compile(r"\bP[0-9]{5,}\b")


def names_money_or_people(text: str) -> bool:
    """Say whether a text holds an amount in pounds or the reference of a person, which no e-mail does."""
    return bool(_AMOUNT.search(text) or _PERSON.search(text))


@dataclass(frozen=True)
class Wording:
    """An announcement as it was typed: dates inclusive, `end` None for no end date; ids of whom it is for."""

    title: str
    body: str
    audience: Audience | None
    sector_id: int | None
    organisation_ids: tuple[int, ...]
    start: date | None
    end: date | None
    widespread: bool = False
    for_staff: bool = False
    by_email: bool = False


def problems_of(typed: Wording) -> list[Problem]:
    """Return everything that is wrong with an announcement, in the order of its fields; whose dates were read."""
    found = []
    for text, field, most in ((typed.title, "title", LONGEST_NAME), (typed.body, "body", LONGEST_TEXT)):
        if not text:
            found.append(Problem(Code.MISSING, "Write what it is about." if field == "title" else "Write a text.",
                                 field=field))  # fmt: skip
        elif len(text) > most:
            found.append(Problem(Code.TOO_LONG, f"This has {len(text)} characters, {most} are allowed.", field=field))
    if typed.by_email and names_money_or_people(f"{typed.title} {typed.body}"):
        wrong = "This goes by e-mail, which holds no amounts and no references of people."
        found.append(Problem(Code.NOT_ON_LIST, wrong, "Take them out, or do not send it by e-mail.", "body"))
    found += _audience_problems(typed)
    if typed.start and typed.end and typed.end < typed.start:
        found.append(Problem(Code.DATES_REVERSED, "The last day must not be before the first.", field="end"))
    return found


def _audience_problems(typed: Wording) -> list[Problem]:
    if typed.audience is None:
        return [Problem(Code.MISSING, "Choose whom it is for.", field="audience")]
    if typed.audience is Audience.SECTOR and typed.sector_id is None:
        return [Problem(Code.MISSING, "Choose the sector.", field="sector")]
    if typed.audience is Audience.ORGANISATIONS and not typed.organisation_ids:
        return [Problem(Code.MISSING, "Enter the references of the organisations.", "One on each line.", "references")]
    return []
