"""Changes of live lines out of a file: a rate, a plan, a last day; proposed as on the line's own page (rules.md 14)."""

from collections.abc import Callable, Iterable
from typing import Final

from models import DAYS, PortalUser, Proposal, db, who_acts
from rules.plan import PlanVersion
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.agreements import changes
from workflows.agreements.changes import AgreementChange
from workflows.imports.lines import DAY_COLUMNS, LINE_COLUMNS, PLAN_FROM, ImportedLine
from workflows.proposals import steps

REASON: Final = "From an imported file"
PLAN: Final = {*DAY_COLUMNS, "Weekly quantity"}
CAN_CHANGE: Final = {"Rate", "End"} | PLAN
NOBODY: Final = Problem(
    Code.MISSING,
    "A change of a published line is proposed by somebody, and nobody is signed in.",
    "Import the file on the page Imports.",
)


def changes_of(line: ImportedLine, columns: list[str]) -> list[AgreementChange]:
    """Return the changes that a file makes to a published line which differs from it in these columns.

    Raises Refused, each problem at a column of the file.
    """
    found = line.found
    assert found is not None
    if other := [column for column in columns if column not in CAN_CHANGE]:
        wrong = f"{found.document} was published and differs from this row: {', '.join(other)}."
        raise Refused(Problem(Code.WRONG_STATE, wrong, "Make a new version of it, or remove the row.", other[0]))
    wanted = []
    if "Rate" in columns:
        wanted.append(_rate(line))
    if PLAN & set(columns):
        wanted.append(_plan(line))
    if "End" in columns:
        wanted.append(_judged(lambda: changes.line_end(found.id, line.values["end"], REASON), "End"))
    return [change for change in wanted if not _waits(change)]


def propose(wanted: Iterable[AgreementChange]) -> None:
    """Propose changes in the name of who imports. No commit. Raises Refused where nobody does."""
    everything = list(wanted)
    officer = db.session.get(PortalUser, who_acts()) if everything and who_acts() else None
    if everything and officer is None:
        raise Refused(NOBODY)
    for change in everything:
        assert officer is not None
        changes.put_forward(change, officer)


def _rate(line: ImportedLine) -> AgreementChange:
    found = line.found
    assert found is not None
    stored = {(rate.start, rate.rate) for rate in found.rates}
    new = [each for each in line.rates if each not in stored]
    gone = {rate.start for rate in found.rates} - {start for start, _ in line.rates}
    if gone or len(new) != 1:
        wrong = "A file adds one rate to a published line at a time, and takes none away."
        raise Refused(Problem(Code.WRONG_STATE, wrong, "Keep a row for each rate there is, and add one.", "Rate from"))
    (start, rate), line_id = new[0], found.id
    return _judged(lambda: changes.rate_change(line_id, start, rate, REASON), "Rate from")


def _plan(line: ImportedLine) -> AgreementChange:
    found, values = line.found, line.values
    assert found is not None
    start = line.first.reading.day(PLAN_FROM)
    if start is None:
        wrong = "The line was published with another plan."
        raise Refused(Problem(Code.MISSING, wrong, "Write the first day of the new one.", PLAN_FROM))
    mon, tue, wed, thu, fri, sat, sun = (values[day] for day in DAYS)
    version, line_id = PlanVersion(start, (mon, tue, wed, thu, fri, sat, sun), values["weekly_quantity"]), found.id
    return _judged(lambda: changes.plan_change(line_id, version, REASON), PLAN_FROM)


def _judged(judge: Callable[[], AgreementChange], start: str) -> AgreementChange:
    """Return a change, or raise Refused with each problem at the column it is about."""
    columns = LINE_COLUMNS | {"weekly": "Weekly quantity", "rate": "Rate", "start": start}
    try:
        return judge()
    except Refused as refused:
        raise Refused(
            *(problem.at(columns.get(problem.field or "", start)) for problem in refused.problems)
        ) from refused


def _waits(change: AgreementChange) -> bool:
    """Say whether just this waits to be confirmed already, so that a file can be imported again."""
    same = steps.waiting(Proposal.kind == change.kind, Proposal.line_item_id == change.line_item_id)
    return any(proposal.payload == change.payload for proposal in same)
