"""Aborted visits before they are recorded: what is wrong with each, what would be payable, what becomes of its week."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AbortedVisit, ContractDocument, LineItem, Organisation, db
from rules.aborted_visit import (
    NO_ACTUALS,
    VisitEntry,
    check_visit,
    check_words,
    explain,
    payable_part,
    units_of_visit,
)
from rules.agreement_states import DocumentState
from rules.money import NOTHING
from rules.open_days import Calendar
from rules.period import WEEKDAYS, monday_of, uk_date
from rules.plan import plan_of_day, plan_of_week, unit_words
from rules.policy import Resolved
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ActualState, PaymentMethod, PlanKind, Unit
from workflows import policy
from workflows.aborted_visits.weeks import NOT_OPEN, place_of, started_with, visits_between, without_visit
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import calendar_now, figures_of
from workflows.weeks.line_week import LineWeek, WeekKey
from workflows.weeks.read import read_weeks

ON_AN_INVOICE = "The week of {} is on an invoice."
AS_A_CORRECTION = "Record the visit as a correction: the difference will be on your next invoice."
TWICE = "A visit of this line planned at {:%H:%M} on that day stands here twice."
CLAIMED = "Absence claim {} is for this day: the person was away, so no visit could be aborted."
NO_SUCH_LINE = "There is no such line."


class Foreseen(NamedTuple):
    """What would be payable for a visit, in units of its line, and the sentence that says so and why."""

    payable: Decimal
    sentence: str


@dataclass(frozen=True)
class JudgedVisit:
    """What would become of an entry: `problems` it has, else its `units`, `payable` units and the `rule` behind them.

    `known` is the visit of the same line, day and planned start that is recorded already, `stored` the week it falls
    in, `others` the planned units of the other visits of the day (of the week on a weekly plan). `on_invoice` says that
    all that is wrong is that the week is on an invoice.
    """

    entry: VisitEntry
    problems: tuple[Problem, ...] = ()
    line: LineItem | None = None
    stored: LineWeek | None = None
    known: AbortedVisit | None = None
    others: Decimal = NOTHING
    units: Decimal = NOTHING
    payable: Decimal = NOTHING
    rule: str = ""
    sentence: str = ""
    on_invoice: bool = False

    @property
    def more_units(self) -> Decimal:
        """The planned units that recording the visit adds to those of its week."""
        return self.units - (self.known.planned_units if self.known else NOTHING)

    @property
    def more_payable(self) -> Decimal:
        """The payable units that recording the visit adds to those of its day."""
        return self.payable - (self.known.payable if self.known else NOTHING)

    @property
    def is_unchanged(self) -> bool:
        """Whether the visit is recorded already exactly as it stands here."""
        known, entry = self.known, self.entry
        return known is not None and (
            known.planned_minutes, known.told_at, known.arrived_at, known.waited_minutes, known.informed, known.reason,
            known.comment,
        ) == (
            entry.planned_minutes, entry.moment_told, entry.arrived_at, entry.waited_minutes, entry.informed,
            entry.reason, entry.comment,
        )  # fmt: skip


def foreseen(entry: VisitEntry) -> Foreseen:
    """Return what would be payable for a visit and why; nothing is stored. Raises Refused, or Unknown for the line."""
    judged = foresee(entry)
    return Foreseen(judged.payable, judged.sentence)


def foresee(entry: VisitEntry, *, correct: bool = False) -> JudgedVisit:
    """Return what would become of an entry, for a form that lacks its reason still. Raises Refused and Unknown."""
    (judged,) = judge([entry], with_words=False, correct=correct or ())
    return fit_to_record(judged)


def fit_to_record(judged: JudgedVisit) -> JudgedVisit:
    """Return an entry that is good and new. Raises Unknown for its line, and Refused."""
    if judged.line is None:
        raise Unknown
    if judged.problems:
        raise Refused(*judged.problems)
    if judged.known:
        recorded = f"A visit planned at {judged.entry.planned_start:%H:%M} on that day is recorded already."
        raise Refused(Problem(Code.TAKEN, recorded, field="planned_start"))
    return judged


def judge(
    entries: Sequence[VisitEntry], *, with_words: bool = True, correct: Collection[WeekKey] | Literal[True] = ()
) -> list[JudgedVisit]:
    """Judge many entries in their order, in as many queries as one: each is judged as if the good ones before it stood.

    `with_words` also judges the reason, the comment and the like, which do not change what is payable; the weeks in
    `correct` (True: all of them) may be on an invoice.
    """
    lines = lines_of({entry.line_id for entry in entries})
    keys = {(entry.line_id, monday_of(entry.day)) for entry in entries if _is_within(lines.get(entry.line_id), entry)}
    ids, mondays = {line_id for line_id, _ in keys}, sorted({monday for _, monday in keys})
    weeks = {stored.key: stored for stored in read_weeks(mondays, LineItem.id.in_(ids))} if keys else {}
    claimed = ClaimedWeeks.of(mondays)
    desk = _Desk(lines, weeks, visits_between(ids, mondays), calendar_now(), claimed, correct=correct)
    return [desk.judge(entry, with_words=with_words) for entry in entries]


def lines_of(ids: Collection[int]) -> dict[int, LineItem]:
    """Return the lines with these ids that the organisation in scope has and knows of, with what pages name them by."""
    statement = (
        select(LineItem)
        .join(LineItem.document)
        .where(LineItem.id.in_(ids), ContractDocument.state != DocumentState.DRAFT)
        .options(
            joinedload(LineItem.person),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
        )
    )
    return {line.id: line for line in db.session.scalars(statement)} if ids else {}


def _is_within(line: LineItem | None, entry: VisitEntry) -> bool:
    return line is not None and line.plan.covers(entry.day)


class _Desk:
    """Where entries are judged one after the other, with what was read for all of them."""

    def __init__(
        self,
        lines: dict[int, LineItem],
        weeks: dict[tuple[int, date], LineWeek],
        visits: Sequence[AbortedVisit],
        calendar: Calendar,
        claimed: ClaimedWeeks,
        *,
        correct: Collection[WeekKey] | Literal[True],
    ) -> None:
        self.lines, self.weeks, self.calendar, self.correct = lines, weeks, calendar, correct
        self.claimed = claimed
        self.known = {(visit.line_item_id, visit.visit_date, visit.planned_start): visit for visit in visits}
        self.taken: set[tuple[int, date, time]] = set()
        # The planned minutes that stand on each line, by day and planned start.
        self.standing: dict[int, dict[tuple[date, time], int]] = defaultdict(dict)
        for visit in visits:
            self.standing[visit.line_item_id][visit.visit_date, visit.planned_start] = visit.planned_minutes

    def judge(self, entry: VisitEntry, *, with_words: bool) -> JudgedVisit:
        line = self.lines.get(entry.line_id)
        if line is None:
            return JudgedVisit(entry, (Problem(Code.UNKNOWN_LINE, NO_SUCH_LINE, field="line"),))
        slot = (line.id, entry.day, entry.planned_start)
        stored, known = self.weeks.get((line.id, monday_of(entry.day))), self.known.get(slot)
        others = self._others(line, entry)
        problems = self._problems(line, stored, entry, others) + (check_words(entry) if with_words else [])
        if stored is None or problems:
            return JudgedVisit(entry, tuple(problems), line, stored, known)
        judged = _payment(entry, line, stored, known, others)
        if stored.is_money and not (self.correct is True or stored.key in self.correct or judged.is_unchanged):
            locked = ON_AN_INVOICE.format(uk_date(stored.week))
            problem = Problem(Code.LOCKED, locked, AS_A_CORRECTION, "correct")
            return JudgedVisit(entry, (problem,), line, stored, known, on_invoice=True)
        self.taken.add(slot)
        self.standing[line.id][slot[1:]] = entry.planned_minutes
        return judged

    def _others(self, line: LineItem, entry: VisitEntry) -> list[int]:
        """Return the planned minutes of the other visits that share the plan of an entry."""
        weekly, monday = line.plan_kind is PlanKind.WEEKLY, monday_of(entry.day)
        return [
            minutes
            for (day, start), minutes in self.standing[line.id].items()
            if (day, start) != (entry.day, entry.planned_start)
            and (monday_of(day) == monday if weekly else day == entry.day)
        ]

    def _problems(
        self, line: LineItem, stored: LineWeek | None, entry: VisitEntry, others: Sequence[int]
    ) -> list[Problem]:
        if line.payment_method is not PaymentMethod.ACTUALS:
            return [Problem(Code.NO_ACTUALS, NO_ACTUALS, field="line")]
        found = check_visit(line.plan, entry, others, self.calendar.today, self.calendar.portal_start)
        if not found and (line.id, entry.day, entry.planned_start) in self.taken:
            found = [Problem(Code.DUPLICATE_ROW, TWICE.format(entry.planned_start), field="planned_start")]
        if not found and (claim := self.claimed.days_of(line.id, monday_of(entry.day)).get(entry.day)):
            found = [Problem(Code.ABSENCE_CLAIM, CLAIMED.format(claim.number), field="day")]
        if not found and stored is None:
            found = [Problem(Code.NOT_OPEN, NOT_OPEN.format(uk_date(monday_of(entry.day))), field="day")]
        return found


def paid_for(
    line: policy.Targeted, unit: Unit, day: date, planned_minutes: int, notice: timedelta | None
) -> tuple[Decimal, Resolved]:
    """Return the payable units of an aborted visit by the settings in force on its day, and the one that decided."""
    hours = policy.of("aborted_notice_hours", line, day)
    minutes = policy.of("aborted_minutes", line, day)
    fraction = policy.of("aborted_fraction", line, day)
    payable = payable_part(unit, planned_minutes, notice, minutes.value, fraction.value, hours.value)
    in_time = notice is not None and notice >= timedelta(hours=hours.value)
    return payable, hours if in_time else minutes if unit is Unit.HOUR else fraction


def _payment(
    entry: VisitEntry, line: LineItem, stored: LineWeek, known: AbortedVisit | None, others: Sequence[int]
) -> JudgedVisit:
    """Work out what is payable, and name the setting that decided."""
    notice = entry.notice
    payable, decided = paid_for(line, line.unit, entry.day, entry.planned_minutes, notice)
    return JudgedVisit(
        entry,
        (),
        line,
        stored,
        known,
        sum((units_of_visit(line.unit, minutes) for minutes in others), NOTHING),
        units_of_visit(line.unit, entry.planned_minutes),
        payable,
        policy.rule_words(decided),
        explain(line.unit, payable, notice, code=decided.code, valid_from=decided.valid_from),
    )


@dataclass(frozen=True)
class WeekAfter:
    """What recording a good entry does to its week.

    `words` says it. `delivered` is what is entered as delivered on its day (in the week on a weekly plan), `less` what
    is left of it once the visit is taken off; `counted` says that together they would be more than the plan, so that
    the visit was probably counted as delivered. A week that nobody started has nothing to take it off.
    """

    words: str
    delivered: Decimal = NOTHING
    less: Decimal = NOTHING
    counted: bool = False

    @property
    def offer(self) -> str:
        """The words of the choice to take the visit off what is entered as delivered, empty where there is none."""
        if self.delivered == self.less:
            return ""
        return f"Take the visit off what is entered as delivered: {self.delivered:.2f} becomes {self.less:.2f}"


def week_after(judged: JudgedVisit) -> WeekAfter:
    """Return what recording a good entry does to its week."""
    entry, stored, calendar = judged.entry, judged.stored, calendar_now()
    assert stored
    plan, index = stored.plan, place_of(stored, entry.day)
    if stored.actual is None:
        shown = ClaimedWeeks.of([stored.week]).shown(stored, calendar)
        figure = started_with(stored, shown, {entry.day: (judged.units, judged.payable)})[index]
        when = "in the week" if plan.kind is PlanKind.WEEKLY else f"on {WEEKDAYS[index]}"
        delivered = f"{figure:.2f} {unit_words(plan.unit, figure)} delivered {when}"
        return WeekAfter(f"The week of {uk_date(stored.week)} is not started: it becomes a draft with {delivered}.")
    figures = figures_of(stored, calendar)
    less = without_visit(stored, figures, entry.day, judged.units)[index]
    planned = plan_of_week(plan, stored.week) if plan.kind is PlanKind.WEEKLY else plan_of_day(plan, entry.day)
    words = {
        ActualState.CONFIRMED: f"The week of {uk_date(stored.week)} becomes a draft and has to be confirmed again.",
        ActualState.DRAFT: f"The week of {uk_date(stored.week)} stays a draft.",
    }.get(stored.actual.state, f"The week of {uk_date(stored.week)} is corrected: it stays on its invoice.")
    return WeekAfter(words, figures[index], less, figures[index] + judged.others + judged.units > planned)
