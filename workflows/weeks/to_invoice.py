"""The weeks an invoice may take: those confirmed and on none yet, and those that could still be (rules.md 8)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Date, and_, cast, column, func, or_, select
from sqlalchemy.orm import joinedload

from models import DAYS, Actual, ExceptionCheck, LineItem, Organisation, PaymentPeriod, db
from rules.period import monday_of, weeks_of
from rules.plan import SevenDays
from rules.states import ActualState
from workflows import policy
from workflows.clock import today


class InvoiceWeek(NamedTuple):
    """What is stored of a week that an invoice may take, in units of its line; names are those of the mapped classes.

    `rule` is what its stored check names, None where it has none; `decision_id` the decision in force about it. Plain
    values: to load 2,000 weeks as objects took two fifths of the preview's time.
    """

    id: int
    organisation_id: int
    week_starting: date
    state: ActualState
    version: int
    planned: Decimal
    delivered: Decimal
    aborted_payable: Decimal
    payable: Decimal
    rule: str | None
    decision_id: int | None
    days: SevenDays

    @classmethod
    def of(cls, actual: Actual) -> "InvoiceWeek":
        """Return a week that is loaded as an object."""
        check = actual.check
        checked = (check.rule, check.decision_id) if check else (None, None)
        return cls._make([*(getattr(actual, name) for name in _OWN), *checked, actual.days])


# The columns of a week that have its values' names, and those of all its values, in their order.
_OWN = InvoiceWeek._fields[:-3]
_STORED = (
    *(getattr(Actual, name) for name in _OWN), ExceptionCheck.rule, ExceptionCheck.decision_id,
    *(getattr(Actual, day) for day in DAYS),
)  # fmt: skip


def open_weeks(organisation_id: int, period: PaymentPeriod) -> list[tuple[LineItem, date, InvoiceWeek | None]]:
    """Return (line, Monday, what is stored) for every week that is confirmed, or could still be, and is on no invoice.

    What is stored is None where nothing is. A confirmed week can be invoiced however long ago its line ended (rules.md
    8); any other is named while somebody can confirm it, by the condition of the pages where that is done. Reads the
    database afresh.
    """
    start = monday_of(policy.for_council("portal_start"))
    mondays = weeks_of(start, min(period.end, today()))
    week = func.unnest(cast(mondays, ARRAY(Date))).table_valued(column("monday", Date)).render_derived(name="week")
    statement = (
        select(LineItem.id, week.c.monday, *_STORED)
        .join(week, LineItem.active_in(week.c.monday))
        .outerjoin(Actual, Actual.of_line(LineItem.id, week.c.monday))
        .outerjoin(ExceptionCheck, ExceptionCheck.actual_id == Actual.id)
        .where(
            LineItem.organisation_id == organisation_id,
            or_(
                Actual.state == ActualState.CONFIRMED,
                and_(
                    LineItem.to_confirm_in(
                        week.c.monday,
                        claimed_since=policy.claimed_since(),
                        portal_start=policy.for_council("portal_start"),
                        today=today(),
                    ),
                    Actual.unconfirmed(),
                ),
            ),
        )
        .order_by(week.c.monday, LineItem.reference)
    )
    rows = db.session.execute(statement).all()
    lines = _lines({line_id for line_id, *_ in rows})
    return [(lines[line_id], monday, _stored(stored)) for line_id, monday, *stored in rows]


def _stored(values: Sequence[Any]) -> InvoiceWeek | None:
    own, days = values[: -len(DAYS)], values[-len(DAYS) :]
    return None if own[0] is None else InvoiceWeek._make([*own, tuple(days)])


def _lines(ids: set[int]) -> dict[int, LineItem]:
    """Return lines by id with all that an invoice shows of them.

    Apart from their weeks: to load them again for each week took 500 of 750 ms at 500 lines (`python -m bench money`).
    """
    statement = (
        select(LineItem)
        .where(LineItem.id.in_(ids))
        .options(
            joinedload(LineItem.document),
            joinedload(LineItem.person),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
        )
        .execution_options(populate_existing=True)
    )
    return {line.id: line for line in db.session.scalars(statement)}
