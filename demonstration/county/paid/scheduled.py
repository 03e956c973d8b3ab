"""What the county pays every four weeks without an invoice; the last period's is prepared by the portal's own job."""

from datetime import datetime, time

from demonstration.county.owner import Owner
from demonstration.county.paid import scheduled_sql
from models import PaymentPeriod
from rules.states import LineKind, PaymentMethod, ScheduledState
from workflows.clock import LONDON
from workflows.scheduled.prepare import preview_day
from workflows.scheduled.wanted import NOT_ACCEPTED


def prepare(owner: Owner) -> None:
    """Make room for what is due in a period."""
    owner.run(scheduled_sql.DUE)


def pay(owner: Owner, period: PaymentPeriod) -> None:
    """Preview and finalise what every home is paid for a period, on the days for it."""
    values = {
        "period": period.id, "start": period.start, "end": period.end, "scheduled": PaymentMethod.SCHEDULED.value,
        "kind": LineKind.SCHEDULED.value,
        "not_accepted": NOT_ACCEPTED, "preview": ScheduledState.PREVIEW.value,
        "finalised": ScheduledState.FINALISED.value, "on_hold": ScheduledState.ON_HOLD.value,
        "previewed_at": datetime.combine(preview_day(period, period.amend_by), time(6), LONDON),
        "finalised_at": datetime.combine(period.finalise_on, time(6), LONDON),
    }  # fmt: skip
    with owner.at_once():
        for statement in (*scheduled_sql.FILL, *scheduled_sql.PAY):
            owner.run(statement, **values)
