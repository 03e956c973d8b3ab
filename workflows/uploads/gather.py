"""Rows of an uploaded file gathered into weeks of lines: which line a row is for, and what it says of which day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from files.actuals.layouts import AbortedRow, ActualsRow, CellProblem, DayRow, TotalRow, VisitRow, WeekRow
from files.actuals.row_key import read_row_key
from rules.actual import REASONS
from rules.period import DAY_NAMES, WEEK, monday_of, uk_date
from rules.problem_codes import Code
from rules.reported_words import reason_of_week
from rules.states import PlanKind
from rules.upload_states import FindingKind
from rules.words import listed, plural
from workflows.uploads.file_week import Given, WeekIn
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.own_lines import OwnLines, with_line
from workflows.uploads.reasons import by_day_or_week, contradiction, outside
from workflows.weeks.line_week import Line

SUNDAY = 6
# So many rows are named that say something else.
MOST_NAMED = 10


@dataclass
class Gathered:
    """What the rows of a file come to: weeks, what becomes of each row, and what was found so far.

    `on_row` is called as each row is taken, so that a page can say how far a check is.
    """

    weeks: dict[tuple[int, date], WeekIn] = field(default_factory=dict)
    fates: dict[Place, RowFate] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    on_row: Callable[[], None] = lambda: None

    def reject(self, finding: Found) -> None:
        """Keep a finding that keeps its row out."""
        self.found.append(finding)
        self.fates[finding.place] = RowFate.REJECTED

    def reject_cells(self, place: Place, problems: Iterable[CellProblem]) -> None:
        """Keep what could not be read in a row."""
        for problem in problems:
            self.reject(
                Found(FindingKind.REJECTED, problem.code, place, problem.column, problem.value[:200], *problem[3:])
            )

    def warn(self, code: Code, place: Place, wrong: str, remedy: str = "") -> None:
        """Keep a finding that does not keep its row out."""
        self.found.append(Found(FindingKind.WARNING, code, place, "", "", wrong, remedy))

    def week(self, line: Line, week: date, *, whole: bool) -> WeekIn:
        """Return what is gathered of a line's week, nothing yet where this is its first row."""
        key = (line.id, week)
        if key not in self.weeks:
            self.weeks[key] = WeekIn(line, week, whole)
        return self.weeks[key]

    def resolve_repeats(
        self, group: Sequence[VisitRow] | Sequence[ActualsRow] | Sequence[AbortedRow], column: str
    ) -> bool:
        """Pass over the repeats of a row, or reject them all where they contradict each other; whether one counts."""
        said = [row._replace(reason=reason_code(row.reason))[2:] for row in group]
        places = [Place(row.sheet, row.number) for row in group]
        if all(each == said[0] for each in said):
            for place in places[1:]:
                wrong = f"Row {place.row} repeats {places[0].seen_from(place)} and is skipped."
                self.warn(Code.DUPLICATE_ROW, place, wrong)
                self.fates[place] = RowFate.UNCHANGED
            return True
        what = "line and day" if column == "CPLI" else "visit"
        for row, place, own in zip(group, places, said, strict=True):
            others = [each.seen_from(place) for each, other in zip(places, said, strict=True) if other != own]
            value = row.ref if isinstance(row, VisitRow) else row.line
            if isinstance(row, AbortedRow):
                value = f"{row.planned_start:%H:%M}"
            wrong = f"{listed(others[:MOST_NAMED])} {plural(len(others), 'says', 'say')} something else for the same"
            wrong, remedy = f"{wrong[:1].upper()}{wrong[1:]} {what}.", "Keep the one that is right."
            self.reject(Found(FindingKind.REJECTED, Code.DUPLICATE_ROW, place, column, value[:60], wrong, remedy))
        return False


def gather(rows: Sequence[ActualsRow], lines: OwnLines, gathered: Gathered) -> None:
    """Gather the rows of a workbook, or of the daily or weekly layout."""
    for group in _repeats(agreeing_rows(rows, lines, gathered), gathered):
        gathered.on_row()
        row = group[0]
        place = Place(row.sheet, row.number)
        if problems := _problems(row, lines):
            gathered.reject_cells(place, problems)
        elif line := line_of(row.line, place, lines, gathered):
            match row:
                case WeekRow():
                    _take_week(row, place, line, gathered)
                case DayRow():
                    _take_day(row, place, line, gathered)
                case TotalRow():
                    _take_total(row, place, line, gathered)


def agreeing_rows(rows: Sequence[ActualsRow], lines: OwnLines, gathered: Gathered) -> list[ActualsRow]:
    """Return the rows that do not contradict themselves, each with the CPLI of its line; the others are rejected."""
    agreeing = []
    for row in rows:
        named = with_line(row, lines)
        if isinstance(named, Found):
            # What cannot be read in it is said first: the person may be misread too.
            found = None if row.problems else named
            named = row
        else:
            found = None if _problems(named, lines) else contradiction(named, lines)
        if found is None:
            agreeing.append(named)
        else:
            gathered.reject(found)
    return agreeing


def _problems(row: ActualsRow, lines: OwnLines) -> list[CellProblem]:
    """Return what could not be read in a row, but for a week's total where the days are what counts."""
    line = lines.by_reference.get(row.line)
    if not row.problems or line is None or line.plan.kind is PlanKind.WEEKLY or not isinstance(row, WeekRow):
        return list(row.problems)
    return [problem for problem in row.problems if problem.column != "Week total"]


def line_of(reference: str, place: Place, lines: OwnLines, gathered: Gathered) -> Line | None:
    """Return the organisation's line of a reference; where there is none, reject the row with the nearest there is."""
    line = lines.by_reference.get(reference)
    if line is None and (why := lines.idle.by_reference.get(reference)):
        gathered.reject(Found(FindingKind.REJECTED, why.code, place, "CPLI", reference, why.wrong, why.remedy))
    elif line is None:
        nearest = lines.nearest(reference)
        wrong, remedy = "You have no such line.", "Check the reference on the contract document."
        if not reference:
            wrong, remedy = "Nothing says which line the row is for.", "Fill it in."
        elif nearest:
            # rules: the answer is the same whether the reference is another organisation's or nobody's
            wrong = f"No such line. Nearest: {nearest.reference} ({nearest.initials})."
            remedy = f"Use {nearest.reference}, if that is the one you mean."
        gathered.reject(Found(FindingKind.REJECTED, Code.UNKNOWN_LINE, place, "CPLI", reference[:60], wrong, remedy))
    return line


@lru_cache
def reason_code(text: str) -> str:
    """Return the code of a reason given by its code, its meaning or a usual word; the text itself where it is none."""
    return reason_of_week(text) or " ".join(text.split())


def reason_of(text: str, place: Place, gathered: Gathered) -> str | None:
    """Return the code of a row's reason, nothing where its row is rejected because there is no such reason."""
    code = reason_code(text)
    if code and code not in REASONS:
        wrong, remedy = "There is no such reason.", f"Write one of {', '.join(REASONS)}."
        gathered.reject(Found(FindingKind.REJECTED, Code.UNKNOWN_REASON, place, "Reason", text[:100], wrong, remedy))
        return None
    return code


def _repeats(rows: Sequence[ActualsRow], gathered: Gathered) -> list[list[ActualsRow]]:
    """Return the rows that count; of rows for the same line and day one, or none where their values differ."""
    groups: dict[object, list[ActualsRow]] = defaultdict(list)
    for row in rows:
        groups[_what(row)].append(row)
    return [group for group in groups.values() if len(group) == 1 or gathered.resolve_repeats(group, "CPLI")]


def _what(row: ActualsRow) -> object:
    """Return what a row is about, something of its own where that cannot be read."""
    match row:
        case DayRow() if row.line and row.day:
            return row.line, row.day
        case WeekRow() | TotalRow() if row.line and row.week:
            return row.line, row.week
        case _:
            return row.sheet, row.number, ""


def _monday(week: date | None, place: Place, gathered: Gathered) -> date | None:
    if week is None:
        _no_date(place, "Week starting", gathered)
        return None
    if week.weekday() == 0:
        return week
    monday, value = monday_of(week), f"{week:%d/%m/%Y}"
    wrong, remedy = "A week starts on a Monday.", f"Did you mean {monday:%d/%m/%Y}?"
    if week.weekday() == SUNDAY:
        # The first day of a week to one system, the last to another: a guess would be a week out.
        wrong = f"{uk_date(week)} is a Sunday, and a week starts on a Monday."
        remedy = f"Write {monday:%d/%m/%Y} for the week that ends on it, {monday + WEEK:%d/%m/%Y} for the one after."
    gathered.reject(Found(FindingKind.REJECTED, Code.NOT_A_DATE, place, "Week starting", value, wrong, remedy))
    return None


def _no_date(place: Place, column: str, gathered: Gathered) -> None:
    remedy = f"Fill in the {column.lower()}."
    gathered.reject(Found(FindingKind.REJECTED, Code.NOT_A_DATE, place, column, "", "There is no date.", remedy))


def _take_week(row: WeekRow, place: Place, line: Line, gathered: Gathered) -> None:
    if (monday := _monday(row.week, place, gathered)) is None:
        return
    if (reason := reason_of(row.reason, place, gathered)) is None:
        return
    given = [(index, units) for index, units in enumerate(row.days) if units is not None]
    weekly = line.plan.kind is PlanKind.WEEKLY
    # Of a line filled by day, the total of a week that nobody has started is a formula whose result is 0.
    total = row.total if weekly or row.total else None
    if not given and total is None and _says_why(row.reason, row.comment, "Week total", place, gathered):
        return
    if weekly and given and total is None:
        gathered.reject(by_day_or_week(line, Given(place, DAY_NAMES[given[0][0]], given[0][1])))
        return
    week = gathered.week(line, monday, whole=True)
    week.places.append(place)
    week.reason, week.comment = reason, row.comment
    key = read_row_key(row.key) if row.key else None
    week.version = key[2] if key else None
    if weekly:
        week.total = Given(place, "Week total", total) if total is not None else None
        return
    for index, units in given:
        week.days[index] = Given(place, DAY_NAMES[index], units)
    if total is not None and not given:
        week.offer = Given(place, "Week total", total)


def _take_day(row: DayRow, place: Place, line: Line, gathered: Gathered) -> None:
    if row.day is None:
        return _no_date(place, "Service date", gathered)
    if not line.plan.covers(row.day):
        return gathered.reject(outside(line, place, "Service date", row.day))
    if row.units is None:
        _says_why(row.reason, row.comment, "Delivered units", place, gathered)
        return None
    if (reason := reason_of(row.reason, place, gathered)) is None:
        return None
    week = gathered.week(line, monday_of(row.day), whole=False)
    week.places.append(place)
    week.days[row.day.weekday()] = Given(place, "Delivered units", row.units)
    week.add_words(place, reason, row.comment)
    return None


def _take_total(row: TotalRow, place: Place, line: Line, gathered: Gathered) -> None:
    if (monday := _monday(row.week, place, gathered)) is None:
        return
    if row.units is None:
        _says_why(row.reason, row.comment, "Delivered units", place, gathered)
        return
    if (reason := reason_of(row.reason, place, gathered)) is None:
        return
    week = gathered.week(line, monday, whole=True)
    week.places.append(place)
    week.reason, week.comment = reason or None, row.comment or None
    total = Given(place, "Delivered units", row.units)
    if line.plan.kind is PlanKind.TIMETABLED:
        week.offer = total
    else:
        week.total = total


def _says_why(reason: str, comment: str, column: str, place: Place, gathered: Gathered) -> bool:
    """Reject a row that gives a reason or a comment and no quantity; whether it does."""
    if not (reason or comment):
        return False
    wrong = "There is a reason but no quantity." if reason else "There is a comment but no quantity."
    remedy = "Write 0 where nothing was delivered, or remove the row."
    gathered.reject(Found(FindingKind.REJECTED, Code.EMPTY_WITH_REASON, place, column, "", wrong, remedy))
    return True
