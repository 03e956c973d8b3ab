"""Scheduled payments are previewed and finalised, once for an organisation and a period (rules.md 9)."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from operator import itemgetter
from typing import Any, Final

from flask import current_app
from sqlalchemy import delete, exists, func, insert, or_, select, update

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
from models.row_set import row_set
from rules.money import NOTHING
from rules.states import PaymentMethod, ScheduledState
from workflows import policy
from workflows.clock import now, today
from workflows.mail.letters import write_letter
from workflows.scheduled.known import among
from workflows.scheduled.wanted import Row, wanted_rows

log = logging.getLogger(__name__)

# So many organisations in one transaction: fewer take longer, more keep providers' reports waiting for their lock.
TOGETHER = 100
_LINE: Final = ScheduledPaymentLine.__table__
# Nothing that was loaded is looked at again before the commit.
UNSEEN: Final = {"synchronize_session": False}
# Whatever a line holds that is not its place in the table.
_SHOWN: Final = [column for column in _LINE.c if column.name not in ("id", "scheduled_payment_id")]
_values: Final[Callable[[Row], tuple[Any, ...]]] = itemgetter(*(column.name for column in _SHOWN))


@dataclass
class Prepared:
    """How many previews a run made or worked out anew, how many payments it finalised, and whose it could not."""

    previews: int = 0
    finalised: int = 0
    failed: set[int] = field(default_factory=set)


class NotPrepared(Exception):
    """Some organisations' payments could not be worked out; the others' were. The log says why."""

    def __init__(self, organisation_ids: Collection[int]) -> None:
        super().__init__(f"organisations {sorted(organisation_ids)}; the log says why")


def prepare_due(on: date, together: int = TOGETHER) -> Prepared:
    """Preview and finalise what is due on a day, the days that were missed included, each period in its turn.

    In the council's scope. Commits after so many organisations `together`, whose rows are locked meanwhile, so that it
    can end anywhere and be run again, or twice at once. Raises NotPrepared at the end, with the organisations whose
    payments could not be worked out: all others have theirs.
    """
    done = Prepared()
    for period in _periods_due(on):
        finalises = period.finalise_on <= on
        # Finalising works everything out anyway; but nobody is finalised before everybody has a payment, so that a run
        # that is killed leaves none out of its period.
        has_one = _paid_in(period) if finalises else set()
        new = [each for each in _organisations(period) if each not in has_one]
        done.previews += _each_in_turn(new, together, partial(_prepare, period=period, finalise=False), done.failed)
        if finalises:
            deed = partial(_prepare, period=period, finalise=True)
            done.finalised += _each_in_turn(sorted(_paid_in(period)), together, deed, done.failed)
    if done.failed:
        raise NotPrepared(done.failed)
    return done


def _each_in_turn(
    organisation_ids: list[int], together: int, deed: Callable[[Collection[int]], int], failed: set[int]
) -> int:
    """Do something for some organisations at a time; where that fails, for each alone, so that one stops no others."""
    done = 0
    for first in range(0, len(organisation_ids), together):
        batch = organisation_ids[first : first + together]
        try:
            done += deed(batch)
        except Exception:
            db.session.rollback()
            if len(batch) > 1:
                done += _each_in_turn(batch, 1, deed, failed)
            else:
                log.exception("The scheduled payment of organisation %s cannot be worked out", *batch)
                failed.update(batch)
    return done


def preview(organisation_id: int, period: PaymentPeriod) -> bool:
    """Make the preview of an organisation's payment for a period, or work it out anew; whether there is one. Commits.

    There is none where nothing is to be paid, where the payment is finalised, or while an earlier one is not.
    """
    return bool(_prepare([organisation_id], period, finalise=False))


def finalise(organisation_id: int, period: PaymentPeriod) -> bool:
    """Work the preview of an organisation out a last time and finalise it; whether that was done now. Commits.

    A payment of which everything is kept back is put on hold for good instead: a later one takes all of it up.
    """
    return bool(_prepare([organisation_id], period, finalise=True))


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


def _prepare(organisation_ids: Collection[int], period: PaymentPeriod, *, finalise: bool) -> int:
    """Work out the payments of some organisations for a period; how many of them pay something now. Commits."""
    _lock(organisation_ids)
    payments = _payments(organisation_ids, period)
    closed = {each for each, payment in payments.items() if payment.state is not ScheduledState.PREVIEW}
    waiting = closed | _earlier_is_open(organisation_ids, period)
    due = [each for each in organisation_ids if each not in waiting and (each in payments or not finalise)]
    wanted = wanted_rows(due, period) if due else {}
    new = [ScheduledPayment(organisation_id=each, period_id=period.id, created_at=now()) for each in wanted]
    new = [payment for payment in new if payment.organisation_id not in payments]
    for payment in new:
        _total(payment, wanted[payment.organisation_id])
    db.session.add_all(new)
    db.session.flush()
    _tell_contacts(new)
    payments |= {payment.organisation_id: payment for payment in new}
    _store({payments[each]: wanted.get(each, []) for each in due if each in payments}, finalise=finalise)
    db.session.commit()
    return len(wanted)


def _store(rows_of: Mapping[ScheduledPayment, list[Row]], *, finalise: bool) -> None:
    """Give previews their lines and totals; one without lines is thrown away."""
    _write_lines({payment.id: rows for payment, rows in rows_of.items()})
    for payment, rows in rows_of.items():
        if rows:
            _total(payment, rows)
        else:
            db.session.delete(payment)
    db.session.flush()
    if finalise:
        paid = {payment.id for payment, rows in rows_of.items() if any(not row["kept_back"] for row in rows)}
        held = {payment.id for payment, rows in rows_of.items() if rows} - paid
        for state, ids in ((ScheduledState.FINALISED, paid), (ScheduledState.ON_HOLD, held)):
            of = update(ScheduledPayment).where(among(ScheduledPayment.id, ids))
            db.session.execute(of.values(state=state, finalised_at=now()), execution_options=UNSEEN)


def _total(payment: ScheduledPayment, rows: list[Row]) -> None:
    """Add up what is paid of its lines."""
    paid = [row for row in rows if not row["kept_back"]]
    payment.net = sum((row["net"] for row in paid), NOTHING)
    payment.vat = sum((row["vat"] for row in paid), NOTHING)
    payment.gross = payment.net + payment.vat


def _write_lines(wanted: Mapping[int, list[Row]]) -> None:
    """Write the lines of previews anew, by the payment's id, where they are others than before: nearly none are."""
    there = _lines_there(list(wanted))
    changed = [key for key, rows in wanted.items() if there.get(key, []) != list(map(_values, rows))]
    if gone := [key for key in changed if key in there]:
        db.session.execute(delete(_LINE).where(among(_LINE.c.scheduled_payment_id, gone)))
    rows = [row | {"scheduled_payment_id": key} for key in changed for row in wanted[key]]
    if rows:
        new = row_set(_LINE, rows)
        db.session.execute(insert(_LINE).from_select([column.name for column in new.selected_columns], new))


def _lines_there(payment_ids: Collection[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    statement = select(_LINE.c.scheduled_payment_id, *_SHOWN).where(among(_LINE.c.scheduled_payment_id, payment_ids))
    # All at once: row by row the driver takes twice as long.
    for payment_id, *values in db.session.execute(statement.order_by(_LINE.c.id)).all():
        found[payment_id].append(tuple(values))
    return found


def _lock(organisation_ids: Collection[int]) -> None:
    """Keep others from working out payments of some organisations until the transaction ends; in order: no deadlock."""
    rows = select(Organisation.id).where(among(Organisation.id, organisation_ids)).order_by(Organisation.id)
    db.session.execute(rows.with_for_update(key_share=True))


def _payments(organisation_ids: Collection[int], period: PaymentPeriod) -> dict[int, ScheduledPayment]:
    statement = select(ScheduledPayment).where(
        among(ScheduledPayment.organisation_id, organisation_ids), ScheduledPayment.period_id == period.id
    )
    found = db.session.scalars(statement.execution_options(populate_existing=True))
    return {payment.organisation_id: payment for payment in found}


def _earlier_is_open(organisation_ids: Collection[int], period: PaymentPeriod) -> set[int]:
    """Return those of some organisations that have a preview of an earlier period."""
    statement = (
        select(ScheduledPayment.organisation_id)
        .join(PaymentPeriod, PaymentPeriod.id == ScheduledPayment.period_id)
        .where(
            among(ScheduledPayment.organisation_id, organisation_ids), ScheduledPayment.state == ScheduledState.PREVIEW,
            PaymentPeriod.number < period.number,
        )
    )  # fmt: skip
    return set(db.session.scalars(statement))


def _tell_contacts(payments: Iterable[ScheduledPayment]) -> None:
    """Write to who looks after payments, once, when the preview is first there."""
    of = {payment.organisation_id: payment for payment in payments}
    contacts = select(Contact.organisation_id, Contact.email).where(
        among(Contact.organisation_id, list(of)), Contact.may_payments, Contact.in_force(today())
    )
    for organisation_id, recipient in db.session.execute(contacts.order_by(Contact.id)):
        address = f"{current_app.config['PORTAL_ADDRESS']}/scheduled-payments/{of[organisation_id].id}"
        write_letter(recipient, "scheduled payment to check", organisation_id, address=address)
