"""Contract documents (ISOs): published by the council, accepted or rejected once by the provider (rules.md 11)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from models import Contact, ContractDocument, LineItem, Person, PortalUser, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import DocumentState, label
from workflows import policy
from workflows.access import passwords
from workflows.clock import now, today
from workflows.conversations import thread as conversation
from workflows.conversations.notify import tell_team
from workflows.mail import outbox
from workflows.page import Page, page_of

TEAM = "Service Brokerage"
REJECTED_WITHOUT = Problem(Code.REASON_NEEDED, "Say why you reject this document.", field="reason")

PUBLISHED_SUBJECT = "A contract document is waiting for you"
PUBLISHED_BODY = (
    "The council has published a contract document for your organisation.\n\n"
    "Sign in to the provider portal and open Contract documents to read it, then accept or reject it.\n"
)


def publish(documents: Sequence[ContractDocument], officer: PortalUser) -> int:
    """Publish drafts, all or none, tell the contacts for contract documents by e-mail, and return how many they were.

    A version in force with the same reference is replaced. Raises Refused, naming each document that is no draft or
    has no line items.
    """
    locked = _locked([document.id for document in documents])
    problems = [problem for document in locked if (problem := _why_not_published(document, locked))]
    if problems or not locked:
        db.session.rollback()
        raise Refused(*(problems or [Problem(Code.MISSING, "Choose at least one contract document.")]))
    # First out of force, then in: of a reference only one version may be in force at any moment.
    db.session.execute(
        update(ContractDocument)
        .where(ContractDocument.reference.in_([document.reference for document in locked]))
        .where(ContractDocument.in_force)
        .values(state=DocumentState.REPLACED)
    )
    for document in locked:
        document.state, document.published_at = DocumentState.PUBLISHED, now()
    tell_contacts({document.organisation_id for document in locked})
    db.session.commit()
    return len(locked)


def tell_contacts(organisation_ids: set[int]) -> None:
    """Write to everybody who may accept contract documents of these organisations; no names, no figures, no commit."""
    contacts = db.session.scalars(
        select(Contact).where(
            Contact.organisation_id.in_(organisation_ids),
            Contact.may_documents,
            Contact.in_force(today()),
        )
    )
    for contact in contacts:
        outbox.write_email(contact.email, PUBLISHED_SUBJECT, PUBLISHED_BODY, contact.organisation_id)


def accept(document_id: int, contact: Contact, user: PortalUser, typed_password: str) -> ContractDocument:
    """Accept a published document for the contact's organisation; the provider cannot take this back.

    Raises Unknown for a document that is not theirs, Refused for a wrong password (field "password") or a document
    that is not waiting for an answer.
    """
    document = _waiting(document_id, contact, user, typed_password)
    document.state = DocumentState.ACCEPTED
    document.accepted_at, document.accepted_by_id = now(), user.id
    db.session.commit()
    return document


def reject(document_id: int, contact: Contact, user: PortalUser, typed_password: str, reason: str) -> ContractDocument:
    """Reject a published document with a reason, which opens a conversation with Service Brokerage.

    Raises as `accept` does, and Refused at field "reason" where it is empty or too long for a message.
    """
    if problem := conversation.why_no_message(reason, REJECTED_WITHOUT):
        raise Refused(problem)
    document = _waiting(document_id, contact, user, typed_password)
    document.state = DocumentState.REJECTED
    document.rejected_at, document.rejected_reason = now(), reason.strip()
    opened = conversation.open_conversation(
        TEAM, f"Contract document {document} rejected", reason.strip(), user, document=document
    )
    tell_team(opened)
    db.session.commit()
    return document


def documents_of(
    *, state: DocumentState | None = None, sought: str = "", page: int = 1, size: int = 25
) -> Page[ContractDocument]:
    """Return a page of the documents of the organisation in scope, those to answer first, newest first.

    Without a `state`, those that are over (replaced, withdrawn, ended) are left out. `sought` is a part of the
    document's or the person's reference.
    """
    statement = (
        select(ContractDocument)
        .join(ContractDocument.person)
        .join(ContractDocument.service)
        .where(_shown(state), _matching(sought))
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
            selectinload(ContractDocument.line_items).joinedload(LineItem.element),
        )
    )
    if found is None:
        raise Unknown
    return found


def other_versions(found: ContractDocument) -> list[ContractDocument]:
    """Return the other versions of a document that its provider may read, the newest first."""
    return list(
        db.session.scalars(
            select(ContractDocument)
            .where(
                ContractDocument.reference == found.reference,
                ContractDocument.id != found.id,
                ContractDocument.state != DocumentState.DRAFT,
            )
            .order_by(ContractDocument.version.desc())
        )
    )


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


def _waiting(document_id: int, contact: Contact, user: PortalUser, typed_password: str) -> ContractDocument:
    """Return the document, its row locked, when it waits for an answer and the password is right."""
    if wrong := why_not_open(_own(document_id, contact)):
        raise Refused(wrong)
    passwords.confirm(user, typed_password, "password")
    # Checking a password ends a transaction of its own, so the row is read again, under its lock.
    found = _own(document_id, contact, lock=True)
    if wrong := why_not_open(found):
        db.session.rollback()
        raise Refused(wrong)
    return found


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


def _locked(ids: list[int]) -> list[ContractDocument]:
    return list(
        db.session.scalars(
            select(ContractDocument)
            .where(ContractDocument.id.in_(ids))
            .options(selectinload(ContractDocument.line_items))
            .order_by(ContractDocument.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _why_not_published(found: ContractDocument, chosen: list[ContractDocument]) -> Problem | None:
    if found.state is not DocumentState.DRAFT:
        state = label(found.state).lower()
        return Problem(Code.WRONG_STATE, f"{found} is {state}: only a draft can be published.")
    if not found.line_items:
        remedy = "Add what it commissions, then publish it."
        return Problem(Code.NO_LINE_ITEMS, f"{found} has no line items yet.", remedy)
    if any(other.reference == found.reference and other.id != found.id for other in chosen):
        return Problem(Code.CHOSEN_TWICE, f"{found} is chosen in two versions: publish one of them.")
    return None


def _may_see() -> ColumnElement[bool]:
    within = ContractDocument.line_items.any(LineItem.can_be_claimed(policy.claimed_since()))
    return and_(
        ContractDocument.state != DocumentState.DRAFT, or_(ContractDocument.state == DocumentState.PUBLISHED, within)
    )


def _shown(state: DocumentState | None) -> ColumnElement[bool]:
    live = (DocumentState.PUBLISHED, DocumentState.ACCEPTED, DocumentState.REJECTED)
    return and_(_may_see(), ContractDocument.state == state if state else ContractDocument.state.in_(live))


def _matching(sought: str) -> ColumnElement[bool]:
    return or_(
        ContractDocument.reference.icontains(sought, autoescape=True),
        Person.reference.icontains(sought, autoescape=True),
    )
