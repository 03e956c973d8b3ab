"""Versions of contract documents: what a provider is shown, kept word for word when it is published (rules.md 11)."""

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from models import Contact, ContractDocument, DocumentVersion, Email, LineItem, Organisation, Proposal, db
from rules.agreement_states import DocumentState
from rules.document_content import (
    DeductionContent,
    DocumentContent,
    LineContent,
    PlanContent,
    RateContent,
    digest_of,
    from_text,
    to_text,
)
from rules.mail_states import EmailState
from rules.refusal import Unknown
from workflows.clock import now, today
from workflows.contracts.missing_package import tell_found
from workflows.mail.letters import write_letter

REPLACEABLE = (DocumentState.PUBLISHED, DocumentState.ACCEPTED, DocumentState.REJECTED, DocumentState.ENDED)


def publish_versions(document_ids: Sequence[int], proposal: Proposal) -> list[ContractDocument]:
    """Publish the next version of each document as it stands now, and tell who accepts contract documents.

    The version before is replaced and stays readable. No commit: it belongs to the transaction that confirms
    `proposal`, and the database takes it in no other.
    """
    documents = load_documents(document_ids)
    db.session.execute(
        update(DocumentVersion)
        .where(DocumentVersion.document_id.in_(document_ids))
        .where(DocumentVersion.state.in_(REPLACEABLE))
        .values(state=DocumentState.REPLACED)
    )
    for document in documents:
        document.version += 1
        document.state, document.published_at = DocumentState.PUBLISHED, now()
        document.rejected_at, document.rejected_reason = None, ""
        text = to_text(content_of(document, today()))
        db.session.add(
            DocumentVersion(
                organisation_id=document.organisation_id, document_id=document.id, number=document.version,
                state=DocumentState.PUBLISHED, content=text, digest=digest_of(text), published_at=now(),
                proposal_id=proposal.id,
            )
        )  # fmt: skip
    tell_contacts({document.organisation_id for document in documents})
    db.session.flush()
    for document in documents:
        tell_found(document)
    return documents


def tell_contacts(organisation_ids: set[int], name: str = "document published") -> None:
    """Write to everybody who may accept contract documents of these organisations; no names, no figures, no commit.

    Whoever is about to be told the same is not told again: a migration publishes hundreds one after the other.
    """
    told = select(Email.recipient).where(Email.state == EmailState.WAITING, Email.letter == name)
    contacts = db.session.scalars(
        select(Contact).where(
            Contact.organisation_id.in_(organisation_ids),
            Contact.may_documents,
            Contact.in_force(today()),
            Contact.email.not_in(told),
        )
    )
    for contact in contacts:
        write_letter(contact.email, name, contact.organisation_id)


def load_documents(document_ids: Sequence[int], *, lock: bool = True) -> list[ContractDocument]:
    """Return documents with all that their content says, in the order of their ids."""
    statement = (
        select(ContractDocument)
        .where(ContractDocument.id.in_(document_ids))
        .options(
            joinedload(ContractDocument.organisation).load_only(Organisation.name, Organisation.reference),
            joinedload(ContractDocument.service),
            joinedload(ContractDocument.person),
            selectinload(ContractDocument.line_items).joinedload(LineItem.element),
            selectinload(ContractDocument.line_items).selectinload(LineItem.deductions),
        )
        .order_by(ContractDocument.id)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement.with_for_update(of=ContractDocument) if lock else statement))


def content_of(document: ContractDocument, published_on: date) -> DocumentContent:
    """Return what a document says as it stands now, under the number of its version."""
    return DocumentContent(
        council=current_app.config["COUNCIL_NAME"],
        organisation=document.organisation.name,
        organisation_reference=document.organisation.reference,
        service=document.service.name,
        person_reference=document.person.reference,
        reference=document.reference,
        version=document.version,
        terms=document.terms,
        published_on=published_on,
        lines=tuple(line_content(line) for line in sorted(document.line_items, key=lambda line: line.reference)),
    )


def line_content(line: LineItem) -> LineContent:
    """Return what a document says of a line: all plans and rates it has had."""
    return LineContent(
        reference=line.reference,
        element=line.element.name,
        unit=line.unit,
        plan_kind=line.plan_kind,
        plans=tuple(PlanContent(plan.start, plan.days, plan.weekly_quantity) for plan in line.plans),
        rates=tuple(RateContent(rate.rate, rate.start, rate.end) for rate in line.rates),
        start=line.start,
        end=line.end,
        payment_method=line.payment_method,
        payment_basis=line.payment_basis,
        contribution=line.contribution,
        top_up=line.top_up,
        vat_code=line.vat_code,
        extras_allowed=line.extras_allowed,
        deductions=tuple(DeductionContent(each.start, each.contribution, each.top_up) for each in line.deductions),
    )


def version_of(document_id: int, number: int) -> DocumentVersion:
    """Return one version of a document of the organisation in scope. Raises Unknown."""
    found: DocumentVersion | None = db.session.scalar(
        select(DocumentVersion)
        .where(DocumentVersion.document_id == document_id, DocumentVersion.number == number)
        .options(joinedload(DocumentVersion.answered_by))
    )
    if found is None:
        raise Unknown
    return found


def content_shown(version: DocumentVersion) -> DocumentContent:
    """Return what a version said when it was published."""
    return from_text(version.content)
