"""What was typed into a form or an address, read as values."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from flask import request

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem, Unknown

Value = TypeVar("Value")


class FormReading:
    """Reads the fields of a form one after the other; `problems` is what could not be read."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.problems: list[Problem] = []

    def read(self, field: str, reader: Callable[[str], Value], otherwise: Value, missing: str = "") -> Value:
        """Return what a field holds; `otherwise` where it is empty, which is a problem if there is a word for it, or
        where the reader raises NotUnderstood."""
        text = self.typed.get(field, "")
        if not text:
            self.problems += [Problem(Code.MISSING, missing, field=field)] if missing else []
            return otherwise
        try:
            return reader(text)
        except NotUnderstood as error:
            self.problems.append(error.problem.at(field))
            return otherwise


def read_key(text: str) -> int:
    """Return the number of a record. Raises Unknown for what is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Unknown
    return int(text)


def asked_day(name: str) -> date | None:
    """Return the day an address asks for, nothing where none is. Raises Unknown for what is no day."""
    asked = request.args.get(name)
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise Unknown from None
    # Weeks beyond these cannot be counted from; nobody has care in them.
    if not 2000 <= day.year <= 2100:
        raise Unknown
    return day
