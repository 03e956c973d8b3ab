"""The check of an uploaded file: every row held against the portal, nothing changed (files.md 4)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from files.actuals.layouts import NO_MATCHES, ActualsFile, LayoutName, VisitRow, read_actuals_file
from files.actuals.rows import Skipped, SkippedRow
from models.staged import pack
from rules.column_match import ColumnMatching
from rules.problem_codes import Code
from rules.upload_codes import SKIPPED
from rules.upload_states import FindingKind
from rules.words import counted
from workflows.uploads.aborted_visits import Judged, entries_of, judge_aborted
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered, agreeing_rows, gather
from workflows.uploads.kept.changes import ChangedPounds, FileChange, pack_changes
from workflows.uploads.kept.rows import pack_results, results_of
from workflows.uploads.own_lines import own_lines, state_of
from workflows.uploads.staging import held_against
from workflows.uploads.visits.choices import VisitChoices
from workflows.uploads.visits.days import roll_up
from workflows.uploads.visits.foretell import foretell_ticks
from workflows.uploads.weigh import weigh_weeks
from workflows.weeks.entry import calendar_now

Progress = Callable[[int, int], None]
# From what changes without a tick to what changes with each, and notices where that is not known of all.
Foretell = Callable[[Sequence[FileChange]], tuple[list[FileChange], list[str]]]
# A page is told how far a check is after so many rows, and so often while the file is being read, in seconds.
STEP = 500
READING = 0.5
# Rows that are passed over while a file is read; what stands above the headings is no row of theirs.
NOT_READ = {
    Skipped.BLANK: (Code.BLANK_ROW, "is empty."),
    Skipped.TOTALS: (Code.TOTALS_ROW, "is a total of others."),
    Skipped.HEADINGS: (Code.HEADINGS_AGAIN, "is the headings again."),
}
UNPRICED = "The price of {} is not known yet, because a rate is missing: these pounds leave it out."


@dataclass
class Checked:
    """What a check found: counts of rows, findings, the pounds of the weeks that change, and what is kept, packed."""

    layout: LayoutName
    counts: dict[str, int]
    notices: list[str]
    found: list[Found] = field(repr=False)
    before: Decimal
    after: Decimal
    held_against: str
    weeks: bytes = field(repr=False)
    changes: bytes = field(repr=False)
    rows: bytes = field(repr=False)
    visits: bytes = field(default=b"", repr=False)
    aborted: list[list[Any]] = field(default_factory=list, repr=False)
    choices: VisitChoices = field(default_factory=lambda: VisitChoices(frozenset()), repr=False)
    matched: str = ""


class _RowsDone:
    """How many rows of a file are done: each is taken from the file and then judged with its week."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress, self._steps, self._told = total, progress, 0, 0
        progress(0, total)

    def step(self, rows: int = 1) -> None:
        """Count rows that came through one half of the check."""
        self._steps += rows
        if self._steps >= self._told + STEP:
            self._told = self._steps
            self._progress(min(self._steps // 2, self._total), self._total)


def check_content(
    filename: str,
    content: bytes,
    progress: Progress = lambda done, total: None,
    chosen: Collection[str] = (),
    matches: Mapping[str, ColumnMatching] = NO_MATCHES,
    *,
    foretold: bool = True,
) -> Checked:
    """Check a file for the organisation in scope. Raises Refused where it is no use as a whole.

    `matches` say how tables of the sender's own are read; Unmatched is raised for one that is not among them.

    `progress` is told how many rows are done of how many; of 0 while it is not known how many the file has. `chosen`
    are what was ticked for single visits of it: the answer is then what going in with them comes to. `foretold` says
    whether its changes are to hold what each tick that is asked for would do.
    """
    seen = [0]
    with ThreadPoolExecutor(1) as beside:
        # A workbook is read by a process of its own: meanwhile there is time to ask for the lines.
        reading = beside.submit(read_actuals_file, filename, content, lambda rows: seen.__setitem__(0, rows), matches)
        lines = own_lines()
        while not wait([reading], READING).done:
            progress(seen[0], 0)
        file = reading.result()
    file.notices.extend(lines.note_strangers((*file.rows, *file.aborted)))
    rows_done = _RowsDone(file.row_count, progress)
    gathered = Gathered(on_row=rows_done.step)
    if file.layout is LayoutName.VISITS:
        visits = [row for row in agreeing_rows(file.rows, lines, gathered) if isinstance(row, VisitRow)]
        rolled = roll_up(visits, lines, gathered, calendar_now(), chosen)
        foretell = partial(foretell_ticks, visits, lines, rolled.choices) if foretold else None
        checked = _judged(file, gathered, rolled.aborted, rows_done, foretell)
        checked.visits, checked.choices = pack(rolled.visits_to_store(gathered)), rolled.choices
        return checked
    gather(file.rows, lines, gathered)
    aborted = judge_aborted(entries_of(file.aborted, lines, gathered), gathered)
    return _judged(file, gathered, aborted, rows_done)


def _judged(
    file: ActualsFile,
    gathered: Gathered,
    aborted: list[Judged],
    rows_done: _RowsDone,
    foretell: Foretell | None = None,
) -> Checked:
    weighed = weigh_weeks(aborted, gathered, rows_done.step)
    verdicts, plain = weighed.verdicts, weighed.changes()
    ticked, untold = foretell(plain) if foretell else ([], [])
    accepted = [
        (given, verdict) for given, verdict in verdicts if verdict.fate in (RowFate.NEW, RowFate.CHANGED, RowFate.ASKED)
    ]
    pounds = ChangedPounds.of(plain)
    unpriced = [UNPRICED.format(counted(pounds.unpriced, "week"))] if pounds.unpriced else []
    places = settle_fates(file, gathered)
    over = sum(verdict.over for _, verdict in verdicts)
    return Checked(
        file.layout, {**_counts(places, gathered), "over": over}, [*file.notices, *unpriced, *untold], gathered.found,
        pounds.before, pounds.after,
        held_against((state_of(given.line) for given, _verdict in accepted), [given.key for given, _ in accepted]),
        pack(verdict.values for _given, verdict in accepted), pack_changes([*plain, *ticked]),
        pack_results(results_of(places, gathered, verdicts, weighed.stored)), aborted=weighed.aborted.packed,
        matched=file.matched,
    )  # fmt: skip


def settle_fates(file: ActualsFile, gathered: Gathered) -> list[Place]:
    """Give every row of a file that has no fate yet the one it has, and return the rows: none has two, none has none.

    A row that says nothing, or what another row says too, is skipped.
    """
    places = [Place(row.sheet, row.number) for row in (*file.rows, *file.aborted)]
    fates = gathered.fates
    for each in gathered.found:
        if each.code in SKIPPED and each.kind is FindingKind.WARNING:
            fates[each.place] = RowFate.SKIPPED
    for skipped in file.skipped:
        if (said := NOT_READ.get(skipped.why)) is not None:
            place = Place(skipped.sheet, skipped.number)
            gathered.warn(said[0], place, f"Row {place.row} {said[1]}")
            fates[place] = RowFate.SKIPPED
            places.append(place)
        elif skipped.why is Skipped.OTHER_TABLE:
            gathered.reject(_of_other_table(skipped))
            places.append(Place(skipped.sheet, skipped.number))
    for place in places:
        if place not in fates:
            gathered.warn(Code.NO_QUANTITY, place, f"Row {place.row} has no quantity.", "It is skipped.")
            fates[place] = RowFate.SKIPPED
    return places


def _of_other_table(row: SkippedRow) -> Found:
    """Say that a row is one of a table that is not read, or its headings."""
    wrong = f"This row belongs to the table whose headings are in row {row.below}."
    if row.number == row.below:
        wrong = "Another table begins here: its headings are not those of the first."
    place, remedy = Place(row.sheet, row.number), "Send that table as a file of its own."
    return Found(FindingKind.REJECTED, Code.OTHER_TABLE, place, "", "", wrong, remedy)


def _counts(places: Sequence[Place], gathered: Gathered) -> dict[str, int]:
    """Count the rows read by their fate; those with a warning once more, whatever their fate."""
    fates = Counter(gathered.fates[place] for place in places)
    warned = {each.place for each in gathered.found if each.kind is FindingKind.WARNING and each.code not in SKIPPED}
    return {"read": len(places), **{fate.name.lower(): fates[fate] for fate in RowFate}, "warned": len(warned)}


def findings_of(found: Iterable[Found]) -> list[Found]:
    """Return findings in the order of the file's rows."""
    return sorted(found, key=lambda each: (each.place.sheet, each.place.row))
