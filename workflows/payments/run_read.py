"""What officers see of payment runs: the list, what waits to be paid, and one run with its checks (rules.md 10)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import column, func, select, text, true
from sqlalchemy.orm import contains_eager, joinedload

from models import BankReturn, ChangeRequest, Organisation, PaymentRun, PaymentSource, RunFinding, db
from rules.money import NOTHING, pounds
from rules.payment_run import OrganisationTotal, total_for_organisation
from rules.refusal import Unknown
from rules.run_checks import WORDS, RunCheck
from rules.states import RunState
from rules.words import counted
from workflows.clock import today
from workflows.page import Page, last_page, page_of
from workflows.payments.run_checks import too_late
from workflows.payments.run_compared import CHANGES, RunCompared, compare
from workflows.payments.run_sql import CLAIM_NOT_ON_HOLD, CLAIM_NOT_TAKEN, INVOICE_NOT_ON_HOLD, STATES

SIZE = 25
ORGANISATIONS = 50
FINDINGS = 100

WAITING = f"""
SELECT count(*) FILTER (WHERE payable) AS ready, coalesce(sum(gross) FILTER (WHERE payable), 0) AS pounds,
       count(*) FILTER (WHERE NOT payable) AS kept_back,
       (SELECT count(*) FROM scheduled_payment WHERE state = :scheduled_finalised)
         + (SELECT count(*) FROM one_off_payment WHERE state = :one_off_waiting)
         + (SELECT count(*) FROM absence_claim WHERE state IN (:claim_approved, :claim_in_part)
              AND {CLAIM_NOT_ON_HOLD} AND {CLAIM_NOT_TAKEN}) AS others
FROM (SELECT gross, disputed_on IS NULL AND {INVOICE_NOT_ON_HOLD} AS payable
      FROM invoice AS taken_from WHERE state = :invoice_accepted) AS each"""

# What a run holds, by the column that names its sources.
KINDS = {
    "invoice_id": "Invoices",
    "scheduled_payment_id": "Scheduled payments",
    "absence_claim_id": "Absence claims",
    "one_off_payment_id": "One-off payments",
    "recovery_id": "Recoveries",
}
_PARTS = ", ".join(
    f"count({each}) AS {each}_count, coalesce(sum(gross) FILTER (WHERE {each} IS NOT NULL), 0) AS {each}_gross"
    for each in KINDS
)
# Of a run: its parts, how many organisations, their totals, its invoices that are not the sum of their lines, what its
# checks found by kind (how many, and how many of them nobody has looked at).
SUMS = f"""
WITH organisation_total AS (
  SELECT sum(gross) AS total FROM payment_source WHERE run_id = :run GROUP BY organisation_id)
SELECT {_PARTS},
  (SELECT count(*) FROM organisation_total) AS organisations,
  (SELECT count(*) FROM organisation_total WHERE total > 0) AS payments,
  (SELECT coalesce(sum(total), 0) FROM organisation_total WHERE total > 0) AS paid,
  (SELECT count(*) FROM organisation_total WHERE total < 0) AS below,
  (SELECT count(*) FROM payment_source JOIN invoice ON invoice.id = payment_source.invoice_id
   WHERE payment_source.run_id = :run AND (payment_source.gross, invoice.gross) IS DISTINCT FROM (invoice.gross,
     (SELECT sum(gross) FROM invoice_line WHERE invoice_id = invoice.id))) AS unequal,
  (SELECT coalesce(jsonb_object_agg(kind, jsonb_build_array(found, unseen)), '{{}}') FROM (
     SELECT kind, count(*) AS found, count(*) FILTER (WHERE looked_at IS NULL) AS unseen
     FROM run_finding WHERE run_id = :run GROUP BY kind) AS by_kind) AS findings
FROM payment_source WHERE run_id = :run"""
_SUM_NAMES = (
    *(f"{each}_{what}" for each in KINDS for what in ("count", "gross")),
    *("organisations", "payments", "paid", "below", "unequal", "findings"),
)
_SUMS = text(SUMS).columns(*map(column, _SUM_NAMES)).subquery()


class RunsShown(StrEnum):
    """Which payment runs a list holds: all, those that wait for an officer, and for what."""

    ALL = ""
    WAITING = "waiting"
    TO_APPROVE = "to-approve"
    TO_RELEASE = "to-release"
    TO_SETTLE = "to-settle"


@dataclass(frozen=True)
class WaitingPayments:
    """What a run prepared now would take: invoices and their pounds, other payments; and invoices kept back."""

    invoices: int
    pounds: Decimal
    others: int
    kept_back: int


@dataclass(frozen=True)
class OrganisationPaid:
    """What a run pays one organisation, in pounds, and the sources it adds up."""

    organisation: Organisation
    sources: list[PaymentSource]

    @property
    def net(self) -> Decimal:
        """Pounds without VAT."""
        return sum((source.net for source in self.sources), NOTHING)

    @property
    def vat(self) -> Decimal:
        """Pounds of VAT."""
        return sum((source.vat for source in self.sources), NOTHING)

    @property
    def total(self) -> OrganisationTotal:
        """What is paid now and what is carried forward."""
        return total_for_organisation(source.gross for source in self.sources)


@dataclass(frozen=True)
class Check:
    """One comparison of a run's figures: what was compared, whether it agrees, the figures."""

    name: str
    agrees: bool
    figures: str


class PartOfRun(NamedTuple):
    """How many sources of a kind are in a run, and their pounds with VAT."""

    name: str
    sources: int
    gross: Decimal


@dataclass(frozen=True)
class RunSheet:
    """One run: what its checks found and what they found nothing of, what is in it, one page of its organisations.

    `findings` are those to look at first, then those that were looked at, at most FINDINGS; `open_findings` counts the
    former. `to_call` names the request for new bank details of an organisation whose payments wait for the call-back.
    `compared` is the run beside the one before it.
    """

    run: PaymentRun
    checks: list[Check]
    findings: list[RunFinding]
    finding_count: int
    open_findings: int
    to_call: dict[int, int]
    nothing: list[str]
    parts: list[PartOfRun]
    compared: RunCompared | None
    returned: list[BankReturn]
    organisations: list[OrganisationPaid]
    organisation_count: int
    page: int
    pages: int

    @property
    def source_count(self) -> int:
        """How many sources the run has."""
        return sum(part.sources for part in self.parts)


def waiting() -> WaitingPayments:
    """Return what waits to be paid now."""
    found = db.session.execute(text(WAITING), {"today": today()} | STATES).one()
    return WaitingPayments(found.ready, found.pounds, found.others, found.kept_back)


def runs_page(page: int, show: RunsShown = RunsShown.ALL) -> Page[PaymentRun]:
    """Return one page of the payment runs, newest first."""
    shown = {
        RunsShown.WAITING: PaymentRun.waits,
        RunsShown.TO_APPROVE: PaymentRun.state == RunState.DRAFT,
        RunsShown.TO_RELEASE: PaymentRun.state == RunState.APPROVED,
        RunsShown.TO_SETTLE: PaymentRun.to_settle(today()),
    }.get(show, true())
    statement = select(PaymentRun).where(shown).options(*_officers()).order_by(PaymentRun.number.desc())
    return page_of(statement, page, SIZE)


def run_sheet(run_id: int, page: int, *, every_change: bool = False) -> RunSheet:
    """Return one run with its checks and one page of organisations in the order of their names. Raises Unknown.

    Of what changed since the run before it the largest are there, or every one.
    """
    run, sums, returned = _run_with_returns(run_id)
    pages = last_page(sums.organisations, ORGANISATIONS)
    page = min(page, pages)
    findings, to_call = _findings(run) if sums.findings else ([], {})
    return RunSheet(
        run,
        _checks(run, sums),
        findings,
        finding_count=sum(found for found, _ in sums.findings.values()),
        open_findings=sum(unseen for _, unseen in sums.findings.values()),
        to_call=to_call,
        nothing=[words.nothing for check, words in WORDS.items() if check not in sums.findings],
        parts=_parts(sums),
        compared=compare(run, None if every_change else CHANGES),
        returned=returned,
        organisations=_organisations(run, page),
        organisation_count=sums.organisations,
        page=page,
        pages=pages,
    )


def _run_with_returns(run_id: int) -> tuple[PaymentRun, Any, list[BankReturn]]:
    """Return a run, a row of its sums, and what the bank sent back of it, by one query. Raises Unknown."""
    rows = db.session.execute(
        select(PaymentRun, BankReturn, *_SUMS.c)
        .select_from(PaymentRun)
        .outerjoin(BankReturn, BankReturn.run_id == PaymentRun.id)
        .join(_SUMS, true())
        .where(PaymentRun.id == run_id)
        .options(*_officers(), joinedload(BankReturn.organisation))
        .order_by(BankReturn.id),
        {"run": run_id},
    ).all()
    if not rows:
        raise Unknown
    return rows[0].PaymentRun, rows[0], [row.BankReturn for row in rows if row.BankReturn]


def _organisations(run: PaymentRun, page: int) -> list[OrganisationPaid]:
    """Return what a run pays one page of its organisations, in the order of their names."""
    in_run = select(PaymentSource.organisation_id).where(PaymentSource.run_id == run.id)
    shown = select(Organisation.id).where(Organisation.id.in_(in_run)).order_by(Organisation.name, Organisation.id)
    shown = shown.limit(ORGANISATIONS).offset((page - 1) * ORGANISATIONS)
    sources = db.session.scalars(
        select(PaymentSource)
        .join(PaymentSource.organisation)
        .where(PaymentSource.run_id == run.id, PaymentSource.organisation_id.in_(shown))
        .options(
            contains_eager(PaymentSource.organisation),
            joinedload(PaymentSource.invoice),
            joinedload(PaymentSource.scheduled_payment),
            joinedload(PaymentSource.absence_claim),
            joinedload(PaymentSource.one_off_payment),
            joinedload(PaymentSource.recovery),
        )
        .order_by(Organisation.name, Organisation.id, PaymentSource.id)
    )
    return [OrganisationPaid(each, list(own)) for each, own in groupby(sources, lambda source: source.organisation)]


def _findings(run: PaymentRun) -> tuple[list[RunFinding], dict[int, int]]:
    """Return what the checks found, that nobody has looked at first, at most FINDINGS; and whom to call back.

    The latter is the request for new bank details of each organisation of a finding that waits for the call-back.
    """
    to_call = (
        select(func.max(ChangeRequest.id))
        .where(ChangeRequest.organisation_id == RunFinding.organisation_id, ChangeRequest.to_call)
        .where(RunFinding.kind == RunCheck.CALL_BACK)
        .scalar_subquery()
    )
    statement = (
        select(RunFinding, to_call.label("request"))
        .where(RunFinding.run_id == run.id)
        .options(joinedload(RunFinding.organisation), joinedload(RunFinding.looked_by))
        .order_by(RunFinding.looked_at.is_(None).desc(), RunFinding.id)
    )
    rows = db.session.execute(statement.limit(FINDINGS)).all()
    return [row.RunFinding for row in rows], {
        row.RunFinding.organisation_id: row.request for row in rows if row.request
    }


def _parts(sums: Any) -> list[PartOfRun]:
    parts = (
        PartOfRun(name, getattr(sums, f"{each}_count"), getattr(sums, f"{each}_gross")) for each, name in KINDS.items()
    )
    return [part for part in parts if part.sources]


def _checks(run: PaymentRun, sums: Any) -> list[Check]:
    same = (sums.payments, sums.paid) == (run.payment_count, run.total)
    lines = f"{counted(sums.unequal, 'invoice')} with other lines"
    carried = f"{sums.below} below £0.00, paid nothing and carried forward" if sums.below else "None below £0.00"
    late = too_late(run) if run.state in (RunState.DRAFT, RunState.APPROVED) else None
    return [
        Check("Pay date", late is None, late.message if late else "a working day that the bank can meet"),
        Check("Run and its sources", same, f"{counted(sums.payments, 'payment')}, {pounds(sums.paid)}"),
        Check(
            "Invoices and their lines",
            sums.unequal == 0,
            lines if sums.unequal else "Every invoice is the sum of its lines",
        ),
        Check("Organisations’ totals", True, carried),
    ]


def _officers() -> list[Any]:
    acted = (PaymentRun.prepared_by, PaymentRun.approved_by, PaymentRun.released_by, PaymentRun.settled_by)
    return [joinedload(each) for each in acted]
