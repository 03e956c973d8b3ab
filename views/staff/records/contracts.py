"""What was commissioned: elements of care, contract documents, line items, prices, paper ISOs."""

from typing import Any

from flask import flash, g, redirect
from flask_appbuilder.actions import action
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from models import DAYS, ContractDocument, Element, LineItem, PaperOrder, Rate
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import DocumentState, PaperState
from rules.words import counted
from views.access.roles import BROKERAGE, EVERY_OFFICER
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.staff.records.delivered import AbortedVisitView, AbsenceClaimView, ActualView
from workflows.contracts import documents as contract_document

NOT_A_DRAFT = "A contract document that was published stays as it is. A change is a new version of it."


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
    list_columns = show_columns = add_columns = search_columns = ["name"]
    base_order = ("name", "asc")


class RateView(RecordView):
    """Prices per unit, each from a date."""

    datamodel = StaffRecords(Rate)
    route_base = "/admin/rates"
    group = "Care"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (BROKERAGE,)
    list_title, show_title, add_title, edit_title = "Rates", "Rate", "Add a rate", "Edit rate"
    list_columns = ["line_item", "organisation", "rate", "start", "end", "reason"]
    search_columns = ["line_item", "organisation", "start"]
    base_order = ("start", "desc")
    show_columns = list_columns
    add_columns = ["line_item", "rate", "start", "end", "reason"]
    edit_columns = ["rate", "start", "end", "reason"]
    description_columns = {"rate": "In pounds, up to four places, such as 19.6800."}

    def pre_add(self, item: Rate) -> None:
        """Take the organisation from the line item."""
        item.organisation = item.line_item.organisation


class LineItemView(RecordView):
    """Care package line items (CPLIs)."""

    datamodel = StaffRecords(LineItem)
    route_base = "/admin/line-items"
    group = "Care"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (BROKERAGE,)
    list_title, show_title, add_title = "Line items", "Line item", "Add a line item"
    list_columns = ["reference", "organisation", "service", "person", "element", "unit", "plan_kind", "start", "end"]
    search_columns = ["reference", "organisation", "person", "element", "payment_method"]
    base_order = ("reference", "asc")
    show_columns = [
        "reference", "document", "organisation", "service", "person", "person.name", "element", "unit", "plan_kind",
        *DAYS, "weekly_quantity", "start", "end", "payment_method", "payment_basis", "contribution", "top_up",
        "vat_code", "extras_allowed",
    ]  # fmt: skip
    add_columns = [
        "document", "reference", "element", "unit", "plan_kind", *DAYS, "weekly_quantity", "start", "end",
        "payment_method", "payment_basis", "contribution", "top_up", "vat_code", "extras_allowed",
    ]  # fmt: skip
    edit_columns = [name for name in add_columns if name != "document"]
    labels = {
        "person.name": "Name", "contribution": "Person’s contribution a week", "top_up": "Third-party top-up a week",
        "payment_method": "Paid by", "payment_basis": "Gross or net", "vat_code": "VAT treatment",
        "extras_allowed": "May go above its plan",
    }  # fmt: skip
    description_columns = {
        "plan_kind": "Timetabled: units for each day. Weekly: one figure, units a week.",
        "end": "The last day of care. Leave empty where it goes on.",
    }
    add_form_extra_fields = edit_form_extra_fields = {
        "extras_allowed": SelectField(
            "May go above its plan",
            choices=[SelectChoice("", "As the policy says"), SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
            coerce=lambda value: {"yes": True, "True": True, "no": False, "False": False}.get(str(value)),
        )
    }
    related_views = [RateView, ActualView, AbortedVisitView, AbsenceClaimView]
    delete_note = "Its prices have to be deleted first."
    needs = ("document",)

    def kept(self, item: LineItem) -> str:
        """Keep the lines of documents that were published."""
        return "" if item.document is None or item.document.state is DocumentState.DRAFT else NOT_A_DRAFT

    def pre_add(self, item: LineItem) -> None:
        """Take organisation, service and person from the contract document, which must be a draft."""
        if item.document.state is not DocumentState.DRAFT:
            raise Refused(Problem(Code.WRONG_STATE, NOT_A_DRAFT, field="document"))
        item.organisation, item.service, item.person = (
            item.document.organisation, item.document.service, item.document.person,
        )  # fmt: skip


class ContractDocumentView(RecordView):
    """Contract documents (ISOs), published here and accepted by providers."""

    datamodel = StaffRecords(ContractDocument)
    route_base = "/admin/contract-documents"
    group = "Care"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (BROKERAGE,)
    action_roles = {"publish": (BROKERAGE,)}
    list_title, show_title, add_title = "Contract documents", "Contract document", "Add a contract document"
    list_columns = ["reference", "version", "organisation", "service", "person", "state", "published_at", "accepted_at"]
    search_columns = ["reference", "organisation", "person", "state"]
    base_order = ("id", "desc")
    show_columns = [
        "reference", "version", "state", "organisation", "service", "person", "person.name", "terms", "published_at",
        "accepted_at", "accepted_by", "rejected_at", "rejected_reason",
    ]  # fmt: skip
    add_columns = ["service", "person", "reference", "version", "terms"]
    edit_columns = ["person", "reference", "version", "terms"]
    labels = {"person.name": "Name", "rejected_reason": "Why it was rejected"}
    related_views = [LineItemView]
    delete_note = "Its line items have to be deleted first."

    def kept(self, item: ContractDocument) -> str:
        """Keep what was published."""
        return "" if item.state in (None, DocumentState.DRAFT) else NOT_A_DRAFT

    def makes_sense(self, _action: str, item: ContractDocument) -> bool:
        """Offer to publish drafts."""
        return item.state is DocumentState.DRAFT

    def pre_add(self, item: ContractDocument) -> None:
        """Take the organisation from the service."""
        item.organisation = item.service.organisation

    @action("publish", "Publish", "Providers are told by e-mail and can accept them. A version in force is replaced.")
    def publish(self, documents: list[ContractDocument]) -> Any:
        """Publish drafts."""
        try:
            count = contract_document.publish(documents, g.signed_in.user)
            flash(f"Published: {counted(count, 'contract document')}.", "success")
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "danger")
        return redirect(self._after(documents[0]) if len(documents) == 1 else self.get_default_url())


class PaperOrderView(RecordView):
    """Paper ISOs of a downtime, and what became of them."""

    datamodel = StaffRecords(PaperOrder)
    route_base = "/admin/paper-isos"
    group = "Care"
    readers = (BROKERAGE,)
    changes = EVERY_CHANGE
    writers = (BROKERAGE,)
    list_title, show_title, add_title, edit_title = "Paper ISOs", "Paper ISO", "Add a paper ISO", "Edit paper ISO"
    list_columns = ["reference", "organisation", "person_reference", "element_name", "start", "issued_on", "state"]
    search_columns = ["reference", "organisation", "person_reference", "state"]
    base_order = ("issued_on", "desc")
    add_columns = [
        "reference", "organisation", "service_name", "person_reference", "person_name", "element_name", "unit",
        "plan_kind", *DAYS, "weekly_quantity", "rate", "start", "end", "issued_on",
    ]  # fmt: skip
    show_columns = [*add_columns, "state", "review_reasons", "document", "settled_at"]
    labels = {"service_name": "Service", "element_name": "Element of care", "document": "Became", "person_name": "Name"}

    def kept(self, item: PaperOrder) -> str:
        """Keep what became a contract document."""
        became = item.state in (PaperState.REPLACED, PaperState.MIGRATED)
        return f"This paper ISO has become {item.document} and is kept as it was." if became else ""
