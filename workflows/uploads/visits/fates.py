"""Which stored visit each visit of a file is, and what becomes of its row: counted, asked about, or sent before.

Nothing is paid twice: the same visit under another reference is skipped, one that moves goes in only where ticked, and
so does one that cannot have been beside another (rules.md 15).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from files.actuals.layouts import VisitRow
from rules.period import DAY, short_date
from rules.problem_codes import Code
from rules.states import PlanKind
from rules.upload_states import FindingKind
from rules.visit import Outcome
from rules.visit_identity import Recognised, nothing_known, recognise
from rules.visit_overlap import Stay, Stays
from rules.words import counted
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.uploads.own_lines import OwnLines
from workflows.uploads.visits.asking import Asking, Move
from workflows.uploads.visits.choices import VisitChoices
from workflows.uploads.visits.sent import SentVisit
from workflows.weeks.line_week import Line, StoredWeek, WeekKey, days_beside
from workflows.weeks.sent_visits import KnownVisit, of_days, of_references, recorded_aborted

# So many visits are named in one notice.
NAMED = 3
Identity = tuple[int, datetime, str, str]


class Taken(NamedTuple):
    """A visit that counts: the stored one that it changes, if any, and which of visits alike in all else it is."""

    visit: SentVisit
    before: KnownVisit | None
    twin: int


class SettledVisits(NamedTuple):
    """The visits of a file that count, the stored ones they were held against, the own lines, and stored weeks.

    `aborted` are the aborted ones, also where they are stored: when the provider was told may be new.
    """

    taken: list[Taken]
    aborted: list[SentVisit]
    held: list[KnownVisit]
    lines: dict[int, Line]
    weeks: dict[WeekKey, StoredWeek]


def settle_visits(
    sent: Sequence[SentVisit], rows: Sequence[VisitRow], lines: OwnLines, gathered: Gathered, choices: VisitChoices
) -> SettledVisits:
    """Say what becomes of the visits of a file: each row gets its fate, and what is to be asked or told is found."""
    held = _held(sent)
    # Of a new month's visits none is there already.
    found = recognise([each.mark for each in sent], [each.mark for each in held]) if held else nothing_known(len(sent))
    moves = [(each, held[old]) for each, old in zip(sent, found.moved, strict=True) if old is not None]
    by_id = {line.id: line for line in lines.by_reference.values()}
    asking = Asking(sent, moves, by_id, gathered, choices)
    settling = _Settling(sent, held, found, asking, gathered)
    settling.recognise(moves)
    settling.keep_aborted()
    taken = settling.count()
    choices.put_questions(gathered)
    _tell_missing(sent, rows, held, found, gathered)
    some_left = any(before and before.place != (visit.line.id, visit.day) for visit, before, _ in taken)
    return SettledVisits(taken, settling.aborted, held, by_id, asking.weeks if some_left else {})


def _held(sent: Sequence[SentVisit]) -> list[KnownVisit]:
    """Return the stored visits that those of a file are held against: of their references, and of their days."""
    if not sent:
        return []
    # A night that began the day before, or goes on into the next one, may overlap.
    days = {day + index * DAY for day in {each.day for each in sent} for index in (-1, 0, 1)}
    if any(each.line.plan.kind is PlanKind.WEEKLY for each in sent):
        days |= {day for each in sent for day in days_beside(each.line, each.day)}
    lines, carers = {each.line.id for each in sent}, {each.row.carer for each in sent} - {""}
    found = of_references({each.row.ref for each in sent}) + of_days(days, lines, carers)
    return list({each.id: each for each in found}.values())


class _Settling:
    """Goes through the visits of a file: first which stored ones they are, then which of them count."""

    def __init__(
        self, sent: Sequence[SentVisit], held: list[KnownVisit], found: Recognised, asking: Asking, gathered: Gathered
    ) -> None:
        self._sent, self._held, self._found = sent, held, found
        self._asking, self._gathered = asking, gathered
        self._open: list[tuple[SentVisit, KnownVisit | None]] = []
        self._seen: dict[Identity, SentVisit] = {}
        self.aborted: list[SentVisit] = []

    def recognise(self, moves: Sequence[Move]) -> None:
        """Skip the visits that are stored as they are, ask about those that move, and leave the others open."""
        anew = self._found.numbered_anew
        are_moved = anew and self._asking.about_numbers(self._found)
        moved = iter(moves)
        for each, same, old in zip(self._sent, self._found.same, self._found.moved, strict=True):
            if same is not None:
                self._recognise(each, self._held[same])
            elif old is None:
                self._open.append((each, None))
            else:
                _, before = next(moved)
                if anew and not are_moved:
                    self._open.append((each, None))
                elif not self._asking.out_of_reach(each, before) and (
                    are_moved or self._asking.about_move(each, before)
                ):
                    self._open.append((each, before))

    def _recognise(self, each: SentVisit, before: KnownVisit) -> None:
        self._seen.setdefault(_identity(each), each)
        is_same = each.content == before.content
        if is_same:
            self._gathered.fates[each.place] = RowFate.UNCHANGED
            self._keep(each)
        else:
            self._open.append((each, before))
        if each.row.ref != before.reference:
            what = "It is skipped." if is_same else "It is counted once, as it is in this file."
            self._sent_before(each, f"{before.reference}, which the portal has", what)

    def keep_aborted(self) -> None:
        """Reject what would leave a recorded aborted visit behind: it would be paid beside the visit."""
        left = [
            before
            for each, before in self._open
            if before is not None and before.outcome == Outcome.ABORTED and not _is_still_aborted(each, before)
        ]
        recorded = recorded_aborted(left)
        still: list[tuple[SentVisit, KnownVisit | None]] = []
        for each, before in self._open:
            if before is None or before.id not in recorded or before not in left:
                still.append((each, before))
                continue
            wrong = f"{each.row.ref} is recorded as an aborted visit on {short_date(before.day)}."
            remedy = "Remove that aborted visit on the Actuals page, then send the file again."
            row = (each.place, "Outcome", each.row.outcome, wrong, remedy)
            self._gathered.reject(Found(FindingKind.REJECTED, Code.CONFLICT, *row))
        self._open = still

    def count(self) -> list[Taken]:
        """Return the visits that count: each beside all that counted before it."""
        replaced = {before.id for _, before in self._open if before is not None}
        stays, twins = Stays(), _Twins(self._held)
        for known in self._held:
            if known.id not in replaced and (stay := _stay_of_known(known)):
                stays.add(stay)
        taken = []
        for each, before in self._open:
            stay, identity = _stay_of(each), _identity(each)
            if before is None and self._is_sent_twice(each, identity):
                continue
            # One that was ticked stands in nobody's way: a tick decides about its own row, whatever else was ticked.
            other = stays.take(stay) if stay else None
            if stay and other and not self._asking.about_overlap(each, stay, other):
                if before is not None and (stored := _stay_of_known(before)):
                    stays.add(stored)
                continue
            self._seen.setdefault(identity, each)
            self._gathered.fates[each.place] = RowFate.NEW if before is None else RowFate.CHANGED
            taken.append(Taken(each, before, twins.number(identity, before)))
            self._keep(each)
        return taken

    def _keep(self, each: SentVisit) -> None:
        if each.row.outcome == Outcome.ABORTED:
            self.aborted.append(each)

    def _is_sent_twice(self, each: SentVisit, identity: Identity) -> bool:
        """Say whether a visit stands in the file already under another reference; its row is skipped then."""
        first = self._seen.get(identity)
        if first is None or first.content != each.content:
            return False
        if not (each.row.carer or each.row.slot or each.row.outcome != Outcome.DELIVERED):
            return False
        self._sent_before(each, f"{first.row.ref} in {first.place.seen_from(each.place)}", "It is skipped.")
        self._gathered.fates[each.place] = RowFate.UNCHANGED
        return True

    def _sent_before(self, each: SentVisit, other: str, what: str) -> None:
        when = f"{each.line.name}, {short_date(each.day)}, {each.begins:%H:%M}"
        self._gathered.warn(Code.SENT_BEFORE, each.place, f"{each.row.ref} ({when}) is {other}.", what)


class _Twins:
    """Numbers visits that are alike in line, time, carer and slot."""

    def __init__(self, held: Sequence[KnownVisit]) -> None:
        # The numbers that are taken, a bit for each: nearly every visit is the only one of its kind.
        self._used: dict[Identity, int] = {}
        for each in held:
            identity = _identity_of_known(each)
            self._used[identity] = self._used.get(identity, 0) | 1 << each.twin

    def number(self, identity: Identity, before: KnownVisit | None) -> int:
        if before is not None and identity == _identity_of_known(before):
            return before.twin
        used, number = self._used.get(identity, 0), 0
        while used >> number & 1:
            number += 1
        self._used[identity] = used | 1 << number
        return number


def _identity(each: SentVisit) -> Identity:
    return each.line.id, each.begins, each.row.carer, each.row.slot


def _identity_of_known(each: KnownVisit) -> Identity:
    return each.line_item_id, each.begins, each.carer, each.slot


def _is_still_aborted(each: SentVisit, before: KnownVisit) -> bool:
    same_start = (each.line.id, each.row.planned_start) == (before.line_item_id, before.planned_start)
    return each.row.outcome == Outcome.ABORTED and same_start


def _stay_of(each: SentVisit) -> Stay | None:
    row = each.row
    if row.outcome != Outcome.DELIVERED or row.actual_start is None or row.actual_end is None:
        return None
    return Stay(each.line.id, row.carer, row.slot, row.actual_start, row.actual_end, each)


def _stay_of_known(each: KnownVisit) -> Stay | None:
    if each.outcome != Outcome.DELIVERED or each.actual_start is None or each.actual_end is None:
        return None
    return Stay(each.line_item_id, each.carer, each.slot, each.actual_start, each.actual_end, each)


def _tell_missing(
    sent: Sequence[SentVisit], rows: Sequence[VisitRow], held: list[KnownVisit], found: Recognised, gathered: Gathered
) -> None:
    """Tell once which stored visits of the days that the file covers it does not name; they stay."""
    if not held:
        return
    met = {index for index in (*found.same, *found.moved) if index is not None}
    days, lines = {each.day for each in sent}, {each.line.id: each.line for each in sent}
    named = set() if found.numbered_anew else {row.ref for row in rows}
    missing = [
        each
        for index, each in enumerate(held)
        if index not in met and each.day in days and each.line_item_id in lines and each.reference not in named
    ]
    if not missing:
        return
    missing.sort(key=lambda each: (each.begins, each.line_item_id))
    first = ", ".join(
        f"{each.reference} ({lines[each.line_item_id].name}, {short_date(each.day)})" for each in missing[:NAMED]
    )
    more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
    wrong = f"The portal has {counted(len(missing), 'visit')} of these days that the file does not name: {first}{more}."
    gathered.warn(Code.NOT_IN_FILE, Place("", 0), wrong, "Nothing is taken away.")
