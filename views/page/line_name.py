"""How lists name a line: by the person's initials, unless the council shows full names."""

from models import LineItem, Person
from workflows import policy


def name_of(line: LineItem) -> str:
    """Return how lists name a line: "A. B. P000001, Personal care, CPLI 48001"."""
    return f"{person_of(line)}, {line.element.name}, CPLI {line.reference}"


def person_of(line: LineItem) -> str:
    """Return how lists name the person of a line: "A. B. P000001"."""
    return person_named(line.person)


def person_named(person: Person) -> str:
    """Return how lists name a person: "A. B. P000001"."""
    name = person.name if policy.for_council("full_names_in_lists") else person.initials
    return f"{name} {person.reference}"
