"""Decisions of Service Brokerage about weeks over the exception level, where a test is about something else."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from models import COUNCIL, ExceptionCheck, ExceptionDecision, acting_for, db
from rules.exception import cap
from rules.plan import LAST_DAY
from rules.states import Decision
from workflows.clock import now


def decided(
    actual_id: int, decision: Decision = Decision.AS_CLAIMED, units: str | None = None, at: datetime | None = None
) -> ExceptionDecision:
    """Decide about a week as the council does, pay what follows from it, and commit."""
    with acting_for(COUNCIL):
        checks = select(ExceptionCheck).where(ExceptionCheck.actual_id == actual_id)
        check = db.session.scalars(checks.execution_options(populate_existing=True)).one()
        actual, up_to = check.actual, None if units is None else Decimal(units)
        made = ExceptionDecision(
            organisation_id=check.organisation_id, actual_id=actual_id, actual_version=actual.version,
            planned=check.planned, claimed=check.claimed, decision=decision, units=up_to, reason="Agreed",
            start=actual.week_starting, end=actual.week_starting + LAST_DAY, decided_at=at or now(),
        )  # fmt: skip
        check.decided = made
        actual.payable = cap(check.planned, check.claimed, decision, up_to)
        db.session.commit()
        return made
