"""Payments the council makes once: proposed by one officer, made when another has confirmed (rules.md 14)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import LineItem, OneOffPayment, Organisation, PaymentPeriod, PortalUser, Proposal, db
from models.unpriced import UNPRICED
from rules.agreement_states import ProposalKind
from rules.money import NOTHING, pounds
from rules.number import figure_problem
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import VatCode
from rules.text import refuse_unseen
from rules.words import counted
from workflows.page import Page, page_of
from workflows.proposals import steps
from workflows.proposals.steps import NOTHING_YET, About

SIZE: Final = 25
MOST: Final = Decimal(999_999)


class OneOff(NamedTuple):
    """A payment that is wanted: pounds net of VAT, why, and, where it is known, for which line and period."""

    organisation_id: int
    line_item_id: int | None
    period_id: int | None
    net: Decimal
    vat_code: VatCode
    reason: str


class ShownPayment(NamedTuple):
    """A payment with the records that it is for."""

    organisation: Organisation
    line: LineItem | None
    period: PaymentPeriod | None
    net: Decimal
    vat_code: VatCode
    reason: str


def problems_of_payment(payment: OneOff) -> list[Problem]:
    """Return why a payment cannot be made, each at its field (`net`, `reason`); nothing where it can."""
    found = []
    if problem := figure_problem(payment.net, 2, MOST):
        found.append(problem.at("net"))
    elif payment.net == 0:
        found.append(Problem(Code.NOTHING_PAYABLE, "This is no payment.", "Enter more than £0.00.", "net"))
    if not payment.reason.strip():
        found.append(Problem(Code.REASON_NEEDED, "Say what the payment is for.", field="reason"))
    elif problem := refuse_unseen(payment.reason, "The reason"):
        found.append(problem.at("reason"))
    return found


def propose_payments(payments: Sequence[OneOff], officer: PortalUser) -> Proposal:
    """Propose payments, all or none; they pay nothing until another officer has confirmed. Does not commit.

    Raises Refused where one cannot be made, or its line is not the organisation's.
    """
    problems = [problem for payment in payments for problem in problems_of_payment(payment)]
    for line_id, organisation_id in {(each.line_item_id, each.organisation_id) for each in payments}:
        line = db.session.get(LineItem, line_id) if line_id else None
        if line and line.organisation_id != organisation_id:
            wrong = f"Line {line} is another organisation’s."
            problems.append(Problem(Code.NOT_FOUND, wrong, "Choose one of its own lines.", "line_item"))
    if problems or not payments:
        raise Refused(*(problems or [Problem(Code.MISSING, "There is nothing to pay.")]))
    total = sum((payment.net for payment in payments), NOTHING)
    first = payments[0]
    if len(payments) == 1:
        organisation = db.session.get_one(Organisation, first.organisation_id)
        title, about = f"Pay {organisation} {pounds(total)} once", About(first.organisation_id)
    else:
        title, about = f"Make {counted(len(payments), 'one-off payment')}, {pounds(total)} together", NOTHING_YET
    payload = {"payments": [_stored(payment) for payment in payments]}
    return steps.propose(ProposalKind.ONE_OFF, title, payload, officer, about=about, note=first.reason)


def propose(payment: OneOff, officer: PortalUser) -> Proposal:
    """Propose one payment as `propose_payments` does, and commit."""
    try:
        proposal = propose_payments([payment], officer)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return proposal


def apply_payments(proposal: Proposal) -> None:
    """Make the payments of a confirmed proposal: they wait for the next payment run. No commit."""
    db.session.add_all(OneOffPayment(**payment._asdict(), proposal_id=proposal.id) for payment in proposed(proposal))
    db.session.flush()


def proposed(proposal: Proposal) -> list[OneOff]:
    """Return the payments that a proposal would make."""
    return [
        OneOff(**{**each, "net": Decimal(each["net"]), "vat_code": VatCode(each["vat_code"])})
        for each in proposal.payload["payments"]
    ]


def shown(proposal: Proposal) -> list[ShownPayment]:
    """Return the payments that a proposal would make, as people name what they are for."""
    payments = proposed(proposal)
    organisations = _named(Organisation, {each.organisation_id for each in payments})
    lines = _named(LineItem, {each.line_item_id for each in payments})
    periods = _named(PaymentPeriod, {each.period_id for each in payments})
    return [
        ShownPayment(
            organisations[each.organisation_id], lines.get(each.line_item_id), periods.get(each.period_id), each.net,
            each.vat_code, each.reason,
        )
        for each in payments
    ]  # fmt: skip


def payments_page(page: int) -> Page[OneOffPayment]:
    """Return one page of the one-off payments, the latest first."""
    shown = (joinedload(OneOffPayment.organisation), joinedload(OneOffPayment.line_item).options(*UNPRICED))
    return page_of(select(OneOffPayment).options(*shown).order_by(OneOffPayment.id.desc()), page, SIZE)


def waiting() -> list[Proposal]:
    """Return what is proposed and waits for another officer, the oldest first."""
    return steps.waiting(Proposal.kind == ProposalKind.ONE_OFF)


def _named(kind: Any, ids: set[Any]) -> dict[Any, Any]:
    return {each.id: each for each in db.session.scalars(select(kind).where(kind.id.in_(ids - {None})))}


def _stored(payment: OneOff) -> dict[str, Any]:
    reason = payment.reason.strip()
    return payment._asdict() | {"net": str(payment.net), "vat_code": payment.vat_code.value, "reason": reason}
