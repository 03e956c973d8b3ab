"""What is known of the scheduled lines of many organisations, as plain values: some queries, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Integer, any_, literal, or_, select

from models import (
    DAYS,
    AbsenceReport,
    ContractDocument,
    Deduction,
    Hold,
    LineItem,
    Organisation,
    PaymentPeriod,
    Plan,
    Rate,
    Rollout,
    ScheduledPayment,
    ScheduledPaymentLine,
    Sector,
    db,
)
from rules.plan import LinePlan, PlanVersion, nothing_planned
from rules.policy import Target
from rules.price import RateVersion
from rules.scheduled import Away, Deductions, deductions_of
from rules.states import PaymentMethod, ScheduledState, Unit, VatCode
from workflows import policy
from workflows.clock import today

Week = tuple[int, date]
Versions = Mapping[int, list[Any]]

# What an adjustment takes over from the line that it takes back, and with a minus.
SAME = ("line_item_id", "week_starting", "days", "paid_days", "unit", "rate", "rate_id", "vat_code", "explained",
        "rule", "absence_report_id")  # fmt: skip
MINUS = ("units", "amount", "contribution", "top_up", "net", "vat", "gross")


class ScheduledItem(NamedTuple):
    """A line that is paid without an invoice: what prices it, oldest first, and what may keep it back.

    `opens_on` is the day of its sector's turn, None where there is none yet.
    """

    id: int
    organisation_id: int
    document_id: int
    unit: Unit
    vat_code: VatCode
    plan: LinePlan
    rate_versions: list[RateVersion]
    rate_ids: dict[date, int]
    deducted: list[Deductions]
    in_force: bool
    accepted: bool
    opens_on: date | None
    policy_target: Target


@dataclass
class PaidBefore:
    """What live lines of finalised payments hold, by line: each week's segments in force, and its last one's id."""

    segments: dict[Week, list[Any]] = field(default_factory=lambda: defaultdict(list))
    last_id: dict[Week, int] = field(default_factory=dict)
    weeks: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True)
class KnownLines:
    """The lines of some organisations by reference, what was paid for them, and by line who is away and what is held.

    `holds` are by line and by document, the first one of each.
    """

    lines: list[ScheduledItem]
    paid: PaidBefore
    absences: Mapping[int, list[Away]]
    line_holds: Mapping[int, Hold]
    document_holds: Mapping[int, Hold]


def known_of(organisation_ids: Collection[int], period: PaymentPeriod) -> KnownLines:
    """Return what the payments of some organisations for a period follow from. In the council's scope."""
    holds = _holds(organisation_ids)
    return KnownLines(
        _lines(organisation_ids, period),
        _paid(organisation_ids),
        _absences(organisation_ids),
        {each.line_item_id: each for each in reversed(holds) if each.line_item_id is not None},
        {each.document_id: each for each in reversed(holds) if each.document_id is not None},
    )


def _lines(organisation_ids: Collection[int], period: PaymentPeriod) -> list[ScheduledItem]:
    line = LineItem
    statement = (
        select(
            line.id, line.organisation_id, line.document_id, line.unit, line.vat_code, line.plan_kind, line.start,
            line.end, line.payment_basis, line.contribution, line.top_up, Organisation.sector_id,
            Sector.name.label("sector"), Rollout.opens_on, ContractDocument.takes_actuals.label("in_force"),
            ContractDocument.accepted_at.is_not(None).label("accepted"),
        )
        .join(line.document)
        .join(line.organisation)
        .join(Organisation.sector)
        .outerjoin(Sector.rollout)
        .where(
            among(line.organisation_id, organisation_ids),
            line.payment_method == PaymentMethod.SCHEDULED,
            line.start <= period.end,
            ContractDocument.version > 0,
            or_(line.end.is_(None), line.end >= policy.for_council("portal_start"), _has_been_paid()),
        )
        .order_by(line.reference)
    )  # fmt: skip
    rows = db.session.execute(statement).all()
    ids = [row.id for row in rows]
    plans, rates, deductions = _plans(ids), _rates(ids), _deductions(ids)
    return [_line(row, plans[row.id], rates[row.id], deductions[row.id]) for row in rows]


def _line(row: Any, plans: list[PlanVersion], rates: list[Any], later: list[Deductions]) -> ScheduledItem:
    return ScheduledItem(
        row.id, row.organisation_id, row.document_id, row.unit, row.vat_code,
        LinePlan(row.plan_kind, row.unit, tuple(plans) or nothing_planned(row.start), row.start, row.end),
        [RateVersion(rate.rate, rate.start, rate.end) for rate in rates],
        {rate.start: rate.id for rate in rates},
        deductions_of(row.payment_basis, Deductions(row.start, row.contribution, row.top_up), later),
        row.in_force, row.accepted, row.opens_on,
        Target(row.sector_id, row.sector, row.organisation_id, row.id),
    )  # fmt: skip


def _plans(line_ids: Collection[int]) -> Versions:
    statement = select(Plan.line_item_id, Plan.start, Plan.weekly_quantity, *(getattr(Plan, day) for day in DAYS))
    found: Versions = defaultdict(list)
    for line_id, start, weekly, *days in _versions(statement, Plan, line_ids):
        found[line_id].append(PlanVersion(start, tuple(days), weekly))
    return found


def _rates(line_ids: Collection[int]) -> Versions:
    statement = select(Rate.line_item_id, Rate.id, Rate.rate, Rate.start, Rate.end).where(Rate.replaced_at.is_(None))
    found: Versions = defaultdict(list)
    for row in _versions(statement, Rate, line_ids):
        found[row.line_item_id].append(row)
    return found


def _deductions(line_ids: Collection[int]) -> Versions:
    statement = select(Deduction.line_item_id, Deduction.start, Deduction.contribution, Deduction.top_up)
    found: Versions = defaultdict(list)
    for line_id, *version in _versions(statement, Deduction, line_ids):
        found[line_id].append(Deductions(*version))
    return found


def _versions(statement: Any, of: type[Plan | Rate | Deduction], line_ids: Collection[int]) -> Any:
    return db.session.execute(statement.where(among(of.line_item_id, line_ids)).order_by(of.start)).all()


def _has_been_paid() -> ColumnElement[bool]:
    return select(ScheduledPaymentLine.id).where(ScheduledPaymentLine.line_item_id == LineItem.id).exists()


def _paid(organisation_ids: Collection[int]) -> PaidBefore:
    line = ScheduledPaymentLine
    # Plain rows, for each is looked at once: as mapped objects half a million would take ten times as long.
    statement = (
        select(line.id, line.takes_back, line.adjusts_id, line.organisation_id,
               *(getattr(line, name) for name in (*SAME, *MINUS)))
        .join(ScheduledPayment, ScheduledPayment.id == line.scheduled_payment_id)
        .where(
            among(line.organisation_id, organisation_ids), line.kept_back == "",
            ScheduledPayment.state != ScheduledState.PREVIEW,
        )
        .order_by(line.id)
    )  # fmt: skip
    rows = db.session.execute(statement).all()
    taken_back = {row.adjusts_id for row in rows if row.takes_back}
    found = PaidBefore()
    for row in rows:
        key = (row.line_item_id, row.week_starting)
        found.last_id[key] = row.id
        found.weeks[row.line_item_id].add(row.week_starting)
        if not row.takes_back and row.id not in taken_back:
            found.segments[key].append(row)
    return found


def _holds(organisation_ids: Collection[int]) -> list[Hold]:
    """Return the holds on documents and lines; one on the organisation keeps its whole payment out of payment runs."""
    of_something = or_(Hold.document_id.is_not(None), Hold.line_item_id.is_not(None))
    in_force = select(Hold).where(among(Hold.organisation_id, organisation_ids), Hold.in_force(today()), of_something)
    return list(db.session.scalars(in_force.order_by(Hold.id)))


def _absences(organisation_ids: Collection[int]) -> Mapping[int, list[Away]]:
    report = AbsenceReport
    statement = (
        select(report.line_item_id, report.first_day, report.last_day, report.id)
        .where(among(report.organisation_id, organisation_ids), report.withdrawn_at.is_(None))
        .order_by(report.line_item_id, report.first_day)
    )
    found: dict[int, list[Away]] = defaultdict(list)
    for line_id, first, last, key in db.session.execute(statement):
        found[line_id].append(Away(first, last, key))
    return found


def among(of: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that an id is one of some: one parameter and one prepared statement, however many."""
    condition: ColumnElement[bool] = of == any_(literal(list(ids), ARRAY(Integer)))
    return condition
