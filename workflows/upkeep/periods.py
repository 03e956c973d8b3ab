"""Payment periods are kept in existence ahead of time (rules.md 1); what staff edited in them stays."""

from dataclasses import asdict
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models import LineItem, PaymentPeriod, db
from rules.period import period_number, plan_period
from workflows import policy


def keep_periods(today: date) -> int:
    """See that every period exists from the first that has care to the one so many after today's (policy: PE-4).

    Returns how many were new. A period that is there already, or days that another period has, are left as they are:
    staff move deadlines. To be called in the council's scope.
    """
    anchor = policy.for_council("period_anchor", today)
    weeks = policy.for_council("period_weeks", today)
    days = policy.for_council("submit_by_days", today)
    first = period_number(_first_day_of_care(today), anchor, weeks)
    last = period_number(today, anchor, weeks) + policy.for_council("periods_ahead", today)
    wanted = [asdict(plan_period(number, anchor, weeks, days)) for number in range(first, last + 1)]
    new = db.session.scalars(
        insert(PaymentPeriod).values(wanted).on_conflict_do_nothing().returning(PaymentPeriod.id)
    ).all()
    db.session.commit()
    return len(new)


def _first_day_of_care(today: date) -> date:
    """Return the first day that can be claimed for: when the earliest line starts, not before the portal did (PE-5)."""
    earliest = db.session.scalar(select(func.min(LineItem.start))) or today
    portal_start: date = policy.for_council("portal_start", today)
    return min(max(earliest, portal_start), today)
