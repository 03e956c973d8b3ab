"""How lists name a line: by the person's initials, unless the council shows full names."""

from models import LineItem
from workflows import policy


def name_of(line: LineItem) -> str:
    """Return how lists name a line: "A. B. P000001, Personal care, CPLI 48001"."""
    return f"{person_of(line)}, {line.element.name}, CPLI {line.reference}"


def person_of(line: LineItem) -> str:
    """Return how lists name a person: "A. B. P000001"."""
    person = line.person.name if policy.for_council("full_names_in_lists") else line.person.initials
    return f"{person} {line.person.reference}"
