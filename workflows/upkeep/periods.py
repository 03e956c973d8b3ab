"""Payment periods are kept in existence ahead of time (rules.md 1); what staff edited in them stays."""

from dataclasses import asdict, fields
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models import LineItem, PaymentPeriod, db
from rules.period import PeriodDates, period_number, plan_period, why_deadlines_moved
from workflows import policy


def keep_periods(today: date) -> int:
    """See that every period exists from the first that has care to the one so many after today's (policy: PE-4).

    Returns how many were new. A period that is there already, or days that another period has, are left as they are:
    staff move deadlines. To be called in the council's scope.
    """
    anchor = policy.for_council("period_anchor", today)
    weeks = policy.for_council("period_weeks", today)
    first = period_number(_first_day_of_care(today), anchor, weeks)
    last = period_number(today, anchor, weeks) + policy.for_council("periods_ahead", today)
    wanted = [asdict(planned(number, today)) for number in range(first, last + 1)]
    new = db.session.scalars(
        insert(PaymentPeriod).values(wanted).on_conflict_do_nothing().returning(PaymentPeriod.id)
    ).all()
    db.session.commit()
    return len(new)


def planned(number: int, on: date) -> PeriodDates:
    """Return a period with the deadlines that the policy of a day gives it."""
    return plan_period(
        number,
        policy.for_council("period_anchor", on),
        policy.for_council("period_weeks", on),
        policy.for_council("submit_by_days", on),
        policy.for_council("days_before_pay_day", on),
        policy.for_council("closure_days", on),
    )


def moved_dates(period: PaymentPeriod) -> dict[str, str]:
    """Return why deadlines of a period are not on their nominal day, or are no working day, by column."""
    return why_deadlines_moved(
        PeriodDates(**{each.name: getattr(period, each.name) for each in fields(PeriodDates)}),
        policy.for_council("submit_by_days"),
        policy.for_council("days_before_pay_day"),
        policy.for_council("closure_days"),
    )


def _first_day_of_care(today: date) -> date:
    """Return the first day that can be claimed for: when the earliest line starts, not before the portal did (PE-5)."""
    earliest = db.session.scalar(select(func.min(LineItem.start))) or today
    portal_start: date = policy.for_council("portal_start", today)
    return min(max(earliest, portal_start), today)
