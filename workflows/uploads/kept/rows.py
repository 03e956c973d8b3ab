"""The result of every row of a file: what becomes of it and why, with its figure before and after (files.md 4)."""

import csv
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import select

from models import LineItem, Upload, UploadFinding, db
from models.staged import pack
from rules.money import NOTHING
from rules.upload_states import FindingKind, UploadState
from workflows.uploads.file_week import ZEROS, WeekIn
from workflows.uploads.finding import ASKED, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.uploads.judge import Verdict
from workflows.uploads.kept.offered import offered
from workflows.weeks.line_week import StoredWeek, WeekKey

HEADINGS = (
    "Row", "Fate", "Code", "Message", "Before", "After", "Went in", "CPLI", "Week starting", "Sheet",
)  # fmt: skip
FATES = {
    RowFate.NEW: "new", RowFate.CHANGED: "changed", RowFate.UNCHANGED: "unchanged", RowFate.ASKED: "conflict",
    RowFate.REJECTED: "rejected", RowFate.SKIPPED: "skipped",
}  # fmt: skip


class RowResult(NamedTuple):
    """What becomes of a row as it is kept: with the units of its day, or of its week, before and after, as text.

    `code` and `message` are there only for a row that shares the finding of another row of its week.
    """

    sheet: str
    row: int
    fate: RowFate
    line_id: int | None = None
    week: str = ""
    before: str = ""
    after: str = ""
    code: str = ""
    message: str = ""


# What a row shares with its week, as it is packed: everything from line_id on; without and with the week's finding.
_Shared = tuple[tuple[object, ...], tuple[object, ...]]


def results_of(
    places: Iterable[Place],
    gathered: Gathered,
    verdicts: Iterable[tuple[WeekIn, Verdict]],
    kept: Mapping[WeekKey, StoredWeek],
) -> Iterator[tuple[object, ...]]:
    """Yield the result of every row that was read, in the order of `places`, as the fields of a RowResult."""
    shared: dict[Place, _Shared] = {}
    for given, verdict in verdicts:
        _share(given, verdict, kept.get(given.key), shared)
    explained = {each.place for each in gathered.found}
    values = {fate: fate.value for fate in RowFate}
    for place in places:
        of_week = shared.get(place, _ALONE)
        yield (*place, values[gathered.fates[place]], *of_week[place not in explained])


_ALONE: _Shared = (("", "", "", "", "", ""),) * 2


def _share(given: WeekIn, verdict: Verdict, stored: StoredWeek | None, shared: dict[Place, _Shared]) -> None:
    """Let the rows of a week know its key and their figures: those of their day where they speak of one."""
    after, _payable = offered(given, verdict)
    key, said = (given.line.id, given.week.isoformat()), _said_of(given, verdict)
    if given.whole or given.is_weekly:
        total = stored.delivered if stored else NOTHING
        of_week = _shared(key, total, sum(after, NOTHING), said)
        for place in given.places:
            shared[place] = of_week
        return
    before = stored.days if stored else ZEROS
    for index, each in given.days.items():
        of_day = _shared(key, before[index], after[index], said)
        for place in given.rows_of.get(index, (each.place,)):
            shared[place] = of_day


def _shared(key: tuple[int, str], before: Decimal, after: Decimal, said: tuple[str, str]) -> _Shared:
    figures = (*key, _units(before), _units(after))
    alone = (*figures, "", "")
    return alone, (*figures, *said) if said[0] else alone


def _said_of(given: WeekIn, verdict: Verdict) -> tuple[str, str]:
    """Return the code and the message by which the other rows of a week point to its finding, empty where none does."""
    if verdict.fate in (RowFate.REJECTED, RowFate.ASKED):
        for each in verdict.found:
            if each.kind is not FindingKind.WARNING:
                elsewhere = any(place.sheet != each.place.sheet for place in given.places)
                where = f"row {each.place.row}{f' of the sheet {each.place.sheet}' if elsewhere else ''}"
                return each.code, f"See {where}: {each.wrong}"
    return "", ""


@lru_cache
def _units(units: Decimal) -> str:
    return f"{units:.2f}"


def pack_results(results: Iterable[tuple[object, ...]]) -> bytes:
    """Return the results of rows as they are kept, in the order in which findings are."""
    return zlib.compress(pack(sorted(results, key=itemgetter(0, 1))), 1)


def _unpacked(packed: bytes) -> Iterator[RowResult]:
    for sheet, row, fate, line_id, *rest in csv.reader(io.StringIO(zlib.decompress(packed).decode(), newline="")):
        yield RowResult(sheet, int(row), RowFate(int(fate)), int(line_id) if line_id else None, *rest)


def result_rows(upload: Upload, ticked: Collection[WeekKey]) -> Iterator[Sequence[object]]:
    """Yield the result of every row of a file in the order of HEADINGS; nothing where none was kept.

    `ticked` are the weeks that somebody let the file win. Rows are read as they are asked for.
    """
    packed: bytes | None = db.session.scalar(select(Upload.rows).where(Upload.id == upload.id))
    named = db.session.execute(select(LineItem.id, LineItem.reference))
    lines = {row.id: row.reference for row in named}
    won = {(line_id, week.isoformat()) for line_id, week in ticked}
    found = _findings(upload.id)
    coming = next(found, None)
    for each in _unpacked(packed) if packed else ():
        while coming and coming[0] < (each.sheet, each.row):
            coming = next(found, None)
        said = coming[1] if coming and coming[0] == (each.sheet, each.row) else []
        codes = " ".join(dict.fromkeys(finding.code for finding in said)) or each.code
        message = " ".join(finding.message for finding in said) or each.message
        week = "/".join(reversed(each.week.split("-")))
        yield (
            each.row, FATES[each.fate], codes, message, each.before, each.after, _went_in(each, upload, won, said),
            lines.get(each.line_id or 0, ""), week, each.sheet,
        )  # fmt: skip


class _Said(NamedTuple):
    """What was found at a row."""

    sheet: str
    row: int
    id: int
    code: str
    wrong: str
    remedy: str
    kind: FindingKind

    @property
    def message(self) -> str:
        """What is wrong and what to do; of a question, what its tick does."""
        if self.kind in ASKED:
            return f"{self.wrong} To {self.remedy}: tick it on the page of the check."
        return f"{self.wrong} {self.remedy}".strip()


def _findings(upload_id: int) -> Iterator[tuple[tuple[str, int], list[_Said]]]:
    """Yield what was found row by row, in the order in which it was stored, which is that of the rows."""
    columns = (getattr(UploadFinding, name) for name in _Said._fields)
    query = select(*columns).where(UploadFinding.upload_id == upload_id).order_by(UploadFinding.id)
    rows = map(_Said._make, db.session.execute(query.execution_options(yield_per=1000)))
    for place, said in groupby(rows, itemgetter(0, 1)):
        yield place, list(said)


def _went_in(each: RowResult, upload: Upload, won: Collection[tuple[int, str]], said: Iterable[_Said]) -> str:
    if upload.state is not UploadState.DONE:
        return ""
    if each.fate is RowFate.ASKED:
        by_week = (each.line_id, each.week) in won
        return "yes" if by_week or any(finding.id in upload.ticked for finding in said) else "no"
    return "yes" if each.fate in (RowFate.NEW, RowFate.CHANGED) else "no"
