"""How the portal says no: an error carries the sentence a person will read and the field it belongs to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in words for the person who can put it right.

    `field` is the name of the form field it belongs to, empty where it belongs to the page as a whole.
    """

    message: str
    field: str = ""


class Refused(Exception):
    """What was asked for cannot be done; nothing was changed. Carries at least one `Problem`."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class Unknown(Exception):
    """No such record, or another organisation's record: the two answer alike (rules for who gets in)."""
