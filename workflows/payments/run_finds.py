"""What a payment run is found to hold that somebody has to look at, or that stops it (rules.md 10)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, or_, select, text

from models import ChangeRequest, Organisation, PaymentRun, PaymentSource, db
from rules import run_checks as say
from rules.money import NOTHING
from rules.policy import Target
from rules.run_checks import FoundInRun, RunCheck
from rules.states import AbsenceReason, ClaimState
from workflows import policy
from workflows.clock import today
from workflows.organisations.bank_details import unseal
from workflows.payments import run_checks_sql as sql
from workflows.payments.run_sql import STATES, execute


def find(run: PaymentRun) -> Iterator[FoundInRun]:
    """Yield everything the checks find in a run, in the order of the checks."""
    yield from find_what_stops(run)
    yield from _over_level(run)
    yield from _not_accepted(run)
    yield from _duplicates(run)
    yield from _overlaps(run)
    yield from _after(run)
    yield from _jumps(run)
    yield from _one_account(run)


def find_what_stops(run: PaymentRun) -> Iterator[FoundInRun]:
    """Yield who in a run has no bank account, what is on hold and what is in dispute."""
    yield from _without_account(run)
    yield from _holds(run)
    yield from _disputes(run)


def is_stopped(run: PaymentRun) -> bool:
    """Say whether `find_what_stops` would yield anything: one query."""
    stops = (text(f"EXISTS ({each})") for each in (sql.HOLDS, sql.LINE_HOLDS, sql.DISPUTES))
    either = select(or_(_paid_without_account(run).exists(), *stops))
    return bool(db.session.scalar(either, {"run": run.id, "today": today(), **STATES}))


def _paid_without_account(run: PaymentRun) -> Any:
    """Return the query of who is paid something and has no account, nor one to ring back about, with the pounds."""
    total = func.sum(PaymentSource.gross)
    account = select(ChangeRequest.organisation_id).where(or_(ChangeRequest.is_account, ChangeRequest.to_call))
    return (
        select(PaymentSource.organisation_id, total)
        .where(PaymentSource.run_id == run.id, PaymentSource.organisation_id.not_in(account))
        .group_by(PaymentSource.organisation_id)
        .having(total > 0)
        .order_by(PaymentSource.organisation_id)
    )


def _without_account(run: PaymentRun) -> Iterator[FoundInRun]:
    for organisation_id, pounds in db.session.execute(_paid_without_account(run)):
        yield FoundInRun(RunCheck.NO_ACCOUNT, organisation_id, "", say.NO_ACCOUNT, pounds)


def _holds(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.HOLDS, run=run.id, today=today()):
        waits = row.change_request_id is not None
        check, about = (RunCheck.CALL_BACK if waits else RunCheck.HOLD), f"hold {row.hold_id}, all"
        what = say.to_call(row.wanted, row.was, row.start) if waits else say.held(row.reason, row.start)
        yield FoundInRun(check, row.organisation_id, about, what, row.pounds)
    for row in execute(sql.LINE_HOLDS, run=run.id, today=today()):
        about, what = f"hold {row.hold_id}, {row.source_id}", say.held(row.reason, row.start)
        yield FoundInRun(RunCheck.HOLD, row.organisation_id, about, what, row.pounds, row.source_id)


def _disputes(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.DISPUTES, run=run.id):
        what = say.disputed(row.number, row.disputed_on, row.dispute_reason)
        yield FoundInRun(
            RunCheck.DISPUTE, row.organisation_id, f"invoice {row.number}", what, row.pounds, row.source_id
        )


def _over_level(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.OVER_LEVEL, run=run.id):
        what = say.over_level(row.source, row.line, row.week_starting)
        about = f"{row.source}, {row.line}, {row.week_starting}"
        yield FoundInRun(RunCheck.OVER_LEVEL, row.organisation_id, about, what, row.pounds, row.source_id)


def _not_accepted(run: PaymentRun) -> Iterator[FoundInRun]:
    known = policy.known()
    for row in execute(sql.NOT_ACCEPTED, run=run.id):
        target = Target(row.sector_id, row.sector, row.organisation_id, row.line_id)
        if known.resolved("acceptance_required", target, row.week_starting).value:
            what = say.not_accepted(row.source, row.line, row.document)
            about = f"{row.source}, {row.line}"
            yield FoundInRun(RunCheck.NOT_ACCEPTED, row.organisation_id, about, what, row.pounds, row.source_id)


def _duplicates(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.DUPLICATES, run=run.id):
        what = say.duplicate(row.other, row.source, row.line, row.week_starting)
        about = f"{row.other}, {row.source}, {row.line}, {row.week_starting}"
        yield FoundInRun(RunCheck.DUPLICATE, row.organisation_id, about, what, row.pounds, row.source_id)
    for row in execute(sql.PAID_ALIKE, run=run.id, today=today()):
        what = say.paid_alike(row.other, row.source, row.net)
        about = f"{row.other}, {row.source}"
        yield FoundInRun(RunCheck.DUPLICATE, row.organisation_id, about, what, row.pounds, row.source_id)


def _overlaps(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.OVERLAPS, run=run.id):
        lines = (row.first, row.second)
        what = say.overlap(row.person, row.element, lines, row.week_starting, row.other)
        yield FoundInRun(RunCheck.OVERLAP, row.organisation_id, " and ".join(lines), what, row.pounds, row.source_id)


def _after(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.AFTER_END, run=run.id):
        what = say.after_end(row.source, row.line, row.ended, row.week_starting)
        about = f"{row.source}, {row.line}"
        yield FoundInRun(RunCheck.AFTER_END, row.organisation_id, about, what, row.pounds, row.source_id)
    states = {"claim_draft": ClaimState.DRAFT.value, "claim_refused": ClaimState.REFUSED.value}
    for row in execute(
        sql.AFTER_DEATH, run=run.id, deceased=AbsenceReason.DECEASED.value, reported_death="DECEASED", **states
    ):
        what = say.after_death(row.source, row.line, row.died, row.week_starting)
        about = f"{row.source}, {row.line}"
        yield FoundInRun(RunCheck.AFTER_DEATH, row.organisation_id, about, what, row.pounds, row.source_id)


def _jumps(run: PaymentRun) -> Iterator[FoundInRun]:
    for row in execute(sql.JUMPS, run=run.id, percent=policy.for_council("run_jump_percent")):
        what = say.jump(row.pounds, row.average, row.payments)
        yield FoundInRun(RunCheck.JUMP, row.organisation_id, "", what, row.pounds)


def _one_account(run: PaymentRun) -> Iterator[FoundInRun]:
    """Yield the accounts that are those of several organisations, one of them in the run; each account once."""
    totals = select(PaymentSource.organisation_id, func.sum(PaymentSource.gross)).where(PaymentSource.run_id == run.id)
    paid = {row[0]: row[1] for row in db.session.execute(totals.group_by(PaymentSource.organisation_id))}
    found = select(Organisation.id, Organisation.name, ChangeRequest.sealed).join(
        ChangeRequest, ChangeRequest.organisation_id == Organisation.id
    )
    accounts = defaultdict(list)
    for row in db.session.execute(found.where(ChangeRequest.is_account).order_by(Organisation.id)):
        details = unseal(row.sealed)
        accounts[details.sort_code, details.account_number].append((row.id, row.name, details.ending))
    for holders in accounts.values():
        first = next((each for each in holders if each[0] in paid), None)
        others = tuple(name for organisation_id, name, _ in holders if first and organisation_id != first[0])
        if first and others:
            pounds = sum((paid[each[0]] for each in holders if each[0] in paid), NOTHING)
            yield FoundInRun(
                RunCheck.ONE_ACCOUNT, first[0], ", ".join(others), say.one_account(first[2], others), pounds
            )
