"""The first and the last day of a draft agreement: those of its lines, for it has none itself."""

from collections.abc import Mapping, Sequence
from datetime import date

from models import LineItem
from rules.period import read_date, uk_date
from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem
from workflows.agreements.draft_reading import ReadAgreement


def shown(lines: Sequence[LineItem], typed: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Return the days between which an agreement of such lines is shown: no end where one of them goes on.

    Somebody who goes on to add a line sees the `start` and `end` as they typed them, unless a line lies outside.
    """
    start = min((line.start for line in lines), default=None)
    ends = [line.end for line in lines if line.end]
    end = max(ends) if ends and len(ends) == len(lines) else None
    if start and (typed_start := _read(typed.get("start", ""))):
        start = min(start, typed_start)
    if end and "end" in typed:
        typed_end = _read(typed["end"])
        end = max(end, typed_end) if typed_end else None
    return start, end


def _read(text: str) -> date | None:
    try:
        return read_date(text) if text else None
    except NotUnderstood:
        return None


def problems_of(read: ReadAgreement) -> list[Problem]:
    """Return which day of an agreement that was read without problems is no line's, and would be lost."""
    found = []
    starts = [line.fields.start for line in read.lines if line.fields.start]
    ends = [line.fields.end for line in read.lines if line.fields.end]
    if read.start and read.start not in starts:
        remedy = f"Enter {uk_date(min(starts))}, or leave From of a line empty."
        found.append(Problem(Code.OUT_OF_RANGE, f"No line starts on {uk_date(read.start)}.", remedy, "start"))
    if read.end and read.end not in ends:
        remedy = f"Enter {uk_date(max(ends))}, or leave To of a line empty."
        found.append(Problem(Code.OUT_OF_RANGE, f"No line ends on {uk_date(read.end)}.", remedy, "end"))
    return found
