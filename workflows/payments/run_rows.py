"""What every step of a payment run needs: the run under its lock, its statements with their words bound, a refusal."""

import re
from datetime import date
from typing import Any, NoReturn

from flask import current_app
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from models import PaymentRun, db
from rules.payment_run import why_too_early
from rules.refusal import Problem, Refused, Unknown
from workflows import policy
from workflows.clock import today
from workflows.payments.run_sql import STATES, TOTALS

# The names bound in a statement; a cast (::text) is none.
_BOUND = re.compile(r"(?<!:):([a-z_]+)")


def execute(statement: str, **values: Any) -> Any:
    """Execute a statement of a run; the words of states and kinds are bound by name. Does not commit."""
    bound = STATES | values
    return db.session.execute(text(statement), {name: bound[name] for name in set(_BOUND.findall(statement))})


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
