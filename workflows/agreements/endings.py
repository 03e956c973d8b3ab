"""How a contract document ends: withdrawn before it began, or ended once the last day of its last line has passed."""

from datetime import date

from sqlalchemy import exists, func, or_, select, update

from models import AbortedVisit, AbsenceClaim, Actual, ContractDocument, DocumentVersion, LineItem, db
from rules.agreement_states import DocumentState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ClaimState, label
from workflows.agreements.change_checks import refuse
from workflows.agreements.new_version import document_of
from workflows.clock import now
from workflows.contracts.versions import tell_contacts

CAN_BE_WITHDRAWN = (DocumentState.PUBLISHED, DocumentState.REJECTED)
ON_VERSION = (DocumentState.PUBLISHED, DocumentState.ACCEPTED, DocumentState.REJECTED)


def withdraw(document_id: int, reason: str) -> ContractDocument:
    """Withdraw as `take_back` does, and commit."""
    try:
        document = take_back(document_id, reason)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return document


def take_back(document_id: int, reason: str) -> ContractDocument:
    """Withdraw a document that was not accepted and of which no care is recorded, and tell its provider. No commit.

    One officer is enough: nothing is paid on it, and afterwards nothing can be. Raises Unknown, Refused.
    """
    document = document_of(document_id)
    refuse(why_no_withdrawal(document, reason))
    document.state, document.withdrawn_at = DocumentState.WITHDRAWN, now()
    document.withdrawn_reason = reason.strip()
    db.session.execute(
        update(DocumentVersion)
        .where(DocumentVersion.document_id == document.id, DocumentVersion.state.in_(ON_VERSION))
        .values(state=DocumentState.WITHDRAWN)
    )
    tell_contacts({document.organisation_id}, "document withdrawn")
    return document


def why_no_withdrawal(document: ContractDocument, reason: str) -> list[Problem]:
    """Return why a document cannot be withdrawn for a reason, nothing where it can."""
    problems = why_not_withdrawn(document)
    if not reason.strip():
        problems.append(Problem(Code.REASON_NEEDED, "Say why it is withdrawn.", "The provider reads it.", "reason"))
    return problems


def why_not_withdrawn(document: ContractDocument) -> list[Problem]:
    """Return why a document cannot be withdrawn, nothing where it can."""
    if document.state not in CAN_BE_WITHDRAWN:
        state = label(document.state).lower()
        return [Problem(Code.WRONG_STATE, f"{document} is {state}, so it cannot be withdrawn.", "End it instead.")]
    own = LineItem.document_id == document.id
    of_line = (table.line_item_id.in_(select(LineItem.id).where(own)) for table in (Actual, AbortedVisit, AbsenceClaim))
    actual, visit, claim = of_line
    recorded = (
        exists().where(actual, or_(Actual.delivered > 0, Actual.state != "draft")),
        exists().where(visit),
        exists().where(claim, AbsenceClaim.state.not_in((ClaimState.DRAFT, ClaimState.REFUSED))),
    )
    if db.session.scalar(select(or_(*recorded))):
        wrong = f"Care is recorded on {document}, so it cannot be withdrawn."
        return [Problem(Code.CARE_RECORDED, wrong, "End it instead.")]
    return []


def end_documents(today: date) -> int:
    """Call accepted documents ended whose every line had its last day before `today`; return how many. Commits.

    Only accepted ones: one that still waits for an answer has to stay where its provider can accept it.
    """
    last = (
        select(func.max(func.coalesce(LineItem.end, date.max)))
        .where(LineItem.document_id == ContractDocument.id)
        .scalar_subquery()
    )
    ended = list(
        db.session.scalars(
            update(ContractDocument)
            .where(ContractDocument.state == DocumentState.ACCEPTED, last < today)
            .values(state=DocumentState.ENDED)
            .returning(ContractDocument.id)
        )
    )
    db.session.execute(
        update(DocumentVersion)
        .where(DocumentVersion.document_id.in_(ended), DocumentVersion.state == DocumentState.ACCEPTED)
        .values(state=DocumentState.ENDED)
    )
    db.session.commit()
    return len(ended)
