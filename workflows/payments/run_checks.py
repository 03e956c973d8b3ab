"""The checks of a payment run: made when it is prepared and before it is approved; somebody looks (rules.md 10).

And what each of its steps begins with: the run under its lock, whether its pay date can be met, a refusal.
"""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from flask import current_app
from sqlalchemy import delete, select, text
from sqlalchemy.orm import joinedload

from models import Organisation, PaymentRun, PaymentSource, PortalUser, RunFinding, db
from rules.payment_run import why_too_early
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.run_checks import STOPS, WORDS
from rules.states import RunState
from rules.text import refuse_longer, refuse_unseen
from rules.words import counted
from workflows import policy
from workflows.clock import now, today
from workflows.payments.run_finds import find, find_what_stops, is_stopped
from workflows.payments.run_sql import TOTALS, execute

LONGEST_REASON = 500


def locked(run_id: int) -> PaymentRun:
    """Return a run that nobody else changes until the transaction ends. Raises Unknown."""
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


def set_totals(run: PaymentRun) -> None:
    """Let a run say how many payments it makes, and of how many pounds together. Does not commit."""
    totals = execute(TOTALS, run=run.id).one()
    run.payment_count, run.total = totals.payments, totals.pounds
    db.session.flush()


def refuse(*problems: Problem) -> NoReturn:
    """Roll back, and raise Refused with these problems."""
    db.session.rollback()
    raise Refused(*problems)


def address_of_remittance(remittance_id: int) -> str:
    """Return where a provider reads a remittance, for an e-mail."""
    return f"{current_app.config['PORTAL_ADDRESS']}/remittances/{remittance_id}"


def bank_terms() -> tuple[int, tuple[date, ...]]:
    """Return what the council decided about pay dates: working days from release on, and the days it is closed."""
    return policy.for_council("days_before_pay_day"), policy.for_council("closure_days")


def too_late(run: PaymentRun) -> Problem | None:
    """Return why a run cannot be paid on its pay date any more, None where it can."""
    early = why_too_early(run.pay_date, today(), *bank_terms())
    if early is None:
        return None
    wrong = f"{run} cannot be paid on its pay date any more. {early.message}"
    return Problem(early.code, wrong, "Discard the run and prepare it again.")


def check_again(run: PaymentRun) -> list[RunFinding]:
    """Make every check of a draft run and return what nobody has looked at yet. Does not commit.

    What was looked at stays so while it is found again just as it was; what is not found any more is gone.
    """
    found = {(each.check, each.organisation_id, each.about): each for each in find(run)}
    kept: list[RunFinding] = []
    gone: list[RunFinding] = []
    for row in db.session.scalars(select(RunFinding).where(RunFinding.run_id == run.id).order_by(RunFinding.id)):
        key = (row.kind, row.organisation_id, row.about)
        same = key in found and (found[key].what, found[key].pounds) == (row.what, row.pounds)
        (kept if same else gone).append(row)
        if same:
            del found[key]
    db.session.execute(delete(RunFinding).where(RunFinding.id.in_([row.id for row in gone])))
    new = [
        RunFinding(
            run_id=run.id, organisation_id=each.organisation_id, source_id=each.source_id, kind=each.check,
            about=each.about, what=each.what, pounds=each.pounds,
        )
        for each in found.values()
    ]  # fmt: skip
    db.session.add_all(new)
    db.session.flush()
    return [row for row in (*kept, *new) if row.looked_at is None]


def check_now(run_id: int) -> None:
    """Make every check of a draft run again. Commits. Raises Unknown, and Refused where it is no draft."""
    run = locked(run_id)
    if run.state is not RunState.DRAFT:
        refuse(Problem(Code.WRONG_STATE, f"{run} is {run.state.value}: its checks are made."))
    check_again(run)
    db.session.commit()


def check_runs_of(organisation_id: int) -> None:
    """Make the checks of every draft run again that pays an organisation: whether it may be has changed. Commits."""
    pays = select(PaymentSource.run_id).where(PaymentSource.organisation_id == organisation_id)
    drafts = select(PaymentRun.id).where(PaymentRun.state == RunState.DRAFT, PaymentRun.id.in_(pays))
    for run_id in db.session.scalars(drafts.order_by(PaymentRun.id)).all():
        run = locked(run_id)
        if run.state is RunState.DRAFT:
            check_again(run)
        db.session.commit()


def look_at(run_id: int, finding_id: int, reason: str, officer: PortalUser) -> None:
    """Note that an officer looked at a finding of a draft run, and why it is meant. Commits.

    Raises Unknown, and Refused (field `reason_<id>`) without a reason, for a run that is approved, and for what nobody
    can look away: a hold, a dispute, an account that was changed.
    """
    run = locked(run_id)
    finding: RunFinding | None = db.session.get(RunFinding, finding_id, populate_existing=True)
    if finding is None or finding.run_id != run.id:
        raise Unknown
    field, typed = f"reason_{finding_id}", reason.strip()
    if run.state is not RunState.DRAFT:
        refuse(Problem(Code.WRONG_STATE, f"{run} is {run.state.value}: its checks are made."))
    if finding.kind in STOPS:
        wrong = f"{WORDS[finding.kind].title}: nobody can look this away."
        refuse(Problem(Code.WRONG_STATE, wrong, "Take it out of the run, or end what stops it."))
    if not typed:
        refuse(Problem(Code.REASON_NEEDED, "Say why this is meant.", field=field))
    if problem := refuse_unseen(typed, "The reason") or refuse_longer(typed, LONGEST_REASON, "The reason"):
        refuse(problem.at(field))
    finding.looked_at, finding.looked_by_id, finding.looked_reason = now(), officer.id, typed
    db.session.commit()


def to_look_at(findings: Sequence[RunFinding]) -> Problem:
    """Return why a run cannot be approved yet: it names what nobody has looked at."""
    named = ", ".join(dict.fromkeys(WORDS[each.kind].title for each in findings))
    wrong = f"{counted(len(findings), 'finding')} still to be looked at: {named}."
    return Problem(Code.HAS_PROBLEMS, wrong, "Look at each, or take it out of the run.")


def keep_holds_and_disputes_out(run: PaymentRun) -> None:
    """Let nobody set a hold, or dispute an invoice of a run, until the transaction ends: it is paid, or it is not."""
    db.session.execute(text("LOCK TABLE hold IN SHARE MODE"))
    execute(
        "SELECT FROM invoice WHERE id IN (SELECT invoice_id FROM payment_source WHERE run_id = :run)"
        " ORDER BY id FOR UPDATE",
        run=run.id,
    )


def why_stopped(run: PaymentRun) -> list[Problem]:
    """Return who in a run has no bank account, what is on hold or in dispute: each names organisation and source.

    One query where there is nothing.
    """
    if not is_stopped(run):
        return []
    found = list(find_what_stops(run))
    ids = {each.organisation_id for each in found}
    names = dict(db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))).all())
    sources = _names({each.source_id for each in found if each.source_id})
    remedy = "Take it out of the run, and have the smaller total approved."
    return [
        Problem(
            Code.WRONG_STATE,
            " ".join(
                part
                for part in (f"{names[each.organisation_id]}:", sources.get(each.source_id or 0, ""), each.what)
                if part
            ),
            remedy,
        )
        for each in found
    ]


def _names(source_ids: set[int]) -> dict[int, str]:
    found = db.session.scalars(select(PaymentSource).where(PaymentSource.id.in_(source_ids)))
    return {source.id: str(source) for source in found}
