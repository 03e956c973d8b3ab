"""The desk where a second officer confirms: what waits for them, what each would do, and doing it (rules.md 14)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from models import PortalUser, Proposal, Recovery, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.money import pounds
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from workflows.access import given_roles
from workflows.agreements import changes, deductions, new_version, uplifts
from workflows.agreements.change_effect import BeforeAfter, ChangeEffect, effect_of
from workflows.confirm import policy_values
from workflows.confirm.proposed import ProposedDocument, changed_document, drafts_of
from workflows.contracts import publication
from workflows.paper_isos import answers
from workflows.payments import one_off, recoveries
from workflows.proposals import steps


def _publish(proposal: Proposal) -> None:
    if answers.is_from_paper(proposal):
        answers.apply_new(proposal)
    else:
        publication.apply_publication(proposal)


# What confirming does, by kind: each raises Refused where it cannot be done any more, and commits nothing.
APPLY: Final[Mapping[ProposalKind, Callable[[Proposal], object]]] = {
    ProposalKind.PUBLISH: _publish,
    ProposalKind.CHANGE_RATE: changes.apply_rate,
    ProposalKind.CHANGE_PLAN: changes.apply_plan,
    ProposalKind.CHANGE_DEDUCTION: deductions.apply_deduction,
    ProposalKind.END_LINE: changes.apply_end,
    ProposalKind.NEW_VERSION: new_version.apply_new_version,
    ProposalKind.POLICY_VALUE: policy_values.apply_value,
    ProposalKind.UPLIFT: uplifts.apply_uplift,
    ProposalKind.ONE_OFF: one_off.apply_payments,
    ProposalKind.ROLE: given_roles.apply_roles,
    ProposalKind.RECOVERY: recoveries.apply_recovery,
    ProposalKind.INSTALMENTS: recoveries.apply_instalments,
}
EVERY_KIND: Final = tuple(ProposalKind)
_OF_LINES: Final = (
    ProposalKind.CHANGE_RATE, ProposalKind.CHANGE_PLAN, ProposalKind.CHANGE_DEDUCTION, ProposalKind.END_LINE,
)  # fmt: skip


@dataclass(frozen=True)
class ConfirmDesk:
    """One proposal as it is shown, and what else waits for the officer, the oldest first; `own` wait for others."""

    proposal: Proposal | None
    waiting: list[Proposal]
    own: list[Proposal]
    effect: ChangeEffect = field(default_factory=ChangeEffect)
    documents: list[ProposedDocument] = field(default_factory=list)

    @property
    def place(self) -> int:
        """Which of those that wait is shown, from 1 on; 0 where it is none of them."""
        ids = [each.id for each in self.waiting]
        return ids.index(self.proposal.id) + 1 if self.proposal and self.proposal.id in ids else 0

    @property
    def following(self) -> Proposal | None:
        """The one that waits after the one shown, from the last on the oldest again; None where there is no other."""
        others = [*self.waiting[self.place :], *self.waiting[: max(0, self.place - 1)]]
        return others[0] if others else None


def desk_of(officer: PortalUser, kinds: Collection[ProposalKind], proposal_id: int | None = None) -> ConfirmDesk:
    """Return a proposal, the oldest that waits for the officer where none is named, with what it would do.

    Every officer may read every proposal. Raises Unknown.
    """
    waits = waiting_for(officer, kinds)
    own = steps.waiting(Proposal.waits_for_another(officer.id))
    shown = steps.proposal_of(proposal_id) if proposal_id else next(iter(waits), None)
    if shown is None or shown.state is not ProposalState.PROPOSED:
        return ConfirmDesk(shown, waits, own)
    return ConfirmDesk(shown, waits, own, _effect(shown), _documents(shown))


def _effect(proposal: Proposal) -> ChangeEffect:
    if proposal.kind is ProposalKind.POLICY_VALUE:
        return policy_values.effect_of_value(proposal)
    if proposal.kind is ProposalKind.ROLE:
        return _effect_of_roles(proposal)
    if proposal.kind is ProposalKind.RECOVERY:
        return ChangeEffect(rows=[BeforeAfter("Owed", "Nothing", pounds(Decimal(proposal.payload["amount"])))])
    if proposal.kind is ProposalKind.INSTALMENTS:
        recovery = db.session.get_one(Recovery, proposal.payload["recovery_id"])
        before = pounds(recovery.instalment) if recovery.instalment else "All that is owed"
        after = pounds(Decimal(proposal.payload["instalment"]))
        owed = pounds(recovery.balance)
        return ChangeEffect(rows=[BeforeAfter("Still owed", owed, owed), BeforeAfter("Most in a run", before, after)])
    return effect_of(proposal) if proposal.kind in _OF_LINES else ChangeEffect()


def _effect_of_roles(proposal: Proposal) -> ChangeEffect:
    user = db.session.get_one(PortalUser, proposal.payload["user_id"])
    before = given_roles.in_words([role.name for role in user.roles], user.approval_limit)
    after = given_roles.in_words(*given_roles.wanted_in(proposal.payload))
    rows = [BeforeAfter(f"Roles of {user}", before, after), BeforeAfter("Signs in as", user.email, user.email)]
    return ChangeEffect(rows=rows)


def _documents(proposal: Proposal) -> list[ProposedDocument]:
    if proposal.kind is ProposalKind.PUBLISH:
        return drafts_of(proposal)
    return [changed_document(proposal)] if proposal.kind is ProposalKind.NEW_VERSION else []


def waiting_for(officer: PortalUser, kinds: Collection[ProposalKind]) -> list[Proposal]:
    """Return what this officer can confirm, of the kinds their role decides, the oldest first."""
    return steps.waiting(Proposal.waits_for(officer.id, kinds))


def confirm(
    proposal_id: int, officer: PortalUser, ticked: Collection[str], kinds: Collection[ProposalKind] = EVERY_KIND
) -> Proposal:
    """Confirm a proposal of a kind the officer decides and do it, in one transaction. Commits.

    Raises as `steps.confirm` does, and Unknown for another kind.
    """
    kind = steps.proposal_of(proposal_id).kind
    if kind not in kinds or kind not in APPLY:
        raise Unknown
    return steps.confirm(proposal_id, officer, ticked, APPLY[kind])


def send_back(
    proposal_id: int, officer: PortalUser, reason: str, kinds: Collection[ProposalKind] = EVERY_KIND
) -> Proposal:
    """Send a proposal of a kind the officer decides back to who made it. Commits. Raises Unknown, Refused."""
    if steps.proposal_of(proposal_id).kind not in kinds:
        raise Unknown
    return steps.send_back(proposal_id, officer, reason)


def submit(change: changes.AgreementChange, officer: PortalUser, ticked: Collection[str]) -> Proposal:
    """Propose a judged change; where one officer is enough (policy), confirm it at once. Commits.

    Raises Refused where one waits already, and, where one officer is enough, where something unusual is not ticked:
    then nothing is proposed.
    """
    alone = change.officers == 1
    if alone and any(each.code not in ticked for each in change.unusual):
        wrong = "Something about this is unusual."
        raise Refused(Problem(Code.MISSING, wrong, "Look at it, and tick that you did.", "ticked"))
    proposal = changes.propose(change, officer)
    return steps.confirm(proposal.id, officer, ticked, APPLY[change.kind]) if alone else proposal
