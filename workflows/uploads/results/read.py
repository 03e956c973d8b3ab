"""What the check of a file found, as its page shows it: week by week, then what is asked, rejected, skipped, warned of.

A count and the list behind it come from the same rows, however many of them a page shows.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Integer, Text, and_, any_, cast, func, literal, or_, select

from models import LineItem, Upload, UploadFinding, db
from rules.problem_codes import Code
from rules.upload_codes import SKIPPED
from rules.upload_states import FindingKind
from rules.words import counted
from workflows.page import Page, counted_page
from workflows.uploads.finding import ASKED, Place
from workflows.uploads.kept.changes import (
    ChangedPounds,
    ChangesOfWeek,
    FileChange,
    choice_key,
    rows_in_words,
    unpack_changes,
)
from workflows.uploads.visits.choices import MOST_TOGETHER
from workflows.uploads.work import asked_weeks
from workflows.weeks.line_week import Line, WeekKey
from workflows.weeks.read import read_lines

# A page shows the lines of all weeks where they are few; else the largest of each week, and one week page by page.
FEW_LINES = 120
LARGEST = 10
LINES_ON_PAGE = 50
# Of up to 50 boxes each: half a megabyte at most.
QUESTIONS_ON_PAGE = 20
# So many rows of one question are shown; a question has no more, but of files checked before that was so.
ROWS_SHOWN = MOST_TOGETHER


@dataclass
class ShownWeek:
    """A week that a file changes, with the lines that are shown: `page` of `pages` where it was opened, or 0."""

    of: ChangesOfWeek
    shown: Sequence[FileChange]
    page: int = 0
    pages: int = 0

    @property
    def hidden(self) -> int:
        """How many of its lines are on other pages."""
        return self.of.count - len(self.shown)


@dataclass
class ShownChanges:
    """What a file changes, by week; `lines` are those that are shown, by id. None was kept where `known` is false."""

    known: bool
    weeks: Sequence[ShownWeek]
    pounds: ChangedPounds
    lines: Mapping[int, Line]

    @property
    def count(self) -> int:
        """How many lines' weeks change without a tick."""
        return sum(week.of.lines for week in self.weeks)


class AskedWeek(NamedTuple):
    """A week that a question is about, with its line, and how many other questions are about the same week."""

    change: FileChange
    line: Line | None
    others: int = 0


class Question(NamedTuple):
    """What a file asks: the finding, and what a tick changes, week by week; nothing where the tick changes nothing.

    One about many rows has the findings of the first of them, and counts all.
    """

    finding: UploadFinding
    weeks: Sequence[AskedWeek]
    found: Sequence[UploadFinding]
    total: int

    @property
    def rows(self) -> str:
        """Where in the file it comes from."""
        if self.total > len(self.found):
            return counted(self.total, "row")
        return rows_in_words([Place(each.sheet, each.row) for each in self.found])

    @property
    def ids(self) -> list[int]:
        """The findings of it: each is ticked by itself."""
        return [each.id for each in self.found]


def changes_of(upload: Upload, opened: date | None = None, page: int = 1) -> ShownChanges:
    """Return the weeks a file changes, with the lines that are shown: of a week that was `opened` those of a page.

    `upload` was found with its changes.
    """
    weeks = unpack_changes(upload.changes)
    few = sum(week.count for week in weeks) <= FEW_LINES
    shown = [_shown(week, page if week.week == opened else 0, few=few) for week in weeks]
    ids = {each.line_id for week in shown for each in week.shown}
    return ShownChanges(
        upload.changes is not None,
        shown,
        sum((week.pounds for week in weeks), ChangedPounds()),
        read_lines(LineItem.id.in_(ids)) if ids else {},
    )


def _shown(week: ChangesOfWeek, page: int, *, few: bool) -> ShownWeek:
    if not page:
        return ShownWeek(week, week.part(0, None if few else LARGEST))
    pages = max(1, -(-week.count // LINES_ON_PAGE))
    page = min(page, pages)
    return ShownWeek(week, week.part((page - 1) * LINES_ON_PAGE, page * LINES_ON_PAGE), page, pages)


def questions_of(upload: Upload, changes: ShownChanges, page: int) -> Page[Question]:
    """Return a page of what a file asks, in the order of its rows."""
    first = select(func.min(UploadFinding.id)).where(*_asked_by(upload.id)).group_by(_ONE_QUESTION)
    counting: Any = select(UploadFinding, func.count().over())
    query = counting.where(UploadFinding.id.in_(first)).order_by(UploadFinding.id)
    counted = counted_page(query, page, QUESTIONS_ON_PAGE)
    found = counted.showing([finding for finding, _ in counted.rows])
    rows = _rows_of(found.rows)
    weeks = _asked_weeks(found.rows, changes)
    missing = {each.line_id for each in weeks} - changes.lines.keys()
    lines = {**changes.lines, **(read_lines(LineItem.id.in_(missing)) if missing else {})}
    choices = Counter((each.line_id, each.week) for each in weeks if each.choice)
    by_question: dict[object, list[AskedWeek]] = defaultdict(list)
    for each in weeks:
        key = (each.line_id, each.week)
        by_question[each.choice or key].append(AskedWeek(each, lines.get(each.line_id), choices[key] - 1))
    return found.showing(
        [
            Question(each, by_question.get(_asks_about(each), ()), *rows.get(each.choice, ([each], 1)))
            for each in found.rows
        ]
    )


# Findings with one choice are one question.
_ONE_QUESTION = func.coalesce(func.nullif(UploadFinding.choice, ""), cast(UploadFinding.id, Text))


def _asked_by(upload_id: int) -> tuple[ColumnElement[bool], ...]:
    return UploadFinding.upload_id == upload_id, UploadFinding.kind.in_(ASKED)


def _rows_of(questions: Collection[UploadFinding]) -> dict[str, tuple[list[UploadFinding], int]]:
    """Return by its choice the first findings of each question about visits, and how many it has."""
    choices = {each.choice for each in questions if each.choice}
    if not choices:
        return {}
    (upload_id,) = {each.upload_id for each in questions}
    numbered = (
        select(
            UploadFinding.id,
            func.row_number().over(partition_by=UploadFinding.choice, order_by=UploadFinding.id).label("number"),
            func.count().over(partition_by=UploadFinding.choice).label("count"),
        )
        .where(*_asked_by(upload_id), UploadFinding.choice.in_(choices))
        .subquery()
    )
    few = select(UploadFinding, numbered.c.count).join(numbered, numbered.c.id == UploadFinding.id)
    found: dict[str, tuple[list[UploadFinding], int]] = {}
    for each, count in db.session.execute(few.where(numbered.c.number <= ROWS_SHOWN).order_by(UploadFinding.id)):
        found.setdefault(each.choice, ([], count))[0].append(each)
    return found


class CountedFindings(NamedTuple):
    """How many boxes a file has to tick, how many of them are ticked, and how many problems keep rows of it out."""

    boxes: int
    ticked: int
    rejected: int


def counts_of(upload: Upload) -> CountedFindings:
    """Return how much a file asks, and how much of it stays out, by one query."""
    asked, rejected = UploadFinding.kind.in_(ASKED), UploadFinding.kind == FindingKind.REJECTED
    ticked = UploadFinding.id == any_(literal(upload.ticked, ARRAY(Integer)))
    counts = (func.count().filter(each) for each in (asked, and_(asked, ticked), rejected))
    query = select(*counts).where(UploadFinding.upload_id == upload.id, or_(asked, rejected))
    return CountedFindings(*db.session.execute(query).one())


def _asked_weeks(found: Collection[UploadFinding], changes: ShownChanges) -> list[FileChange]:
    """Return the weeks that questions are about, and of single visits all others that share a week with them."""
    of_weeks = [each for each in found if each.line_item_id is not None and each.week_starting is not None]
    lines = {each.line_item_id for each in of_weeks if each.line_item_id}
    mondays = {each.week_starting for each in of_weeks}
    keys = {choice_key(each.choice) for each in found if each.choice}
    known: list[FileChange] = []
    for week in changes.weeks:
        if lines and week.of.week in mondays:
            known += [each for each in week.of.of_lines(lines) if not each.choice]
        if keys and (chosen := week.of.of_choices(keys)):
            known += [each for each in week.of.of_lines({each.line_id for each in chosen}) if each.choice]
    return known


def _asks_about(finding: UploadFinding) -> object:
    """Return by what the weeks of a question are known: its choice, or the line and week it is about."""
    return choice_key(finding.choice) if finding.choice else (finding.line_item_id, finding.week_starting)


def question_ids(upload_id: int, one: int | None = None) -> list[int]:
    """Return the ids of everything that a file asks; or of the one question that a finding belongs to."""
    query = select(UploadFinding.id).where(*_asked_by(upload_id))
    if one is not None:
        asked = select(_ONE_QUESTION).where(*_asked_by(upload_id), UploadFinding.id == one)
        query = query.where(_ONE_QUESTION.in_(asked))
    return list(db.session.scalars(query))


def asked_by_key(questions: Iterable[Question]) -> dict[object, int]:
    """Return the id of the finding by which a week is asked about, by the choice of its change, or by line and week."""
    return {_asks_about(each.finding): each.finding.id for each in questions}


def findings(upload_id: int, *kinds: FindingKind, most: int | None = None) -> list[UploadFinding]:
    """Return what the check of a file found, of these kinds, in the order of the file's rows."""
    query = select(UploadFinding).where(UploadFinding.upload_id == upload_id, UploadFinding.kind.in_(kinds))
    return list(db.session.scalars(query.order_by(UploadFinding.id).limit(most)))


@dataclass
class WarnedOf:
    """Warnings of one code: how many there are, and the first of them."""

    code: str
    count: int
    found: list[UploadFinding]

    @property
    def skipped(self) -> bool:
        """Whether the rows are skipped; else they go in."""
        return self.code in SKIPPED


def warnings_of(upload_id: int, most: int) -> list[WarnedOf]:
    """Return the warnings of a file by code, in the order of the list of codes, at most so many of each."""
    numbered = (
        select(
            UploadFinding.id,
            func.row_number().over(partition_by=UploadFinding.code, order_by=UploadFinding.id).label("number"),
            func.count().over(partition_by=UploadFinding.code).label("count"),
        )
        .where(UploadFinding.upload_id == upload_id, UploadFinding.kind == FindingKind.WARNING)
        .subquery()
    )
    first = select(UploadFinding, numbered.c.count).join(numbered, numbered.c.id == UploadFinding.id)
    warned: dict[str, WarnedOf] = {}
    for each, count in db.session.execute(first.where(numbered.c.number <= most).order_by(UploadFinding.id)):
        warned.setdefault(each.code, WarnedOf(each.code, count, [])).found.append(each)
    order = [*Code]
    return sorted(
        warned.values(), key=lambda of: (order.index(Code(of.code)) if of.code in order else len(order), of.code)
    )


def ticked_weeks(upload: Upload) -> Collection[WeekKey]:
    """Return the weeks that somebody let a file win."""
    return asked_weeks(upload)[0]
