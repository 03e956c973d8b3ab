"""The fields of a form, read one after the other; everything that cannot be read is kept as a problem at its field."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem

Value = TypeVar("Value")


class FormReading:
    """Reads the fields of a form one after the other; `problems` is what could not be read."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.problems: list[Problem] = []

    def read(
        self, field: str, reader: Callable[[str], Value], otherwise: Value, missing: str = "", *, called: str = ""
    ) -> Value:
        """Return what a field holds; `otherwise` where it is empty, which is a problem if there is a word for it, or
        where the reader raises NotUnderstood. What is `called` is named with what is wrong: one sentence stands for
        many fields where a page lists its problems."""
        text = self.typed.get(field, "")
        if not text:
            self.problems += [Problem(Code.MISSING, missing, field=field)] if missing else []
            return otherwise
        try:
            return reader(text)
        except NotUnderstood as error:
            problem = error.problem.about(called) if called else error.problem
            self.problems.append(problem.at(field))
            return otherwise
