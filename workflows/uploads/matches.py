"""The matches of an organisation: how files with its own headings are read, named, renamed and forgotten."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from files.actuals.columns import LAYOUTS
from files.actuals.matched import layout_of
from models import ColumnMatch, Upload, db
from rules.column_match import CHOICES, INSTEAD, LONGEST_NAME, ColumnMatching
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.text import refuse_longer, refuse_unseen
from workflows.clock import now

IN_FORCE = ColumnMatch.forgotten_at.is_(None)
NAME = "The name"


def list_matches() -> list[tuple[ColumnMatch, int]]:
    """Return the organisation's matches in force by name, each with how many files it has read."""
    files = select(func.count(Upload.id)).where(Upload.match_id == ColumnMatch.id).correlate(ColumnMatch)
    query = select(ColumnMatch, files.scalar_subquery()).where(IN_FORCE).options(joinedload(ColumnMatch.made_by))
    return [(match, count) for match, count in db.session.execute(query.order_by(func.lower(ColumnMatch.name)))]


def find_match(match_id: int) -> ColumnMatch:
    """Return one match, a forgotten one too. Raises Unknown."""
    query = select(ColumnMatch).where(ColumnMatch.id == match_id).options(joinedload(ColumnMatch.made_by))
    found: ColumnMatch | None = db.session.scalar(query)
    if found is None:
        raise Unknown
    return found


def matches_for(upload: Upload) -> dict[str, ColumnMatch]:
    """Return what reads a file, by the fingerprint of headings: the matches in force, and the one that has read it."""
    # Those in force come last, and win.
    own = (ColumnMatch.id == upload.match_id) if upload.match_id else IN_FORCE
    found = db.session.scalars(select(ColumnMatch).where(IN_FORCE | own).order_by(ColumnMatch.forgotten_at))
    return {each.fingerprint: each for each in found}


def readings(matches: Mapping[str, ColumnMatch]) -> dict[str, ColumnMatching]:
    """Return the same as those who read files take it."""
    return {known: each.matching for known, each in matches.items()}


def rename_match(match_id: int, name: str) -> ColumnMatch:
    """Give a match another name. Raises Unknown, and Refused at "name" where it cannot be called that. Commits."""
    match = find_match(match_id)
    if problem := name_problem(name, match_id):
        raise Refused(problem)
    match.name = clean_name(name)
    db.session.commit()
    return match


def forget_match(match_id: int) -> ColumnMatch:
    """Forget a match: the next file with its headings is asked about again. Raises Unknown. Commits."""
    match = find_match(match_id)
    match.forgotten_at = match.forgotten_at or now()
    db.session.commit()
    return match


def clean_name(name: str) -> str:
    """Return a name as it is kept."""
    return " ".join(name.split())


def name_problem(name: str, match_id: int | None = None) -> Problem | None:
    """Return why a match cannot be called so, at "name": it is empty, too long, or the name of another in force."""
    cleaned = clean_name(name)
    if not cleaned:
        return Problem(Code.MISSING, "Enter a name for this match.", field="name")
    if problem := refuse_unseen(cleaned, NAME) or refuse_longer(cleaned, LONGEST_NAME, NAME):
        return problem.at("name")
    same = select(ColumnMatch.id).where(IN_FORCE, func.lower(ColumnMatch.name) == cleaned.lower())
    if db.session.scalar(same.where(ColumnMatch.id != (match_id or 0)).limit(1)):
        return Problem(Code.TAKEN, f"Another match is called “{cleaned}”.", "Choose another name.", "name")
    return None


def own_titles(match: ColumnMatch) -> dict[str, str]:
    """Return what a column is called in the sender's own file, by its title in the portal."""
    headings = dict(match.headings)
    heading_of = {name: headings[key] for key, name in match.columns.items() if key in headings}
    titles = {CHOICES[match.row_kind][name]: heading for name, heading in heading_of.items()}
    for field in LAYOUTS[layout_of(match.matching)].fields:
        others = [*INSTEAD.get(field.name, ()), *_FOLLOWS.get(field.name, ())]
        if field.title not in titles and (found := next((name for name in others if name in heading_of), None)):
            titles[field.title] = heading_of[found]
    return titles


# What stands for a value that has no column: a moment begins with its date, a total is the quantity of a week, and a
# person has one line.
_FOLLOWS = {
    "planned_start": ("actual_start", "date"), "planned_end": ("planned_start", "actual_start"),
    "actual_start": ("planned_start", "date"), "units": ("total",), "line": ("person",),
}  # fmt: skip
