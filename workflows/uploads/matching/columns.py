"""Columns are matched once: a file whose headings are the sender's own waits until somebody says what they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer

from files.actuals.own_table import OwnTable
from models import ColumnMatch, LineItem, PortalUser, Upload, db
from rules.column_guess import guess_columns, guess_kind
from rules.column_match import (
    CHOICES,
    NOT_USED,
    OUTCOME,
    REASON,
    ColumnMatching,
    RowKind,
    fingerprint,
    lacking,
    meanings,
    usual_meaning,
    word_of,
)
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.upload_states import UploadState
from workflows.uploads.matches import IN_FORCE, clean_name, name_problem
from workflows.uploads.steps import check_again
from workflows.uploads.work import find

# In a table with more columns what nobody recognises is taken to be of no use; in a smaller one it is asked.
MOST_ASKED = 40
# A reason that says nothing to the portal.
PASSED_OVER = "-"
NOT_WAITING = Problem(Code.WRONG_STATE, "This file is not waiting for its columns to be matched.")


class WordAsked(NamedTuple):
    """A word of the outcome or reason column: how many rows have it, and the code chosen for it, empty for none yet."""

    text: str
    rows: int
    code: str


@dataclass
class Draft:
    """What has been chosen for a table so far: what its rows are, what each of its columns is, and what words mean.

    `columns` are names of CHOICES, NOT_USED, or empty, in the order of the table; `words` codes by column and word.
    """

    kind: RowKind
    columns: list[str]
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    name: str = ""

    def places(self) -> dict[str, int]:
        """Return the place of each column that is something; of two that are the same the first."""
        places: dict[str, int] = {}
        for place, name in enumerate(self.columns):
            if name in CHOICES[self.kind]:
                places.setdefault(name, place)
        return places

    def matching(self, table: OwnTable) -> ColumnMatching:
        """Return how the table would be read."""
        columns = {table.columns[place].key: name for name, place in self.places().items()}
        words = {
            column: {word_of(word): "" if code == PASSED_OVER else code for word, code in chosen.items() if code}
            for column, chosen in self.words.items()
            if column in columns.values()
        }
        return ColumnMatching(self.kind, columns, words)


def table_of(upload_id: int) -> tuple[Upload, OwnTable]:
    """Return a file that waits for its columns to be matched, and its table. Raises Unknown, and Refused elsewhere."""
    upload = find(upload_id)
    query = select(Upload).where(Upload.id == upload_id).options(undefer(Upload.own_table))
    kept = db.session.scalars(query.execution_options(populate_existing=True)).one().own_table
    if upload.state is not UploadState.MATCHING or kept is None:
        raise Refused(NOT_WAITING)
    return upload, OwnTable.from_kept(kept)


def known_match(table: OwnTable) -> tuple[ColumnMatch | None, bool]:
    """Return the match in force for these headings and True; else the one that shares the most of them, and False."""
    keys = [column.key for column in table.columns]
    found = list(db.session.scalars(select(ColumnMatch).where(IN_FORCE).order_by(ColumnMatch.id.desc())))
    exact = next((each for each in found if each.fingerprint == fingerprint(keys)), None)
    if exact is not None:
        return exact, True
    near = max(found, key=lambda each: len(set(each.columns) & set(keys)), default=None)
    return (near if near and 2 * len(set(near.columns) & set(keys)) > len(near.columns) else None), False


def first_draft(upload: Upload, table: OwnTable, kind: RowKind | None = None) -> Draft:
    """Return what a table most likely is, by an earlier match, by its headings and by what stands in its columns.

    With `kind` its rows are that, whatever they look like.
    """
    known, exact = known_match(table)
    seen = [column.seen for column in table.columns]
    use_known = known is not None and kind in (None, known.row_kind)
    chosen = known.row_kind if known is not None and use_known else kind or guess_kind(seen)
    columns = guess_columns(chosen, seen, _own_references(table))
    draft = Draft(chosen, columns, {}, name_from(upload.filename))
    if known is not None and use_known:
        draft.columns = [known.columns.get(column.key, "") for column in table.columns]
        told = {key for key, _heading in known.headings}
        for place, column in enumerate(table.columns):
            if not draft.columns[place]:
                taken = columns[place] in draft.columns and columns[place] != NOT_USED
                draft.columns[place] = NOT_USED if column.key in told else "" if taken else columns[place]
        draft.words = {name: {word: code or PASSED_OVER for word, code in said.items()} for name, said in
                       known.words.items()}  # fmt: skip
        draft.name = known.name if exact else draft.name
    if len(table.columns) > MOST_ASKED:
        draft.columns = [name or NOT_USED for name in draft.columns]
    return draft


def words_asked(table: OwnTable, draft: Draft) -> dict[str, list[WordAsked]]:
    """Return the words of the outcome and reason columns that somebody may give a meaning, the commonest first.

    A reason is asked about only where it is none of the usual ones.
    """
    asked: dict[str, list[WordAsked]] = {}
    places = draft.places()
    for name in (OUTCOME, REASON):
        column = table.columns[places[name]] if name in places else None
        if column is None or not column.words:
            continue
        chosen = {word_of(word): code for word, code in draft.words.get(name, {}).items()}
        words = [
            WordAsked(text, rows, chosen.get(word_of(text)) or usual_meaning(draft.kind, name, text) or "")
            for text, rows in _once(column.words).items()
            if name == OUTCOME or word_of(text) in chosen or not usual_meaning(draft.kind, name, text)
        ]
        if words:
            asked[name] = sorted(words, key=lambda word: -word.rows)
    return asked


def _once(words: Mapping[str, int]) -> dict[str, int]:
    """Return words with their rows, those alike but for case together under the first."""
    first: dict[str, str] = {}
    rows: dict[str, int] = {}
    for text, count in words.items():
        name = first.setdefault(word_of(text), text)
        rows[name] = rows.get(name, 0) + count
    return rows


def problems_of(table: OwnTable, draft: Draft) -> list[Problem]:
    """Return all that keeps a table from being read so: at "kind", "c0" for the first column, or "name"."""
    problems = lacking(draft.kind, draft.places())
    first: dict[str, int] = {}
    for place, (column, name) in enumerate(zip(table.columns, draft.columns, strict=True)):
        shown = f"“{column.heading}”"
        if name not in CHOICES[draft.kind]:
            if name != NOT_USED and column.heading:
                wrong, remedy = f"Say what {shown} is.", "Choose “Not used” where the portal needs none of it."
                problems.append(Problem(Code.MISSING, wrong, remedy, f"c{place}"))
        elif first.setdefault(name, place) != place:
            other, title = table.columns[first[name]].heading, CHOICES[draft.kind][name]
            wrong = f"Both “{other}” and {shown} are “{title}”."
            remedy = "Choose one of them, and “Not used” for the other."
            problems.append(Problem(Code.ONE_OF_TWO, wrong, remedy, f"c{place}"))
        elif name in (OUTCOME, REASON) and column.words is None:
            wrong = f"{shown} holds too many different words for {CHOICES[draft.kind][name].lower()}."
            problems.append(Problem(Code.TOO_MANY, wrong, "Choose “Comment” or “Not used”.", f"c{place}"))
    for name, words in words_asked(table, draft).items():
        problems += [
            Problem(Code.MISSING, f"Say what “{word.text}” means.", field=f"{name}-{number}")
            for number, word in enumerate(words)
            if word.code not in meanings(draft.kind, name) and not (name == REASON and word.code == PASSED_OVER)
        ]
    return problems


def save_match(upload_id: int, draft: Draft, user: PortalUser | None) -> Upload:
    """Remember what the columns of a file are, and check the file by it. Commits, and may be asked for words again.

    Raises Unknown, and Refused with all that keeps the table from being read so.
    """
    upload, table = table_of(upload_id)
    known, exact = known_match(table)
    same = known if exact else None
    problems = problems_of(table, draft)
    if problem := name_problem(draft.name, same.id if same else None):
        problems.append(problem)
    if problems:
        raise Refused(*problems)
    match = same or ColumnMatch(
        organisation_id=upload.organisation_id,
        fingerprint=fingerprint([column.key for column in table.columns]),
        words={},
        made_by_id=user.id if user else None,
    )
    matching = draft.matching(table)
    match.name, match.row_kind, match.columns = clean_name(draft.name), draft.kind, dict(matching.columns)
    match.headings = [[column.key, column.heading] for column in table.columns if column.key]
    # Words of earlier files stay, what is said of them now wins.
    match.words = {name: {**match.words.get(name, {}), **said} for name, said in matching.words.items()}
    try:
        db.session.add(match)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        wrong = "A colleague matched these columns at the same time."
        raise Refused(Problem(Code.CHANGED_MEANWHILE, wrong, "Look at what is chosen now.")) from None
    return check_again(upload_id)


def name_from(filename: str) -> str:
    """Return a name for a match out of that of its file: "rota-export 2017-10-16.csv" gives "Rota export"."""
    stem = filename.rpartition(".")[0] or filename
    words = [word for word in re.split(r"[^A-Za-z]+", stem) if len(word) > 1]
    name = " ".join(words)[:60].strip()
    return name[:1].upper() + name[1:] if name else "Our own table"


def _own_references(table: OwnTable) -> list[int]:
    """Return the places of columns whose first values are all CPLIs of the organisation."""
    firsts = [[text for text in column.first if text] for column in table.columns]
    every = {text for texts in firsts for text in texts}
    query = select(LineItem.reference).where(LineItem.reference.in_(every))
    own = set(db.session.scalars(query)) if every else set()
    return [place for place, texts in enumerate(firsts) if texts and own.issuperset(texts)]


def new_headings(table: OwnTable, match: ColumnMatch) -> tuple[list[str], list[str]]:
    """Return which headings a table has and the match had not, and which of the match's columns are gone."""
    told = dict(match.headings)
    keys = {column.key for column in table.columns}
    return (
        [column.heading for column in table.columns if column.key and column.key not in told],
        [told[key] for key in match.columns if key not in keys and key in told],
    )
