"""The correction file of an upload: its rejected rows as they stood, faulty cells coloured, the reason beside them."""

from files.sheet import Grid, read_grid
from files.table import plain
from files.workbook import FaultyRow, write_correction
from models import UploadFinding
from rules.states import FindingKind
from workflows.upload import content_of, findings


def correction(upload_id: int) -> bytes:
    """Return a workbook in the layout of a file with only the rows that were rejected. Raises Unknown."""
    grid = read_grid(content_of(upload_id))
    by_row: dict[int, list[UploadFinding]] = {}
    for finding in findings(upload_id, FindingKind.REJECTED):
        by_row.setdefault(finding.row, []).append(finding)
    heading_row = _heading_row(grid, min(by_row, default=len(grid)))
    headings = [str(cell or "") for cell in grid[heading_row]]
    places = {plain(heading): place for place, heading in reversed(list(enumerate(headings)))}
    rows = []
    for number, found in sorted(by_row.items()):
        faulty = {plain(each.column) for each in found}
        message = " ".join(f"{each.column}: {each.wrong} {each.remedy}".strip(": ") for each in found)
        coloured = frozenset(place for heading, place in places.items() if heading in faulty)
        rows.append(FaultyRow(grid[number - 1], coloured, message))
    return write_correction(headings, rows)


def _heading_row(grid: Grid, before: int) -> int:
    """Return the index of the row of headings: the fullest of those above the first row that was read."""
    above = grid[: max(1, min(before - 1, 15))]
    known = {"cpli", "personref", "visitref", "weekstarting", "servicedate", "deliveredunits"}
    return max(range(len(above)), key=lambda index: sum(plain(str(cell or "")) in known for cell in above[index]))
