"""The page on which the columns of a file are matched, in words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from flask import render_template, request

from files.actuals.layouts import DayRow, TotalRow, VisitRow, WeekRow
from files.actuals.own_table import OwnTable
from models import Upload
from rules.column_match import CHOICES, NOT_USED, OUTCOME, REASON, ROW_KINDS, RowKind, meanings
from rules.period import DAY_NAMES, weekday_date
from rules.refusal import Problem
from rules.visit import minutes_between
from views.page.format import units
from workflows.uploads.matching.columns import (
    MOST_ASKED,
    PASSED_OVER,
    Draft,
    first_draft,
    known_match,
    new_headings,
    words_asked,
)
from workflows.uploads.matching.example import Example, example_of

_ORDINALS: Final = ("first", "second", "third")


def match_page(upload: Upload, table: OwnTable, draft: Draft, problems: Sequence[Problem] = ()) -> str:
    """Return the page of a file whose columns are to be matched."""
    known, exact = known_match(table)
    words = words_asked(table, draft)
    places = draft.places()
    titles = CHOICES[draft.kind]
    example = example_of(table, draft)
    undecided = [
        column.heading
        for column, name in zip(table.columns, draft.columns, strict=True)
        if column.heading and name not in (*titles, NOT_USED)
    ]
    changed: tuple[list[str], list[str]] = ([], [])
    if known is not None and not exact:
        changed = new_headings(table, known)
    return render_template(
        "provider/actuals_match.html",
        kept=upload, table=table, numbered=list(enumerate(table.columns)), draft=draft, problems=problems,
        kinds=list(ROW_KINDS.items()),
        options=[("", "Choose one"), (NOT_USED, "Not used"), *titles.items()], not_used=NOT_USED,
        first_columns=MOST_ASKED, words=words,
        word_heading={name: table.columns[places[name]].heading for name in words},
        word_options={name: _word_options(draft.kind, name) for name in words}, undecided=undecided,
        known=known, exact=exact, changed=changed, example=steps_of(example) if example else [],
        example_row=_row_name(table, example) if example else "",
    )  # fmt: skip


def read_draft(upload: Upload, table: OwnTable) -> Draft:
    """Return what a form says of a table; of other rows than before, what is guessed of them."""
    kind = RowKind(request.form.get("kind", RowKind.VISIT)) if request.form.get("kind") in list(RowKind) else None
    if request.form.get("do") == "kind" or kind is None:
        draft = first_draft(upload, table, kind)
        draft.name = request.form.get("name", draft.name)
        return draft
    columns = [request.form.get(f"c{place}", "")[:40] for place in range(len(table.columns))]
    words = {
        name: dict(zip(request.form.getlist(f"{name}-word"), request.form.getlist(f"{name}-code"), strict=False))
        for name in (OUTCOME, REASON)
    }
    return Draft(kind, columns, words, request.form.get("name", ""))


def _word_options(kind: RowKind, name: str) -> list[tuple[str, str]]:
    options = [("", "Choose one"), *meanings(kind, name).items()]
    return [*options, (PASSED_OVER, "No reason of ours")] if name == REASON else options


def _row_name(table: OwnTable, example: Example) -> str:
    """Return which row is shown: your third row, or row 17 of the file."""
    place = list(table.examples).index(str(example.number))
    return f"your {_ORDINALS[place]} row" if place < len(_ORDINALS) else f"row {example.number}"


def steps_of(example: Example) -> list[str]:
    """Return how a row is read, in sentences."""
    row = example.row
    said = [_whom(example)]
    if isinstance(row, VisitRow):
        said += [_times("Planned", row.planned_start, row.planned_end)] if row.planned_start else []
        said += [_times("Recorded", row.actual_start, row.actual_end)] if row.actual_start else []
        if row.outcome:
            means = f"“{example.word}” means" if example.word else "The visit counts as"
            said.append(f"{means} {row.outcome.lower()}.")
    elif isinstance(row, DayRow):
        said.append(_quantity("On", row.day, row.units))
    elif isinstance(row, TotalRow):
        said.append(_quantity("In the week from", row.week, row.units))
    else:
        said.append(_week(row))
    if row.reason:
        kind = RowKind.VISIT if isinstance(row, VisitRow) else RowKind.DAY
        said.append(f"The reason: {meanings(kind, REASON).get(row.reason, row.reason)}.")
    return [*said, *(f"{each.column}: “{each.value}”. {each.wrong}" for each in row.problems)]


def _whom(example: Example) -> str:
    row, lines = example.row, example.lines
    if row.line:
        return f"It is for line {row.line}." if lines else f"You have no line “{row.line}”."
    if not row.person:
        return "Nothing says whom it is for."
    if len(lines) == 1:
        return f"{lines[0].initials} {row.person} has one line, {lines[0].reference}, so the row belongs to it."
    if lines:
        return f"{row.person} has {len(lines)} lines; the date says which it is."
    return f"You have no line for “{row.person}”."


def _times(what: str, start: datetime, end: datetime | None) -> str:
    begins = f"{what} {weekday_date(start.date())}, {start:%H:%M}"
    if end is None:
        return f"{begins}; there is no end."
    return f"{begins} to {end:%H:%M}: {minutes_between(start, end)} minutes."


def _quantity(before: str, day: date | None, quantity: Decimal | None) -> str:
    if day is None or quantity is None:
        return "It has no date." if day is None else f"{before} {weekday_date(day)} there is no quantity."
    return f"{before} {weekday_date(day)}: {units(quantity)} units delivered."


def _week(row: WeekRow) -> str:
    given = ", ".join(
        f"{name} {units(quantity)}" for name, quantity in zip(DAY_NAMES, row.days, strict=True) if quantity is not None
    )
    if row.week is None:
        return "It has no date."
    return f"In the week from {weekday_date(row.week)}: {given or 'no quantity'}."


def columns_in_words(kind: RowKind, columns: Mapping[str, str], headings: Sequence[Sequence[str]]) -> list[Any]:
    """Return each heading of a match with what it is."""
    titles = CHOICES[kind]
    return [(heading, titles.get(columns.get(key, ""), "Not used")) for key, heading in headings]
