"""Payment runs: prepared by one officer, approved by another, released in one transaction (rules.md 10).

Everything is moved in sets by SQL: a run of 60,000 lines is a handful of statements. All functions are called in the
council's scope.
"""

import re
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from models import Contact, Organisation, PaymentPeriod, PaymentRun, PortalUser, Remittance, db
from rules.money import VAT_PERCENT
from rules.payment_run import ControlTotals, check_pay_date, what_disagrees, why_too_early
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import RunState
from rules.working_days import add_working_days, previous_working_day
from workflows import policy
from workflows.clock import now, today
from workflows.mail.outbox import write_email
from workflows.payments.run_sql import CONTROL, FREE, GATHER, MARK_PAID, REMIT, STATES, TOTALS

# The names bound in a statement; a cast (::text) is none.
_BOUND = re.compile(r"(?<!:):([a-z_]+)")

SUBJECT = "A remittance advice is ready"
BODY = (
    "The council has released a payment to your organisation.\n\n"
    "Sign in to the provider portal to read the remittance advice, line by line:\n{address}\n"
)


def first_pay_date() -> date:
    """Return the first day that a run which is released today can pay on (policy: WD-2)."""
    return add_working_days(today(), *_bank_terms())


def suggested_pay_date() -> date:
    """Return the next pay date of a period that is over, if a run can still pay on it, else the first it can pay on."""
    first = first_pay_date()
    statement = select(PaymentPeriod.pay_on).where(PaymentPeriod.pay_on >= first, PaymentPeriod.end < today())
    found: date | None = db.session.scalar(statement.order_by(PaymentPeriod.pay_on).limit(1))
    return max(first, previous_working_day(found, policy.for_council("closure_days"))) if found else first


def prepare(typed_pay_date: str, officer: PortalUser) -> PaymentRun:
    """Gather everything that waits to be paid into a draft run for a pay date (as typed), and return it.

    Accepted invoices, finalised scheduled payments, approved absence claims and one-off payments of organisations
    that are not on hold; then the recoveries of those organisations. Invoices in dispute wait. Two officers at once
    never take the same: each source is marked and taken in one statement.
    Raises Refused where the date cannot be a pay date (field `pay_date`: it must be one that a run which is released
    today can pay on), or nothing waits.
    """
    pay_date = check_pay_date(typed_pay_date, today(), *_bank_terms())
    run = PaymentRun(pay_date=pay_date, state=RunState.DRAFT, prepared_by_id=officer.id)
    db.session.add(run)
    db.session.flush()
    percents = {f"vat_{code.value.lower()}": percent for code, percent in VAT_PERCENT.items()}
    taken = sum(_execute(statement, run=run.id, today=today(), **percents).rowcount for statement in GATHER)
    if not taken:
        db.session.rollback()
        raise Refused(Problem(Code.NOTHING_PAYABLE, "There is nothing to pay."))
    totals = _execute(TOTALS, run=run.id).one()
    run.payment_count, run.total = totals.payments, totals.pounds
    db.session.commit()
    return run


def discard(run_id: int) -> None:
    """Take a run apart that is not released: everything in it waits to be paid again. Raises Unknown, else Refused."""
    run = _locked(run_id)
    if run.state not in (RunState.DRAFT, RunState.APPROVED):
        _refuse(Problem(Code.WRONG_STATE, f"{run} cannot be discarded: it is {run.state.value}."))
    # The database keeps an approved run and its sources as they are.
    run.state = RunState.DRAFT
    db.session.flush()
    for statement in FREE:
        _execute(statement, run=run.id)
    db.session.delete(run)
    db.session.commit()


def approve(run_id: int, officer: PortalUser) -> None:
    """Approve a draft run. Raises Unknown, and Refused for the officer who prepared it, whatever their role.

    It is also refused where the pay date can no longer be met.
    """
    run = _locked(run_id)
    if run.state is not RunState.DRAFT:
        _refuse(Problem(Code.WRONG_STATE, f"{run} cannot be approved: it is {run.state.value}."))
    if run.prepared_by_id == officer.id:
        _refuse(Problem(Code.OWN_RUN, f"You prepared {run}.", "Another officer has to approve it."))
    _refuse_if_too_late(run)
    totals = _execute(TOTALS, run=run.id).one()
    if (run.payment_count, run.total) != (totals.payments, totals.pounds):
        changed = f"{run} has changed since it was prepared."
        _refuse(Problem(Code.FIGURES_CHANGED, changed, "Discard it and prepare it again."))
    run.state, run.approved_by_id, run.approved_at = RunState.APPROVED, officer.id, now()
    db.session.commit()


def release(run_id: int, officer: PortalUser) -> None:
    """Release an approved run: remittances and their lines are written, sources are paid, providers are told.

    One transaction: unless count and pence agree between run, sources, remittances and their lines, nothing happens.
    Raises Unknown, and Refused where the run is not approved, was released before, its pay date can no longer be met,
    or totals disagree.
    """
    run = _locked(run_id)
    if run.state in (RunState.RELEASED, RunState.SETTLED) and run.released_at:
        released = f"{run} was already released on {uk_date(run.released_at.date())}."
        _refuse(Problem(Code.WRONG_STATE, released))
    if run.state is not RunState.APPROVED:
        not_approved = f"{run} cannot be released: another officer has to approve it first."
        _refuse(Problem(Code.WRONG_STATE, not_approved))
    _refuse_if_too_late(run)
    for statement in REMIT:
        _execute(statement, run=run.id, council=council_initials())
    disagreements = what_disagrees(_control_totals(run))
    if disagreements:
        sentences = ("Nothing was released: the control totals do not agree.", *disagreements)
        _refuse(*(Problem(Code.TOTALS_DISAGREE, sentence) for sentence in sentences))
    for statement in MARK_PAID:
        _execute(statement, run=run.id)
    _tell_contacts(run)
    run.state, run.released_at, run.released_by_id = RunState.RELEASED, now(), officer.id
    db.session.commit()


def council_initials() -> str:
    """Return the council's initials for bank references, "NCC": capitals and digits only, at most nine."""
    words = str(current_app.config["COUNCIL_NAME"]).upper().split()
    return "".join(word[0] for word in words if word[0].isascii() and word[0].isalnum())[:9]


def _control_totals(run: PaymentRun) -> dict[str, ControlTotals]:
    found = {"payment run": ControlTotals(run.payment_count, int(run.total * 100))}
    for row in _execute(CONTROL, run=run.id):
        found[row.place] = ControlTotals(row.payments, int(row.pence))
    return found


def _tell_contacts(run: PaymentRun) -> None:
    statement = (
        select(Contact.email, Remittance.id, Remittance.organisation_id)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .join(Remittance, Remittance.organisation_id == Organisation.id)
        .where(Remittance.run_id == run.id, Contact.may_payments, Contact.in_force(today()))
        .order_by(Contact.id)
    )
    for recipient, remittance_id, organisation_id in db.session.execute(statement):
        address = f"{current_app.config['PORTAL_ADDRESS']}/remittances/{remittance_id}"
        write_email(recipient, SUBJECT, BODY.format(address=address), organisation_id)


def _locked(run_id: int) -> PaymentRun:
    run: PaymentRun | None = db.session.scalar(
        select(PaymentRun)
        .where(PaymentRun.id == run_id)
        .options(joinedload(PaymentRun.prepared_by, innerjoin=True))
        .with_for_update(of=PaymentRun)
        .execution_options(populate_existing=True)
    )
    if run is None:
        raise Unknown
    return run


def _refuse_if_too_late(run: PaymentRun) -> None:
    if too_early := why_too_early(run.pay_date, today(), *_bank_terms()):
        wrong = f"{run} cannot be paid on its pay date any more. {too_early.message}"
        _refuse(Problem(too_early.code, wrong, "Discard the run and prepare it again."))


def _bank_terms() -> tuple[int, tuple[date, ...]]:
    """Return what the council decided about pay dates: working days from release on, and the days it is closed."""
    return policy.for_council("days_before_pay_day"), policy.for_council("closure_days")


def _refuse(*problems: Problem) -> None:
    db.session.rollback()
    raise Refused(*problems)


def _execute(statement: str, **values: Any) -> Any:
    bound = STATES | values
    return db.session.execute(text(statement), {name: bound[name] for name in set(_BOUND.findall(statement))})
