"""How the portal says no: an error carries what is wrong, what to do, and the field it belongs to, each by itself."""

from dataclasses import dataclass, replace

from rules.problem_codes import Code


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `code` for programs and the catalogue, the sentences for who can put it right.

    `wrong` says what is wrong and `remedy` what to do. Where one sentence says both ("Enter a subject."), it is `wrong`
    and there is no remedy. `field` is the name of the form field it belongs to, empty where it belongs to the page as a
    whole.
    """

    code: Code
    wrong: str
    remedy: str = ""
    field: str = ""

    @property
    def message(self) -> str:
        """Both sentences, as a page shows them."""
        return f"{self.wrong} {self.remedy}" if self.remedy else self.wrong

    def at(self, field: str) -> "Problem":
        """Return the same problem at another field."""
        return replace(self, field=field)

    def about(self, what: str) -> "Problem":
        """Return the same problem with what it is about before it: "48210, week of 6 November 2017: …"."""
        return replace(self, wrong=f"{what}: {self.wrong}")


class Refused(Exception):
    """What was asked for cannot be done; nothing was changed. Carries at least one `Problem`."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class NotUnderstood(ValueError):
    """What was typed cannot be read as what it should be; `problem` says why, at no field yet."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Unknown(Exception):
    """No such record, or another organisation's record: the two answer alike (rules for who gets in)."""
