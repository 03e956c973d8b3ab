"""Contract documents (ISOs) as their provider has them: read, accepted or rejected once a version (rules.md 11)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from models import Contact, ContractDocument, DocumentVersion, LineItem, PortalUser, ScheduledPayment, db
from models.search import NAMES_OF_A_PERSON, holding
from models.unpriced import UNPRICED
from rules.agreement_states import DocumentState
from rules.conversation_topics import Topic
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ScheduledState, label
from workflows import policy
from workflows.access import passwords
from workflows.clock import now
from workflows.contracts.versions import version_of
from workflows.conversations import thread as conversation
from workflows.conversations.notify import tell_team
from workflows.page import Page, page_of
from workflows.upkeep.queue import Task, defer

TEAM = "Service Brokerage"
ANOTHER_VERSION = Problem(
    Code.CHANGED_MEANWHILE, "A newer version has been published since you opened this.", "Read it, then answer."
)
NONE_CHOSEN = Problem(Code.MISSING, "Choose the documents you accept.", field="documents")
REJECTED_WITHOUT = Problem(Code.REASON_NEEDED, "Say why you reject this document.", field="reason")


def accept(
    document_id: int, contact: Contact, user: PortalUser, typed_password: str, digest: str = ""
) -> ContractDocument:
    """Accept a published document for the contact's organisation; the provider cannot take this back.

    What is signed is the digest of the version; `digest` is that of the version the person read, where they read one.
    Raises Unknown for a document that is not theirs, Refused for a wrong password (field "password"), a document
    that is not waiting for an answer, or one of which another version has come since. Commits.
    """
    document, version = _waiting(document_id, contact, user, typed_password, digest)
    _sign(document, version, user)
    _foresee_payment(document.organisation_id)
    db.session.commit()
    return document


def accept_several(
    digests: Mapping[int, str], contact: Contact, user: PortalUser, typed_password: str
) -> list[ContractDocument]:
    """Accept several published documents with one password: `digests` are those of the versions read, by document.

    All or none. Raises as `accept` does, each problem with its document, and Refused where none is chosen. Commits.
    """
    if not digests:
        raise Refused(NONE_CHOSEN)
    for document_id in digests:
        found = _own(document_id, contact)
        if wrong := why_not_open(found):
            raise Refused(wrong.about(str(found)))
    passwords.confirm(user, typed_password, "password")
    # In one order, so that two who accept the same documents at once cannot deadlock.
    waiting = [_locked(document_id, contact, digests[document_id]) for document_id in sorted(digests)]
    for document, version in waiting:
        _sign(document, version, user)
    _foresee_payment(contact.organisation_id)
    db.session.commit()
    return [document for document, _ in waiting]


def documents_waiting() -> Sequence[ContractDocument]:
    """Return the documents of the organisation in scope that wait for an answer, the oldest first, with their lines."""
    found: Sequence[ContractDocument] = db.session.scalars(
        select(ContractDocument)
        .where(ContractDocument.state == DocumentState.PUBLISHED)
        .options(
            joinedload(ContractDocument.person),
            joinedload(ContractDocument.service),
            selectinload(ContractDocument.line_items).joinedload(LineItem.element),
            selectinload(ContractDocument.versions),
        )
        .order_by(ContractDocument.published_at, ContractDocument.id)
    ).all()
    return found


def _sign(document: ContractDocument, version: DocumentVersion, user: PortalUser) -> None:
    document.state = version.state = DocumentState.ACCEPTED
    document.accepted_at, document.accepted_by_id = now(), user.id
    version.answered_at, version.answered_by_id, version.signed_digest = now(), user.id, version.digest


def _foresee_payment(organisation_id: int) -> None:
    """Have the scheduled payments that wait for a check worked out anew: accepted lines may be paid now."""
    preview = ScheduledPayment.state == ScheduledState.PREVIEW
    if db.session.scalars(select(ScheduledPayment.id).where(preview)).first():
        defer(Task.SCHEDULED_PREVIEW, organisation_id=organisation_id)


def reject(
    document_id: int, contact: Contact, user: PortalUser, typed_password: str, reason: str, digest: str = ""
) -> ContractDocument:
    """Reject a published document with a reason, which opens a conversation with Service Brokerage.

    Raises as `accept` does, and Refused at field "reason" where it is empty or too long for a message.
    """
    if problem := conversation.why_no_message(reason, REJECTED_WITHOUT):
        raise Refused(problem)
    document, version = _waiting(document_id, contact, user, typed_password, digest)
    document.state = version.state = DocumentState.REJECTED
    document.rejected_at = version.answered_at = now()
    document.rejected_reason = version.rejected_reason = reason.strip()
    version.answered_by_id = user.id
    opened = conversation.open_conversation(
        TEAM,
        f"Contract document {document} rejected",
        reason.strip(),
        user,
        document=document,
        topic=Topic.DOCUMENT_REJECTED,
    )
    tell_team(opened)
    db.session.commit()
    return document


def documents_of(
    *, state: DocumentState | None = None, sought: str = "", page: int = 1, size: int = 25
) -> Page[ContractDocument]:
    """Return a page of the documents of the organisation in scope, those to answer first, newest first.

    Without a `state`, those that are over (replaced, withdrawn, ended) are left out. `sought` is a part of the
    document's or the person's reference, or of the person's name.
    """
    statement = (
        select(ContractDocument)
        .join(ContractDocument.person)
        .join(ContractDocument.service)
        .where(_shown(state), holding(sought, ContractDocument.reference, *NAMES_OF_A_PERSON))
        .options(contains_eager(ContractDocument.person), contains_eager(ContractDocument.service))
        .order_by(
            ContractDocument.state != DocumentState.PUBLISHED,
            ContractDocument.published_at.desc(),
            ContractDocument.id.desc(),
        )
    )
    return page_of(statement, page, size)


def document(document_id: int) -> ContractDocument:
    """Return one document with all its page shows. Raises Unknown for a draft and for what is not theirs."""
    found: ContractDocument | None = db.session.scalar(
        select(ContractDocument)
        .where(ContractDocument.id == document_id, _may_see())
        .options(
            joinedload(ContractDocument.person),
            joinedload(ContractDocument.service),
            joinedload(ContractDocument.accepted_by),
            selectinload(ContractDocument.line_items).options(*UNPRICED),
            selectinload(ContractDocument.versions).joinedload(DocumentVersion.answered_by),
        )
    )
    if found is None:
        raise Unknown
    return found


def why_not_open(found: ContractDocument) -> Problem | None:
    """Return why a document takes no answer (any more), nothing where it does."""
    state = label(found.state).lower()
    if found.state is DocumentState.PUBLISHED:
        return None
    if found.state in (DocumentState.ACCEPTED, DocumentState.REJECTED):
        answered = f"This contract document has been {state} already."
        return Problem(Code.DECIDED_ALREADY, answered, "Nothing was changed.")
    over = f"This contract document is {state}, so it cannot be accepted or rejected any more."
    return Problem(Code.WRONG_STATE, over, "Ask Service Brokerage if you think it should be.")


def _waiting(
    document_id: int, contact: Contact, user: PortalUser, typed_password: str, digest: str
) -> tuple[ContractDocument, DocumentVersion]:
    """Return the document, its row locked, and its version when it waits for an answer and the password is right."""
    if wrong := why_not_open(_own(document_id, contact)):
        raise Refused(wrong)
    passwords.confirm(user, typed_password, "password")
    return _locked(document_id, contact, digest)


def _locked(document_id: int, contact: Contact, digest: str) -> tuple[ContractDocument, DocumentVersion]:
    """Return a document that waits for an answer, its row locked, and its version: checking a password has ended the
    transaction in which it was read before.
    """
    found = _own(document_id, contact, lock=True)
    version = version_of(found.id, found.version)
    wrong = why_not_open(found) or (ANOTHER_VERSION.about(str(found)) if digest not in ("", version.digest) else None)
    if wrong:
        db.session.rollback()
        raise Refused(wrong)
    return found, version


def _own(document_id: int, contact: Contact, *, lock: bool = False) -> ContractDocument:
    query = select(ContractDocument).where(
        ContractDocument.id == document_id,
        ContractDocument.organisation_id == contact.organisation_id,
        ContractDocument.state != DocumentState.DRAFT,
    )
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    found: ContractDocument | None = db.session.scalar(query)
    if found is None:
        raise Unknown
    return found


def _may_see() -> ColumnElement[bool]:
    within = ContractDocument.line_items.any(LineItem.can_be_claimed(policy.claimed_since()))
    return and_(
        ContractDocument.state != DocumentState.DRAFT, or_(ContractDocument.state == DocumentState.PUBLISHED, within)
    )


def _shown(state: DocumentState | None) -> ColumnElement[bool]:
    live = (DocumentState.PUBLISHED, DocumentState.ACCEPTED, DocumentState.REJECTED)
    return and_(_may_see(), ContractDocument.state == state if state else ContractDocument.state.in_(live))
