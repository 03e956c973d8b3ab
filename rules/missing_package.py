"""What a provider has to say of a care package that is missing, so that brokerage can look for it (rules.md 12)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.text import refuse_longer, refuse_unseen

LONGEST = 200


@dataclass(frozen=True)
class MissingEntry:
    """A care package as its provider describes it; empty where nothing was said.

    The person is known by `person_reference`, or by name and date of birth; `element` is the name of the element of
    care, empty where the provider does not know it.
    """

    person_reference: str
    person_name: str
    born_on: date | None
    service: str
    element: str
    start: date | None
    plan: str
    agreed_with: str
    agreed_on: date | None
    paper_reference: str
    comment: str


_NEEDED = (
    ("service", "Choose the service that gives the care."),
    ("start", "Enter the first day of the care."),
    ("plan", "Say what was agreed: how much, on which days."),
    ("agreed_with", "Say who at the council agreed it."),
    ("agreed_on", "Enter the day on which it was agreed."),
)
_WORDS = {
    "person_reference": "The person reference",
    "person_name": "The name",
    "plan": "What was agreed",
    "agreed_with": "Who agreed it",
    "paper_reference": "The reference of the paper",
}


def check_entry(entry: MissingEntry, today: date) -> list[Problem]:
    """Return everything that is missing or wrong, at its field, in the order of the form."""
    problems = [*_of_person(entry)]
    problems += [Problem(Code.MISSING, words, field=name) for name, words in _NEEDED if not getattr(entry, name)]
    for name, words in (("agreed_on", "the agreement"), ("born_on", "the birth")):
        day = getattr(entry, name)
        if day and day > today:
            problems.append(Problem(Code.FUTURE_DATE, f"The day of {words} is still to come.", field=name))
    problems += _unfit(entry, _WORDS, lambda text, words: refuse_longer(text, LONGEST, words))
    problems += _unfit(entry, _WORDS | {"comment": "The comment"}, refuse_unseen)
    return problems


def words_of(entry: MissingEntry) -> str:
    """Return the message that brokerage gets: each thing that was said on a line of its own."""
    person = [
        f"reference {entry.person_reference}" if entry.person_reference else "",
        entry.person_name,
        f"born {uk_date(entry.born_on)}" if entry.born_on else "",
    ]
    said = {
        "Person": ", ".join(filter(None, person)),
        "Service": entry.service,
        "Element of care": entry.element or "not known",
        "First day": uk_date(entry.start) if entry.start else "",
        "Agreed care": entry.plan,
        "Agreed with": entry.agreed_with,
        "Agreed on": uk_date(entry.agreed_on) if entry.agreed_on else "",
        "Reference on paper": entry.paper_reference or "none",
    }
    lines = [f"{name}: {value}" for name, value in said.items()]
    return "\n".join(["We give this care and do not find it in the portal.", "", *lines, *_own_words(entry)])


def _own_words(entry: MissingEntry) -> list[str]:
    return ["", entry.comment] if entry.comment else []


def _of_person(entry: MissingEntry) -> Iterator[Problem]:
    if entry.person_reference or (entry.person_name and entry.born_on):
        return
    missing = "Enter the person reference, or the name and the date of birth."
    name = "born_on" if entry.person_name else "person_name" if entry.born_on else "person_reference"
    yield Problem(Code.MISSING, missing, field=name)


def _unfit(
    entry: MissingEntry, fields: dict[str, str], refuse: Callable[[str, str], Problem | None]
) -> Iterator[Problem]:
    for name, words in fields.items():
        if problem := refuse(getattr(entry, name), words):
            yield problem.at(name)
