"""What a file says of the whole of a published document: that it is withdrawn, or ended, as on its own page.

It is withdrawn at once, by one officer; its end is proposed for another (rules.md 11 and 14). A file that says so
changes nothing else of the document.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from models import LineItem, who_acts
from rules.agreement_states import DocumentState
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import label
from workflows.agreements import changes, endings
from workflows.agreements.changes import AgreementChange
from workflows.imports import published
from workflows.imports.lines import Document
from workflows.imports.plan import ImportFate, ImportPlan

STATES: Final = (DocumentState.WITHDRAWN, DocumentState.ENDED)
AT_ONCE: Final = "Withdrawing needs no second officer: it is done on import, and the provider is told by e-mail."
# Where a problem of the page stands in a file.
COLUMNS: Final = {"reason": "Reason", "end": "End"}


class Withdrawal(NamedTuple):
    """A document to withdraw, and why."""

    document_id: int
    reason: str


def read(document: Document, plan: ImportPlan) -> tuple[list[Withdrawal], list[AgreementChange]]:
    """Return what a file withdraws and what ends it proposes, and note in the plan what becomes of each row."""
    if not (_was_published(document) and _has_one_reason(document)):
        return [], []
    if document.status is DocumentState.WITHDRAWN:
        return _withdrawal(document, plan), []
    return [], _end(document, plan)


def withdraw(wanted: Iterable[Withdrawal]) -> None:
    """Withdraw documents in the name of who imports. No commit. Raises Refused where nobody does, or it is too late."""
    everything = list(wanted)
    if everything and not who_acts():
        raise Refused(published.NOBODY)
    for each in everything:
        endings.take_back(*each)


def _was_published(document: Document) -> bool:
    """Say whether a document was ever published; where it was not, its rows are refused."""
    found, row = document.found, document.first
    if found is not None and found.version > 0:
        return True
    wrong = f"{row.names['document']} was never published, so it cannot be {label(document.status).lower()}."
    remedy = "Delete the draft on its own page." if found else "Check the ISO, or leave these rows out."
    row.reading.refuse("Status", Code.WRONG_STATE, wrong, remedy)
    return False


def _has_one_reason(document: Document) -> bool:
    """Say whether all rows that give a reason give the same: the provider reads one."""
    given = [row for row in document.rows if row.reason]
    for row in given[1:]:
        if row.reason != given[0].reason:
            wrong = f"Row {given[0].number} of the same document gives another reason."
            row.reading.refuse("Reason", Code.CONTRADICTION, wrong, "Keep one of the two.")
    return not _is_faulty(document)


def _withdrawal(document: Document, plan: ImportPlan) -> list[Withdrawal]:
    found = document.found
    assert found
    if not _changes_nothing_else(document, set()):
        return []
    stays = found.state is DocumentState.WITHDRAWN
    if not stays and _refused(document, endings.why_no_withdrawal(found, document.reason)):
        return []
    _note_fate(document, plan, ImportFate.UNCHANGED if stays else ImportFate.CHANGED)
    if stays:
        return []
    states = (label(found.state), label(DocumentState.WITHDRAWN))
    plan.note_changes(document.first.number, f"Document {found}", {"Status": states})
    return [Withdrawal(found.id, document.reason)]


def _end(document: Document, plan: ImportPlan) -> list[AgreementChange]:
    found = document.found
    assert found
    for line in document.lines:
        if line.values["end"] is None:
            line.first.reading.refuse("End", Code.MISSING, "This cell is empty.", f"Write the last day of {found}.")
    if _is_faulty(document):
        return []
    last: date = max(line.values["end"] for line in document.lines)
    going_on = changes.longer_than(changes.live_lines(found.id), last)
    ending = {line.id for line in going_on}
    if not (_has_one_end(document, last, ending) and _changes_nothing_else(document, ending)):
        return []
    if not going_on and found.state is not DocumentState.WITHDRAWN:
        _note_fate(document, plan, ImportFate.UNCHANGED)
        return []
    try:
        change = changes.document_end(found.id, last, document.reason)
        waits = published.waits(change, document.first, plan)
    except Refused as refused:
        _refused(document, refused.problems)
        return []
    _note_fate(document, plan, ImportFate.UNCHANGED)
    if waits:
        return []
    _note_ends(document, plan, going_on, last)
    return [change]


def _has_one_end(document: Document, last: date, ending: set[int]) -> bool:
    """Say whether all lines that go on have the same last day in the file; one that ended before keeps its own."""
    says = next(line.first for line in document.lines if line.values["end"] == last)
    for line in document.lines:
        if line.found and line.found.id in ending and line.values["end"] != last:
            wrong = f"Row {says.number} ends the document on {uk_date(last)}."
            remedy = "Write one last day in all its rows, or leave Status empty to end line by line."
            line.first.reading.refuse("End", Code.CONTRADICTION, wrong, remedy)
    return not _is_faulty(document)


def _changes_nothing_else(document: Document, ending: set[int]) -> bool:
    """Say whether the rows are as the portal has them but for the last day of lines that end."""
    for line in document.lines:
        ends = {"End"} if line.found and line.found.id in ending else set()
        if more := sorted(set(line.changes()) - ends):
            verb = label(document.status).lower()
            wrong = f"{document.found} is to be {verb}, and this row changes more of it: {', '.join(more)}."
            remedy = "Put that back as the portal has it, or change it in a file of its own with Status empty."
            line.first.reading.refuse(more[0], Code.WRONG_STATE, wrong, remedy)
    return not _is_faulty(document)


def _note_ends(document: Document, plan: ImportPlan, going_on: Iterable[LineItem], last: date) -> None:
    """Show each line that ends at its own row, and one that the file does not name at the first of the document."""
    named = {line.found.id: line for line in document.lines if line.found}
    for line in going_on:
        rows = named[line.id].rows if line.id in named else [document.first]
        for row in rows:
            plan.note_fate(row.number, ImportFate.CHANGED)
        plan.note_changes(rows[0].number, f"Line {line}", {"End": (line.end, last)})


def _note_fate(document: Document, plan: ImportPlan, fate: ImportFate) -> None:
    for row in document.rows:
        plan.note_fate(row.number, fate)


def _refused(document: Document, problems: Iterable[Problem]) -> bool:
    """Refuse the first row of a document with each problem; say whether there is one."""
    for problem in problems:
        column = COLUMNS.get(problem.field or "", "Status")
        document.first.reading.refuse(column, problem.code, problem.wrong, problem.remedy)
    return _is_faulty(document)


def _is_faulty(document: Document) -> bool:
    return any(row.reading.faulty for row in document.rows)
