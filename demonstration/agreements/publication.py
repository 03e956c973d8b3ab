"""Contract documents of the demonstration, published as the council does it: by two officers, each version kept."""

from sqlalchemy import select

from models import ContractDocument, DocumentVersion, PortalUser, Proposal, db
from rules.agreement_states import DocumentState, ProposalKind, ProposalState
from rules.document_content import digest_of, to_text
from workflows.clock import now
from workflows.contracts.versions import content_of, load_documents


def publish(organisation_id: int) -> None:
    """Publish the drafts of an organisation that say when they were published, and accept those that say so too.

    No commit: that belongs to the transaction in which the proposal is confirmed.
    """
    drafts = select(ContractDocument.id).where(
        ContractDocument.organisation_id == organisation_id, ContractDocument.published_at.is_not(None)
    )
    db.session.flush()
    ids = list(db.session.scalars(drafts.where(ContractDocument.version == 0)))
    proposal = _confirmed(ids)
    for document in load_documents(ids):
        assert document.published_at is not None
        document.version = 1
        accepted = document.accepted_at is not None
        document.state = DocumentState.ACCEPTED if accepted else DocumentState.PUBLISHED
        text = to_text(content_of(document, document.published_at.date()))
        db.session.add(
            DocumentVersion(
                organisation_id=document.organisation_id, document_id=document.id, number=1, state=document.state,
                content=text, digest=digest_of(text), published_at=document.published_at, proposal_id=proposal.id,
                answered_at=document.accepted_at, answered_by_id=document.accepted_by_id,
                signed_digest=digest_of(text) if accepted else None,
            )
        )  # fmt: skip
    db.session.flush()


def _confirmed(ids: list[int]) -> Proposal:
    officers = {user.email: user for user in db.session.scalars(select(PortalUser).where(PortalUser.council))}
    proposal = Proposal(
        kind=ProposalKind.PUBLISH, state=ProposalState.CONFIRMED, payload={"documents": ids}, decided_at=now(),
        title=f"Publish {len(ids)} contract documents", proposed_by=officers["brokerage@council.example"],
        decided_by=officers["brokerage.lead@council.example"],
    )  # fmt: skip
    db.session.add(proposal)
    db.session.flush()
    return proposal
