"""Contract documents (ISOs): read, accepted or rejected by the provider."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from rules.states import DocumentState, label
from views.access.permissions import permitted
from views.page.paging import SIZES, asked_page, asked_size, page_address
from workflows import policy
from workflows.contracts import documents

Answer = str | tuple[str, int] | Response

STATES = [state for state in DocumentState if state is not DocumentState.DRAFT]


class ContractDocumentsView(BaseView):
    """`/contract-documents`, for contacts with the function Contract documents."""

    route_base = "/contract-documents"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """List the organisation's documents, those to answer first."""
        asked = request.args.get("status", "")
        state = next((state for state in STATES if state.value == asked), None)
        sought = request.args.get("q", "").strip()[:100]
        found = documents.documents_of(state=state, sought=sought, page=asked_page(), size=asked_size())
        if not found.rows and found.page > 1:
            return redirect(page_address().format(page=1))
        return render_template(
            "provider/contract_documents.html",
            found=found,
            state=state,
            sought=sought,
            states=[(state.value, label(state)) for state in STATES],
            sizes=[(size, str(size)) for size in SIZES],
            address=page_address(),
            full_names=policy.for_council("full_names_in_lists"),
        )

    @expose("/<int:document_id>", methods=["GET"])
    @permitted("view")
    def show(self, document_id: int) -> str:
        """Show one document as a page."""
        document = documents.document(document_id)
        return render_template("provider/contract_document.html", document=document, versions=document.versions[1:])

    @expose("/<int:document_id>/accept", methods=["GET"])
    @permitted("view")
    def accept(self, document_id: int) -> Answer:
        """Ask for the password before a document is accepted."""
        return _form("accept", document_id)

    @expose("/<int:document_id>/accept", methods=["POST"])
    @permitted("view")
    def save_accept(self, document_id: int) -> Answer:
        """Accept a document."""
        try:
            typed = [request.form.get(name, "") for name in ("password", "digest")]
            document = documents.accept(document_id, g.contact, g.signed_in.user, *typed)
        except Refused as refused:
            return _refuse("accept", document_id, refused.problems)
        flash(f"You have accepted {document}.", "success")
        return redirect(url_for("ContractDocumentsView.show", document_id=document_id))

    @expose("/<int:document_id>/reject", methods=["GET"])
    @permitted("view")
    def reject(self, document_id: int) -> Answer:
        """Ask for the reason and the password before a document is rejected."""
        return _form("reject", document_id)

    @expose("/<int:document_id>/reject", methods=["POST"])
    @permitted("view")
    def save_reject(self, document_id: int) -> Answer:
        """Reject a document with a reason."""
        password, reason, digest = (request.form.get(name, "") for name in ("password", "reason", "digest"))
        try:
            document = documents.reject(
                document_id, g.contact, g.signed_in.user, password, reason.replace("\r\n", "\n"), digest
            )
        except Refused as refused:
            return _refuse("reject", document_id, refused.problems)
        flash(f"You have rejected {document}. Service Brokerage will answer you.", "success")
        return redirect(url_for("ContractDocumentsView.show", document_id=document_id))


def _form(what: str, document_id: int) -> Answer:
    document = documents.document(document_id)
    if documents.why_not_open(document):
        return redirect(url_for("ContractDocumentsView.show", document_id=document_id))
    return _page(what, document_id, ())


def _refuse(what: str, document_id: int, problems: tuple[Problem, ...]) -> Answer:
    if any(problem.field for problem in problems):
        return _page(what, document_id, problems), 422
    # The document takes no answer any more: its page says what became of it.
    for problem in problems:
        flash(problem.message, "error")
    return redirect(url_for("ContractDocumentsView.show", document_id=document_id))


def _page(what: str, document_id: int, problems: tuple[Problem, ...]) -> str:
    document = documents.document(document_id)
    return render_template(
        f"provider/contract_document_{what}.html",
        document=document,
        # What is signed: the version that was latest when the form was opened.
        digest=request.form.get("digest") or document.versions[0].digest,
        problems=problems,
        reason=request.form.get("reason", ""),
        most=policy.for_council("message_length"),
    )
