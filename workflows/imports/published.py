"""What a file changes of published documents: proposed as on the pages of a line and its document (rules.md 14).

Of a line it proposes a rate, a plan, a last day, a contribution; of a document a new version, with the lines it adds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from models import DAYS, PortalUser, db, who_acts
from rules.agreement_states import ProposalKind
from rules.plan import PlanVersion, SevenDays
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.scheduled import Deductions
from workflows.agreements import changes
from workflows.agreements.change_checks import is_paid_in_full
from workflows.agreements.change_payload import RateFrom, deduction_in, end_in, plan_in, rate_in
from workflows.agreements.changes import AgreementChange
from workflows.agreements.deductions import deduction_change
from workflows.agreements.new_version import NewLine, new_version, version_in
from workflows.imports.lines import (
    DAY_COLUMNS,
    DEDUCTED_FROM,
    LINE_COLUMNS,
    NAMED_COLUMNS,
    PLAN_FROM,
    Document,
    ImportedLine,
    LineRow,
)
from workflows.imports.plan import ImportFate, ImportPlan
from workflows.proposals import steps

REASON: Final = "From an imported file"
PROPOSED: Final = "What changes a published document is proposed: another officer confirms it under To confirm."
NOBODY: Final = Problem(
    Code.MISSING,
    "A published document is changed by somebody, and nobody is signed in.",
    "Import the file on the page Imports.",
)
COLUMNS: Final = LINE_COLUMNS | {"reference": "CPLI", "element": "Element", "weekly": "Weekly quantity", "rate": "Rate"}
# What stands in a proposal of a kind, as values: two that say the same may be written differently.
READERS: Final[dict[ProposalKind, Callable[[dict[str, Any]], Any]]] = {
    ProposalKind.CHANGE_RATE: rate_in,
    ProposalKind.CHANGE_PLAN: plan_in,
    ProposalKind.CHANGE_DEDUCTION: deduction_in,
    ProposalKind.END_LINE: end_in,
    ProposalKind.NEW_VERSION: version_in,
}


def changes_of(document: Document, plan: ImportPlan) -> list[AgreementChange]:
    """Return what a file proposes of a published document, and note in the plan what becomes of each row.

    What cannot be proposed is a problem of the plan. What waits to be confirmed already is not proposed again.
    """
    known = [line for line in document.lines if line.found]
    return [change for line in known for change in _of_line(line, document, plan)] + _of_document(document, plan)


def propose(wanted: Iterable[AgreementChange]) -> None:
    """Propose changes in the name of who imports. No commit. Raises Refused where nobody does."""
    everything = list(wanted)
    officer = db.session.get(PortalUser, who_acts()) if everything and who_acts() else None
    if everything and officer is None:
        raise Refused(NOBODY)
    for change in everything:
        assert officer is not None
        changes.put_forward(change, officer)


def _of_line(line: ImportedLine, document: Document, plan: ImportPlan) -> list[AgreementChange]:
    row, differing = line.first, line.changes()
    if _moves(line, document):
        del differing["Service"]  # with its document
    try:
        kinds = [(columns, each) for columns, each in _kinds(line, set(differing)) if not waits(each, row, plan)]
    except Refused as refused:
        for problem in refused.problems:
            row.reading.refuse(problem.field or next(iter(differing)), problem.code, problem.wrong, problem.remedy)
        return []
    for each in line.rows:
        plan.note_fate(each.number, ImportFate.CHANGED if kinds else ImportFate.UNCHANGED)
    asked = {column for columns, _ in kinds for column in columns}
    shown = {column: differing[column] for column in differing if column in asked}
    plan.note_changes(row.number, f"Line {row.reference}", shown)
    return [change for _, change in kinds]


def _moves(line: ImportedLine, document: Document) -> bool:
    """Say whether a file puts a line at a service where neither it is nor its document."""
    assert document.found
    stored = {document.found.service_id} | ({line.found.service_id} if line.found else set())
    return line.values["service_id"] not in stored


def _kinds(line: ImportedLine, columns: set[str]) -> Iterator[tuple[set[str], AgreementChange]]:
    """Yield each change of a line with the columns that ask for it. Raises Refused, each problem at a column."""
    assert line.found
    found, own, line_id, values = line.found, line.first, line.found.id, line.values
    reason = line.reason or REASON
    plan = {*DAY_COLUMNS, "Weekly quantity"}
    deducted = set() if is_paid_in_full(found.payment_method, found.payment_basis) else {"Contribution", "Top-up"}
    if stays := columns - plan - deducted - {"Rate", "End"}:
        wrong = f"{found.document} was published and differs from this row: {', '.join(sorted(stays))}."
        remedy = "That stays for the life of a line: put it back here, or end the line and add another."
        raise Refused(Problem(Code.WRONG_STATE, wrong, remedy, min(stays)))
    if "Rate" in columns:
        rate = _added_rate(line)
        yield {"Rate"}, _judged(lambda: changes.rate_change(line_id, *rate, reason), "Rate from")
    if plan & columns:
        start = _start(own, PLAN_FROM, "another plan")
        version = PlanVersion(start, _days(own), values["weekly_quantity"])
        yield plan, _judged(lambda: changes.plan_change(line_id, version, reason), PLAN_FROM)
    if deducted & columns:
        wanted = Deductions(_start(own, DEDUCTED_FROM, "others"), values["contribution"], values["top_up"])
        yield deducted, _judged(lambda: deduction_change(line_id, wanted, reason), DEDUCTED_FROM)
    if "End" in columns:
        yield {"End"}, _judged(lambda: changes.line_end(line_id, values["end"], reason), "End")


def _added_rate(line: ImportedLine) -> RateFrom:
    assert line.found
    stored = {(rate.start, rate.rate) for rate in line.found.rates}
    new = [each for each in line.rates if each not in stored]
    gone = {rate.start for rate in line.found.rates} - {start for start, _ in line.rates}
    if gone or len(new) != 1:
        wrong = "A file adds one rate to a published line at a time, and takes none away."
        raise Refused(Problem(Code.WRONG_STATE, wrong, "Keep a row for each rate there is, and add one.", "Rate from"))
    return RateFrom(*new[0])


def _start(row: LineRow, column: str, other: str) -> Any:
    start = row.reading.day(column)
    if start is None:
        wrong = f"The line was published with {other}."
        raise Refused(Problem(Code.MISSING, wrong, "Write the first day of what stands here.", column))
    return start


def _days(row: LineRow) -> SevenDays:
    mon, tue, wed, thu, fri, sat, sun = (row.values[day] for day in DAYS)
    return mon, tue, wed, thu, fri, sat, sun


def _of_document(document: Document, plan: ImportPlan) -> list[AgreementChange]:
    """Return the new version that a file asks for, none where it adds no line and moves no service."""
    found, added = document.found, [line for line in document.lines if line.found is None]
    moved = [line for line in document.lines if _moves(line, document)]
    if found is None or not (added or moved):
        return []
    row = (added or moved)[0].first
    service_id = moved[0].values["service_id"] if moved else found.service_id
    if any(line.values["service_id"] != service_id for line in document.lines):
        wrong, remedy = "Another row of this document says another service.", "A document has one: make its rows agree."
        moved[0].first.reading.refuse("Service", Code.CONTRADICTION, wrong, remedy)
        return []
    try:
        lines = [_new_line(line) for line in added]
        change = new_version(found.id, service_id, found.terms, lines, document.reason or REASON)
        waiting = waits(change, row, plan)
    except Refused as refused:
        for problem in refused.problems:
            _refuse_at_row(problem, added, row)
        return []
    differing = {"Service": (found.service.name, moved[0].first.names["service"])} if moved else {}
    if not waiting:
        plan.note_changes(row.number, f"Document {found}", differing)
    for line in added:
        for each in line.rows:
            plan.note_fate(each.number, ImportFate.UNCHANGED if waiting else ImportFate.NEW)
        if not waiting:
            plan.note_changes(line.first.number, f"Document {found}", {"CPLI": (None, line.first.reference)})
    return [] if waiting else [change]


def _new_line(line: ImportedLine) -> NewLine:
    row, values = line.first, line.values
    (start, rate), *later = line.rates
    return NewLine(
        reference=row.reference, element_id=values["element_id"], unit=values["unit"], plan_kind=values["plan_kind"],
        plan=PlanVersion(start, _days(row), values["weekly_quantity"]), rate=rate, end=values["end"],
        payment_method=values["payment_method"], vat_code=values["vat_code"], payment_basis=values["payment_basis"],
        contribution=values["contribution"], top_up=values["top_up"], extras_allowed=values["extras_allowed"],
        later_rates=tuple(RateFrom(*each) for each in later),
    )  # fmt: skip


def _refuse_at_row(problem: Problem, added: Sequence[ImportedLine], otherwise: LineRow) -> None:
    """Refuse a new version at the row of the line that a problem is about, such as "line-0-rate"."""
    _, _, place = (problem.field or "").partition("line-")
    index, _, field = place.partition("-")
    row = added[int(index)].first if index else otherwise
    column = COLUMNS.get(field or problem.field or "", NAMED_COLUMNS["document"])
    row.reading.refuse(column, problem.code, problem.wrong, problem.remedy)


def _judged(judge: Callable[[], AgreementChange], start: str) -> AgreementChange:
    """Return a change, or raise Refused with each problem at the column it is about."""
    try:
        return judge()
    except Refused as refused:
        columns = COLUMNS | {"start": start}
        raise Refused(
            *(problem.at(columns.get(problem.field or "", start)) for problem in refused.problems)
        ) from refused


def waits(change: AgreementChange, row: LineRow, plan: ImportPlan) -> bool:
    """Say whether just this waits to be confirmed already. Raises Refused where something else of its kind does."""
    waiting = steps.waiting_about(change.kind, change.about)
    if waiting is None:
        return False
    read = READERS[change.kind]
    # What waits about the whole document is about each of its lines, and not the other way round.
    covered = waiting.line_item_id in (None, change.line_item_id)
    if not covered or read(waiting.payload) != read(change.payload):
        raise Refused(steps.waits_already(waiting))
    plan.warnings.append(f"Row {row.number}: “{waiting.title}” waits to be confirmed already.")
    return True
