"""Contract documents and their versions, proposals, paper ISOs."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder.actions import action
from flask_appbuilder.models.sqla.filters import FilterEqual
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from models import (
    DAYS,
    ContractDocument,
    DocumentVersion,
    PaperOrder,
    PaperScan,
    Proposal,
)
from rules.agreement_states import DocumentState
from rules.refusal import Problem, Refused
from rules.states import label
from rules.words import counted
from views.access.permissions import may
from views.access.roles import BROKERAGE, EVERY_OFFICER
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.page.counted import TO_SEND
from views.staff.records.line_forms import paper_problems
from views.staff.records.line_items import AS_PLANNED, NOT_A_DRAFT, LineItemView
from workflows.agreements import draft
from workflows.agreements.endings import CAN_BE_WITHDRAWN
from workflows.contracts import publication
from workflows.paper_isos import register

DOCUMENT_VERBS = {"new_version": "New version", "end": "End", "withdraw": "Withdraw"}


class DocumentVersionView(RecordView):
    """Every version of a contract document as its provider was shown it, and what they answered."""

    datamodel = StaffRecords(DocumentVersion)
    route_base = "/admin/document-versions"
    group = "Care"
    readers = EVERY_OFFICER
    list_title, show_title = "Document versions", "Document version"
    list_columns = ["document", "number", "organisation", "state", "published_at", "answered_at", "proposal"]
    search_columns = ["document", "state"]
    base_order = ("id", "desc")
    show_columns = [*list_columns, "answered_by", "rejected_reason", "digest", "signed_digest"]
    labels = {"answered_at": "Answered", "proposal": "Confirmed as", "signed_digest": "Digest that was signed"}


class SoughtState(FilterEqual):
    """In a state; or TO_SEND."""

    def apply(self, query: Any, value: str) -> Any:
        """Return `query` with the documents in that state."""
        return query.filter(ContractDocument.to_send()) if value == TO_SEND else super().apply(query, value)


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
        "accepted_at", "accepted_by", "rejected_at", "rejected_reason", "withdrawn_at", "withdrawn_reason",
    ]  # fmt: skip
    add_columns = ["service", "person", "reference", "terms"]
    edit_columns = ["person", "reference", "terms"]
    labels = {
        "person.name": "Name", "rejected_reason": "Why it was rejected", "withdrawn_at": "Withdrawn",
        "withdrawn_reason": "Why it was withdrawn",
    }  # fmt: skip
    related_views = [LineItemView, DocumentVersionView]
    delete_note = "Its line items have to be deleted first."
    kept_by = ("state",)

    def _init_properties(self) -> None:
        super()._init_properties()
        for offered in (self._filters._search_filters, self._filters._all_filters):
            offered["state"] = [SoughtState("state", self.datamodel)]

    def _init_forms(self) -> None:
        super()._init_forms()
        states = [(state.value, label(state)) for state in DocumentState]
        choices = [SelectChoice(*each) for each in (states[0], (TO_SEND, "Draft, not sent"), *states[1:])]
        self.search_form.state = SelectField(self.label_columns["state"], choices=choices)

    def kept(self, item: ContractDocument) -> str:
        """Keep what was published."""
        return "" if item.state in (None, DocumentState.DRAFT) else NOT_A_DRAFT

    def verbs(self, item: ContractDocument) -> list[tuple[str, str]]:
        """Offer to change what was published, to those who may."""
        live = item.version > 0 and item.state is not DocumentState.WITHDRAWN
        if not live or not may("can_change", "DocumentChangesView"):
            return []
        verbs = ["new_version", "end", *(["withdraw"] if item.state in CAN_BE_WITHDRAWN else [])]
        return [(DOCUMENT_VERBS[verb], url_for(f"DocumentChangesView.{verb}", document_id=item.id)) for verb in verbs]

    def makes_sense(self, _action: str, item: ContractDocument) -> bool:
        """Offer to publish drafts."""
        return item.state is DocumentState.DRAFT

    def _add(self) -> Any:
        given = {key.rpartition("_")[2]: value for key, value in request.args.items() if key.startswith("_flt_")}
        known = {name: self.datamodel.get_related_obj(name, given.get(name, "")) for name in ("organisation", "person")}
        asked = {name: record.reference for name, record in known.items() if record}
        abort(redirect(url_for("AgreementsView.new", **asked)))

    def _edit(self, pk: Any) -> Any:
        item = self.datamodel.get(pk, self._base_filters)
        if item and not self.kept(item) and not draft.why_not_here(draft.lines_of(item.id)):
            abort(redirect(url_for("AgreementsView.show", document_id=item.id)))
        return super()._edit(pk)

    @action("publish", "Publish", "Another officer confirms; then providers are told by e-mail and can accept them.")
    def publish(self, documents: list[ContractDocument]) -> Any:
        """Propose to publish drafts."""
        try:
            publication.propose([document.id for document in documents], g.signed_in.user)
            waits = counted(len(documents), "contract document")
            flash(f"Sent for confirmation: {waits}. Another officer confirms it under To confirm.", "success")
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "danger")
        return redirect(self._after(documents[0]) if len(documents) == 1 else self.get_default_url())


class ProposalView(RecordView):
    """What one officer proposed about money, and who confirmed it."""

    datamodel = StaffRecords(Proposal)
    route_base = "/admin/proposals"
    group = "Care"
    readers = EVERY_OFFICER
    list_title, show_title = "Proposals", "Proposal"
    list_columns = ["title", "kind", "state", "organisation", "proposed_by", "proposed_at", "decided_by", "decided_at"]
    search_columns = ["kind", "state", "organisation"]
    base_order = ("id", "desc")
    show_columns = [*list_columns, "document", "line_item", "note", "reason"]
    labels = {"reason": "Why it was sent back"}


class PaperScanView(RecordView):
    """Scans of signed paper ISOs: attached, and handed out, on the page of each."""

    datamodel = StaffRecords(PaperScan)
    route_base = "/admin/paper-scans"
    group = "Care"
    readers = (BROKERAGE,)
    list_title, show_title = "Scans of paper ISOs", "Scan of a paper ISO"
    list_columns = ["filename", "paper_order", "kind", "size", "attached_at", "attached_by"]
    search_columns = ["filename", "kind"]
    base_order = ("id", "desc")
    show_columns = [*list_columns, "sha256"]
    labels = {"attached_at": "Attached", "attached_by": "Attached by", "paper_order": "Paper ISO", "size": "Bytes"}


class PaperOrderView(RecordView):
    """Paper ISOs of a downtime, and what became of them."""

    datamodel = StaffRecords(PaperOrder, worked_out=AS_PLANNED)
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
    show_columns = [
        *add_columns, "state", "registered_by", "registered_at", "confirmed_by", "confirmed_at", "review_reasons",
        "document", "line_item", "settled_at", "settled_by", "note", "conversation", "proposal",
    ]  # fmt: skip
    labels = {
        "service_name": "Service", "element_name": "Element of care", "document": "Became", "person_name": "Name",
        "registered_by": "Registered by", "registered_at": "Registered", "confirmed_by": "Confirmed by",
        "confirmed_at": "Confirmed", "settled_by": "Settled by", "review_reasons": "Why it needs review",
        "proposal": "Confirmed as",
    }  # fmt: skip
    related_views = [PaperScanView]
    delete_note = "Once it is confirmed it is kept: say under Paper ISOs that it is not an agreement."
    needs = ("document", "proposal")

    def problems_of(self, form: Any, item: PaperOrder | None) -> list[Problem]:
        """Judge it as files and pages do."""
        return paper_problems(form, item)

    def kept(self, item: PaperOrder) -> str:
        """Keep what became a contract document."""
        problem = register.why_kept(item)
        return problem.message if problem else ""

    def pre_add(self, item: PaperOrder) -> None:
        """Note who registered it: another officer confirms it."""
        register.note_registration(item, g.signed_in.user)

    def pre_update(self, item: PaperOrder) -> None:
        """Note who changed it: it has to be confirmed anew."""
        register.note_registration(item, g.signed_in.user)

    def pre_delete(self, item: PaperOrder) -> None:
        """Refuse to delete what was confirmed."""
        super().pre_delete(item)
        self.datamodel.refuse(self.delete_note if item.confirmed_at else "")
