"""The desk where a second officer confirms: what waits for them, what each would do, and doing it (rules.md 14)."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from sqlalchemy import ColumnElement

from models import PortalUser, Proposal
from rules.states import ProposalKind
from workflows.contracts import changes, publication, uplifts
from workflows.contracts.change_effect import Effect, effect_of
from workflows.payments import one_off
from workflows.proposals import steps

# What confirming does, by kind: each raises Refused where it cannot be done any more, and commits nothing.
APPLY: Final[Mapping[ProposalKind, Callable[[Proposal], object]]] = {
    ProposalKind.PUBLISH: publication.apply_publication,
    ProposalKind.CHANGE_RATE: changes.apply_rate,
    ProposalKind.CHANGE_PLAN: changes.apply_plan,
    ProposalKind.END_LINE: changes.apply_end,
    ProposalKind.UPLIFT: uplifts.apply_uplift,
    ProposalKind.ONE_OFF: one_off.apply_payments,
}
_OF_A_LINE: Final = (ProposalKind.CHANGE_RATE, ProposalKind.CHANGE_PLAN, ProposalKind.END_LINE)


def confirm(proposal_id: int, officer: PortalUser, ticked: Collection[str]) -> Proposal:
    """Confirm a proposal and do it, in one transaction. Commits; raises as `steps.confirm` does."""
    kind = steps.proposal_of(proposal_id).kind
    return steps.confirm(proposal_id, officer, ticked, APPLY[kind])


def waiting_for(officer: PortalUser, kinds: Collection[ProposalKind]) -> list[Proposal]:
    """Return what this officer can confirm, of the kinds their role decides, the oldest first."""
    return steps.waiting(*can_confirm(officer, kinds))


def can_confirm(officer: PortalUser, kinds: Collection[ProposalKind]) -> list[ColumnElement[bool]]:
    """Return the conditions of what an officer can confirm: of their kinds, and not their own where it takes two."""
    return [Proposal.kind.in_(kinds), (Proposal.proposed_by_id != officer.id) | (Proposal.officers == 1)]


def effect(proposal: Proposal) -> Effect | None:
    """Return what a proposal would do to a line's weeks, nothing where it is about no line."""
    return effect_of(proposal) if proposal.kind in _OF_A_LINE else None
