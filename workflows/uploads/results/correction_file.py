"""The correction file: the rejected rows of a file in its own layout, with what is wrong beside each (files.md 4)."""

from collections.abc import Collection, Mapping, Sequence

from files.reading.cells import Cell
from files.reading.sheet import FARTHEST_HEADING, pick_rows
from files.reading.table import plain
from files.writing.template_and_corrections import FaultyRow, FaultySheet, write_corrections
from models import UploadFinding
from rules.upload_states import FindingKind
from workflows.uploads.results.read import findings
from workflows.uploads.steps import content_of, find_upload

# The sheet of a correction file whose rows came from separated text, and headings by which a row of headings is known.
SHEET = "Rows to correct"
KNOWN = {"cpli", "personref", "visitref", "weekstarting", "servicedate", "deliveredunits", "date", "plannedstart"}


def correction(upload_id: int) -> bytes:
    """Return a workbook in the layout of a file with only the rows that were rejected. Raises Unknown."""
    by_sheet: dict[str, dict[int, list[UploadFinding]]] = {}
    for finding in findings(upload_id, FindingKind.REJECTED):
        by_sheet.setdefault(finding.sheet, {}).setdefault(finding.row, []).append(finding)
    picked = pick_rows(content_of(upload_id), by_sheet)
    match = find_upload(upload_id).match
    known = {plain(heading) for _key, heading in match.headings} if match else KNOWN
    return write_corrections([_sheet(name, picked[name], found, known) for name, found in by_sheet.items()])


def _sheet(
    name: str, rows: Mapping[int, list[Cell]], by_row: Mapping[int, list[UploadFinding]], known: Collection[str]
) -> FaultySheet:
    headings = [str(cell or "") for cell in _headings(rows, min(by_row), known)]
    places = {plain(heading): place for place, heading in reversed(list(enumerate(headings)))}
    faulty = []
    for number, found in sorted(by_row.items()):
        wrong = {plain(each.column) for each in found}
        message = " ".join(f"{each.column}: {each.wrong} {each.remedy}".strip(": ") for each in found)
        coloured = frozenset(place for heading, place in places.items() if heading in wrong)
        faulty.append(FaultyRow(rows.get(number, []), coloured, message))
    return FaultySheet(name or SHEET, headings, faulty)


def _headings(rows: Mapping[int, list[Cell]], before: int, known: Collection[str]) -> Sequence[Cell]:
    """Return the row of headings: the fullest of those above the first row that was read."""
    above = [row for number, row in rows.items() if number <= min(before - 1, FARTHEST_HEADING)]
    return max(above, key=lambda row: sum(plain(str(cell or "")) in known for cell in row), default=[])
