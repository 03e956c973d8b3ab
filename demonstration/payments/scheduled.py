"""Holt House in the demonstration: paid every four weeks without an invoice, with a payment to check today."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from demonstration.history import History
from models import LineItem, Organisation, PaymentPeriod, db
from rules.absence_report import AbsenceEntry
from rules.period import DAY, PeriodDates
from rules.states import AbsenceReason
from workflows.clock import LONDON, story_at
from workflows.scheduled.absences import choices, end_absence, report_absence
from workflows.scheduled.prepare import prepare_due, preview, preview_day

# Days from the start of the period that is there to check.
MOVED_IN, LEFT, AWAY = 9, 12, 3


def period_to_check(last: PeriodDates, current: PeriodDates, today: date) -> PeriodDates:
    """Return the period whose payment is there to check: the last one, or this one where that is fixed already."""
    return last if last.finalise_on > today else current


def somebody_moves(home: Organisation, period: PeriodDates) -> None:
    """Let one person move in and another leave in a period, while their lines are drafts; the caller commits."""
    lines = db.session.scalars(
        select(LineItem).where(LineItem.organisation_id == home.id).order_by(LineItem.reference.desc()).limit(2)
    ).all()
    new, ended = lines
    start = period.start + MOVED_IN * DAY
    new.start = new.plans[0].start = new.rates[0].start = start
    published = datetime.combine(start - 3 * DAY, time(11), LONDON)
    new.document.published_at, new.document.accepted_at = published, published + timedelta(days=1)
    ended.end = period.start + LEFT * DAY


def pay(period: PaymentPeriod, *, finalise: bool) -> None:
    """Let the portal preview the payments of a period on the day for it, and finalise them on theirs."""
    for day in (preview_day(period, period.amend_by), *([period.finalise_on] if finalise else [])):
        with story_at(day):
            prepare_due(day)


def to_check(history: History, home_id: int, period: PaymentPeriod) -> None:
    """Let somebody be in hospital in a period, and its payment be there to check, even before its day."""
    first = period.start + AWAY * DAY
    with history.provider(home_id, first + 2 * DAY) as user:
        line = choices()[3]
        entry = AbsenceEntry(
            line.id, first, None, AbsenceReason.HOSPITAL, first, "The duty social worker, by telephone", "After a fall"
        )
        report_id = report_absence(entry, user).id
    with history.provider(home_id, first + 10 * DAY):
        end_absence(report_id, first + 9 * DAY)
    preview(home_id, period)
