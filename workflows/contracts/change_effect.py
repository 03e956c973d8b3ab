"""What a change of a line would do, before anybody confirms it: before and after, week by week, in units and pounds."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models import LineItem, Proposal
from rules.money import NOTHING, short_rate
from rules.period import DAY, WEEKDAYS, monday_of, uk_date
from rules.plan import PlanVersion, SevenDays, days_planned, plan_of_week, unit_words
from rules.price import rate_throughout
from rules.states import PlanKind, ProposalKind
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines
from workflows.weeks.replan import ChangedWeek, changed_weeks, with_plan, with_rate


@dataclass(frozen=True)
class Effect:
    """What a change does: each thing before and after in words, and every stored week it touches."""

    rows: list[tuple[str, str, str]]
    weeks: list[ChangedWeek]

    @property
    def more(self) -> Decimal:
        """The pounds by which the weeks not yet invoiced become dearer, below zero cheaper."""
        return sum((week.more for week in self.weeks), NOTHING)


def effect_of(proposal: Proposal) -> Effect:
    """Return what a proposal about one line would do, as things stand now."""
    assert proposal.line_item_id is not None
    line = read_lines(LineItem.id == proposal.line_item_id)[proposal.line_item_id]
    if proposal.kind is ProposalKind.CHANGE_RATE:
        start, rate = day_of(proposal, "start"), Decimal(proposal.payload["rate"])
        changed = line._replace(rate_versions=with_rate(line.rate_versions, rate, start))
        old = rate_throughout(line.rate_versions, start, start)
        rows = [("Rate", short_rate(old.rate) if old else "none", short_rate(rate))]
    elif proposal.kind is ProposalKind.CHANGE_PLAN:
        version = proposed_plan(proposal)
        start, changed = version.start, line._replace(plan=with_plan(line.plan, version))
        rows = _plan_rows(line, changed, start)
    else:
        end = proposal.payload["end"]
        last = date.fromisoformat(end) if end else None
        changed = line._replace(plan=line.plan._replace(end=last))
        start = min(day for day in (line.plan.end, last) if day)
        before, after = (uk_date(day) if day else "no end date" for day in (line.plan.end, last))
        rows = [("Last day", before, after)]
    return Effect(rows, changed_weeks(line, changed, start))


def _plan_rows(line: Line, changed: Line, start: date) -> list[tuple[str, str, str]]:
    monday = monday_of(start) if start.weekday() == 0 else monday_of(start) + 7 * DAY
    words = unit_words(line.plan.unit, NOTHING)
    rows = []
    if line.plan.kind is PlanKind.TIMETABLED:
        before, after = days_planned(line.plan, monday), days_planned(changed.plan, monday)
        rows = [
            (name, f"{old:.2f}", f"{new:.2f}")
            for name, old, new in zip(WEEKDAYS, before, after, strict=True)
            if old != new
        ]
    total = [f"{plan_of_week(each.plan, monday):.2f} {words}" for each in (line, changed)]
    return [*rows, ("A week", total[0], total[1])]


def day_of(proposal: Proposal, name: str) -> date:
    """Return a day of a proposal's payload."""
    return date.fromisoformat(proposal.payload[name])


def proposed_plan(proposal: Proposal) -> PlanVersion:
    """Return the plan that a proposal is about."""
    payload = proposal.payload
    mon, tue, wed, thu, fri, sat, sun = (Decimal(units) for units in payload["days"])
    days: SevenDays = (mon, tue, wed, thu, fri, sat, sun)
    return PlanVersion(day_of(proposal, "start"), days, Decimal(payload["weekly"]))
