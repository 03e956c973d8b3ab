"""The import of contract documents with their line items: one row for each line and version of its rate.

A document that is not there yet is made as a draft, and proposed for publication where the file says so. A draft
follows the file. Of a published document it proposes changes of its lines, a new version where it adds lines or moves
it to another service, and its end; it withdraws one that was not accepted. In all else that stays, and a file that
differs is told so. Running a file again changes nothing.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from files.reading.table import Row, Table
from models import ContractDocument, LineItem, Plan, PortalUser, Rate, db, who_acts
from models import same_key as key_of
from rules.agreement_states import DocumentState
from rules.period import uk_date
from rules.problem_codes import Code
from rules.record_fields import same_key
from rules.states import label
from workflows.agreements.changes import AgreementChange
from workflows.contracts.publication import propose_publication, waiting_publications
from workflows.imports import over, published
from workflows.imports.lines import (
    LINE_COLUMNS,
    NAMED_COLUMNS,
    Document,
    ImportedLine,
    LineRow,
    plan_values,
    rate_values,
    read_line_row,
)
from workflows.imports.names import NamedRecords
from workflows.imports.plan import ImportFate, ImportPlan, among, insert_all, update_all


class DocumentImport:
    """Works out what a table of contract documents would change."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, apply=self._apply)
        self.documents: list[Document] = []
        self.changes: list[AgreementChange] = []
        self.withdrawals: list[over.Withdrawal] = []

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read every row and return the plan."""
        all_rows = [read_line_row(row, self.plan) for row in rows]
        self._load(all_rows)
        named = [row for row in all_rows if self.named.find(row)]
        lines = [ImportedLine(list(group)) for _, group in groupby(sorted(named, key=_by_line), key=_line_key)]
        whole = [line for line in lines if self._is_whole(line)]
        for _, group in groupby(sorted(whole, key=_by_document), key=_document_key):
            document = Document(list(group))
            document.found = self.found_documents.get(document.first.key("document"))
            self.documents.append(document)
            if self._agrees(document):
                self._compare(document)
        self.plan.problems.sort(key=lambda problem: problem.row)
        self.plan.notices += [published.PROPOSED] if self.changes else []
        self.plan.notices += [over.AT_ONCE] if self.withdrawals else []
        return self.plan

    def _load(self, rows: list[LineRow]) -> None:
        self.named = NamedRecords(rows, self.plan)
        documents = {row.key("document") for row in rows}
        self.found_documents = {
            same_key(document.reference): document
            for document in db.session.scalars(
                select(ContractDocument)
                .where(among(key_of(ContractDocument.reference), documents))
                .execution_options(populate_existing=True)
            )
        }
        self.waiting = waiting_publications()
        lines = {same_key(row.reference) for row in rows}
        self.found_lines = {
            same_key(line.reference): line
            for line in db.session.scalars(
                select(LineItem)
                .where(among(key_of(LineItem.reference), lines))
                .options(selectinload(LineItem.deductions))
                .execution_options(populate_existing=True)
            )
        }

    def _is_whole(self, line: ImportedLine) -> bool:
        """Say whether the rows of a line agree and its rates cover it without a gap at the start."""
        for row in line.rows[1:]:
            column = next((title for key, title in NAMED_COLUMNS.items() if row.key(key) != line.first.key(key)), "")
            column = column or next(
                (title for key, title in LINE_COLUMNS.items() if row.values[key] != line.first.values[key]), ""
            )
            if column:
                row.reading.refuse(
                    column,
                    Code.CONTRADICTION,
                    f"Row {line.first.number} of the same line says something else.",
                    "Make all rows of a line agree; only Rate and Rate from differ.",
                )
        self._set_rates(line)
        return not any(row.reading.faulty for row in line.rows)

    def _set_rates(self, line: ImportedLine) -> None:
        rates: dict[date, LineRow] = {}
        for row in sorted(line.rows, key=lambda row: (row.rate_from, row.number)):
            other = rates.setdefault(row.rate_from, row)
            if other.rate != row.rate:
                row.reading.refuse(
                    "Rate from",
                    Code.CONTRADICTION,
                    f"Row {other.number} has another rate from this day.",
                    "Keep one of the two.",
                )
            elif other is not row:
                self.plan.warnings.append(f"Row {row.number} repeats row {other.number}.")
        first = min(rates)
        if first > line.first.values["start"]:
            rates[first].reading.refuse(
                "Rate from",
                Code.NO_RATE,
                f"There is no rate from the line's start on {uk_date(line.first.values['start'])} to the day before.",
                "Add a row with the rate from the start of the line.",
            )
        line.rates = [(day, row.rate) for day, row in sorted(rates.items())]

    def _agrees(self, document: Document) -> bool:
        first = document.first
        for line in document.lines[1:]:
            for key in ("organisation", "person"):
                if line.first.key(key) != first.key(key):
                    line.first.reading.refuse(
                        NAMED_COLUMNS[key],
                        Code.CONTRADICTION,
                        f"Row {first.number} of the same document says something else.",
                        "A document is for one person and one organisation.",
                    )
        for row in document.rows:
            # A whole document is over where every row of it says so; else those that say nothing agree.
            if (row.status or document.status in over.STATES) and row.status is not document.status:
                says = next(each for each in document.rows if each.status)
                wrong = f"Row {says.number} of the same document says something else."
                row.reading.refuse("Status", Code.CONTRADICTION, wrong, "Make them agree.")
        found = document.found
        if found and found.organisation_id != first.ids["organisation"]:
            first.reading.refuse(
                "ISO", Code.TAKEN, "This document belongs to another organisation.", "Check the reference."
            )
        person = self.named.people.get(first.key("person"))
        if found and (person is None or found.person_id != person.id):
            first.reading.refuse(
                "Person ref", Code.CONTRADICTION, "This document is for somebody else.", "Check ISO and Person ref."
            )
        return not any(row.reading.faulty for row in document.rows)

    def _compare(self, document: Document) -> None:
        found = document.found
        for line in document.lines:
            line.found = self.found_lines.get(same_key(line.first.reference))
            if line.found and (found is None or line.found.document_id != found.id):
                line.first.reading.refuse(
                    "CPLI", Code.TAKEN, "This line is on another contract document.", "Check the reference."
                )
        document.lines = [line for line in document.lines if not line.first.reading.faulty]
        if not document.lines:
            return
        if document.status in over.STATES:
            withdrawals, ends = over.read(document, self.plan)
            self.withdrawals += withdrawals
            self.changes += ends
        elif found is not None and found.state is not DocumentState.DRAFT:
            self.changes += published.changes_of(document, self.plan)
        else:
            self._compare_draft(document)

    def _compare_draft(self, document: Document) -> None:
        for line in document.lines:
            changes = line.changes()
            if document.found and self._publishes(document):
                changes |= {"Status": (label(document.found.state), "Sent for confirmation")}
            for row in line.rows:
                if line.found is None:
                    self.plan.note_fate(row.number, ImportFate.NEW)
                else:
                    # Said once, by the first row of the line.
                    self.plan.note_fate(row.number, ImportFate.CHANGED if changes else ImportFate.UNCHANGED)
            if line.found is not None:
                self.plan.note_changes(line.first.number, f"Line {line.first.reference}", changes)

    def _publishes(self, document: Document) -> bool:
        """Say whether the file sends a document for publication that is not waiting for it already."""
        return document.publishes and (document.found is None or document.found.id not in self.waiting)

    def _apply(self) -> None:
        person_ids = self.named.add_people()
        new = [document for document in self.documents if document.found is None]
        keys = insert_all(ContractDocument, [_document_values(document, person_ids) for document in new])
        ids = {document.first.key("document"): key for document, key in zip(new, keys, strict=True)}
        ids |= {key: found.id for key, found in self.found_documents.items()}
        self._apply_lines(ids, person_ids)
        self._publish(ids)
        published.propose(self.changes)
        over.withdraw(self.withdrawals)

    def _apply_lines(self, ids: dict[str, int], person_ids: dict[str, int]) -> None:
        drafts = [each for each in self.documents if each.found is None or each.found.state is DocumentState.DRAFT]
        lines = [line for document in drafts for line in document.lines if line.changes()]
        new = [line for line in lines if line.found is None]
        values = [
            line.own_values
            | {
                "reference": line.first.reference,
                "organisation_id": line.first.ids["organisation"],
                "document_id": ids[line.first.key("document")],
                "person_id": person_ids[line.first.key("person")],
            }
            for line in new
        ]
        keyed = list(zip(new, insert_all(LineItem, values), strict=True))
        known = [(line, line.found.id) for line in lines if line.found]
        update_all(LineItem, [line.own_values | {"id": key} for line, key in known])
        if known:
            for table in (Plan, Rate):
                db.session.execute(delete(table).where(table.line_item_id.in_([key for _, key in known])))
        insert_all(Plan, [plan_values(line, key) for line, key in (*keyed, *known)])
        insert_all(Rate, [rate for line, key in (*keyed, *known) for rate in rate_values(line, key)])

    def _publish(self, ids: dict[str, int]) -> None:
        """Propose to publish the drafts that the file says are published: another officer confirms (rules.md 14).

        Where nobody is known to act, as in a command, they stay drafts.
        """
        wanted = [ids[each.first.key("document")] for each in self.documents if self._publishes(each)]
        officer = db.session.get(PortalUser, who_acts()) if wanted and who_acts() else None
        if officer:
            db.session.flush()
            propose_publication(wanted, officer)


def plan_documents(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return what a table of contract documents with line items would change."""
    return DocumentImport(table).read(rows)


def _line_key(row: LineRow) -> str:
    return same_key(row.reference)


def _by_line(row: LineRow) -> tuple[str, int]:
    return _line_key(row), row.number


def _document_key(line: ImportedLine) -> str:
    return line.first.key("document")


def _by_document(line: ImportedLine) -> tuple[str, int]:
    return _document_key(line), line.first.number


def _document_values(document: Document, person_ids: dict[str, int]) -> dict[str, Any]:
    first = document.first
    return {
        "reference": first.names["document"],
        "organisation_id": first.ids["organisation"],
        "service_id": first.ids["service"],
        "person_id": person_ids[first.key("person")],
        "state": DocumentState.DRAFT,
    }
