"""A thing to do, as the front pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One thing to do: how many, of what, by when, and where. `tone` is late, soon, good or nothing."""

    count: str
    text: str
    when: str
    href: str
    link: str
    tone: str = ""
