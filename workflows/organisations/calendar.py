"""An organisation's dates in other people's calendars: the secret address, and the file behind it."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import case, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from files.calendar import DayEvent, calendar_file
from models import CalendarFeed, LineItem, Organisation, PaymentPeriod, acting_for, db
from rules.period import date_range
from rules.refusal import Unknown
from rules.states import OrganisationState, PaymentMethod
from workflows.clock import now, today
from workflows.hashes import hash_token, new_token

# Calendars ask a few times a day; somebody who asks more often in an hour is not one.
MOST_READS = 30
READS_IN = timedelta(hours=1)
# So long a date that is over stays in the file.
PAST = timedelta(days=90)


class TooOften(Exception):
    """The address was asked for more often than a calendar does."""


def renew(organisation_id: int) -> str:
    """Give the organisation in scope a new calendar address, and return its secret, which is kept as a hash.

    The address before opens nothing any more. Commits.
    """
    token = new_token()
    new = {"token_hash": hash_token(token), "made_at": now(), "reads": 0, "reads_since": None}
    statement = insert(CalendarFeed).values(organisation_id=organisation_id, **new)
    db.session.execute(statement.on_conflict_do_update(index_elements=["organisation_id"], set_=new))
    db.session.commit()
    return token


def end(organisation_id: int) -> None:
    """Let the calendar address of the organisation in scope open nothing any more. Commits."""
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.organisation_id == organisation_id))
    db.session.commit()


def feed_of(organisation_id: int) -> CalendarFeed | None:
    """Return the calendar address of the organisation in scope, none where it has none."""
    own = CalendarFeed.organisation_id == organisation_id
    found: CalendarFeed | None = db.session.scalars(select(CalendarFeed).where(own)).first()
    return found


def read(token: str) -> bytes:
    """Return the file behind a secret, for whoever has it. In the scope of signing in; commits the count of reads.

    Raises Unknown where it opens nothing, TooOften.
    """
    feed = CalendarFeed.__table__.c
    begins_anew = feed.reads_since.is_(None) | (feed.reads_since < now() - READS_IN)
    counted = db.session.execute(
        update(CalendarFeed.__table__)
        .where(feed.token_hash == hash_token(token))
        .values(
            reads=case((begins_anew, 1), else_=func.least(feed.reads + 1, MOST_READS + 1)),
            reads_since=case((begins_anew, now()), else_=feed.reads_since),
        )
        .returning(feed.organisation_id, feed.reads)
    ).one_or_none()
    db.session.commit()
    if counted is None:
        raise Unknown
    organisation_id, reads = counted
    if reads > MOST_READS:
        raise TooOften
    with acting_for(organisation_id):
        return _file(organisation_id)


def _file(organisation_id: int) -> bytes:
    organisation, on_actuals, on_schedule = db.session.execute(
        select(
            Organisation,
            exists(LineItem.id).where(LineItem.payment_method == PaymentMethod.ACTUALS),
            exists(LineItem.id).where(LineItem.payment_method == PaymentMethod.SCHEDULED),
        ).where(Organisation.id == organisation_id)
    ).one()
    if organisation.state is not OrganisationState.LIVE:
        raise Unknown
    periods = select(PaymentPeriod).where(PaymentPeriod.pay_on >= today() - PAST).order_by(PaymentPeriod.number)
    events = [
        event
        for period in db.session.scalars(periods)
        for event in _events(period, on_actuals=on_actuals, on_schedule=on_schedule)
    ]
    return calendar_file(f"Care payments, {current_app.config['COUNCIL_NAME']}", events, now())


def _events(period: PaymentPeriod, *, on_actuals: bool, on_schedule: bool) -> list[DayEvent]:
    """Return the dates of a period that concern whoever is paid so: cut-offs, and the day of payment."""
    weeks = date_range(period.start, period.end)
    portal = current_app.config["PORTAL_ADDRESS"]
    found = []
    if on_actuals:
        text = f"For the weeks of {weeks}. {portal}/actuals"
        found.append(DayEvent(f"submit-{period.number}@portal", period.submit_by, "Last day to confirm actuals", text))
    if on_schedule:
        text = f"For {weeks}. {portal}/scheduled-payments"
        found.append(
            DayEvent(f"amend-{period.number}@portal", period.amend_by, "Last day to query the scheduled payment", text)
        )
    if on_actuals or on_schedule:
        found.append(DayEvent(f"pay-{period.number}@portal", period.pay_on, "Care payment day", f"For {weeks}."))
    return found
