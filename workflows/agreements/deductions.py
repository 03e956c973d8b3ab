"""Another contribution or top-up from a day on: proposed, then deducted when confirmed (rules.md 9 and 14)."""

from datetime import date
from decimal import Decimal

from models import Deduction, LineItem, PortalUser, Proposal, db
from rules.agreement_states import ProposalKind
from rules.money import pounds
from rules.period import uk_date
from rules.price import NoRate, rate_on
from rules.scheduled import Deductions
from rules.unusual import Unusual, unusual_start
from workflows.agreements.change_checks import refuse, why_no_change, why_no_deduction
from workflows.agreements.change_effect import cost_of_week
from workflows.agreements.change_payload import deduction_in
from workflows.agreements.changes import AgreementChange, line_of, live_line, propose, publish_changed, reason_of
from workflows.clock import today
from workflows.proposals import steps
from workflows.proposals.steps import about_line


def deduction_change(line_id: int, wanted: Deductions, reason: str) -> AgreementChange:
    """Judge that these pounds a week are deducted from a day on. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_change(line.document, reason), why_no_deduction(line, wanted))
    unusual = unusual_start(line.reference, wanted.start, today(), steps.limits()) + _more_than_it_costs(line, wanted)
    payload = {
        "start": wanted.start.isoformat(), "contribution": str(wanted.contribution), "top_up": str(wanted.top_up),
        "reason": reason.strip(),
    }  # fmt: skip
    title = f"Change contribution of line {line} from {uk_date(wanted.start)}"
    return AgreementChange(ProposalKind.CHANGE_DEDUCTION, title, payload, about_line(line), unusual)


def propose_deduction(
    line_id: int, start: date, contribution: Decimal, top_up: Decimal, officer: PortalUser, reason: str
) -> Proposal:
    """Propose a change that `deduction_change` judges. Commits. Raises Unknown, Refused."""
    return propose(deduction_change(line_id, Deductions(start, contribution, top_up), reason), officer)


def apply_deduction(proposal: Proposal) -> None:
    """Let a confirmed contribution and top-up hold from their day on, until the next ones. Raises Refused. No commit.

    What was paid already is put right with the next scheduled payment.
    """
    line, wanted, reason = line_of(proposal), deduction_in(proposal.payload), reason_of(proposal)
    steps.refuse_newly_unusual(proposal, deduction_change(line.id, wanted, reason).unusual)
    same_day = next((each for each in line.deductions if each.start == wanted.start), None)
    kept = same_day or Deduction(organisation_id=line.organisation_id, line_item_id=line.id, start=wanted.start)
    kept.contribution, kept.top_up, kept.reason = wanted.contribution, wanted.top_up, reason
    kept.proposal_id = proposal.id
    db.session.add(kept)
    publish_changed([line], proposal)


def _more_than_it_costs(line: LineItem, wanted: Deductions) -> list[Unusual]:
    try:
        cost = cost_of_week(line, wanted.start, rate_on(line.rate_versions, wanted.start).rate)
    except NoRate:
        return []
    deducted = wanted.contribution + wanted.top_up
    if deducted <= cost:
        return []
    wrong = f"Line {line}: {pounds(deducted)} a week are more than the {pounds(cost)} that a week costs."
    return [Unusual(f"deducted {line.reference}", wrong)]
