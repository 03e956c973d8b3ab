"""What the check of a file found, as its page shows it: week by week, then what is asked.

A count and the list behind it come from the same rows, however many of them a page shows.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, Text, and_, any_, cast, func, literal, select, true

from models import LineItem, Upload, UploadFinding, db
from rules.upload_states import UploadState
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
    """What a file changes, by week. None was kept where `known` is false."""

    known: bool
    weeks: Sequence[ShownWeek]
    pounds: ChangedPounds

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


@dataclass(frozen=True)
class ShownCheck:
    """What a file changes and a page of what it asks; `lines` are those of both, by id.

    `boxes` are to be ticked on all pages, `ticked` of them are; `ticked_weeks` are those that a file that has gone in
    won by a tick.
    """

    changes: ShownChanges
    questions: Page[Question]
    lines: Mapping[int, Line]
    boxes: int = 0
    ticked: int = 0
    ticked_weeks: Collection[WeekKey] = ()


def check_of(upload: Upload, opened: date | None = None, page: int = 1, questions: int = 1) -> ShownCheck:
    """Return what the check of a file shows: its weeks as `changes_of` does, and a page of its questions.

    `upload` was found with its changes. Four queries, however much it asks; two more for a page beyond the last.
    """
    changes = changes_of(upload, opened, page)
    asked = counted_page(_select_questions(upload), questions, QUESTIONS_ON_PAGE)
    found = [row.UploadFinding for row in asked.rows]
    weeks = _asked_weeks(found, changes)
    ids = {each.line_id for week in changes.weeks for each in week.shown} | {each.line_id for each in weeks}
    lines = read_lines(LineItem.id.in_(ids)) if ids else {}
    shown = asked.showing(_questions(found, weeks, lines))
    if not asked.rows:
        return ShownCheck(changes, shown, lines)
    first = asked.rows[0]
    won = set(zip(first.lines or (), first.weeks or (), strict=True))
    return ShownCheck(changes, shown, lines, first.boxes, first.ticked, won)


def changes_of(upload: Upload, opened: date | None = None, page: int = 1) -> ShownChanges:
    """Return the weeks a file changes, with the lines that are shown: of a week that was `opened` those of a page.

    `upload` was found with its changes.
    """
    weeks = unpack_changes(upload.changes)
    few = sum(week.count for week in weeks) <= FEW_LINES
    shown = [_shown(week, page if week.week == opened else 0, few=few) for week in weeks]
    return ShownChanges(upload.changes is not None, shown, sum((week.pounds for week in weeks), ChangedPounds()))


def _shown(week: ChangesOfWeek, page: int, *, few: bool) -> ShownWeek:
    if not page:
        return ShownWeek(week, week.part(0, None if few else LARGEST))
    pages = max(1, -(-week.count // LINES_ON_PAGE))
    page = min(page, pages)
    return ShownWeek(week, week.part((page - 1) * LINES_ON_PAGE, page * LINES_ON_PAGE), page, pages)


def _questions(
    found: Sequence[UploadFinding], weeks: Sequence[FileChange], lines: Mapping[int, Line]
) -> list[Question]:
    """Return the questions of a page, by the first finding of each, with the weeks that they are about."""
    rows = _rows_of(found)
    choices = Counter((each.line_id, each.week) for each in weeks if each.choice)
    by_question: dict[object, list[AskedWeek]] = defaultdict(list)
    for each in weeks:
        key = (each.line_id, each.week)
        by_question[each.choice or key].append(AskedWeek(each, lines.get(each.line_id), choices[key] - 1))
    return [
        Question(each, by_question.get(_asks_about(each), ()), *rows.get(each.choice, ([each], 1))) for each in found
    ]


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


def _select_questions(upload: Upload) -> Any:
    """Return the query of what a file asks, in the order of its rows: the first finding of each question.

    Beside each stands how many boxes there are, how many of them are ticked, and of a file that has gone in the lines
    and weeks of these.
    """
    ticked = UploadFinding.id == any_(literal(upload.ticked, ARRAY(Integer)))
    won = and_(ticked, UploadFinding.line_item_id.is_not(None), literal(upload.state is UploadState.DONE))
    boxes = select(
        func.count().label("boxes"),
        func.count().filter(ticked).label("ticked"),
        func.array_agg(UploadFinding.line_item_id, type_=ARRAY(Integer, as_tuple=True)).filter(won).label("lines"),
        func.array_agg(UploadFinding.week_starting, type_=ARRAY(Date, as_tuple=True)).filter(won).label("weeks"),
    )
    counted = boxes.where(*_asked_by(upload.id)).subquery()
    first = select(func.min(UploadFinding.id)).where(*_asked_by(upload.id)).group_by(_ONE_QUESTION)
    statement: Any = select(UploadFinding, *counted.c, func.count().over()).join(counted, true())
    return statement.where(UploadFinding.id.in_(first)).order_by(UploadFinding.id)


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


def ticked_weeks(upload: Upload) -> Collection[WeekKey]:
    """Return the weeks that somebody let a file win."""
    return asked_weeks(upload)[0]
