"""What a change of lines would do, before anybody confirms it: before and after, week by week, in units and pounds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from sqlalchemy import func, select

from models import LineItem, ScheduledPayment, ScheduledPaymentLine, db
from rules.agreement_states import ProposalKind
from rules.line_cost import weekly_cost
from rules.money import NOTHING, pounds, short_rate
from rules.period import DAY, NO_END, WEEKDAYS, monday_of, short_date, uk_date, weeks_of
from rules.plan import days_planned, plan_of_week, unit_words, version_on
from rules.price import RateVersion, rate_throughout
from rules.scheduled import NOTHING_DEDUCTED, Deductions, deducted_on
from rules.states import PaymentMethod, PlanKind, ScheduledState
from rules.words import counted
from workflows import policy
from workflows.agreements.change_payload import Payload, deduction_in, end_in, plan_in, rate_in
from workflows.clock import today
from workflows.weeks.line_week import Line
from workflows.weeks.price import price_at_plan
from workflows.weeks.read import read_lines
from workflows.weeks.replan import ChangedWeek, changed_weeks, with_plan, with_rate

NONE = "none"


class Proposed(Protocol):
    """A change as it is judged, or a stored proposal of it."""

    @property
    def kind(self) -> ProposalKind: ...
    @property
    def payload(self) -> dict[str, Any]: ...
    @property
    def line_item_id(self) -> int | None: ...
    @property
    def document_id(self) -> int | None: ...


class BeforeAfter(NamedTuple):
    """One thing that changes, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeEffect:
    """What a change does: each thing before and after in words, and every week it touches until today.

    It is shown `by_week` unless nobody enters the weeks it touches.
    """

    rows: list[BeforeAfter] = field(default_factory=list)
    weeks: list[ChangedWeek] = field(default_factory=list)
    by_week: bool = True

    @property
    def open_weeks(self) -> list[ChangedWeek]:
        """The weeks that are on no invoice, so that they change."""
        return [week for week in self.weeks if not week.stays]

    @property
    def before(self) -> Decimal:
        """What the weeks not yet invoiced come to now, in pounds; those without a rate count nothing."""
        return sum((week.amount[0] or NOTHING for week in self.open_weeks), NOTHING)

    @property
    def after(self) -> Decimal:
        """What they would come to."""
        return sum((week.amount[1] or NOTHING for week in self.open_weeks), NOTHING)

    @property
    def more(self) -> Decimal:
        """The pounds by which they become dearer, below zero cheaper."""
        return self.after - self.before


def effect_of(change: Proposed) -> ChangeEffect:
    """Return what a change of a line, or of all lines of a document, would do as things stand now."""
    if change.kind is ProposalKind.CHANGE_DEDUCTION:
        rows = [BeforeAfter(*row) for row in deduction_rows(change.line_item_id, change.payload)]
        return ChangeEffect(rows, by_week=False)
    of = LineItem.id == change.line_item_id if change.line_item_id else LineItem.document_id == change.document_id
    entered = set(db.session.scalars(select(LineItem.id).where(of, LineItem.payment_method == PaymentMethod.ACTUALS)))
    effect = ChangeEffect()
    for line in read_lines(of).values():
        rows, changed, since = _changed(line, change)
        if changed == line:
            continue
        of_line = "" if change.line_item_id else f"Line {line.reference}: "
        effect.rows.extend(row._replace(what=of_line + row.what.lower()) if of_line else row for row in rows)
        effect.weeks.extend(changed_weeks(line, changed, since, _until_now(line, changed, since, entered)))
    return effect


def _until_now(line: Line, changed: Line, since: date, entered: set[int]) -> list[date]:
    """Return the weeks until this one that are shown though nobody entered them: none where nobody enters any."""
    ends = [each.plan.end or today() for each in (line, changed)]
    first = max(since, policy.for_council("portal_start"))
    return weeks_of(first, min(today(), max(ends))) if line.id in entered else []


def _changed(line: Line, change: Proposed) -> tuple[list[BeforeAfter], Line, date]:
    """Return what a change alters on a line: in words, the line after it, and since when."""
    if change.kind is ProposalKind.CHANGE_RATE:
        start, rate = rate_in(change.payload)
        changed = line._replace(rate_versions=with_rate(line.rate_versions, rate, start))
        return _rate_rows(line, changed, start), changed, start
    if change.kind is ProposalKind.CHANGE_PLAN:
        version = plan_in(change.payload)
        changed = line._replace(plan=with_plan(line.plan, version))
        return _plan_rows(line, changed, version.start), changed, version.start
    last = end_in(change.payload)
    if change.line_item_id is None and last and line.plan.end and line.plan.end <= last:
        return [], line, last  # it ends by then already
    changed = line._replace(plan=line.plan._replace(end=last))
    before, after = (uk_date(day) if day else NO_END for day in (line.plan.end, last))
    since = min((day for day in (line.plan.end, last) if day), default=today())
    return [BeforeAfter("Last day", before, after)], changed, since


def _rate_rows(line: Line, changed: Line, start: date) -> list[BeforeAfter]:
    unit = unit_words(line.plan.unit, Decimal(1))
    old, new = (rate_throughout(each.rate_versions, start, start) for each in (line, changed))
    ends = f"; {short_rate(old.rate)} ends on {short_date(start - DAY)}" if old and old.start < start else ""
    prices = [short_rate(each.rate) if each else NONE for each in (old, new)]
    return [
        BeforeAfter(f"Rate per {unit}", prices[0], prices[1]),
        BeforeAfter("Valid", _validity(old), _validity(new) + ends),
        _week_row(line, changed, start),
    ]


def _validity(rate: RateVersion | None) -> str:
    return f"From {uk_date(rate.start)}, {f'until {uk_date(rate.end)}' if rate.end else NO_END}" if rate else NONE


def _plan_rows(line: Line, changed: Line, start: date) -> list[BeforeAfter]:
    monday = _first_whole_week(start)
    words = unit_words(line.plan.unit, NOTHING)
    rows = []
    if line.plan.kind is PlanKind.TIMETABLED:
        before, after = days_planned(line.plan, monday), days_planned(changed.plan, monday)
        rows = [
            BeforeAfter(name, f"{old:.2f}", f"{new:.2f}")
            for name, old, new in zip(WEEKDAYS, before, after, strict=True)
            if old != new
        ]
    units = [plan_of_week(_endless(each).plan, monday) for each in (line, changed)]
    until = next((each.start - DAY for each in changed.plan.versions if each.start > start), None)
    valid = f"From {uk_date(start)}, {f'until {uk_date(until)}' if until else NO_END}"
    rows.append(BeforeAfter("A week", f"{units[0]:.2f} {words}", f"{units[1]:.2f} {words}"))
    return [*rows, BeforeAfter("Valid", "Until then", valid), _week_row(line, changed, start)]


def _week_row(line: Line, changed: Line, start: date) -> BeforeAfter:
    """Return what a whole week at plan costs, before and after."""
    monday = _first_whole_week(start)
    before, after = (price_at_plan(_endless(each), monday).amount for each in (line, changed))
    units = plan_of_week(_endless(line).plan, monday)
    same = units == plan_of_week(_endless(changed).plan, monday)
    what = f"A week at plan ({units:.2f} {unit_words(line.plan.unit, units)})" if same else "A week at plan"
    costs = [NONE if each is None else pounds(each) for each in (before, after)]
    return BeforeAfter(what, costs[0], costs[1])


def _endless(line: Line) -> Line:
    return line._replace(plan=line.plan._replace(end=None))


def _first_whole_week(start: date) -> date:
    return start if start.weekday() == 0 else monday_of(start) + 7 * DAY


def touched(effect: ChangeEffect) -> Sequence[str]:
    """Return what there is to say about the weeks below their table: those on invoices, those held by it, or freed."""
    stays = sum(week.stays for week in effect.weeks)
    held = sum(week.held[1] and not week.held[0] for week in effect.weeks)
    freed = sum(week.held[0] and not week.held[1] for week in effect.weeks)
    return [
        sentence
        for number, sentence in (
            (stays, f"Weeks on an invoice: {stays}. They keep the figures they were invoiced with."),
            (held, f"Weeks that will be over their exception level: {held}. They are held until somebody decides."),
            (freed, f"Weeks that are no longer over their exception level: {freed}."),
        )
        if number
    ]


def deduction_rows(line_id: int | None, payload: Payload) -> list[tuple[str, str, str]]:
    """Return what changes on a line: what it is, before, and after."""
    line, wanted = db.session.get_one(LineItem, line_id), deduction_in(payload)
    before = deducted_on(line.deducted, wanted.start) or NOTHING_DEDUCTED
    later = next((each.start for each in line.deducted[1:] if each.start > wanted.start), None)
    until = f"until {uk_date(later - DAY)}" if later else NO_END
    rows = [
        ("Contribution a week", pounds(before.contribution), pounds(wanted.contribution)),
        ("Third-party top-up a week", pounds(before.top_up), pounds(wanted.top_up)),
        ("Valid", "Until then", f"From {uk_date(wanted.start)}, {until}"),
    ]
    if (rate := line.rate_on(wanted.start)) is not None:
        was, then = (_paid(line, rate, each, wanted.start) for each in (before, wanted))
        rows.append(("Paid for a week at plan", was, then))
    if paid := _weeks_paid(line, wanted.start, later):
        rows.append((f"{counted(paid, 'week')} paid already", "Paid as before", "Put right with the next payment"))
    return rows


def cost_of_week(line: LineItem, day: date, rate: Decimal) -> Decimal:
    """Return what a whole week of the plan in force on a day costs, in pounds, before anything is deducted."""
    cost = weekly_cost(_units(line, day), rate, line.payment_basis, Decimal(0), Decimal(0))
    assert cost
    return cost.gross


def _paid(line: LineItem, rate: Decimal, deducted: Deductions, day: date) -> str:
    return pounds(cost_of_week(line, day, rate) - deducted.contribution - deducted.top_up)


def _units(line: LineItem, day: date) -> Decimal:
    version = version_on(line.plan, day)
    return version.weekly if line.plan_kind is PlanKind.WEEKLY else sum(version.days, Decimal(0))


def _weeks_paid(line: LineItem, start: date, until: date | None) -> int:
    """Return how many weeks of a line from a day on, before another, are on payments that are finalised."""
    of = select(func.count(func.distinct(ScheduledPaymentLine.week_starting))).join(
        ScheduledPayment, ScheduledPayment.id == ScheduledPaymentLine.scheduled_payment_id
    )
    found = of.where(
        ScheduledPaymentLine.line_item_id == line.id, ScheduledPaymentLine.kept_back == "",
        ScheduledPaymentLine.week_starting >= monday_of(start), ScheduledPayment.state != ScheduledState.PREVIEW,
    )  # fmt: skip
    return db.session.scalar(found.where(ScheduledPaymentLine.week_starting < until) if until else found) or 0
