"""Payment runs: prepared by one officer, approved by another, released in one transaction, settled (rules.md 10).

Everything is moved in sets by SQL: a run of 60,000 lines is a handful of statements. All functions are called in the
council's scope.
"""

from datetime import date

from flask import current_app
from sqlalchemy import func, select

from models import Contact, Organisation, PaymentPeriod, PaymentRun, PaymentSource, PortalUser, Remittance, db
from rules.money import pounds
from rules.paying_roles import ADMINISTRATOR
from rules.payment_run import ControlTotals, check_pay_date, settles_on, what_disagrees
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import RunState
from rules.working_days import add_working_days, previous_working_day
from workflows import policy
from workflows.clock import now, today
from workflows.mail.letters import write_letter
from workflows.payments import run_checks
from workflows.payments.bank_file import too_much_for_bacs
from workflows.payments.run_checks import (
    address_of_remittance,
    bank_terms,
    locked,
    refuse,
    set_totals,
    too_late,
)
from workflows.payments.run_sql import (
    CONTROL,
    FREE,
    FREE_RECOVERIES,
    GATHER,
    MARK_PAID,
    PERCENTS,
    REMIT,
    TOTALS,
    execute,
)

NOBODY_PAYS_ALONE = Problem(
    Code.OWN_ACCESS, "Who manages users cannot approve or release a payment run.", "Another officer has to do it."
)


def first_pay_date() -> date:
    """Return the first day that a run which is released today can pay on (policy: WD-2)."""
    return add_working_days(today(), *bank_terms())


def suggested_pay_date() -> date:
    """Return the next pay date of a period that is over, if a run can still pay on it, else the first it can pay on."""
    first = first_pay_date()
    statement = select(PaymentPeriod.pay_on).where(PaymentPeriod.pay_on >= first, PaymentPeriod.end < today())
    found: date | None = db.session.scalar(statement.order_by(PaymentPeriod.pay_on).limit(1))
    return max(first, previous_working_day(found, policy.for_council("closure_days"))) if found else first


def prepare(typed_pay_date: str, officer: PortalUser) -> PaymentRun:
    """Gather everything that waits to be paid into a draft run for a pay date (as typed), check it, and return it.

    Accepted invoices, finalised scheduled payments, approved absence claims and one-off payments of organisations
    that are not on hold; then the recoveries of those organisations. Invoices in dispute wait. Two officers at once
    never take the same: each source is marked and taken in one statement. Commits.
    Raises Refused where the date cannot be a pay date (field `pay_date`: it must be one that a run which is released
    today can pay on), or nothing waits.
    """
    pay_date = check_pay_date(typed_pay_date, today(), *bank_terms())
    run = PaymentRun(pay_date=pay_date, state=RunState.DRAFT, prepared_by_id=officer.id)
    db.session.add(run)
    db.session.flush()
    taken = sum(execute(statement, run=run.id, today=today(), **PERCENTS).rowcount for statement in GATHER)
    if not taken:
        refuse(Problem(Code.NOTHING_PAYABLE, "There is nothing to pay."))
    set_totals(run)
    run_checks.check_again(run)
    db.session.commit()
    return run


def discard(run_id: int) -> None:
    """Take a run apart that is not released: everything in it waits again. Commits. Raises Unknown, Refused."""
    run = locked(run_id)
    if run.state not in (RunState.DRAFT, RunState.APPROVED):
        refuse(Problem(Code.WRONG_STATE, f"{run} cannot be discarded: it is {run.state.value}."))
    _back_to_draft(run)
    _take_apart(run)
    db.session.commit()


def take_out(run_id: int, *, source_id: int | None = None, organisation_id: int | None = None) -> bool:
    """Take one source, or all of an organisation, out of a run that is not released; it waits to be paid again.

    An approved run is a draft again: its smaller total is approved anew. Says whether anything is left: of an empty run
    nothing stays. Commits. Raises Unknown, and Refused where the run is released or what is named is not in it.
    """
    run = locked(run_id)
    if run.state not in (RunState.DRAFT, RunState.APPROVED):
        refuse(Problem(Code.WRONG_STATE, f"Nothing can be taken out of {run}: it is {run.state.value}."))
    _back_to_draft(run)
    chosen = {"source": source_id, "organisation": organisation_id}
    *_, taken = [execute(each, run=run.id, **chosen) for each in FREE] if any(chosen.values()) else [None]
    if taken is None or not taken.rowcount:
        refuse(Problem(Code.NOT_FOUND, f"This is not in {run} any more."))
    execute(FREE_RECOVERIES, run=run.id)
    set_totals(run)
    left = bool(db.session.scalar(select(func.count(PaymentSource.id)).where(PaymentSource.run_id == run.id)))
    if left:
        run_checks.check_again(run)
    else:
        _take_apart(run)
    db.session.commit()
    return left


def withdraw(run_id: int) -> None:
    """Take an approval back, while the run is not released: it is a draft again. Commits. Raises Unknown, Refused."""
    run = locked(run_id)
    if run.state is not RunState.APPROVED:
        refuse(Problem(Code.WRONG_STATE, f"The approval cannot be withdrawn: {run} is {run.state.value}."))
    _back_to_draft(run)
    run_checks.check_again(run)
    db.session.commit()


def refuse_approval(run_id: int, officer: PortalUser) -> None:
    """Raise Refused where an officer cannot approve a run now; nothing is changed but what its checks find. Commits.

    Asked before the security code is, so that no code is spent on what cannot be. Raises Unknown.
    """
    _approvable(run_id, officer)
    db.session.commit()


def approve(run_id: int, officer: PortalUser) -> None:
    """Approve a draft run. Commits. Raises Unknown, and Refused for the officer who prepared it, whatever their role.

    It is also refused for who manages users, above the officer's limit, where the pay date can no longer be met, and
    while something that the checks found, which are made again, is neither looked at nor taken out.
    """
    run = _approvable(run_id, officer)
    run.state, run.approved_by_id, run.approved_at = RunState.APPROVED, officer.id, now()
    db.session.commit()


def refuse_release(run_id: int, officer: PortalUser) -> None:
    """Raise Refused where an officer cannot release a run now; nothing is changed. Raises Unknown.

    Not approved, released before, by who manages users, its pay date can no longer be met, or something in it is on
    hold or in dispute since: each source is named.
    """
    run = locked(run_id)
    problems = _why_not_release(run, officer)
    db.session.rollback()
    if problems:
        raise Refused(*problems)


def release(run_id: int, officer: PortalUser) -> None:
    """Release an approved run: remittances and their lines are written, sources are paid, providers are told.

    One transaction: unless count and pence agree between run, sources, remittances and their lines, nothing happens.
    A hold or a dispute that somebody sets at the same moment stops it, or waits until it is done. Commits.
    Raises Unknown, and Refused as `refuse_release` does, or where totals disagree.
    """
    run = locked(run_id)
    run_checks.keep_holds_and_disputes_out(run)
    if problems := _why_not_release(run, officer):
        refuse(*problems)
    for statement in REMIT:
        execute(statement, run=run.id, council=council_initials())
    disagreements = what_disagrees(_control_totals(run))
    if disagreements:
        sentences = ("Nothing was released: the control totals do not agree.", *disagreements)
        refuse(*(Problem(Code.TOTALS_DISAGREE, sentence) for sentence in sentences))
    for statement in MARK_PAID:
        execute(statement, run=run.id)
    _tell_contacts(run)
    run.state, run.released_at, run.released_by_id = RunState.RELEASED, now(), officer.id
    db.session.commit()


def settle(run_id: int, officer: PortalUser) -> None:
    """Say that the bank has paid a released run, from its pay date on. Commits. Raises Unknown, Refused."""
    run = locked(run_id)
    if run.state is not RunState.RELEASED:
        refuse(Problem(Code.WRONG_STATE, f"{run} cannot be settled: it is {run.state.value}."))
    if today() < run.pay_date:
        wrong = f"{run} is paid on {uk_date(run.pay_date)}."
        refuse(Problem(Code.TOO_EARLY, wrong, "Settle it on that day or later, when the bank’s returns are in."))
    run.state, run.settled_at, run.settled_by_id = RunState.SETTLED, now(), officer.id
    db.session.commit()


def settle_past(day: date) -> int:
    """Settle every released run whose pay date a working day has followed by a day, by itself; returns how many.

    Nobody stands beside it as who settled it. Commits; a second call finds nothing left. What the bank sends back later
    un-pays its sources all the same.
    """
    closures = policy.for_council("closure_days")
    paid = select(PaymentRun).where(PaymentRun.to_settle(day)).order_by(PaymentRun.id).with_for_update()
    due = [run for run in db.session.scalars(paid) if settles_on(run.pay_date, closures) <= day]
    for run in due:
        run.state, run.settled_at = RunState.SETTLED, now()
    db.session.commit()
    return len(due)


def council_initials() -> str:
    """Return the council's initials for bank references, "NCC": capitals and digits only, at most nine."""
    words = str(current_app.config["COUNCIL_NAME"]).upper().split()
    return "".join(word[0] for word in words if word[0].isascii() and word[0].isalnum())[:9]


def _approvable(run_id: int, officer: PortalUser) -> PaymentRun:
    """Return a run, locked and checked anew. Where it cannot be approved, what was found is kept."""
    run = locked(run_id)
    if problems := _why_not_approve(run, officer):
        refuse(*problems)
    if waiting := run_checks.check_again(run):
        db.session.commit()
        raise Refused(run_checks.to_look_at(waiting))
    return run


def _why_not_approve(run: PaymentRun, officer: PortalUser) -> list[Problem]:
    if run.state is not RunState.DRAFT:
        return [Problem(Code.WRONG_STATE, f"{run} cannot be approved: it is {run.state.value}.")]
    found = _nobody_pays_alone(officer)
    if run.prepared_by_id == officer.id:
        found.append(Problem(Code.OWN_RUN, f"You prepared {run}.", "Another officer has to approve it."))
    limit = officer.approval_limit
    if limit is not None and run.total > limit:
        wrong = f"{run} pays {pounds(run.total)}; you may approve up to {pounds(limit)}."
        found.append(Problem(Code.OUT_OF_RANGE, wrong, "An officer with a higher limit has to approve it."))
    if late := too_late(run):
        found.append(late)
    if too_much := too_much_for_bacs(run.total):
        found.append(too_much)
    totals = execute(TOTALS, run=run.id).one()
    if (run.payment_count, run.total) != (totals.payments, totals.pounds):
        changed = f"{run} has changed since it was prepared."
        found.append(Problem(Code.FIGURES_CHANGED, changed, "Discard it and prepare it again."))
    return found


def _why_not_release(run: PaymentRun, officer: PortalUser) -> list[Problem]:
    if run.state in (RunState.RELEASED, RunState.SETTLED) and run.released_at:
        released = f"{run} was already released on {uk_date(run.released_at.date())}."
        return [Problem(Code.WRONG_STATE, released)]
    if run.state is not RunState.APPROVED:
        return [Problem(Code.WRONG_STATE, f"{run} cannot be released: another officer has to approve it first.")]
    late = too_late(run)
    return [*_nobody_pays_alone(officer), *([late] if late else []), *run_checks.why_stopped(run)]


def _nobody_pays_alone(officer: PortalUser) -> list[Problem]:
    return [NOBODY_PAYS_ALONE] if any(role.name == ADMINISTRATOR for role in officer.roles) else []


def _back_to_draft(run: PaymentRun) -> None:
    # The database keeps an approved run and its sources as they are.
    run.state, run.approved_by_id, run.approved_at = RunState.DRAFT, None, None
    db.session.flush()


def _take_apart(run: PaymentRun) -> None:
    for statement in FREE:
        execute(statement, run=run.id, source=None, organisation=None)
    db.session.delete(run)


def _control_totals(run: PaymentRun) -> dict[str, ControlTotals]:
    found = {"payment run": ControlTotals(run.payment_count, int(run.total * 100))}
    for row in execute(CONTROL, run=run.id):
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
        address = address_of_remittance(remittance_id)
        write_letter(recipient, "remittance ready", organisation_id, address=address)
