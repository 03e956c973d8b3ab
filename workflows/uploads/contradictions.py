"""What a row of a file says twice: its row key, its person and its total hold against its line, week and days."""

from decimal import Decimal

from files.actuals.layouts import ActualsRow, WeekRow
from files.actuals.row_key import read_row_key
from rules.money import NOTHING
from rules.period import uk_date
from rules.states import FindingKind
from workflows.uploads.finding import Found, Place
from workflows.uploads.own_lines import OwnLines
from workflows.weeks.line_week import Line

# Half a hundredth: what two places do not show.
_SAME = Decimal("0.005")


def contradiction(row: ActualsRow, lines: OwnLines) -> Found | None:
    """Return what contradicts itself in a row, None where nothing does, or where its line is not known."""
    line = lines.by_reference.get(row.line)
    if line is None:
        return None
    of_key = _key_contradicts(row, line, lines) if isinstance(row, WeekRow) else None
    of_person = _person_contradicts(row.person, line, Place(row.sheet, row.number)) if row.person else None
    return of_key or of_person or (_total_contradicts(row) if isinstance(row, WeekRow) else None)


def _person_contradicts(person: str, line: Line, place: Place) -> Found | None:
    """Return that a row names another person than its line is for; zeros that a spreadsheet took do not count."""
    if _bare(person) == _bare(line.person_reference):
        return None
    wrong = f"The line {line.reference} is for {line.person_reference}, and the row says {person[:60]}."
    return _found(place, "Person ref", person, wrong, "Correct the CPLI or the person reference, whichever is wrong.")


def _bare(reference: str) -> str:
    return reference.casefold().replace(" ", "").lstrip("0")


def _key_contradicts(row: WeekRow, line: Line, lines: OwnLines) -> Found | None:
    if not row.key or row.week is None:
        return None
    place, key = Place(row.sheet, row.number), read_row_key(row.key)
    remedy = "Put both back as they were downloaded, or leave the row key empty."
    if key is None:
        wrong = f"The row key is damaged, so nobody knows whether it is that of {line.reference}."
        return _found(place, "Row key", row.key, wrong, "Download the workbook again, or leave the row key empty.")
    if key[0] != line.id:
        other = lines.by_id.get(key[0])
        whose = f"that of {other.reference}" if other else "not that of a line of yours"
        wrong = f"The row key is {whose}, and the row says {line.reference}."
        return _found(place, "CPLI", row.line, wrong, remedy)
    if key[1] != row.week:
        wrong = f"The row key is that of the week of {uk_date(key[1])}, and the row says {uk_date(row.week)}."
        return _found(place, "Week starting", f"{row.week:%d/%m/%Y}", wrong, remedy)
    return None


def _total_contradicts(row: WeekRow) -> Found | None:
    given = [units for units in row.days if units is not None]
    if row.total is None or not given or abs(sum(given, NOTHING) - row.total) < _SAME:
        return None
    wrong = f"The days add up to {sum(given, NOTHING):.2f}, and the week total is {row.total:.2f}."
    remedy = "Correct the days or the total, whichever is wrong."
    return _found(Place(row.sheet, row.number), "Week total", f"{row.total.normalize():f}", wrong, remedy)


def _found(place: Place, column: str, value: str, wrong: str, remedy: str) -> Found:
    return Found(FindingKind.REJECTED, "contradiction", place, column, value[:60], wrong, remedy)
