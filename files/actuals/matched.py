"""Rows of a provider's own table read as one of the portal's layouts, by what somebody said its columns are.

What stands in two columns is put together (a date and a time), and what stands in none follows from others: an end from
a length, the reference of a visit from whom it was for and when it was to begin.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from files.actuals.columns import LAYOUTS, ActualsLayout, Field, Heading, Kind
from files.actuals.heading_rows import HeadingRow
from files.actuals.read_columns import ColumnReader, Unread
from files.actuals.read_rows import RowReader
from files.actuals.rows import LayoutName, SkippedRow
from files.reading.cells import Cell, Unreadable, is_empty, read_decimal, read_duration, read_text
from files.reading.moments import END_OF_DAY, LONDON, MOST_MINUTES
from files.reading.sheet import Batch
from rules.column_match import CHOICES, DAY_FIELDS, OUTCOME, REASON, ColumnMatching, RowKind, word_of
from rules.number import Duration
from rules.problem_codes import Code
from rules.visit import Outcome

# A visit that ends on a clock before it begins went past midnight, if it was no longer than this: else it is a mistake.
LONGEST_NIGHT = timedelta(hours=16)
_HALF_A_DAY = timedelta(hours=12)
_A_DAY = timedelta(days=1)
_EARLIEST_YEAR = 1905  # a time alone is a moment of the first days of a workbook's calendar
_LENGTHS = {"planned_length": 1, "planned_hours": 60, "actual_length": 1, "actual_hours": 60}
_DATES = ("day", "week", "date", "planned_start", "actual_start")
_MOMENTS = ("planned_start", "planned_end", "actual_start", "actual_end", "told_at")
_NO_DATE = Unreadable("There is no date for this time.", "Fill in the date.", Code.NOT_A_DATE)


def layout_of(matching: ColumnMatching) -> LayoutName:
    """Return the layout of the portal that a matched table is read as."""
    if matching.kind is RowKind.VISIT:
        return LayoutName.VISITS
    if matching.kind is RowKind.DAY:
        return LayoutName.DAILY
    return LayoutName.WORKBOOK if set(DAY_FIELDS) & set(matching.columns.values()) else LayoutName.WEEKLY


class MatchedReader:
    """Reads the rows of one sheet; `new_words` are those of outcomes and reasons nobody has given a meaning."""

    def __init__(self, heading: HeadingRow, matching: ColumnMatching, sheet: str, later: int) -> None:
        self._matching, self.sheet = matching, sheet
        keys = enumerate(heading.keys)
        self._places = {matching.columns[key]: place for place, key in keys if key in matching.columns}
        layout = LAYOUTS[layout_of(matching)]
        self._put_together = [field for field in layout.fields if self._is_put_together(field, layout)]
        ahead = len(self._put_together)
        names = {name: place + ahead for name, place in self._places.items()}
        if layout is LAYOUTS[LayoutName.WEEKLY] and "total" in names:
            names["units"] = names["total"]
        names |= {field.name: place for place, field in enumerate(self._put_together)}
        width = ahead + len(heading.headings)
        self._rows = RowReader(Heading(layout, heading.row, names, [], [], width), sheet, later)
        self._visits = _Visits(self._places, matching, later) if matching.kind is RowKind.VISIT else None
        self.new_words: dict[str, set[str]] = defaultdict(set)

    @property
    def skipped(self) -> list[SkippedRow]:
        """The rows that were not read."""
        return self._rows.skipped

    @property
    def dates(self) -> list[int]:
        """The places of the columns that say when a row is of."""
        return [self._places[name] for name in _DATES if name in self._places]

    def read(self, batch: Batch, skip: int = 0) -> list[Any]:
        """Return the rows of a batch, without its first `skip`."""
        cells = [column[skip:] for column in batch.columns] if skip else list(batch.columns)
        put_together = self._columns(cells, len(cells[0]) if cells else 0)
        return self._rows.read(batch._replace(first=batch.first + skip, columns=[*put_together, *cells]))

    def check_month_first(self) -> None:
        """Raise BrokenFile where a column is written with the month first."""
        self._rows.check_month_first()
        if self._visits is not None:
            self._visits.check_month_first()

    def _is_put_together(self, field: Field, layout: ActualsLayout) -> bool:
        if field.name == REASON:
            return REASON in self._places or OUTCOME in self._places
        if field.name == "units" and layout is LAYOUTS[LayoutName.DAILY]:
            return "minutes" in self._places and "units" not in self._places
        return layout is LAYOUTS[LayoutName.VISITS] and (
            field.name in ("ref", OUTCOME, *_MOMENTS[:4]) or (field.name == "told_at" and "told_at" in self._places)
        )

    def _columns(self, cells: Sequence[Sequence[Cell]], height: int) -> list[list[Any]]:
        found: dict[str, list[Any]] = {}
        for name in (OUTCOME, REASON):
            found[name] = [self._word(name, cell) for cell in self._cells(name, cells, height)]
        said = [str(each).partition(" ") if each else ("", "", "") for each in found[OUTCOME]]
        found[OUTCOME] = [outcome for outcome, _, _ in said]
        found[REASON] = [reason or why for reason, (_, _, why) in zip(found[REASON], said, strict=True)]
        found["units"] = list(map(_as_hours, self._cells("minutes", cells, height)))
        if self._visits is not None:
            known = {name: self._cells(name, cells, height) for name in self._places}
            found |= self._visits.put_together(known, found[OUTCOME], height)
        return [found[field.name] for field in self._put_together]

    def _cells(self, name: str, cells: Sequence[Sequence[Cell]], height: int) -> Sequence[Cell]:
        place = self._places.get(name)
        return cells[place] if place is not None and place < len(cells) else [None] * height

    def _word(self, name: str, cell: Cell) -> Cell:
        """Return the code of what a word means; a usual reason as it stands, for what it is depends on the outcome."""
        if is_empty(cell):
            return ""
        text = read_text(cell)
        meaning = self._matching.means(name, text)
        if meaning is None:
            self.new_words[name].add(text)
        if name == REASON and word_of(text) not in self._matching.words.get(REASON, {}):
            return cell
        return meaning or ""


class _Visits:
    """Puts together the columns of visits: their references, their moments, and outcomes that nobody wrote."""

    def __init__(self, places: Mapping[str, int], matching: ColumnMatching, later: int) -> None:
        titles = CHOICES[RowKind.VISIT]
        self._days = ColumnReader(Field("date", titles["date"], Kind.DAY), later) if "date" in places else None
        self._clocks = {name: ColumnReader(Field(name, titles[name], Kind.CLOCK), later) for name in _MOMENTS}
        self._moments = {name: ColumnReader(Field(name, titles[name], Kind.MOMENT), later) for name in _MOMENTS}
        self._has = frozenset(places)

    def check_month_first(self) -> None:
        for reader in (self._days, *self._moments.values()):
            if reader is not None:
                reader.check_month_first()

    def put_together(
        self, cells: Mapping[str, Sequence[Cell]], outcomes: Sequence[Cell], height: int
    ) -> dict[str, list[Any]]:
        """Return the columns that a layout of visits has and the table has not, or has in another way."""
        for name, reader in {**self._moments, "date": self._days}.items():
            if reader is not None and name in cells:
                reader.look_for_turned(cells[name], set(map(type, cells[name])))
        found: dict[str, list[Any]] = {name: [] for name in ("ref", OUTCOME, *_MOMENTS)}
        for index in range(height):
            row = {name: column[index] for name, column in cells.items()}
            for name, value in self._row(row, outcomes[index]).items():
                found[name].append(value)
        return found

    def _row(self, row: Mapping[str, Cell], outcome: Cell) -> dict[str, Any]:
        day = self._day(row.get("date"))
        start = self._moment("planned_start", row, day, None)
        end = self._end("planned", row, day, start)
        begun = self._moment("actual_start", row, day, start)
        last = self._end("actual", row, day, begun)
        if begun is None and last is None and _filled(row, "actual_length", "actual_hours"):
            begun = start
            last = self._end("actual", row, day, begun)
        moments = (start, end, begun, last)
        if OUTCOME not in self._has and any(isinstance(each, datetime) for each in moments):
            outcome = Outcome.DELIVERED.value
        told = self._moment("told_at", row, day, None)
        ref = row["ref"] if "ref" in row else self._reference(row, start if start is not None else begun)
        return dict(zip(("ref", OUTCOME, *_MOMENTS), (ref, outcome, *moments, told), strict=True))

    def _day(self, cell: Cell) -> date | Unread | None:
        found: date | Unread | None = None if self._days is None or is_empty(cell) else self._days[cell]
        return found._replace(title=self._days.field.title) if isinstance(found, Unread) and self._days else found

    def _moment(
        self, name: str, row: Mapping[str, Cell], day: date | Unread | None, near: object
    ) -> datetime | Unread | None:
        """Return a moment out of one cell, or of a date and a time; a time alone is the one nearest to `near`."""
        cell = row.get(name)
        if is_empty(cell):
            return None
        clock = None if isinstance(cell, datetime) and cell.year > _EARLIEST_YEAR else self._clocks[name][cell]
        if isinstance(clock, time):
            if isinstance(day, date):
                return _nearest(datetime.combine(day, clock), near)
            return day if isinstance(day, Unread) else Unread(cell, _NO_DATE)
        found: datetime | Unread | None = self._moments[name][cell]
        return clock if isinstance(found, Unread) and isinstance(clock, Unread) and self._days is not None else found

    def _end(
        self, which: str, row: Mapping[str, Cell], day: date | Unread | None, start: object
    ) -> datetime | Unread | None:
        """Return when a visit ended: its own cell, or so long after its start."""
        cell = row.get(f"{which}_end")
        if END_OF_DAY.fullmatch(read_text(cell)):
            cell = "00:00"
            row = {**row, f"{which}_end": cell}
        if not is_empty(cell):
            end = self._moment(f"{which}_end", row, day, None)
            if not isinstance(end, datetime) or not isinstance(start, datetime) or end >= start:
                return end
            # A moment with a date of its own stands as it is: only a time alone can be meant for the day after.
            alone = not isinstance(self._clocks[f"{which}_end"].get(cell), Unread) and not isinstance(cell, datetime)
            return end + _A_DAY if alone and end + _A_DAY - start <= LONGEST_NIGHT else end
        for name in (f"{which}_length", f"{which}_hours"):
            if not is_empty(length := row.get(name)) and isinstance(start, datetime):
                return _after(start, length, _LENGTHS[name])
        return None

    def _reference(self, row: Mapping[str, Cell], begins: object) -> str:
        """Return a reference for a visit that has none: whom it was for and when it was to begin."""
        whom = next((text for name in ("line", "person") if (text := read_text(row.get(name)))), "")
        return f"{whom} {begins:%Y-%m-%d %H:%M}" if whom and isinstance(begins, datetime) else ""


def _as_hours(cell: Cell) -> Cell:
    """Return a bare number of minutes as hours and minutes, as a quantity reads them; anything else as it stands."""
    try:
        minutes = None if is_empty(cell) or ":" in read_text(cell) else read_decimal(cell)
    except Unreadable:
        return cell
    if minutes is None or isinstance(minutes, Duration) or not 0 <= minutes <= MOST_MINUTES:
        return cell
    seconds = round(minutes * 60)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _filled(row: Mapping[str, Cell], *names: str) -> bool:
    return any(not is_empty(row.get(name)) for name in names)


def _nearest(moment: datetime, near: object) -> datetime:
    """Return a time on the day before or after, where that is nearer to when the visit was planned."""
    if isinstance(near, datetime):
        if moment - near > _HALF_A_DAY:
            return moment - _A_DAY
        if near - moment > _HALF_A_DAY:
            return moment + _A_DAY
    return moment


def _after(start: datetime, length: Cell, minutes_each: int) -> datetime | Unread:
    """Return a moment so long after another, as London's clocks show it; a bare number is of `minutes_each`."""
    try:
        minutes = _minutes(length, minutes_each)
    except Unreadable as fault:
        return Unread(length, fault)
    passed = start.replace(tzinfo=LONDON).astimezone(UTC) + timedelta(minutes=minutes)
    return passed.astimezone(LONDON).replace(tzinfo=None)


def _minutes(length: Cell, minutes_each: int) -> float:
    if isinstance(length, datetime) and length.year <= _EARLIEST_YEAR:
        return 60 * length.hour + length.minute
    minutes = read_duration(read_text(length)) if isinstance(length, str) else None
    if minutes is None:
        minutes = (read_decimal(length) or Decimal(0)) * minutes_each
    if not 0 <= minutes <= MOST_MINUTES:
        raise Unreadable("This is not the length of a visit.", "Write minutes, such as 45, or 0:45.", Code.NOT_A_NUMBER)
    return round(minutes)
