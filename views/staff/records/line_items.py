"""Line items with their elements of care, plans and rates, what is deducted, and absences that were reported."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from flask import abort, redirect, request, url_for
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from models import (
    DAYS,
    AbsenceReport,
    Deduction,
    Element,
    LineItem,
    PaperOrder,
    Plan,
    Rate,
)
from rules.agreement_states import DocumentState
from rules.document_content import EXTRAS_HEADING
from rules.refusal import Problem
from rules.states import PaymentBasis
from views.access.permissions import may
from views.access.roles import BROKERAGE, EVERY_OFFICER, PAYMENTS_AND_BROKERAGE
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.staff.records.delivered import AbortedVisitView, AbsenceClaimView, ActualView
from views.staff.records.line_forms import (
    EXTRAS_CHOICES,
    extras_words,
    line_problems,
    plan_problems,
    rate_problems,
)
from workflows.agreements import draft
from workflows.agreements.draft_reading import EXTRAS_TYPED

# Documents, lines, plans and rates are added on one page (views/staff/agreements/draft.py).
DRAFT_CHANGES = frozenset({"edit", "delete"})

NOT_A_DRAFT = "What was published stays as it is. Change the rate, the plan or the end on the line’s own page."
LINE_VERBS = {"rate": "Change rate from", "plan": "Change plan from", "end": "End line on"}
NET_VERBS = {"deduction": "Change contribution from"}


def _published(line: LineItem | None) -> str:
    """Return why a line, its plans and its rates stay as they are, empty where they do not."""
    return "" if line is None or line.document is None or line.document.version == 0 else NOT_A_DRAFT


def _on_its_draft(line: LineItem | None) -> str:
    """Return where a line of a draft is changed together with its plan and rate, empty where there is no such page.

    A draft of which an import says more than that page has room for is changed record by record.
    """
    if line is None or line.document is None or line.document.version or not may("can_draft", "AgreementsView"):
        return ""
    lines = draft.lines_of(line.document_id)
    if draft.why_not_here(lines):
        return ""
    number = 1 + lines.index(line)
    return url_for("AgreementsView.show", document_id=line.document_id, _anchor=f"line-{number}")


def _lead_to_draft(item: Plan | Rate | None) -> None:
    """Open the plan or rate of a draft on the one page; a form that was opened before is taken where it is."""
    if request.method == "GET" and item and (address := _on_its_draft(item.line_item)):
        abort(redirect(address))


def _of_day(name: str) -> Callable[[Plan | PaperOrder], Decimal | None]:
    """Return what gives a day's units: nothing where the plan counts by week, of which no day has a part."""
    return lambda plan: None if plan.weekly_quantity else getattr(plan, name)


# A plan has units by day or units a week: people read both in either, and never a zero that nobody agreed.
AS_PLANNED: Final[dict[str, Callable[[Any], Any]]] = {
    "weekly_quantity": lambda plan: plan.weekly_quantity or sum(plan.days)
} | {day: _of_day(day) for day in DAYS}


def _agreed(price: Plan | Rate) -> str:
    """Return who proposed a plan or a rate and who confirmed it; nothing of one that came with its document."""
    proposal = price.proposal
    return f"{proposal.proposed_by}; {proposal.decided_by}" if proposal else ""


class ElementView(RecordView):
    """Elements of care."""

    datamodel = StaffRecords(Element)
    route_base = "/admin/elements"
    group = "Care"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (BROKERAGE,)
    list_title, show_title, add_title = "Elements of care", "Element of care", "Add an element of care"
    edit_title = "Edit element of care"
    list_columns = show_columns = add_columns = ["name", "cost_centre", "subjective_code"]
    search_columns = ["name"]
    base_order = ("name", "asc")
    description_columns = {
        "cost_centre": "As the council’s ledger has it.",
        "subjective_code": "As the council’s ledger has it.",
    }


class RateView(RecordView):
    """Prices per unit, each from a date."""

    datamodel = StaffRecords(Rate, worked_out={"agreed": _agreed})
    route_base = "/admin/rates"
    group = "Care"
    readers = EVERY_OFFICER
    changes = DRAFT_CHANGES
    writers = (BROKERAGE,)
    list_title, show_title, add_title, edit_title = "Rates", "Rate", "Add a rate", "Edit rate"
    list_columns = ["line_item", "organisation", "rate", "start", "end", "reason", "agreed"]
    search_columns = ["line_item", "organisation", "start"]
    base_order = ("start", "desc")
    show_columns = [*list_columns, "proposal"]
    labels = {"agreed": "Proposed and confirmed by", "proposal": "Confirmed as"}
    add_columns = ["line_item", "rate", "start", "end", "reason"]
    edit_columns = ["rate", "start", "end", "reason"]
    description_columns = {"rate": "In pounds, up to four places, such as 19.6800."}

    needs = ("line_item.document", "proposal")

    def problems_of(self, form: Any, item: Rate | None) -> list[Problem]:
        """Judge it as files and pages do."""
        return rate_problems(form, item)

    def _edit(self, pk: Any) -> Any:
        _lead_to_draft(self.datamodel.get(pk, self._base_filters))
        return super()._edit(pk)

    def kept(self, item: Rate) -> str:
        """Keep the rates of lines that were published."""
        return _published(item.line_item)


class PlanView(RecordView):
    """What lines commission, each plan from a date."""

    datamodel = StaffRecords(Plan, worked_out=AS_PLANNED | {"agreed": _agreed})
    route_base = "/admin/plans"
    group = "Care"
    readers = EVERY_OFFICER
    changes = DRAFT_CHANGES
    writers = (BROKERAGE,)
    list_title, show_title, add_title, edit_title = "Plans", "Plan", "Add a plan", "Edit plan"
    list_columns = ["line_item", "start", *DAYS, "weekly_quantity", "reason", "agreed"]
    search_columns = ["line_item", "start"]
    base_order = ("start", "desc")
    show_columns = [*list_columns, "proposal"]
    add_columns = ["line_item", "start", *DAYS, "weekly_quantity", "reason"]
    edit_columns = ["start", *DAYS, "weekly_quantity", "reason"]
    labels = {"agreed": "Proposed and confirmed by", "proposal": "Confirmed as"}
    needs = ("line_item.document", "proposal")

    def problems_of(self, form: Any, item: Plan | None) -> list[Problem]:
        """Judge it as files and pages do."""
        return plan_problems(form, item)

    def _edit(self, pk: Any) -> Any:
        _lead_to_draft(self.datamodel.get(pk, self._base_filters))
        return super()._edit(pk)

    def kept(self, item: Plan) -> str:
        """Keep the plans of lines that were published."""
        return _published(item.line_item)


class LineItemView(RecordView):
    """Care package line items (CPLIs)."""

    datamodel = StaffRecords(LineItem, worked_out={"extras_allowed": lambda line: extras_words(line.extras_allowed)})
    route_base = "/admin/line-items"
    group = "Care"
    readers = EVERY_OFFICER
    changes = DRAFT_CHANGES
    writers = (BROKERAGE,)
    list_title, show_title, add_title = "Line items", "Line item", "Add a line item"
    list_columns = ["reference", "organisation", "service", "person", "element", "unit", "plan_kind", "start", "end"]
    search_columns = ["reference", "organisation", "person", "element", "payment_method"]
    base_order = ("reference", "asc")
    show_columns = [
        "reference", "document", "organisation", "service", "person", "person.name", "element", "unit", "plan_kind",
        "start", "end", "payment_method", "payment_basis", "contribution", "top_up", "vat_code", "extras_allowed",
    ]  # fmt: skip
    add_columns = [
        "document", "reference", "element", "unit", "plan_kind", "start", "end",
        "payment_method", "payment_basis", "contribution", "top_up", "vat_code", "extras_allowed",
    ]  # fmt: skip
    edit_columns = [name for name in add_columns if name != "document"]
    labels = {
        "person.name": "Name", "contribution": "Person’s contribution a week", "top_up": "Third-party top-up a week",
        "payment_method": "Paid", "payment_basis": "Gross or net", "vat_code": "VAT treatment",
        "extras_allowed": EXTRAS_HEADING,
    }  # fmt: skip
    description_columns = {
        "plan_kind": "Timetabled: units for each day. Weekly: one figure, units a week.",
        "end": "The last day of care. Leave empty where it goes on.",
    }
    add_form_extra_fields = edit_form_extra_fields = {
        "extras_allowed": SelectField(
            EXTRAS_HEADING,
            choices=[SelectChoice(key, words) for key, words in EXTRAS_CHOICES],
            coerce=lambda value: (EXTRAS_TYPED | {"True": True, "False": False}).get(str(value)),
        )
    }
    related_views = [PlanView, RateView, ActualView, AbortedVisitView, AbsenceClaimView]
    delete_note = "Its plans and rates have to be deleted first."
    needs = ("document",)
    kept_by = ("document.version",)

    def verbs(self, item: LineItem) -> list[tuple[str, str]]:
        """Offer to change what is live, and what is drafted where it is drafted, to those who may."""
        if address := _on_its_draft(item):
            return [("Change on its draft", address)]
        live = item.document.version > 0 and item.document.state is not DocumentState.WITHDRAWN
        if not live or not may("can_change", "LineChangesView"):
            return []
        verbs = LINE_VERBS | (NET_VERBS if item.payment_basis is PaymentBasis.NET else {})
        return [(words, url_for(f"LineChangesView.{verb}", line_id=item.id)) for verb, words in verbs.items()]

    def problems_of(self, form: Any, item: LineItem | None) -> list[Problem]:
        """Judge it as files and pages do."""
        return line_problems(form, item)

    def kept(self, item: LineItem) -> str:
        """Keep the lines of documents that were published."""
        return _published(item)


class AbsenceReportView(RecordView):
    """Absences that providers reported on scheduled lines."""

    datamodel = StaffRecords(AbsenceReport)
    route_base = "/admin/absence-reports"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Absence reports", "Absence report"
    list_columns = ["line_item", "organisation", "first_day", "last_day", "reason", "reported_at", "withdrawn_at"]
    search_columns = ["line_item", "organisation", "reason"]
    base_order = ("id", "desc")
    show_columns = [
        "line_item", "organisation", "first_day", "last_day", "reason", "notified_on", "notified_to", "comment",
        "reported_at", "reported_by", "withdrawn_at", "withdrawn_by",
    ]  # fmt: skip
    labels = {
        "first_day": "First day", "last_day": "Last day", "reported_at": "Reported", "withdrawn_at": "Withdrawn",
        "notified_on": "Council was told on", "notified_to": "Told to",
    }  # fmt: skip


class DeductionView(RecordView):
    """Contributions and top-ups that changed while their line went on."""

    datamodel = StaffRecords(Deduction)
    route_base = "/admin/deductions"
    group = "Care"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Deductions", "Deduction"
    list_columns = ["line_item", "organisation", "start", "contribution", "top_up", "reason"]
    search_columns = ["line_item", "organisation", "start"]
    base_order = ("id", "desc")
    show_columns = [*list_columns, "proposal"]
    labels = {
        "contribution": "Person’s contribution a week", "top_up": "Third-party top-up a week",
        "proposal": "Confirmed as",
    }  # fmt: skip
