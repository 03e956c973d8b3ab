"""Scheduled payments are previewed and finalised, once for an organisation and a period (rules.md 9)."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import delete, exists, func, insert, or_, select

from models import (
    Contact,
    ContractDocument,
    LineItem,
    Organisation,
    PaymentPeriod,
    Rollout,
    ScheduledPayment,
    ScheduledPaymentLine,
    db,
)
from rules.money import NOTHING
from rules.states import PaymentMethod, ScheduledState
from workflows import policy
from workflows.clock import now, today
from workflows.mail.outbox import write_email
from workflows.scheduled.wanted import Row, wanted_rows

SUBJECT = "A scheduled payment is there to check"
BODY = (
    "The council has worked out your organisation's next scheduled payment.\n\n"
    "Sign in to the provider portal to check it before it is paid:\n{address}\n"
)


@dataclass
class Prepared:
    """How many previews a run made or worked out anew, and how many payments it finalised."""

    previews: int = 0
    finalised: int = 0


def prepare_due(on: date) -> Prepared:
    """Preview and finalise what is due on a day, the days that were missed included, each period in its turn.

    In the council's scope. Commits after each organisation, so that it can end anywhere and be run again, or twice at
    once: the row of an organisation is locked while its payment is worked out.
    """
    done = Prepared()
    for period in _periods_due(on):
        finalises = period.finalise_on <= on
        # Finalising works everything out anyway; but nobody is finalised before everybody has a payment, so that a run
        # that is killed leaves none out of its period.
        has_one = _paid_in(period) if finalises else set()
        for organisation_id in _organisations(period):
            done.previews += organisation_id not in has_one and preview(organisation_id, period)
        for organisation_id in sorted(_paid_in(period)) if finalises else ():
            done.finalised += finalise(organisation_id, period)
    return done


def preview(organisation_id: int, period: PaymentPeriod) -> bool:
    """Make the preview of an organisation's payment for a period, or work it out anew; whether there is one. Commits.

    There is none where nothing is to be paid, where the payment is finalised, or while an earlier one is not.
    """
    return _prepare(organisation_id, period, finalise=False)


def finalise(organisation_id: int, period: PaymentPeriod) -> bool:
    """Work the preview of an organisation out a last time and finalise it; whether that was done now. Commits.

    A payment of which everything is kept back is put on hold for good instead: a later one takes all of it up.
    """
    return _prepare(organisation_id, period, finalise=True)


def refresh(organisation_id: int) -> None:
    """Work the preview that an organisation can still see anew, if there is one. Commits."""
    open_ = select(PaymentPeriod).join(ScheduledPayment, ScheduledPayment.period_id == PaymentPeriod.id)
    own = ScheduledPayment.organisation_id == organisation_id
    for period in db.session.scalars(open_.where(own, ScheduledPayment.state == ScheduledState.PREVIEW)).all():
        preview(organisation_id, period)


def preview_day(period: PaymentPeriod, on: date) -> date:
    """Return the day from which a period's payments are previewed, by the policy of a day (SP-1)."""
    return period.amend_by - timedelta(days=policy.for_council("scheduled_preview_days", on))


def _periods_due(on: date) -> list[PaymentPeriod]:
    """Return the periods to work on: those with a preview, and those after the last that was finalised, up to today's.

    Where nothing was ever finalised, only the latest: what came before it is paid with it.
    """
    before = on + timedelta(days=policy.for_council("scheduled_preview_days", on))
    due = list(
        db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.amend_by <= before).order_by(PaymentPeriod.number))
    )
    open_, last = db.session.execute(
        select(
            func.min(PaymentPeriod.number).filter(ScheduledPayment.state == ScheduledState.PREVIEW),
            func.max(PaymentPeriod.number).filter(ScheduledPayment.state != ScheduledState.PREVIEW),
        )
        .select_from(ScheduledPayment)
        .join(PaymentPeriod, PaymentPeriod.id == ScheduledPayment.period_id)
    ).one()
    if open_ is None and last is None:
        return due[-1:]
    first = open_ if open_ is not None else last + 1
    return [period for period in due if period.number >= first]


def _organisations(period: PaymentPeriod) -> list[int]:
    line = LineItem
    published = exists().where(ContractDocument.id == line.document_id, ContractDocument.version > 0)
    turn = exists().where(Rollout.sector_id == Organisation.sector_id, Rollout.opens_on <= period.end)
    live = select(line.id).where(
        turn,
        line.organisation_id == Organisation.id, line.payment_method == PaymentMethod.SCHEDULED,
        line.start <= period.end, published,
    )  # fmt: skip
    previewed = select(ScheduledPayment.id).where(
        ScheduledPayment.organisation_id == Organisation.id, ScheduledPayment.period_id == period.id
    )
    statement = select(Organisation.id).where(or_(live.exists(), previewed.exists())).order_by(Organisation.id)
    return list(db.session.scalars(statement))


def _paid_in(period: PaymentPeriod) -> set[int]:
    """Return the organisations that have a payment for a period, in whatever state."""
    return set(
        db.session.scalars(select(ScheduledPayment.organisation_id).where(ScheduledPayment.period_id == period.id))
    )


def _prepare(organisation_id: int, period: PaymentPeriod, *, finalise: bool) -> bool:
    db.session.execute(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )
    payment = _payment(organisation_id, period)
    waits = (payment is None and finalise) or (payment is not None and payment.state is not ScheduledState.PREVIEW)
    if waits or _earlier_is_open(organisation_id, period):
        db.session.commit()
        return False
    rows = wanted_rows(organisation_id, period)
    if payment is None and rows:
        payment = ScheduledPayment(organisation_id=organisation_id, period_id=period.id, created_at=now())
        db.session.add(payment)
        db.session.flush()
        _tell_contacts(payment)
    if payment is not None:
        _store(payment, rows, finalise=finalise)
    db.session.commit()
    return bool(rows)


def _store(payment: ScheduledPayment, rows: list[Row], *, finalise: bool) -> None:
    """Give a preview its lines and totals; one without lines is thrown away."""
    line = ScheduledPaymentLine
    db.session.execute(delete(line).where(line.scheduled_payment_id == payment.id))
    if not rows:
        db.session.delete(payment)
        return
    own = {"scheduled_payment_id": payment.id}
    db.session.execute(insert(line), [row | own for row in rows])
    paid = [row for row in rows if not row["kept_back"]]
    payment.net = sum((row["net"] for row in paid), NOTHING)
    payment.vat = sum((row["vat"] for row in paid), NOTHING)
    payment.gross = payment.net + payment.vat
    if finalise:
        payment.state = ScheduledState.FINALISED if paid else ScheduledState.ON_HOLD
        payment.finalised_at = now()


def _payment(organisation_id: int, period: PaymentPeriod) -> ScheduledPayment | None:
    statement = select(ScheduledPayment).where(
        ScheduledPayment.organisation_id == organisation_id, ScheduledPayment.period_id == period.id
    )
    found: ScheduledPayment | None = db.session.scalar(statement.execution_options(populate_existing=True))
    return found


def _earlier_is_open(organisation_id: int, period: PaymentPeriod) -> bool:
    statement = (
        select(ScheduledPayment.id)
        .join(PaymentPeriod, PaymentPeriod.id == ScheduledPayment.period_id)
        .where(
            ScheduledPayment.organisation_id == organisation_id, ScheduledPayment.state == ScheduledState.PREVIEW,
            PaymentPeriod.number < period.number,
        )
    )  # fmt: skip
    return db.session.scalars(statement).first() is not None


def _tell_contacts(payment: ScheduledPayment) -> None:
    """Write to who looks after payments, once, when the preview is first there."""
    address = f"{current_app.config['PORTAL_ADDRESS']}/scheduled-payments/{payment.id}"
    recipients = select(Contact.email).where(
        Contact.organisation_id == payment.organisation_id, Contact.may_payments, Contact.in_force(today())
    )
    for recipient in db.session.scalars(recipients.order_by(Contact.id)):
        write_email(recipient, SUBJECT, BODY.format(address=address), payment.organisation_id)
