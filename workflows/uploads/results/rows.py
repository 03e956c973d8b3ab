"""The result of every row of a file: what becomes of it and why, with its figure before and after (files.md 4)."""

import csv
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import select

from models import LineItem, Upload, UploadFinding, db
from models.staged import pack
from rules.money import NOTHING
from rules.states import FindingKind, UploadState
from workflows.uploads.effect import offered
from workflows.uploads.file_week import ZEROS, WeekIn
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.uploads.judge import Verdict
from workflows.weeks.line_week import StoredWeek, WeekKey

HEADINGS = (
    "Row", "Fate", "Code", "Message", "Before", "After", "Went in", "CPLI", "Week starting", "Sheet",
)  # fmt: skip
FATES = {
    RowFate.NEW: "new", RowFate.CHANGED: "changed", RowFate.UNCHANGED: "unchanged", RowFate.ASKED: "conflict",
    RowFate.REJECTED: "rejected", RowFate.SKIPPED: "skipped",
}  # fmt: skip


class RowResult(NamedTuple):
    """What becomes of a row: with the units of its day, or of its week, before and after where it has any.

    `code` and `message` are there only for a row that shares the finding of another row of its week.
    """

    sheet: str
    row: int
    fate: RowFate
    line_id: int | None = None
    week: date | None = None
    before: Decimal | None = None
    after: Decimal | None = None
    code: str = ""
    message: str = ""


class _OfWeek(NamedTuple):
    """What a row shares with its week."""

    key: WeekKey
    before: Decimal
    after: Decimal
    because: Found | None


def results_of(
    places: Iterable[Place],
    gathered: Gathered,
    verdicts: Iterable[tuple[WeekIn, Verdict]],
    kept: Mapping[WeekKey, StoredWeek],
) -> Iterator[RowResult]:
    """Yield the result of every row that was read, in the order of `places`."""
    shared: dict[Place, _OfWeek] = {}
    for given, verdict in verdicts:
        _share(given, verdict, kept.get(given.key), shared)
    explained = {each.place for each in gathered.found}
    for place in places:
        fate, of_week = gathered.fates[place], shared.get(place)
        if of_week is None:
            yield RowResult(*place, fate)
        elif of_week.because is None or place in explained:
            yield RowResult(*place, fate, *of_week.key, of_week.before, of_week.after)
        else:
            because, (line_id, week) = of_week.because, of_week.key
            message = f"See row {because.place.row}: {because.wrong}"
            yield RowResult(*place, fate, line_id, week, of_week.before, of_week.after, because.code, message)


def _share(given: WeekIn, verdict: Verdict, stored: StoredWeek | None, shared: dict[Place, _OfWeek]) -> None:
    """Let the rows of a week know its key and their figures: those of their day where they speak of one."""
    because = None
    if verdict.fate in (RowFate.REJECTED, RowFate.ASKED):
        because = next((each for each in verdict.found if each.kind is not FindingKind.WARNING), None)
    after, _payable = offered(given, verdict)
    if given.whole or given.is_weekly:
        total = stored.delivered if stored else NOTHING
        of_week = _OfWeek(given.key, total, sum(after, NOTHING), because)
        shared.update(dict.fromkeys(given.places, of_week))
        return
    before = stored.days if stored else ZEROS
    for index, each in given.days.items():
        of_day = _OfWeek(given.key, before[index], after[index], because)
        shared.update(dict.fromkeys(given.rows_of.get(index, (each.place,)), of_day))


def pack_results(results: Iterable[RowResult]) -> bytes:
    """Return the results of rows as they are kept, in the order in which findings are."""
    fields = ((*each[:2], each.fate.value, *each[3:]) for each in results)
    return zlib.compress(pack(sorted(fields, key=itemgetter(0, 1))), 1)


def _unpacked(packed: bytes) -> Iterator[RowResult]:
    for sheet, row, fate, line_id, week, before, after, code, message in csv.reader(
        io.StringIO(zlib.decompress(packed).decode(), newline="")
    ):
        yield RowResult(
            sheet, int(row), RowFate(int(fate)), int(line_id) if line_id else None,
            date.fromisoformat(week) if week else None, Decimal(before) if before else None,
            Decimal(after) if after else None, code, message,
        )  # fmt: skip


def result_rows(upload: Upload, ticked: Collection[WeekKey]) -> Iterator[Sequence[object]]:
    """Yield the result of every row of a file in the order of HEADINGS; nothing where none was kept.

    `ticked` are the weeks that somebody let the file win. Rows are read as they are asked for.
    """
    packed: bytes | None = db.session.scalar(select(Upload.rows).where(Upload.id == upload.id))
    lines = {id_: reference for id_, reference in db.session.execute(select(LineItem.id, LineItem.reference))}
    found = _findings(upload.id)
    coming = next(found, None)
    for each in _unpacked(packed) if packed else ():
        while coming and coming[0] < (each.sheet, each.row):
            coming = next(found, None)
        said = coming[1] if coming and coming[0] == (each.sheet, each.row) else []
        codes = " ".join(dict.fromkeys(finding.code for finding in said)) or each.code
        message = " ".join(f"{finding.wrong} {finding.remedy}".strip() for finding in said) or each.message
        went_in = _went_in(each, upload, ticked, said)
        yield (
            each.row, FATES[each.fate], codes, message, each.before, each.after, went_in,
            lines.get(each.line_id or 0, ""), each.week, each.sheet,
        )  # fmt: skip


class _Said(NamedTuple):
    """What was found at a row."""

    sheet: str
    row: int
    id: int
    code: str
    wrong: str
    remedy: str


def _findings(upload_id: int) -> Iterator[tuple[tuple[str, int], list[_Said]]]:
    """Yield what was found row by row, in the order in which it was stored, which is that of the rows."""
    columns = (getattr(UploadFinding, name) for name in _Said._fields)
    query = select(*columns).where(UploadFinding.upload_id == upload_id).order_by(UploadFinding.id)
    rows = map(_Said._make, db.session.execute(query.execution_options(yield_per=1000)))
    for place, said in groupby(rows, itemgetter(0, 1)):
        yield place, list(said)


def _went_in(each: RowResult, upload: Upload, ticked: Collection[WeekKey], said: Iterable[_Said]) -> str:
    if upload.state is not UploadState.DONE:
        return ""
    if each.fate is RowFate.ASKED:
        by_week = (each.line_id, each.week) in ticked
        return "yes" if by_week or any(finding.id in upload.ticked for finding in said) else "no"
    return "yes" if each.fate in (RowFate.NEW, RowFate.CHANGED) else "no"
