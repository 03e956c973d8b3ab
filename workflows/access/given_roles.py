"""Roles that pay, confirm or manage users: one administrator proposes to give them, another confirms (rules.md 14)."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from models import PortalUser, Proposal, db
from rules.agreement_states import ProposalKind
from rules.money import pounds
from rules.paying_roles import ADMINISTRATOR, GIVEN_BY_TWO, PAYMENTS_APPROVER, PAYMENTS_OFFICER
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.access.administrators import refuse_without_administrator
from workflows.proposals import steps


def takes_two(
    before: Collection[str], wanted: Collection[str], limit_before: Decimal | None, limit: Decimal | None
) -> bool:
    """Return whether a change of somebody's roles and of their limit in pounds (None: any sum) takes two people.

    It does where a role that pays, confirms or manages users is new, or an approver may approve more than before.
    """
    higher = limit_before is not None and (limit is None or limit > limit_before)
    return bool((set(wanted) - set(before)) & set(GIVEN_BY_TWO)) or higher


def problems_of_roles(wanted: Collection[str]) -> list[Problem]:
    """Return why nobody can have these roles together, at `roles`; nothing where somebody can."""
    if ADMINISTRATOR in wanted and {PAYMENTS_OFFICER, PAYMENTS_APPROVER} & set(wanted):
        wrong = "Who manages users cannot approve or release payment runs."
        return [Problem(Code.ONE_OF_TWO, wrong, "Choose one or the other.", "roles")]
    return []


def propose_roles(user: PortalUser, wanted: Collection[str], limit: Decimal | None, officer: PortalUser) -> Proposal:
    """Propose that somebody has exactly these roles, and this limit in pounds. Does not commit.

    Until another administrator confirms it they keep what they have; a new officer cannot sign in.
    Raises Refused where the roles do not go together, or a proposal about the same person waits.
    """
    problems = problems_of_roles(wanted)
    if waiting := steps.waiting(
        Proposal.kind == ProposalKind.ROLE, Proposal.payload["user_id"].as_integer() == user.id
    ):
        wrong = f"“{waiting[0].title}” waits to be confirmed."
        remedy = "Withdraw it first, or wait until it is decided."
        problems.append(Problem(Code.ASKED_ALREADY, wrong, remedy, "roles"))
    if problems:
        raise Refused(*problems)
    payload = {"user_id": user.id, "roles": sorted(wanted), "limit": None if limit is None else str(limit)}
    return steps.propose(ProposalKind.ROLE, f"Roles of {user}: {in_words(wanted, limit)}", payload, officer)


def apply_roles(proposal: Proposal) -> None:
    """Give somebody the roles that were confirmed; they can sign in from now on. No commit.

    Raises Refused where who confirms it is the one it is about, or nobody would manage users any more.
    """
    wanted, limit = wanted_in(proposal.payload)
    user = db.session.get_one(PortalUser, proposal.payload["user_id"])
    if proposal.decided_by_id == user.id:
        raise Refused(
            Problem(Code.OWN_ACCESS, "These are your own roles.", "Another administrator has to confirm them.")
        )
    if ADMINISTRATOR not in wanted:
        refuse_without_administrator([user])
    began = not user.roles
    user.roles = list(db.session.scalars(select(Role).where(Role.name.in_(wanted)).order_by(Role.name)))
    user.approval_limit = limit
    user.active = user.active or began
    db.session.flush()


def wanted_in(payload: dict[str, Any]) -> tuple[list[str], Decimal | None]:
    """Return the roles and the limit in pounds that a proposal would give."""
    return payload["roles"], None if payload["limit"] is None else Decimal(payload["limit"])


def in_words(roles: Collection[str], limit: Decimal | None) -> str:
    """Return roles as people read them, an approver's with the limit."""
    words = ", ".join(sorted(roles)) or "none"
    if PAYMENTS_APPROVER not in roles:
        return words
    return f"{words}, {'any sum' if limit is None else f'up to {pounds(limit)}'}"
