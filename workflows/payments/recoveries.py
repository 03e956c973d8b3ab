"""What organisations owe, as officers look after it: proposed, agreed in instalments, paused (rules.md 10)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import joinedload

from models import Organisation, PaymentSource, PortalUser, Proposal, Recovery, db
from rules.agreement_states import ProposalKind
from rules.money import pounds
from rules.number import NotANumber, figure_problem, read_number
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.text import refuse_longer, refuse_unseen
from workflows.clock import today
from workflows.page import Page, page_of
from workflows.proposals import steps
from workflows.proposals.steps import About

SIZE: Final = 25
MOST: Final = Decimal(999_999)
LONGEST_REASON: Final = 500


class RecoveriesShown(StrEnum):
    """Which recoveries a list holds: those of which something is still owed, or all."""

    OWED = ""
    ALL = "all"


@dataclass(frozen=True)
class RecoveryPage:
    """One recovery, what each run took of it, the latest first, and the proposal about it that waits."""

    recovery: Recovery
    takings: list[PaymentSource]
    waiting: Proposal | None


def recoveries_page(page: int, show: RecoveriesShown) -> Page[Recovery]:
    """Return one page of the recoveries, the latest first."""
    shown: ColumnElement[bool] = Recovery.balance > 0 if show is RecoveriesShown.OWED else true()
    statement = select(Recovery).where(shown).options(joinedload(Recovery.organisation), joinedload(Recovery.from_run))
    return page_of(statement.order_by(Recovery.id.desc()), page, SIZE)


def waiting() -> list[Proposal]:
    """Return what is proposed about recoveries and waits for another officer, the oldest first."""
    return steps.waiting(Proposal.kind.in_((ProposalKind.RECOVERY, ProposalKind.INSTALMENTS)))


def recovery_page(recovery_id: int) -> RecoveryPage:
    """Return what a page shows of one recovery. Raises Unknown."""
    shown = (joinedload(Recovery.organisation), joinedload(Recovery.from_run), joinedload(Recovery.proposal))
    recovery: Recovery | None = db.session.scalar(
        select(Recovery).where(Recovery.id == recovery_id).options(*shown).execution_options(populate_existing=True)
    )
    if recovery is None:
        raise Unknown
    takings = select(PaymentSource).where(PaymentSource.recovery_id == recovery_id)
    run = joinedload(PaymentSource.run, innerjoin=True)
    found = db.session.scalars(takings.options(run).order_by(PaymentSource.id.desc()))
    return RecoveryPage(recovery, list(found), _waiting_about(recovery_id))


def propose_recovery(organisation_id: int, amount: Decimal | None, reason: str, officer: PortalUser) -> Proposal:
    """Propose that an organisation owes pounds, for a reason; another officer confirms it. Commits. Raises Refused."""
    problems = [*_figure_problems(amount, "amount"), *_reason_problems(reason)]
    if problems or amount is None:
        raise Refused(*problems)
    organisation = db.session.get_one(Organisation, organisation_id)
    payload = {"organisation_id": organisation_id, "amount": str(amount), "reason": reason.strip()}
    title = f"Recover {pounds(amount)} from {organisation}"
    about = About(organisation_id)
    proposal = steps.propose(ProposalKind.RECOVERY, title, payload, officer, about=about, note=reason)
    db.session.commit()
    return proposal


def apply_recovery(proposal: Proposal) -> None:
    """Let an organisation owe what was confirmed: the next runs take it. No commit."""
    amount = Decimal(proposal.payload["amount"])
    db.session.add(
        Recovery(
            organisation_id=proposal.payload["organisation_id"], amount=amount, reason=proposal.payload["reason"],
            proposal_id=proposal.id,
        )
    )  # fmt: skip
    db.session.flush()


def propose_instalments(recovery_id: int, typed: str, reason: str, officer: PortalUser) -> Proposal:
    """Propose the most that one run takes of a recovery, as typed, in pounds; another officer confirms it.

    Where one officer is enough (policy) it holds at once. Commits. Raises Unknown, and Refused (fields `instalment`
    and `reason`), also where nothing is owed any more or a proposal about the recovery waits.
    """
    recovery = db.session.get(Recovery, recovery_id)
    if recovery is None:
        raise Unknown
    instalment, problems = _read(typed)
    problems += _reason_problems(reason)
    if instalment is not None and not problems and instalment > recovery.balance:
        owed = f"{pounds(recovery.balance)} is still owed."
        problems.append(Problem(Code.OUT_OF_RANGE, owed, "Enter that or less.", "instalment"))
    if waits := _waiting_about(recovery_id):
        wrong = f"“{waits.title}” waits to be confirmed."
        problems.append(Problem(Code.ASKED_ALREADY, wrong, "Withdraw it first, or wait until it is decided."))
    if problems or instalment is None:
        raise Refused(*problems)
    payload = {"recovery_id": recovery_id, "instalment": str(instalment), "reason": reason.strip()}
    title = f"Recover {pounds(recovery.balance)} from {recovery.organisation} by {pounds(instalment)} in each run"
    about = About(recovery.organisation_id)
    proposal = steps.propose(ProposalKind.INSTALMENTS, title, payload, officer, about=about, note=reason)
    db.session.commit()
    if proposal.officers == 1:
        steps.confirm(proposal.id, officer, (), apply_instalments)
    return proposal


def apply_instalments(proposal: Proposal) -> None:
    """Let a run take no more of a recovery than was confirmed. Raises Refused where nothing is owed. No commit."""
    recovery = _locked(proposal.payload["recovery_id"])
    if not recovery.balance:
        raise Refused(Problem(Code.CHANGED_MEANWHILE, "Nothing is owed any more.", "Send it back."))
    recovery.instalment = Decimal(proposal.payload["instalment"])
    db.session.flush()


def pause(recovery_id: int, reason: str) -> None:
    """Let no run take any of a recovery until it goes on, for a reason. Commits. Raises Unknown, Refused (`why`)."""
    problems = [problem.at("why") for problem in _reason_problems(reason)]
    recovery = _locked(recovery_id)
    if recovery.paused_on:
        problems.append(Problem(Code.WRONG_STATE, "The recovery is paused already."))
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    recovery.paused_on, recovery.paused_reason = today(), reason.strip()
    db.session.commit()


def go_on(recovery_id: int) -> None:
    """Let the next runs take from a recovery again. Commits. Raises Unknown, Refused."""
    recovery = _locked(recovery_id)
    if not recovery.paused_on:
        db.session.rollback()
        raise Refused(Problem(Code.WRONG_STATE, "The recovery is not paused."))
    recovery.paused_on, recovery.paused_reason = None, ""
    db.session.commit()


def _locked(recovery_id: int) -> Recovery:
    found: Recovery | None = db.session.get(Recovery, recovery_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Unknown
    return found


def _waiting_about(recovery_id: int) -> Proposal | None:
    of_it = Proposal.payload["recovery_id"].as_integer() == recovery_id
    return next(iter(steps.waiting(Proposal.kind == ProposalKind.INSTALMENTS, of_it)), None)


def _read(typed: str) -> tuple[Decimal | None, list[Problem]]:
    try:
        figure = read_number(typed.replace("£", "").replace(",", ""))
    except NotANumber as error:
        return None, [error.problem.about("Most in a run").at("instalment")]
    return figure, _figure_problems(figure, "instalment")


def _figure_problems(figure: Decimal | None, field: str) -> list[Problem]:
    if figure is None:
        return [Problem(Code.MISSING, "Enter an amount.", field=field)]
    if problem := figure_problem(figure, 2, MOST):
        return [problem.at(field)]
    return [] if figure > 0 else [Problem(Code.OUT_OF_RANGE, "Enter more than £0.00.", field=field)]


def _reason_problems(reason: str) -> list[Problem]:
    if not reason.strip():
        return [Problem(Code.REASON_NEEDED, "Say why.", field="reason")]
    problem = refuse_unseen(reason, "The reason") or refuse_longer(reason.strip(), LONGEST_REASON, "The reason")
    return [problem.at("reason")] if problem else []
