"""Contacts of an organisation: what can be kept of one, when they are looked through, and who would be missed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rules.period import uk_date
from rules.problem_codes import Code
from rules.record_fields import LONGEST_NAME
from rules.refusal import Problem
from rules.states import ProviderFunction
from rules.text import refuse_longer, refuse_unseen

# A quarter in whole weeks: three months after 30 November there is no day.
REVIEW_EVERY: Final = timedelta(weeks=13)

# What an organisation lacks without anybody for a function (rules.md 13).
LOST: Final = {
    ProviderFunction.PAYMENTS: (
        "{name} is the last contact of {organisation} for payments: nobody will hear of a remittance or can send an"
        " invoice, and nobody of {organisation} can sign in until another is named."
    ),
    ProviderFunction.DOCUMENTS: (
        "{name} is the last contact of {organisation} for contract documents (ISOs): nobody will hear of a new one or"
        " can accept it, and nobody of {organisation} can sign in until another is named."
    ),
}


@dataclass(frozen=True)
class ContactEntry:
    """A contact as it was typed and read: functions and services (ids; none: all of them), `start` and `end` inclusive.

    `email` and `phone` are as `read_email` and `read_telephone` return them; `phone`, `job` and `end` may be empty.
    """

    name: str
    job: str
    email: str
    phone: str
    functions: frozenset[ProviderFunction]
    services: frozenset[int]
    start: date
    end: date | None


def entry_text(entry: ContactEntry) -> str:
    """Return a contact as one text: the same for the same contact, whatever the order of functions and services."""
    functions, services = sorted(entry.functions), sorted(entry.services)
    return repr((entry.name, entry.job, entry.email, entry.phone, functions, services, entry.start, entry.end))


def changed_meanwhile(stored: ContactEntry, typed: ContactEntry) -> Problem:
    """Return what somebody else saved while a form was open, where it is not what was typed."""
    now_is = [
        f"{title} is now {_said(of_stored)}"
        for title, of_stored, of_typed in (
            ("Name", stored.name, typed.name),
            ("Job", stored.job, typed.job),
            ("Phone", stored.phone, typed.phone),
            ("Functions", stored.functions, typed.functions),
            ("From", stored.start, typed.start),
            ("To", stored.end, typed.end),
        )
        if of_stored != of_typed
    ]
    if stored.services != typed.services:
        now_is.append("Services are others now")
    wrong = f"Somebody else saved this contact after you had opened it: {'; '.join(now_is) or 'as you typed it'}."
    return Problem(Code.CHANGED_MEANWHILE, wrong, "Save again to replace that by what you typed.")


def _said(value: str | date | Collection[ProviderFunction] | None) -> str:
    if isinstance(value, date):
        return uk_date(value)
    if value is None or isinstance(value, str):
        return f"“{value}”" if value else "empty"
    return ", ".join(sorted(value)) or "none"


@dataclass(frozen=True)
class Access:
    """What a contact may do, and until when (inclusive; None: until further notice)."""

    functions: Collection[ProviderFunction]
    end: date | None


def review_due(last_review: date | None, first_contact: date) -> date:
    """Return the day from which an organisation's contacts want looking through: a quarter after they last were, or
    after the first contact began."""
    return (last_review or first_contact) + REVIEW_EVERY


def reminder_is_due(due: date, reminded_on: date | None, today: date) -> bool:
    """Say whether an organisation is reminded by e-mail, where its contacts want looking through from the day `due`.

    `reminded_on` is when it last was: not once more within a quarter, whatever became of that e-mail.
    """
    return due <= today and (reminded_on is None or reminded_on + REVIEW_EVERY <= today)


def check_contact(entry: ContactEntry) -> list[Problem]:
    """Return everything that is wrong with a contact by itself."""
    problems = [_check_text("name", entry.name, "The name"), _check_text("job", entry.job, "The job")]
    if entry.end and entry.end < entry.start:
        problems.append(Problem(Code.DATES_REVERSED, "The access ends before it begins.", "Check From and To.", "end"))
    if not entry.functions:
        problems.append(Problem(Code.MISSING, "Choose at least one function.", field="functions"))
    if entry.services and ProviderFunction.PAYMENTS in entry.functions:
        wrong = "Invoices and payments are about the whole organisation."
        problems.append(Problem(Code.ONE_OF_TWO, wrong, "Choose no services, or leave that function out.", "services"))
    return [problem for problem in problems if problem]


def _check_text(field: str, text: str, what: str) -> Problem | None:
    problem = refuse_unseen(text, what) or refuse_longer(text, LONGEST_NAME, what)
    return problem.at(field) if problem else None


def left_without(before: Access, after: Access | None, others: Sequence[Access]) -> list[ProviderFunction]:
    """Return the functions of `LOST` that nobody would have any more once a contact has `after` (None: no access).

    `before` and `others` are those in force today. A contact whose end is newly set is missed from that day on, unless
    another stays longer.
    """
    lost = []
    for function in LOST:
        if function not in before.functions:
            continue
        keeps = after is not None and function in after.functions and after.end in (None, before.end)
        ends = after.end if after is not None and function in after.functions else None
        stays = (each for each in others if function in each.functions)
        if not keeps and not any(ends is None or each.end is None or each.end > ends for each in stays):
            lost.append(function)
    return lost
