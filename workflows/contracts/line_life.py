"""One care package line item as its provider sees it: its whole life, and why something of it is not paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from models import LineItem
from rules.exception import ExceptionLevel, allowance
from rules.line_cost import WeeklyCost, weekly_cost
from rules.money import NOTHING
from rules.open_days import is_over
from rules.period import DAY, weeks_of
from rules.plan import SevenDays, plan_of_week
from rules.price import NoRate, rate_on
from rules.refusal import Unknown
from rules.scheduled import NOTHING_DEDUCTED, deducted_on
from rules.states import PaymentMethod
from rules.timeline import TimelineSpan
from rules.week_stand import LineFacts, Together, WeekStand, stand_of, together
from workflows import policy
from workflows.clock import today
from workflows.contracts.line_items import may_see, week_at
from workflows.contracts.line_records import InvoiceOf, LineRecords, LineTalk, read_records
from workflows.contracts.line_scheduled import ScheduledOf
from workflows.weeks.line_week import LevelCheck, Line, StoredWeek
from workflows.weeks.price import price_of
from workflows.weeks.read import read_lines, read_stored

WEEKS_ON_A_PAGE = 13


class PlanAndRate(NamedTuple):
    """What a week is planned and costs from a day on, and why it changed; no days for a plan by the week.

    `rate` and `cost` are None where there is no rate. `units` and `days` are in the line's unit.
    """

    start: date
    reason: str
    days: SevenDays
    units: Decimal
    rate: Decimal | None
    cost: WeeklyCost | None


@dataclass(frozen=True)
class LifeWeek:
    """A week of the line: what was planned and stored, in units, what it comes to in pounds, and where it stands.

    `invoices` or `scheduled` payments hold it, `talk` is the latest conversation about it, `allowed` what it may go
    above its plan where it is over, `submit_by` the day by which its period is submitted.
    """

    monday: date
    planned: Decimal
    stored: StoredWeek | None
    check: LevelCheck | None
    amount: Decimal | None
    stand: WeekStand
    invoices: tuple[InvoiceOf, ...]
    scheduled: tuple[ScheduledOf, ...]
    talk: LineTalk | None
    submit_by: date | None

    @property
    def held(self) -> bool:
        """Whether it is over its exception level and Service Brokerage has not decided."""
        return self.check is not None and self.check.held

    @property
    def allowed(self) -> Decimal:
        """What a week over its level was allowed above its plan."""
        if self.check is None:
            return NOTHING
        level = ExceptionLevel(self.check.percent, self.check.least_units, self.check.extras_allowed)
        return allowance(self.check.planned, level)


@dataclass(frozen=True)
class LineLife:
    """One line with all its weeks, the newest first, of which a page is shown."""

    line: Line
    records: LineRecords
    all_weeks: list[LifeWeek]
    page: int

    @property
    def pages(self) -> int:
        """How many pages of weeks there are, at least one."""
        return max(1, -(-len(self.all_weeks) // WEEKS_ON_A_PAGE))

    @property
    def weeks(self) -> list[LifeWeek]:
        """The weeks of the page."""
        return self.all_weeks[(self.page - 1) * WEEKS_ON_A_PAGE : self.page * WEEKS_ON_A_PAGE]

    @property
    def open(self) -> list[tuple[Together, list[LifeWeek]]]:
        """What is not paid, the latest first, together where one sentence says it of several weeks."""
        by_monday = {week.monday: week for week in self.all_weeks}
        groups = together((week.monday, week.stand, _invoice_key(week)) for week in self.all_weeks)
        return [(group, [by_monday[monday] for monday in group.weeks]) for group in groups]

    @cached_property
    def changes(self) -> list[PlanAndRate]:
        """Every day on which plan, rate or what is deducted changed, the newest first."""
        line = self.line
        starts = {line.plan.start, *(plan.start for plan in line.plan.versions[1:])}
        starts |= {rate.start for rate in line.rate_versions if rate.start > line.plan.start}
        starts |= {each.start for each in self.records.terms.deductions}
        return [self._at(start) for start in sorted(starts, reverse=True)]

    @property
    def now(self) -> PlanAndRate:
        """Plan and rate of today; before the line begins those of its first day, after its end those of its last."""
        return next((each for each in self.changes if each.start <= self.shown_on), self.changes[-1])

    @property
    def shown_on(self) -> date:
        """The day that plan and rate are shown of: today, within the line."""
        plan = self.line.plan
        day = max(today(), plan.start)
        return min(day, plan.end) if plan.end else day

    @property
    def since(self) -> tuple[date, date | None]:
        """Since when the plan and the rate of that day are what they are; None where there is no rate."""
        plan, rate = self.line.plan, None
        starts = [plan.start, *(version.start for version in plan.versions[1:] if version.start <= self.shown_on)]
        for version in self.line.rate_versions:
            rate = version.start if version.start <= self.shown_on else rate
        return starts[-1], rate

    @property
    def spans(self) -> tuple[list[TimelineSpan], list[TimelineSpan], list[TimelineSpan]]:
        """What stood when: plans by the week's units, rates in pounds, versions of the document by number."""
        plan = self.line.plan
        starts = [plan.start, *(version.start for version in plan.versions[1:])]
        plans = _one_after_another((start, f"{week_at(plan, start)[1]:.2f}") for start in starts)
        rates = [TimelineSpan(rate.start, rate.end, f"{rate.rate}") for rate in self.line.rate_versions]
        numbers = ((version.published_on, f"{version.number}") for version in self.records.versions)
        return plans, rates, _one_after_another(numbers)

    def _at(self, start: date) -> PlanAndRate:
        line, terms = self.line, self.records.terms
        days, units = week_at(line.plan, start)
        try:
            rate = rate_on(line.rate_versions, start).rate
        except NoRate:
            rate = None
        deducted = deducted_on(terms.deductions, start) or NOTHING_DEDUCTED
        cost = weekly_cost(units, rate, terms.payment_basis, deducted.contribution, deducted.top_up)
        said = [change.reason for change in self.records.changes if change.start == start and change.reason]
        return PlanAndRate(start, "; ".join(dict.fromkeys(said)), days, units, rate, cost)


def line_life(line_id: int, page: int = 1) -> LineLife:
    """Return one line with all its page shows. Raises Unknown for what its provider may not see."""
    found = read_lines(LineItem.id == line_id, *may_see(policy.for_council("claim_window_days")))
    if line_id not in found:
        raise Unknown
    line, records = found[line_id], read_records(line_id)
    mondays = _mondays(line)
    stored = read_stored([line_id], mondays)
    facts = LineFacts(
        records.terms.payment_method,
        line.document_state,
        records.terms.document_accepted,
        next((hold.reason for hold in records.holds if hold.stops_invoices), None),
    )
    weeks = [_week(line, records, facts, monday, *stored.get((line_id, monday), (None, None))) for monday in mondays]
    life = LineLife(line, records, weeks, page)
    return life if page <= life.pages else LineLife(line, records, weeks, life.pages)


def _mondays(line: Line) -> list[date]:
    """Return the Mondays of the line's weeks since the portal began, until this one, the newest first."""
    first = max(line.plan.start, policy.for_council("portal_start"))
    return weeks_of(first, min(line.plan.end or today(), today()))[::-1]


def _week(
    line: Line,
    records: LineRecords,
    facts: LineFacts,
    monday: date,
    stored: StoredWeek | None,
    check: LevelCheck | None,
) -> LifeWeek:
    price = price_of(line, monday, stored, records.aborted).amount if stored else None
    stand = stand_of(
        facts,
        stored.state if stored else None,
        is_over=is_over(line.plan, monday, today()),
        held=check is not None and check.held,
        acceptance_required=policy.of("acceptance_required", line, monday).value,
        priced=price is not None,
    )
    invoices = tuple(each for each in records.invoices if each.week == monday)
    scheduled = tuple(each for each in records.scheduled if each.week == monday)
    parts = [each.net for each in invoices] + [each.net for each in scheduled]
    amount = sum(parts, NOTHING) if parts else price
    talk = next((each for each in records.talks if stored and each.actual_id == stored.id), None)
    submit_by = next((each.submit_by for each in records.deadlines if each.start <= monday <= each.end), None)
    planned = stored.planned if stored and stored.is_money else plan_of_week(line.plan, monday)
    return LifeWeek(
        monday, planned, stored, check, None if stand is WeekStand.HELD else amount, stand, invoices, scheduled, talk,
        submit_by,
    )  # fmt: skip


def _invoice_key(week: LifeWeek) -> object:
    return tuple(each.invoice_id for each in week.invoices)


def _one_after_another(starts: Iterable[tuple[date, str]]) -> list[TimelineSpan]:
    listed = list(starts)
    ends = [*(start - DAY for start, _shown in listed[1:]), None]
    return [TimelineSpan(start, end, shown) for (start, shown), end in zip(listed, ends, strict=True)]


def is_scheduled(life: LineLife) -> bool:
    """Say whether the line is paid every four weeks without an invoice."""
    return life.records.terms.payment_method is PaymentMethod.SCHEDULED
