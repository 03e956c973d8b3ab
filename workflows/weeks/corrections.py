"""Corrections of weeks already invoiced: their history, and what the next invoice has to make good (rules.md 3, 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import aliased, joinedload

from models import Actual, ActualVersion, InvoiceLine, LineItem, Organisation, PaymentRun, PaymentSource, db
from rules.actual import REASONS
from rules.correction import WeekDifference, WeekFigures, changes_in_words, difference_of
from rules.money import NOTHING
from rules.price import DoesNotAddUp, NoRate
from workflows.weeks.line_week import ON_INVOICE, Line
from workflows.weeks.price import ByDay, aborted_by_day, aborted_then, price_of

_FIGURES = tuple(WeekFigures.__dataclass_fields__)


@dataclass(frozen=True)
class VersionRow:
    """One version of a line's week: who saved it and when, what changed in words, why, and what it came to.

    `amount` is pounds at the rates in force now, None where the price is not known; `more` what it is above the version
    before (below zero: less).
    """

    version: int
    saved_at: datetime
    saved_by: str
    source: str
    changes: list[str]
    reason: str
    comment: str
    figures: WeekFigures
    amount: Decimal | None
    more: Decimal | None


@dataclass(frozen=True)
class Corrected:
    """A week on live invoices that something changed since, and the lines that stand for it there."""

    line: LineItem
    actual: Actual
    standing: Sequence[InvoiceLine]

    def difference(self, aborted: ByDay) -> WeekDifference[InvoiceLine]:
        """Return how the week differs from what was invoiced. Raises NoRate or DoesNotAddUp where nobody can say."""
        price = price_of(self.line, self.actual.week_starting, self.actual, aborted)
        if price.problem:
            raise price.problem
        return difference_of(price.segments, self.line.vat_code, self.standing)


def history(line: Line, week: date) -> list[VersionRow]:
    """Return every version of a line's week, latest first; a week that nobody saved has none."""
    versions: Sequence[ActualVersion] = db.session.scalars(
        select(ActualVersion)
        .join(Actual, Actual.id == ActualVersion.actual_id)
        .where(Actual.of_line(line.id, week))
        .options(joinedload(ActualVersion.saved_by))
        .order_by(ActualVersion.version)
    ).all()
    rows: list[VersionRow] = []
    for each in versions:
        rows.append(_row(line, week, each, rows[-1] if rows else None))
    return rows[::-1]


class OnInvoice(NamedTuple):
    """A line of a week on an invoice, and the pay date of the run its invoice is in.

    It is `compared` with the week as it is now where it stands for the week, and something changed that since.
    """

    line: InvoiceLine
    compared: bool
    pay_date: date | None


def invoiced_lines(actual_id: int) -> list[OnInvoice]:
    """Return every line of a week on invoices with its invoice, in order."""
    return [OnInvoice(*row) for row in db.session.execute(_INVOICED_LINES, {"actual": actual_id})]


def difference(versions: Sequence[VersionRow], invoiced: Sequence[OnInvoice]) -> Decimal:
    """Return the pounds by which a week differs from what live invoices hold of it, earlier differences included.

    From its `history` and its `invoiced_lines`. Nothing where no invoice holds it, or where a rate is missing.
    """
    compared = [each.line.net for each in invoiced if each.compared]
    now = versions[0].amount if versions else None
    return now - sum(compared, NOTHING) if compared and now is not None else NOTHING


def weeks_with_difference(organisation: Organisation) -> list[tuple[Actual, Decimal]]:
    """Return the weeks whose difference is still to be invoiced, in order, with its pounds; held ones among them."""
    found = corrected_weeks(organisation.id)
    aborted = aborted_by_day(Actual.id.in_([each.actual.id for each in found]))
    pounds = [(each.actual, _pounds(each, aborted[each.line.id])) for each in found]
    return [(actual, more) for actual, more in pounds if more]


def corrected_weeks(organisation_id: int, until: date | None = None) -> list[Corrected]:
    """Return the weeks on live invoices that something changed since, in order, those that began by `until`.

    They were saved again, or a change of their line's price marked them. Whether they differ is for the caller to see.
    Reads the database afresh.
    """
    conditions = [Actual.organisation_id == organisation_id]
    return _corrected(*conditions, *([Actual.week_starting <= until] if until else []))


def lock_corrected(organisation_id: int, until: date) -> None:
    """Let nobody save or settle a corrected week until the transaction ends; in one order, against deadlocks."""
    db.session.execute(
        select(Actual.id)
        .where(Actual.organisation_id == organisation_id, Actual.week_starting <= until, *_changed())
        .order_by(Actual.id)
        .with_for_update(of=Actual)
    ).all()


def _changed() -> list[ColumnElement[bool]]:
    """Return the conditions that something changed in a week after it was invoiced."""
    # Week by week, for those saved again: an organisation's lines of two years would take 230 ms to look through.
    line = aliased(InvoiceLine)
    seen = select(func.max(line.actual_version)).where(line.live, line.actual_id == Actual.id).scalar_subquery()
    # The first version of a week is the one that was invoiced first: an index knows the few that have another.
    again = and_(Actual.version > literal_column("1"), Actual.version > seen)
    return [Actual.state.in_(ON_INVOICE), or_(again, Actual.repriced_at.is_not(None))]


def _corrected(*of: ColumnElement[bool]) -> list[Corrected]:
    statement = (
        select(LineItem, Actual)
        .join(Actual, Actual.line_item_id == LineItem.id)
        .where(*of, *_changed())
        .options(
            joinedload(LineItem.document),
            joinedload(LineItem.person),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
            joinedload(Actual.check),
        )
        .order_by(Actual.week_starting, LineItem.reference)
        .execution_options(populate_existing=True)
    )
    rows = db.session.execute(statement).all()
    standing = standing_lines([actual.id for _, actual in rows])
    return [Corrected(line, actual, standing[actual.id]) for line, actual in rows]


def standing_lines(actual_ids: Sequence[int]) -> dict[int, list[InvoiceLine]]:
    """Return the lines that stand for weeks on live invoices, by the actual's id: none takes another of them back."""
    by_week: dict[int, list[InvoiceLine]] = {each: [] for each in actual_ids}
    if not by_week:
        return by_week
    statement = (
        select(InvoiceLine)
        .where(InvoiceLine.actual_id.in_(actual_ids), InvoiceLine.stands())
        .options(joinedload(InvoiceLine.invoice))
        .order_by(InvoiceLine.id)
    )
    for each in db.session.scalars(statement):
        by_week[each.actual_id].append(each)
    return by_week


def _pounds(week: Corrected, aborted: ByDay) -> Decimal:
    try:
        return week.difference(aborted).net
    except (NoRate, DoesNotAddUp):
        return NOTHING


def _row(line: Line, week: date, version: ActualVersion, before: VersionRow | None) -> VersionRow:
    figures = WeekFigures(**{name: getattr(version, name) for name in _FIGURES})
    amount = price_of(line, week, version, aborted_then(week, version)).amount
    earlier = before.amount if before else None
    return VersionRow(
        version=version.version,
        saved_at=version.saved_at,
        saved_by=str(version.saved_by) if version.saved_by else "",
        source=version.source,
        changes=changes_in_words(before.figures if before else None, figures, line.plan.unit),
        reason=REASONS.get(version.reason, version.reason),
        comment=version.comment,
        figures=figures,
        amount=amount,
        more=None if amount is None or earlier is None else amount - earlier,
    )


# Put together once: its three aliases take 3 ms, more than the query.
_INVOICED_LINES = (
    select(InvoiceLine, and_(InvoiceLine.stands(), *_changed()), PaymentRun.pay_date)
    .join(Actual, Actual.id == InvoiceLine.actual_id)
    # Not what the bank sent back.
    .outerjoin(
        PaymentSource,
        and_(PaymentSource.invoice_id == InvoiceLine.invoice_id, PaymentSource.bank_return_id.is_(None)),
    )
    .outerjoin(PaymentRun, PaymentRun.id == PaymentSource.run_id)
    .where(InvoiceLine.actual_id == bindparam("actual"))
    .options(joinedload(InvoiceLine.invoice))
    .order_by(InvoiceLine.id)
)
