"""What an import would do: rows counted, problems found, and the rows to write, all worked out before anything is."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, func, insert, literal, select, update

from files.reading.cells import Unreadable, is_empty, read_day, read_decimal, read_money, read_text, read_yes_no
from files.reading.table import Row, Table
from models import PortalUser, db, who_acts
from rules.number import Duration, figure_problem
from rules.period import uk_date
from rules.problem_codes import Code
from rules.record_fields import FIELDS, read_field
from rules.refusal import NotUnderstood, Problem, Refused
from rules.text import UNSEEN, visible
from rules.words import plural

# The first key of the lock under which imports are confirmed, one at a time.
IMPORT_LOCK = 21_771

Word = TypeVar("Word", bound=StrEnum)


class ImportFate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Finding:
    """A problem with its place in the file: the row, its column and its value as they stand there."""

    row: int
    column: str
    value: str
    problem: Problem

    @property
    def wrong(self) -> str:
        """What is wrong, for its column of a table."""
        return self.problem.wrong

    @property
    def remedy(self) -> str:
        """What to do, for its column of a table."""
        return self.problem.remedy


class ImportChange(NamedTuple):
    """What a row would change of a record that is there: under which heading, and what it says before and after."""

    row: int
    record: str
    column: str
    before: str
    after: str


@dataclass
class ImportPlan:
    """What importing a table would do: `fates` has what becomes of each row; `apply` writes it, nothing before does."""

    table: Table
    fates: dict[int, ImportFate] = field(default_factory=dict)
    changes: list[ImportChange] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    apply: Callable[[], None] = lambda: None

    def note_fate(self, row: int, fate: ImportFate) -> None:
        """Say what becomes of a row; one with a problem stays rejected, new goes before changed, changed before not."""
        order = (ImportFate.REJECTED, ImportFate.NEW, ImportFate.CHANGED, ImportFate.UNCHANGED)
        self.fates[row] = min(fate, self.fates.get(row, ImportFate.UNCHANGED), key=order.index)

    def note_changes(self, row: int, record: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """Say what a row changes of a record that is there, by heading: values before and after. None: unchanged."""
        self.changes += [
            ImportChange(row, record, self.table.title(column), as_written(before), as_written(after))
            for column, (before, after) in changes.items()
        ]
        self.note_fate(row, ImportFate.CHANGED if changes else ImportFate.UNCHANGED)

    def reject(self, finding: Finding) -> None:
        """Keep a problem and reject its row."""
        self.problems.append(finding)
        self.note_fate(finding.row, ImportFate.REJECTED)

    def count(self) -> Counter[ImportFate]:
        """Return how many rows have which fate."""
        return Counter(self.fates.values())


def as_written(value: Any) -> str:
    """Return a value as a person would write it in a file; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return f"{value:.{max(2, -int(value.as_tuple().exponent))}f}"
    return uk_date(value) if isinstance(value, date) else str(value)


class Reading:
    """Reads the cells of one row; each cell that cannot be read becomes a problem of the plan, and is None."""

    def __init__(self, row: Row, plan: ImportPlan) -> None:
        self.row, self.plan, self.faulty = row, plan, False

    def refuse(self, column: str, code: Code, wrong: str, remedy: str) -> None:
        """Note that a cell is wrong."""
        self.faulty = True
        value = visible(read_text(self.row.cells.get(column)))
        problem = Problem(code, wrong, remedy)
        self.plan.reject(Finding(self.row.number, self.plan.table.title(column), value[:200], problem))

    def text(self, column: str, *, needed: bool = False, most: int = 500) -> str:
        """Return a cell as text, empty where it is empty."""
        text = read_text(self.row.cells.get(column))
        if not text and needed:
            self._refuse_empty(column)
        if UNSEEN.search(text):
            self.refuse(column, Code.UNSEEN, "This text holds characters that cannot be seen.", "Type it again.")
            return ""
        if len(text) > most:
            self.refuse(column, Code.TOO_LONG, f"This is longer than {most} characters.", "Shorten it.")
        return text

    def field(self, column: str, table: str, name: str, *, needed: bool | None = None, text: str | None = None) -> str:
        """Return a cell as a field of a record keeps it; empty where the cell is empty or cannot stand there.

        `text` is what the cell says where that was worked out already. Whether it has to be filled says the field's
        rule, unless `needed` does.
        """
        text = read_text(self.row.cells.get(column)) if text is None else text
        if not text:
            if FIELDS[table][name].needed if needed is None else needed:
                self._refuse_empty(column)
            return ""
        try:
            return read_field(table, name, text)
        except NotUnderstood as error:
            self.refuse(column, error.problem.code, error.problem.wrong, error.problem.remedy)
            return ""

    def day(self, column: str, *, needed: bool = False) -> date | None:
        """Return a cell as a date."""
        found: date | None = self._read(column, read_day, needed, Code.NOT_A_DATE)
        if found is not None and not 1990 <= found.year <= 2100:
            self.refuse(column, Code.OUT_OF_RANGE, "This date is too far away.", "Check the year.")
            return None
        return found

    def quantity(self, column: str, most: Decimal = Decimal("9999")) -> Decimal:
        """Return a cell as units of care, 0 where it is empty."""
        return self._figure(column, read_decimal, 2, most) or Decimal(0)

    def money(self, column: str, places: int = 2, *, needed: bool = False) -> Decimal | None:
        """Return a cell as pounds."""
        return self._figure(column, read_money, places, Decimal("99999"), needed=needed)

    def yes_no(self, column: str) -> bool | None:
        """Return a cell as yes, no, or nothing."""
        found: bool | None = self._read(column, read_yes_no, False, Code.NOT_ON_LIST)
        return found

    def word(self, column: str, vocabulary: type[Word], default: Word | None = None) -> Word | None:
        """Return a cell as a word of a vocabulary; without a default it must be filled."""
        text = self.text(column, needed=default is None)
        if not text:
            return default
        for word in vocabulary:
            if text.lower() == word.value.lower():
                return word
        self.refuse(column, Code.NOT_ON_LIST, f"“{text[:60]}” is not known here.", f"Use {either(vocabulary)}.")
        return None

    def _refuse_empty(self, column: str) -> None:
        self.refuse(column, Code.MISSING, "This cell is empty.", f"Fill in {self.plan.table.title(column)}.")

    def _read(self, column: str, read: Callable[[Any], Any], needed: bool, usual: Code) -> Any:
        """Return what a reader makes of a cell; where it cannot, `usual` says why unless the reader knows better."""
        cell = self.row.cells.get(column)
        if is_empty(cell):
            if needed:
                self._refuse_empty(column)
            return None
        try:
            return read(cell)
        except Unreadable as problem:
            self.refuse(column, Code(problem.code or usual), str(problem), problem.remedy)
            return None

    def _figure(
        self, column: str, read: Callable[[Any], Any], places: int, most: Decimal, *, needed: bool = False
    ) -> Decimal | None:
        found: Decimal | None = self._read(column, read, needed, Code.NOT_A_NUMBER)
        if found is None:
            return None
        if problem := figure_problem(found, places, most):
            self.refuse(column, problem.code, problem.wrong, problem.remedy)
            return None
        return found if isinstance(found, Duration) else round(found, places)


def missing_columns(table: Table) -> Finding | None:
    """Return the one problem of a file that lacks columns it needs."""
    if not table.missing:
        return None
    names = ", ".join(table.missing)
    what = plural(len(table.missing), f"column “{names}”", f"columns with these headings: {names}")
    return Finding(
        table.heading_row,
        names,
        "",
        Problem(
            Code.MISSING_COLUMNS,
            f"The file has no {what}.",
            "Download the template and compare the headings; their order and case do not matter.",
        ),
    )


def either(words: Iterable[str]) -> str:
    """Return words as a choice: "HOUR, VISIT or DAY"."""
    *most, last = [str(word) for word in words]
    return f"{', '.join(most)} or {last}" if most else last


def among(column: Any, values: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of many values, however many: they travel as one array."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(Text)))
    return found


def insert_all(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows in sets and return their keys in the same order."""
    if not rows:
        return []
    # Keys drawn from the sequence beforehand allow executemany; RETURNING for each row takes twice as long.
    sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
    drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, len(rows)))
    keys = [int(key) for key in db.session.scalars(drawn)]
    db.session.execute(insert(model), [row | {"id": key} for row, key in zip(rows, keys, strict=True)])
    return keys


def update_all(model: Any, rows: list[dict[str, Any]]) -> None:
    """Update rows by their key `id` in sets; all rows name the same columns."""
    if rows:
        db.session.execute(update(model), rows)


def officer_who_acts() -> PortalUser:
    """Return the officer who imports: what is proposed is proposed by somebody. Raises Refused where nobody does."""
    officer: PortalUser | None = db.session.get(PortalUser, who_acts()) if who_acts() else None
    if officer is None:
        remedy = "Import it on the page Imports, signed in."
        raise Refused(Problem(Code.MISSING, "Somebody has to propose this, and nobody is signed in.", remedy))
    return officer


def pairs(query: Select[str, int]) -> dict[str, int]:
    """Return what a query of names and keys finds."""
    return {row[0]: row[1] for row in db.session.execute(query)}
