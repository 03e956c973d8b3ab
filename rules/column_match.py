"""What the columns of a provider's own table are: the choices there are, what is lacking, and how a match is known."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rules import aborted_visit, actual
from rules.period import DAY_NAMES
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.reported_words import outcome_of, reason_of_aborted, reason_of_week, reason_within
from rules.text import plain, visible

LONGEST_NAME = 80
# A column is chosen to be nothing of the portal's.
NOT_USED: Final = "-"
# Of so many different words a column can be an outcome or a reason; more is free text.
MOST_WORDS = 60
# As much of a cell is looked at, and shown.
LONGEST_WORD = 60
OUTCOME, REASON = "outcome", "reason"
DAY_FIELDS: Final = tuple(f"d{index}" for index in range(7))


class RowKind(StrEnum):
    """What each row of a provider's own table is."""

    VISIT = "visit"
    DAY = "day"
    WEEK = "week"


ROW_KINDS: Final[Mapping[RowKind, str]] = {
    RowKind.VISIT: "one visit", RowKind.DAY: "one day of a line", RowKind.WEEK: "one week of a line",
}  # fmt: skip
_REFERENCES = {"line": "CPLI", "person": "Person ref"}
_WORDS = {REASON: "Reason", "comment": "Comment"}
# Of each kind of row what a column can be: its name in the portal, and its title.
CHOICES: Final[Mapping[RowKind, Mapping[str, str]]] = {
    RowKind.VISIT: {
        **_REFERENCES, "ref": "Visit ref", "date": "Date of the visit", "planned_start": "Planned start",
        "planned_end": "Planned end", "planned_length": "Planned length in minutes",
        "planned_hours": "Planned length in hours", "actual_start": "Actual start", "actual_end": "Actual end",
        "actual_length": "Actual length in minutes", "actual_hours": "Actual length in hours", OUTCOME: "Outcome",
        "told_at": "Told at", "carer": "Carer ID", "slot": "Carer slot", **_WORDS,
    },
    RowKind.DAY: {
        **_REFERENCES, "day": "Service date", "units": "Delivered units", "minutes": "Delivered minutes", **_WORDS,
    },
    RowKind.WEEK: {
        **_REFERENCES, "week": "Week starting", **dict(zip(DAY_FIELDS, DAY_NAMES, strict=True)),
        "total": "Week total", **_WORDS,
    },
}  # fmt: skip
# What fills a value of a visit where no column of its own does: a length stands for an end.
INSTEAD: Final[Mapping[str, tuple[str, ...]]] = {
    "planned_end": ("planned_length", "planned_hours"), "actual_end": ("actual_length", "actual_hours"),
}  # fmt: skip
# What a word of an outcome can mean: an outcome, and with it why, where the word says that too ("no reply").
OUTCOMES: Final[Mapping[str, str]] = {
    "DELIVERED": "Delivered",
    **{f"ABORTED {code}": f"Aborted: {why[:1].lower()}{why[1:]}" for code, why in aborted_visit.REASONS.items()},
    "ABORTED": "Aborted: the reason stands in another column",
    "CANCELLED": "Cancelled",
    "MISSED": "Missed",
    "MISSED NO_CARER": "Missed: no carer",
}


@dataclass(frozen=True)
class ColumnMatching:
    """How a table is read: what its rows are, which column is what, and what words of outcomes and reasons mean.

    `columns` has the chosen names by the key of a heading, without those not used; `words` the codes by column name and
    word (`word_of`), empty where a word is to be passed over.
    """

    kind: RowKind
    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def means(self, column: str, text: str) -> str | None:
        """Return the code of a word of the outcome or reason column, None where nobody has said what it means."""
        said = self.words.get(column, {}).get(word_of(text))
        return usual_meaning(self.kind, column, text) if said is None else said


def heading_keys(headings: Sequence[str]) -> list[str]:
    """Return what each heading of a table is known by, in its order: of two alike the second is numbered.

    It is empty where nothing stands above a column.
    """
    seen: Counter[str] = Counter()
    keys = []
    for heading in headings:
        word = plain(heading) or heading.strip().casefold()
        seen[word] += 1
        keys.append(word if seen[word] == 1 or not word else f"{word}#{seen[word]}")
    return keys


def fingerprint(keys: Sequence[str]) -> str:
    """Return what the headings of a table are known by together, in any order; the portal's own Message aside."""
    counted = sorted({key for key in keys if key and key != "message"})
    return hashlib.sha256("\n".join(counted).encode()).hexdigest()


def word_of(text: str) -> str:
    """Return a word of an outcome or reason as it is remembered: in any case, its spaces made plain."""
    return " ".join(visible(text)[:LONGEST_WORD].casefold().split())


def usual_meaning(kind: RowKind, column: str, text: str) -> str | None:
    """Return the code that a word usually stands for (an outcome perhaps with why), None where it is an unusual one."""
    if column == OUTCOME:
        outcome = outcome_of(text)
        return f"{outcome.value} {reason_within(text)}".strip() if outcome else None
    return reason_of_week(text) or (reason_of_aborted(text) if kind is RowKind.VISIT else "") or None


def meanings(kind: RowKind, column: str) -> Mapping[str, str]:
    """Return what a word of the outcome or reason column can mean: code -> its words."""
    if column == OUTCOME:
        return OUTCOMES
    return {**(aborted_visit.REASONS if kind is RowKind.VISIT else {}), **actual.REASONS}


def lacking(kind: RowKind, names: Mapping[str, int]) -> list[Problem]:
    """Return what a table of such rows lacks where these columns have been found, one problem each; at "kind"."""
    whom = (tuple(_REFERENCES), "whom it was for: a CPLI or a person reference")
    groups = {
        RowKind.VISIT: (
            whom,
            (("date", "planned_start", "actual_start"), "the date of the visit"),
            (("actual_start", "planned_start"), "when the visit began"),
            (("actual_end", *INSTEAD["actual_end"]), "when the visit ended, or how long it was"),
        ),
        RowKind.DAY: (
            whom, (("day",), "the date"), (("units", "minutes"), "the quantity that was delivered"),
        ),
        RowKind.WEEK: (
            whom, (("week",), "the day the week starts"),
            ((*DAY_FIELDS, "total"), "the quantity that was delivered"),
        ),
    }[kind]  # fmt: skip
    return [
        Problem(Code.MISSING_COLUMNS, f"No column says {what}.", "Choose the column that does.", "kind")
        for either, what in groups
        if not any(name in names for name in either)
    ]
