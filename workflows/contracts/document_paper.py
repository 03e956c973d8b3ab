"""Versions of a contract document as their provider reads them: on a page, as a PDF, and side by side."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import func, select

from files.documents.iso_paper import IsoPaper, paper_of
from files.documents.iso_pdf import iso_pdf
from models import ContractDocument, Conversation, DocumentVersion, db
from rules.agreement_states import DocumentState
from rules.document_differences import Difference, differences
from rules.refusal import Unknown
from workflows.contracts.versions import content_shown


class Waiting(NamedTuple):
    """How many documents of the organisation in scope wait for its answer, and the one waiting longest."""

    total: int
    document_id: int
    reference: str


def version_numbered(document: ContractDocument, number: int | None = None) -> DocumentVersion:
    """Return a version of a document, the latest where none is named. Raises Unknown."""
    number = document.version if number is None else number
    found: DocumentVersion | None = next((each for each in document.versions if each.number == number), None)
    if found is None:
        raise Unknown
    return found


def paper_shown(version: DocumentVersion, beside: Mapping[str, str]) -> IsoPaper:
    """Return what a version said when it was published, and `beside` it where it stands, in words."""
    return paper_of(content_shown(version), beside)


def version_pdf(version: DocumentVersion, beside: Mapping[str, str]) -> bytes:
    """Return the page of a version as a tagged PDF."""
    return iso_pdf(paper_shown(version, beside))


def version_before(document: ContractDocument, version: DocumentVersion) -> DocumentVersion | None:
    """Return what a version is to be compared with: the one accepted last before it, or else the one before it."""
    older = [each for each in document.versions if each.number < version.number]
    return next((each for each in older if each.signed_digest), older[0] if older else None)


def changed(old: DocumentVersion, new: DocumentVersion) -> list[Difference]:
    """Return what a version says otherwise than an earlier one."""
    return differences(content_shown(old), content_shown(new))


def next_waiting() -> Waiting | None:
    """Return the document of the organisation in scope to answer next, and how many wait; None where none does."""
    row = db.session.execute(
        select(func.count().over(), ContractDocument.id, ContractDocument.reference)
        .where(ContractDocument.state == DocumentState.PUBLISHED)
        .order_by(ContractDocument.published_at, ContractDocument.id)
        .limit(1)
    ).first()
    return Waiting(*row) if row else None


def rejection_talk(version: DocumentVersion) -> int | None:
    """Return the conversation that rejecting this version opened, where it was rejected."""
    if not version.rejected_reason:
        return None
    found: int | None = db.session.scalar(
        select(Conversation.id)
        .where(Conversation.document_id == version.document_id, Conversation.opened_at >= version.answered_at)
        .order_by(Conversation.opened_at, Conversation.id)
        .limit(1)
    )
    return found
