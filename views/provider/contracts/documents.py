"""Contract documents (ISOs): read, compared, accepted or rejected by the provider."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import ContractDocument, DocumentVersion
from rules.agreement_states import DocumentState
from rules.number import whole_number
from rules.refusal import Problem, Refused
from rules.states import label
from rules.words import counted
from views.access.permissions import may, permitted
from views.page.file_transfer import KINDS, hand_out
from views.page.format import uk_time
from views.page.paging import SIZES, asked_page, asked_size, asked_words, page_address
from views.provider.contracts.version_sides import side_by_side
from workflows import policy
from workflows.contracts import document_paper, documents
from workflows.paper_isos import register

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
        sought = asked_words()
        found = documents.documents_of(state=state, sought=sought, page=asked_page(), size=asked_size())
        return render_template(
            "provider/contract_documents.html",
            found=found,
            state=state,
            sought=sought,
            states=[(state.value, label(state)) for state in STATES],
            sizes=[(size, str(size)) for size in SIZES],
            address=page_address(),
            full_names=policy.for_council("full_names_in_lists"),
            waiting=sum(each.state is DocumentState.PUBLISHED for each in found.rows),
            has_papers=register.has_papers(),
        )

    @expose("/<int:document_id>", methods=["GET"])
    @permitted("view")
    def show(self, document_id: int) -> str:
        """Show the latest version of a document as a page."""
        return _version_page(document_id)

    @expose("/<int:document_id>/versions/<int:number>", methods=["GET"])
    @permitted("view")
    def version(self, document_id: int, number: int) -> str:
        """Show a version of a document as it was published."""
        return _version_page(document_id, number)

    @expose("/<int:document_id>/versions/<int:number>.pdf", methods=["GET"])
    @permitted("view")
    def pdf(self, document_id: int, number: int) -> Response:
        """Hand out a version as a PDF that says what its page says."""
        document = documents.document(document_id)
        version = document_paper.version_numbered(document, number)
        content = document_paper.version_pdf(version, _beside(document, version))
        return hand_out(content, f"{document.reference} version {number}.pdf", KINDS["pdf"])

    @expose("/<int:document_id>/compare", methods=["GET"])
    @permitted("view")
    def compare(self, document_id: int) -> Answer:
        """Show two versions side by side, and in words what differs; without a choice the latest and its forerunner."""
        document = documents.document(document_id)
        new = _asked_version(document, "new") or document_paper.version_numbered(document)
        old = _asked_version(document, "old") or document_paper.version_before(document, new)
        if old is None or old is new:
            return redirect(url_for("ContractDocumentsView.version", document_id=document_id, number=new.number))
        old, new = sorted((old, new), key=lambda version: version.number)
        return render_template(
            "provider/contract_document_compare.html",
            document=document,
            old=old,
            new=new,
            changes=document_paper.changed(old, new),
            sections=side_by_side(*(document_paper.paper_shown(each, {}) for each in (old, new))),
            numbers=[(str(each.number), f"Version {each.number}") for each in document.versions],
        )

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

    @expose("/accept", methods=["GET"])
    @permitted("view")
    def accept_several(self) -> Answer:
        """Show every document that waits for an answer, to accept those that are chosen with one password."""
        return _several(())

    @expose("/accept", methods=["POST"])
    @permitted("view")
    def save_accept_several(self) -> Answer:
        """Accept the documents that are chosen."""
        chosen = [key for each in request.form.getlist("documents") if (key := whole_number(each)) is not None]
        digests = {document_id: request.form.get(f"digest-{document_id}", "") for document_id in chosen}
        try:
            accepted = documents.accept_several(digests, g.contact, g.signed_in.user, request.form.get("password", ""))
        except Refused as refused:
            return _several(refused.problems), 422
        flash(f"You have accepted {counted(len(accepted), 'contract document')}.", "success")
        return redirect(url_for("ContractDocumentsView.index"))

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


def _version_page(document_id: int, number: int | None = None) -> str:
    document = documents.document(document_id)
    version = document_paper.version_numbered(document, number)
    earlier = document_paper.version_before(document, version)
    return render_template(
        "provider/contract_document.html",
        document=document,
        version=version,
        latest=version.number == document.version,
        paper=document_paper.paper_shown(version, _beside(document, version)),
        line_ids={line.reference: line.id for line in document.line_items},
        earlier=earlier,
        changes=document_paper.changed(earlier, version) if earlier else [],
        waiting=document_paper.next_waiting(),
        talk=document_paper.rejection_talk(version),
        may_read=may("can_view", "ConversationsView"),
        may_lines=may("can_view", "LineItemsView"),
    )


def _beside(document: ContractDocument, version: DocumentVersion) -> dict[str, str]:
    """Return what a version does not say itself: whose care it is about, where it stands, who answered it and when."""
    beside = {"Person": document.person.name, "Status": label(version.state)}
    answered = f"{uk_time(version.answered_at)}{f' by {version.answered_by}' if version.answered_by else ''}"
    if version.rejected_reason:
        return {**beside, "Rejected": answered, "Reason": version.rejected_reason}
    return {**beside, "Accepted": answered} if version.answered_at else beside


def _asked_version(document: ContractDocument, name: str) -> DocumentVersion | None:
    asked = request.args.get(name, "")
    return next((each for each in document.versions if str(each.number) == asked), None)


def _form(what: str, document_id: int) -> Answer:
    document = documents.document(document_id)
    if documents.why_not_open(document):
        return redirect(url_for("ContractDocumentsView.show", document_id=document_id))
    return _page(what, document, ())


def _several(problems: tuple[Problem, ...]) -> str:
    return render_template(
        "provider/contract_documents_accept.html",
        documents=documents.documents_waiting(),
        chosen=request.form.getlist("documents"),
        problems=problems,
    )


def _refuse(what: str, document_id: int, problems: tuple[Problem, ...]) -> Answer:
    if any(problem.field for problem in problems):
        return _page(what, documents.document(document_id), problems), 422
    # The document takes no answer any more: its page says what became of it.
    for problem in problems:
        flash(problem.message, "error")
    return redirect(url_for("ContractDocumentsView.show", document_id=document_id))


def _page(what: str, document: ContractDocument, problems: tuple[Problem, ...]) -> str:
    return render_template(
        f"provider/contract_document_{what}.html",
        document=document,
        # What is signed: the version that was latest when the form was opened.
        digest=request.form.get("digest") or document.versions[0].digest,
        problems=problems,
        reason=request.form.get("reason", ""),
        most=policy.for_council("message_length"),
    )
