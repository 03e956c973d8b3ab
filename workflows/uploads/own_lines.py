"""The organisation's own lines, which an uploaded file is held against, and the nearest match of a wrong reference.

A row about one that takes no actuals says why, and not that there is no such line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, literal_column, not_, select

from files.actuals.layouts import AbortedRow, ActualsRow, DayRow, VisitRow
from models import ContractDocument, LineItem, db
from models.contract_document import TAKES_ACTUALS
from rules.aborted_visit import NO_ACTUALS
from rules.agreement_states import DocumentState
from rules.open_days import last_day_in
from rules.period import monday_of, uk_date
from rules.problem_codes import Code
from rules.states import PaymentMethod
from rules.upload_states import FindingKind
from workflows import policy
from workflows.uploads.finding import Found, Place
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines, read_lines_with

# What is typed or scanned for a digit.
_LOOKALIKES = str.maketrans("OoQDIilSsBZ", "00001115582", " -_./'#")
# What people and spreadsheets write round a reference: "CPLI 48210", "#48210", "'48210", "48 210", "48210*".
_ROUND = re.compile(r"^(?:cpli|line|[\s'’#.:])+|[\s'’*]+", re.IGNORECASE)
LOST_ZEROS = (
    "The references in this file have lost the zeros in front of them. Have the column read as text where you open the"
    " file of your system, then save it again."
)
STRANGERS = "None of the references in this file is yours: it looks like another organisation's file."

# What a check of a line rests on: its id, the transaction that wrote it last, the state of its document.
LineState = tuple[int, str, DocumentState]


REMOVE = "Remove the row: you are paid without it."
ASK_PAYMENTS = "Remove the row, or ask the Payments Team."
ASK_BROKERAGE = "Remove the row, or ask Service Brokerage."


class WhyIdle(NamedTuple):
    """Why nothing can be entered for a line, as a row of a file is told."""

    code: Code
    wrong: str
    remedy: str


@dataclass(frozen=True)
class IdleLines:
    """Why the organisation's lines that take no actuals do not: by their reference, and by the person's."""

    by_reference: Mapping[str, WhyIdle]
    by_person: Mapping[str, WhyIdle]


def read_idle_lines() -> IdleLines:
    """Return the lines of the organisation in scope that take no actuals; it knows nothing of those in a draft."""
    others = not_(LineItem.takes_actuals(policy.claimed_since())), ContractDocument.state != DocumentState.DRAFT
    found = read_lines_with([LineItem.payment_method.label("paid_by")], *others).values()
    whys = [(line, why_idle(line, row.paid_by)) for line, row in found]
    return IdleLines(
        {line.reference: why for line, why in whys}, {line.person_reference: why for line, why in reversed(whys)}
    )


def why_idle(line: Line, paid_by: PaymentMethod) -> WhyIdle:
    """Return why a line takes no actuals, given that it does not."""
    if paid_by is not PaymentMethod.ACTUALS:
        return WhyIdle(Code.NO_ACTUALS, NO_ACTUALS, REMOVE)
    return not_in_force(line) if line.document_state not in TAKES_ACTUALS else closed(line)


def not_in_force(line: Line) -> WhyIdle:
    """Return that a line takes no new weeks: its contract document was rejected, replaced or withdrawn."""
    wrong = f"The contract document of {line.name} is not in force, so no week of it can be started."
    return WhyIdle(Code.OUTSIDE_LINE, wrong, ASK_BROKERAGE)


def closed(line: Line) -> WhyIdle:
    """Return that a line ended too long ago for anything of its weeks to be changed."""
    return WhyIdle(Code.OUTSIDE_LINE, f"This line {why_closed(line)}.", ASK_PAYMENTS)


def why_closed(line: Line) -> str:
    """Return, after the name of a line, why none of its weeks, or not the week that is asked about, can be changed."""
    end = line.plan.end
    if end is None:
        return "takes no actuals"
    late = ", and none of its weeks can be changed after so long" if end < policy.claimed_since() else ""
    return f"ended on {uk_date(end)}{late}"


@dataclass
class OwnLines:
    """The organisation's lines, by their own reference, by id, and by the person's reference.

    `strangers` says that no reference of a file is among them.
    """

    by_reference: dict[str, Line] = field(default_factory=dict)
    by_id: dict[int, Line] = field(default_factory=dict)
    by_person: dict[str, list[Line]] = field(default_factory=dict)
    strangers: bool = False

    def note_strangers(self, rows: Iterable[ActualsRow | AbortedRow]) -> list[str]:
        """Return the sentence that a file is another organisation's, where none of its references is known here.

        Where all are but for zeros in front of them, it is of this one, and a spreadsheet took them.
        """
        named, short = False, True
        for row in rows:
            person = "" if row.line or isinstance(row, AbortedRow) else row.person
            if any(problem.code is Code.ROW_SHAPE for problem in row.problems):
                continue  # nobody knows what stands where
            if row.line in self.by_reference or person in self.by_person or self.bare(row.line):
                return []
            if row.line in self.idle.by_reference or person in self.idle.by_person:
                return []
            named = named or bool(row.line or person)
            short = short and not person and (not row.line or row.line.lstrip("0") in self._without_zeros)
        self.strangers = named and not short
        return [LOST_ZEROS if short else STRANGERS] if named else []

    def bare(self, reference: str) -> str:
        """Return the own reference in one that has something round it, "" where there is none."""
        word = _ROUND.sub("", reference)
        return word if word in self.by_reference else ""

    def nearest(self, reference: str) -> Line | None:
        """Return the own line whose reference looks like one that does not exist; None where not exactly one does.

        Alike are a letter for a digit, zeros lost in front, one zero more or less, and two neighbours swapped. Only
        the organisation's own lines are looked through: what another has is never said.
        """
        if self.strangers:
            return None
        found = {line.id: line for word in _alike(_bare(reference)) for line in self._by_bare.get(word, ())}
        return next(iter(found.values())) if len(found) == 1 else None

    @cached_property
    def idle(self) -> IdleLines:
        """The organisation's other lines, asked for when a reference is none of the first."""
        return read_idle_lines()

    @cached_property
    def _without_zeros(self) -> set[str]:
        return {reference.lstrip("0") for reference in self.by_reference}

    @cached_property
    def _by_bare(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for reference, line in self.by_reference.items():
            found.setdefault(_bare(reference), []).append(line)
        return found


def _bare(reference: str) -> str:
    """Return a reference as a tired eye reads it: digits for the letters like them, no marks, no zeros in front."""
    return reference.translate(_LOOKALIKES).lower().lstrip("0")


def _alike(word: str) -> Iterator[str]:
    """Yield a reference, then those with two neighbours swapped, a zero left out, and a zero put in."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
        if word[place] == "0":
            yield word[:place] + word[place + 1 :]
        yield f"{word[: place + 1]}0{word[place + 1 :]}"


def own_lines() -> OwnLines:
    """Return the organisation's lines that take actuals, by reference and by person."""
    found = OwnLines()
    for line in read_lines(LineItem.takes_actuals(policy.claimed_since())).values():
        found.by_reference[line.reference] = found.by_id[line.id] = line
        found.by_person.setdefault(line.person_reference, []).append(line)
    return found


def with_line(row: ActualsRow, lines: OwnLines) -> ActualsRow | Found:
    """Return a row with the CPLI of the line it is for, bare; where it names a person alone, of their only one then.

    That is the one that is active on the row's day, or in its week. Where there are none or several, what rejects the
    row is returned. A row without a day stays as it is: that it has none is what is wrong with it.
    """
    if row.line and row.line not in lines.by_reference:
        return row._replace(line=lines.bare(row.line) or row.line)
    if row.line or not row.person:
        return row
    day, is_week = _when(row)
    if day is None:
        return row
    found = lines.by_person.get(row.person, [])
    active = [line for line in found if (last_day_in(line.plan, day) if is_week else line.plan.covers(day))]
    if len(active) == 1:
        return row._replace(line=active[0].reference)
    when = f"in the week of {uk_date(day)}" if is_week else f"on {uk_date(day)}"
    if active:
        names = " and ".join(line.reference for line in active)
        wrong = f"{row.person} has {len(active)} lines {when}: {names}."
        remedy, code = "Fill in the CPLI of the one that is meant.", Code.TWO_LINES
    elif found:
        wrong, code = f"{row.person} has no line {when}.", Code.OUTSIDE_LINE
        remedy = ASK_BROKERAGE
    elif why := lines.idle.by_person.get(row.person):
        code, wrong, remedy = why
    else:
        wrong, code = "You have no line for this person.", Code.UNKNOWN_LINE
        remedy = "Check the reference on the contract document."
    place = Place(row.sheet, row.number)
    return Found(FindingKind.REJECTED, code, place, "Person ref", row.person[:60], wrong, remedy)


def _when(row: ActualsRow) -> tuple[date | None, bool]:
    """Return the day a row is about, or the Monday of its week and True."""
    if isinstance(row, VisitRow):
        begins = row.planned_start or row.actual_start
        return begins.date() if begins else None, False
    if isinstance(row, DayRow):
        return row.day, False
    return monday_of(row.week) if row.week else None, True


def state_of(line: Line) -> LineState:
    """Return what the check of a file rests on of a line."""
    return line.id, line.written, line.document_state


def states_now(line_ids: Select[tuple[int]]) -> list[LineState]:
    """Return the same of some lines as they are now, without those that take actuals no more."""
    written: ColumnElement[str] = literal_column("line_item.xmin::text")
    found = db.session.execute(
        select(LineItem.id, written, ContractDocument.state)
        .join(LineItem.document)
        .where(LineItem.takes_actuals(policy.claimed_since()), LineItem.id.in_(line_ids))
    )
    return [(line_id, word, state) for line_id, word, state in found]
