"""The files of a payment run for the council's bank and its ledger (files.md 5).

Of a released run they are made from its remittances, the same however often they are fetched; before release they are a
trial that no bank and no ledger takes. Control totals of run, remittances and file agree, or nothing is written. All
functions are called in the council's scope, and nothing is committed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import current_app
from sqlalchemy import and_, case, func, literal, select, text
from sqlalchemy.orm import aliased

from files.bank import bacs
from files.bank.ledger import LedgerHeading, LedgerRow, ledger_csv
from models import ChangeRequest, LedgerColumn, Organisation, PaymentRun, PaymentSource, Remittance, db
from rules.bank_account import BankDetails, NotAnAccountNumber, NotASortCode, read_account_number, read_sort_code
from rules.ledger import USUAL, LedgerField, usual_heading
from rules.money import NOTHING, pounds
from rules.payment_run import ControlTotals, control_totals, what_disagrees
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.words import plural
from rules.working_days import add_working_days
from workflows.clock import LONDON, today
from workflows.organisations.bank_details import unseal
from workflows.payments.ledger_sql import RELEASED, TRIAL, ledger_rows
from workflows.payments.run_sql import STATES

TRIAL_REFERENCE: Final = "TRIAL"
# So many organisations are named in one sentence.
_NAMED: Final = 10
_SERIALS: Final = 1_000_000
_ROW_FIELDS: Final = (
    LedgerField.REMITTANCE, LedgerField.BANK_REFERENCE, LedgerField.LINE, LedgerField.ORGANISATION_REFERENCE,
    LedgerField.ORGANISATION, LedgerField.SERVICE, LedgerField.SOURCE, LedgerField.KIND, LedgerField.CPLI,
    LedgerField.PERSON_REFERENCE, LedgerField.ELEMENT, LedgerField.COST_CENTRE, LedgerField.SUBJECTIVE_CODE,
    LedgerField.WEEK_STARTING, LedgerField.UNITS, LedgerField.UNIT, LedgerField.RATE, LedgerField.NET, LedgerField.VAT,
    LedgerField.GROSS, LedgerField.REASON,
)  # fmt: skip


@dataclass(frozen=True)
class RunFile:
    """A file of a payment run; a `trial` says so in its name and in its first line."""

    name: str
    content: bytes
    trial: bool


@dataclass(frozen=True)
class Paid:
    """What one organisation is paid in a run, in pounds, and its sealed account, None where there is none."""

    organisation: str
    reference: str
    pounds: Decimal
    sealed: str | None


def bacs_file(run_id: int) -> RunFile:
    """Return the Bacs file of a run, a trial before its release.

    Raises Unknown, and Refused where the council's own account is not set, an organisation has no account, nothing is
    paid, or control totals disagree.
    """
    run = _run(run_id)
    paid = _paid(run)
    lines = bacs.bacs_lines(_submission(run), _payments(paid))
    of_organisations = control_totals(each.pounds for each in paid)
    _refuse_unless_equal(run, {"remittances": of_organisations, "Bacs file": bacs.credits_in(lines)})
    return RunFile(_name(run, "bacs", "txt"), bacs.bacs_text(lines).encode("ascii"), run.waits)


def ledger_file(run_id: int) -> RunFile:
    """Return the ledger file of a run, a trial before its release: one row for each payment line.

    What an organisation owes after the run is a row of its own, so that the rows come to what the bank pays. Raises
    Unknown, and Refused where control totals disagree.
    """
    run = _run(run_id)
    totals: dict[int, Decimal] = {}
    content = ledger_csv(_columns(), _ledger_rows(run, totals), trial=run.waits)
    _refuse_unless_equal(run, {"ledger file": control_totals(totals.values())})
    return RunFile(_name(run, "ledger", "csv"), content, run.waits)


def _run(run_id: int) -> PaymentRun:
    run: PaymentRun | None = db.session.get(PaymentRun, run_id)
    if run is None:
        raise Unknown
    return run


def _columns() -> list[LedgerHeading]:
    """Return the council's columns; where it has deleted all of them, those the portal came with."""
    found = db.session.execute(select(LedgerColumn.heading, LedgerColumn.field).order_by(LedgerColumn.place))
    return [LedgerHeading(*row) for row in found] or [LedgerHeading(usual_heading(field), field) for field in USUAL]


def _name(run: PaymentRun, what: str, ending: str) -> str:
    return f"{'trial-not-for-use-' if run.waits else ''}{what}-run-{run.number}.{ending}"


def _paid(run: PaymentRun) -> list[Paid]:
    """Return what each organisation is paid that is paid anything, in the order of references."""
    statement = _of_sources(run) if run.waits else _of_remittances(run)
    return [Paid(*row) for row in db.session.execute(statement)]


def _of_sources(run: PaymentRun) -> Any:
    account = aliased(ChangeRequest)
    total = func.sum(PaymentSource.gross)
    return (
        select(Organisation.name, literal(TRIAL_REFERENCE), total, account.sealed)
        .join(Organisation, Organisation.id == PaymentSource.organisation_id)
        .outerjoin(account, and_(account.organisation_id == Organisation.id, account.is_account))
        .where(PaymentSource.run_id == run.id)
        .group_by(Organisation.id, account.id)
        .having(total > 0)
        .order_by(Organisation.reference)
    )


def _of_remittances(run: PaymentRun) -> Any:
    """Return the query of a released run: paid into the account of then, or the one in force where there was none."""
    then, since = aliased(ChangeRequest), aliased(ChangeRequest)
    return (
        select(
            Organisation.name,
            Remittance.bank_reference,
            Remittance.total,
            case((then.id.is_not(None), then.sealed), else_=since.sealed),
        )
        .join(Organisation, Organisation.id == Remittance.organisation_id)
        .outerjoin(then, then.id == Remittance.account_id)
        .outerjoin(since, and_(since.organisation_id == Organisation.id, since.is_account))
        .where(Remittance.run_id == run.id, Remittance.total > 0)
        .order_by(Organisation.reference)
    )


def _payments(paid: list[Paid]) -> list[bacs.Payment]:
    missing = [each.organisation for each in paid if each.sealed is None]
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        have = plural(len(missing), "has", "have")
        wrong = f"{', '.join(missing[:_NAMED])}{more} {have} no confirmed bank details."
        raise Refused(Problem(Code.NOT_BANK_DETAILS, wrong, "Confirm them under Change requests, then fetch the file."))
    if not paid:
        raise Refused(Problem(Code.NOTHING_PAYABLE, "Nothing is paid in this run."))
    if too_much := too_much_for_bacs(sum((each.pounds for each in paid), NOTHING)):
        raise Refused(too_much)
    return [bacs.Payment(unseal(each.sealed or ""), int(each.pounds * 100), each.reference) for each in paid]


def too_much_for_bacs(total: Decimal) -> Problem | None:
    """Return why a run of so many pounds cannot be paid, nothing where it can."""
    if total * 100 <= bacs.MOST_PENCE:
        return None
    wrong = f"The run pays more than one Bacs file holds ({pounds(Decimal(bacs.MOST_PENCE) / 100)})."
    return Problem(Code.OUT_OF_RANGE, wrong, "Prepare it as several runs.")


def _submission(run: PaymentRun) -> bacs.Submission:
    config = current_app.config
    try:
        payer = BankDetails(
            config["BACS_NAME"],
            read_sort_code(config["BACS_SORT_CODE"]),
            read_account_number(config["BACS_ACCOUNT_NUMBER"]),
        )
    except (NotASortCode, NotAnAccountNumber):
        raise Refused(_not_set("BACS_SORT_CODE and BACS_ACCOUNT_NUMBER")) from None
    user_number = config["BACS_USER_NUMBER"]
    if not (len(user_number) == 6 and user_number.isascii() and user_number.isdecimal()):
        raise Refused(_not_set("BACS_USER_NUMBER"))
    made_on = run.released_at.astimezone(LONDON).date() if run.released_at else today()
    # Bacs works while the council is closed.
    processed_on = add_working_days(run.pay_date, -1, ())
    return bacs.Submission(payer, user_number, run.number % _SERIALS, made_on, processed_on, trial=run.waits)


def _not_set(names: str) -> Problem:
    wrong = "The portal does not know from which account the council pays."
    return Problem(Code.NOT_BANK_DETAILS, wrong, f"Whoever runs the portal has to set {names}.")


def _ledger_rows(run: PaymentRun, totals: dict[int, Decimal]) -> Iterator[LedgerRow]:
    """Yield the rows, and add up in `totals` what each organisation's come to, carried forward aside."""
    statement = ledger_rows(TRIAL if run.waits else RELEASED)
    of_run: Mapping[LedgerField, Any] = {LedgerField.RUN: run.number, LedgerField.PAY_DATE: run.pay_date}
    for organisation_id, *values in db.session.execute(text(statement), STATES | {"run": run.id}):
        row = dict(zip(_ROW_FIELDS, values, strict=True))
        totals[organisation_id] = totals.get(organisation_id, Decimal(0)) + row[LedgerField.GROSS]
        yield {**of_run, **row}


def _refuse_unless_equal(run: PaymentRun, found: dict[str, ControlTotals]) -> None:
    totals = {"payment run": ControlTotals(run.payment_count, int(run.total * 100)), **found}
    if disagreements := what_disagrees(totals):
        sentences = ("Nothing was written: the control totals do not agree.", *disagreements)
        raise Refused(*(Problem(Code.TOTALS_DISAGREE, sentence) for sentence in sentences))
