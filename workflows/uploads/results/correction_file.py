"""The correction file: the rejected rows of a file in its own layout, with what is wrong beside each (files.md 4)."""

from collections.abc import Collection, Mapping, Sequence

from files.reading.cells import Cell
from files.reading.sheet import FARTHEST_HEADING, pick_rows
from files.reading.table import plain
from files.writing.template_and_corrections import FaultyRow, FaultySheet, write_corrections
from models import UploadFinding
from rules.problem_codes import Code
from rules.upload_states import FindingKind
from workflows.uploads.results.listed import findings
from workflows.uploads.steps import content_of, find_upload

# The sheet of a correction file whose rows came from separated text, and headings by which a row of headings is known.
SHEET = "Rows to correct"
KNOWN = {"cpli", "personref", "visitref", "weekstarting", "servicedate", "deliveredunits", "date", "plannedstart"}


def correction(upload_id: int) -> bytes:
    """Return a workbook in the layout of a file with only the rows that were rejected. Raises Unknown.

    Rows of another table stand on a sheet of their own, under their own headings: these are the first of them.
    """
    tables: dict[tuple[str, bool], dict[int, list[UploadFinding]]] = {}
    for finding in findings(upload_id, FindingKind.REJECTED):
        table = tables.setdefault((finding.sheet, finding.code == Code.OTHER_TABLE), {})
        table.setdefault(finding.row, []).append(finding)
    wanted: dict[str, set[int]] = {}
    for (sheet, _is_other), found in tables.items():
        wanted.setdefault(sheet, set()).update(found)
    picked = pick_rows(content_of(upload_id), wanted)
    match = find_upload(upload_id).match
    known = {plain(heading) for _key, heading in match.headings} if match else KNOWN
    sheets = []
    for (sheet, is_other), found in tables.items():
        rows, first = picked[sheet], min(found)
        headings = rows[first] if is_other else _headings(rows, first, known)
        if is_other:
            del found[first]
        name = f"{sheet or 'Rows'} from row {first}" if is_other else sheet or SHEET
        sheets.append(_sheet(name, headings, rows, found))
    return write_corrections(sheets)


def _sheet(
    name: str, cells: Sequence[Cell], rows: Mapping[int, list[Cell]], by_row: Mapping[int, list[UploadFinding]]
) -> FaultySheet:
    headings = [str(cell or "") for cell in cells]
    places = {plain(heading): place for place, heading in reversed(list(enumerate(headings)))}
    faulty = []
    for number, found in sorted(by_row.items()):
        wrong = {plain(each.column) for each in found}
        message = " ".join(f"{each.column}: {each.wrong} {each.remedy}".strip(": ") for each in found)
        coloured = frozenset(place for heading, place in places.items() if heading in wrong)
        faulty.append(FaultyRow(rows.get(number, []), coloured, message))
    return FaultySheet(name, headings, faulty)


def _headings(rows: Mapping[int, list[Cell]], before: int, known: Collection[str]) -> Sequence[Cell]:
    """Return the row of headings: the fullest of those above the first row that was read."""
    above = [row for number, row in rows.items() if number <= min(before - 1, FARTHEST_HEADING)]
    return max(above, key=lambda row: sum(plain(str(cell or "")) in known for cell in row), default=[])
