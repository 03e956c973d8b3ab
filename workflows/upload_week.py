"""One line's week out of an uploaded file, judged: in, out, or in if somebody ticks it, and what it changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from rules.actual import check_week, derive
from rules.exception import allowance, is_over
from rules.money import NOTHING, round2
from rules.period import short_date, uk_date
from rules.plan import LinePlan, active_days, plan_of_week, unit_words
from rules.price import NoRate, amount_of, price_week
from rules.states import FindingKind, PlanKind, Unit
from workflows.exception import LevelInForce
from workflows.line_week import Calendar, seven_days
from workflows.upload_found import Fate, Found, Place
from workflows.upload_lines import KeptWeek, OwnLine
from workflows.upload_packed import WeekOut, week_values

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZEROS = (NOTHING,) * 7
SIX_DAYS = timedelta(days=6)
LONGEST_COMMENT = 1000


class Given(NamedTuple):
    """One row's figure for a day, or for the week: the heading of its column, and where it stands."""

    place: Place
    column: str
    units: Decimal


@dataclass(slots=True)
class WeekIn:
    """What a file says of one line's week: `days` by weekday from 0, `total` on a weekly line.

    `whole` says that its row speaks for all of the week: a cell that is empty there holds nothing. `version` is that
    of the figures the row was written from, None where the file does not know. `aborted` and `aborted_payable` are
    the units of the aborted visits that come with the file. A reason or comment of None leaves what is stored.
    `by_visits` says that its days are those of visits, `rows_of` which rows each of them comes from.
    """

    line: OwnLine
    week: date
    whole: bool
    places: list[Place] = field(default_factory=list)
    days: dict[int, Given] = field(default_factory=dict)
    total: Given | None = None
    reason: str | None = None
    comment: str | None = None
    version: int | None = None
    aborted: Decimal = NOTHING
    aborted_payable: Decimal = NOTHING
    by_visits: bool = False
    rows_of: dict[int, list[Place]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, date]:
        """The line's id and the week."""
        return self.line.id, self.week

    @property
    def is_weekly(self) -> bool:
        """Whether the line is planned by the week."""
        return self.line.plan.kind is PlanKind.WEEKLY


@dataclass(slots=True)
class Verdict:
    """What becomes of a week: its fate, what was found, and its pounds without and with the file.

    Where it can go in, `values` is the week as it will be saved, with its check against the exception level.
    """

    fate: Fate
    found: list[Found] = field(default_factory=list)
    before: Decimal = NOTHING
    after: Decimal = NOTHING
    over: bool = False
    values: tuple[Any, ...] = ()


class Wanted(NamedTuple):
    """A week once the file is in it; `total` and `planned` are its units in all."""

    figures: tuple[Decimal, ...]
    reason: str
    comment: str
    total: Decimal
    planned: Decimal


def judge(given: WeekIn, kept: KeptWeek | None, calendar: Calendar) -> Verdict:
    """Hold one week of a file against what is stored of it."""
    stored = _kept_figures(given, kept)
    before = _pounds(given, stored, kept.payable) if kept else NOTHING
    figures, reason, comment = _wanted(given, kept, stored)
    same_figures = kept is not None and figures == stored
    if _is_same(given, kept, reason, comment, same_figures=same_figures):
        return Verdict(Fate.UNCHANGED, before=before, after=before)
    wanted = Wanted(figures, reason, comment, sum(figures, NOTHING), plan_of_week(given.line.plan, given.week))
    found = list(_wrong(given, kept, wanted, calendar))
    if any(each.kind is FindingKind.REJECTED for each in found):
        return Verdict(Fate.REJECTED, found, before, before)
    aborted, paid = (kept.aborted, kept.aborted_payable) if kept else (NOTHING, NOTHING)
    derived = derive(wanted.planned, wanted.total, aborted, paid)
    payable = kept.payable if kept and same_figures else derived.payable
    verdict = Verdict(Fate.CHANGED if kept else Fate.NEW, found, before, _pounds(given, figures, payable))
    in_force = given.line.level_in(given.week)
    if kept is not None:
        found += _asked(given, kept, wanted, same_figures=same_figures)
    if any(each.kind is not FindingKind.WARNING for each in found):
        verdict.fate, verdict.after = Fate.ASKED, before
    elif not same_figures and (over := _over(given, in_force, wanted.planned, derived.payable)):
        found.append(over)
        verdict.over = True
    asked = verdict.fate is Fate.ASKED
    out = WeekOut(given.line, given.week, figures, derived, reason, comment, in_force, asked, same_figures)
    verdict.values = week_values(out, kept)
    return verdict


def _kept_figures(given: WeekIn, kept: KeptWeek | None) -> tuple[Decimal, ...]:
    if given.is_weekly:
        return (kept.delivered if kept else NOTHING,)
    return kept.days if kept else ZEROS


def _wanted(given: WeekIn, kept: KeptWeek | None, stored: tuple[Decimal, ...]) -> tuple[tuple[Decimal, ...], str, str]:
    """Return the figures, reason and comment of the week once the file is in it."""
    if given.is_weekly:
        if given.total is not None:
            figures: tuple[Decimal, ...] = (given.total.units,)
        elif given.days:
            figures = (sum((each.units for each in given.days.values()), NOTHING),)
        else:
            figures = (NOTHING,) if given.whole else stored
    else:
        base = list(ZEROS if given.whole else stored)
        for index, each in given.days.items():
            base[index] = each.units
        figures = tuple(base)
    reason = given.reason if given.reason is not None else (kept.reason if kept else "")
    comment = given.comment if given.comment is not None else (kept.comment if kept else "")
    # A comment that went through a spreadsheet may have lost its line breaks: that is no change.
    if kept and comment != kept.comment and comment.split() == kept.comment.split():
        comment = kept.comment
    return figures, reason, comment


def _is_same(given: WeekIn, kept: KeptWeek | None, reason: str, comment: str, *, same_figures: bool) -> bool:
    if kept is None:
        return not (given.days or given.total or reason or comment)
    return same_figures and (reason, comment) == (kept.reason, kept.comment)


def _wrong(given: WeekIn, kept: KeptWeek | None, wanted: Wanted, calendar: Calendar) -> Iterator[Found]:
    place, plan, comment = given.places[0], given.line.plan, wanted.comment
    last = _last_day(plan, given.week)
    if last is None:
        yield outside(given.line, place, "Week starting", given.week)
        return
    if len(comment) > LONGEST_COMMENT:
        yield Found(
            FindingKind.REJECTED, "too-long", place, "Comment", f"{comment[:60]}…",
            f"The comment has {len(comment):,} characters.", f"Shorten it to {LONGEST_COMMENT:,}.",
        )  # fmt: skip
    delivered = wanted.figures[0] if given.is_weekly else seven_days(wanted.figures)
    problems = check_week(
        plan, given.week, delivered, wanted.reason, calendar.today, calendar.portal_start, given.line.hour_step,
        confirming=False,
    )  # fmt: skip
    for problem in problems:
        yield _of_problem(given, wanted.figures, problem.field, problem.message, calendar)
    if problems or wanted.reason:
        return
    differs = wanted.total + given.aborted + (kept.aborted if kept else NOTHING) != wanted.planned
    is_money = kept is not None and kept.is_money
    if is_money or (differs and last <= calendar.today):
        yield _reason_needed(given, place, is_money=is_money)


def _last_day(plan: LinePlan, monday: date) -> date | None:
    """Return the last day of a week on which a line is active, nothing where it is on none."""
    sunday = monday + SIX_DAYS
    if plan.covers(sunday):
        return sunday
    days = active_days(plan, monday)
    return days[-1] if days else None


def _reason_needed(given: WeekIn, place: Place, *, is_money: bool) -> Found:
    why = "is on an invoice: a correction needs a" if is_money else "differs from its plan and has no"
    week = f"The week of {short_date(given.week)} {why} reason."
    if given.whole or is_money:
        return Found(FindingKind.REJECTED, "reason-needed", place, "Reason", "", week, "Write a reason from the list.")
    return Found(
        FindingKind.WARNING, "reason-needed", place, "Reason", "", f"{given.line.name}: {week}",
        "It goes in as a draft: give the reason on the Actuals page.",
    )  # fmt: skip


def outside(line: OwnLine, place: Place, column: str, day: date) -> Found:
    """Say that a day, or a week, is not within its line."""
    plan, value = line.plan, f"{day:%d/%m/%Y}"
    if day < plan.start:
        wrong, remedy = f"This line starts on {uk_date(plan.start)}.", "Remove the row, or ask Service Brokerage."
    else:
        wrong = f"This line ended on {uk_date(plan.end)}." if plan.end else "This line has ended."
        remedy = "Ask Service Brokerage or remove the row."
    return Found(FindingKind.REJECTED, "outside-line", place, column, value, wrong, remedy)


def _of_problem(given: WeekIn, figures: Sequence[Decimal], at: str, message: str, calendar: Calendar) -> Found:
    wrong, _, remedy = message.partition(". ")
    if at == "total":
        units, day = figures[0], given.week
        source = given.total or next(iter(given.days.values()), None)
    elif at:
        index = int(at[1:])
        units, day, source = figures[index], given.week + timedelta(days=index), given.days.get(index)
    else:
        units, day, source = NOTHING, given.week, None
    return Found(
        FindingKind.REJECTED,
        _code(given, units, day, at, calendar),
        source.place if source else given.places[0],
        source.column if source else "Week total",
        f"{units.normalize():f}",
        wrong if wrong.endswith(".") else f"{wrong}.",
        remedy or "Correct it in the file.",
    )


def _code(given: WeekIn, units: Decimal, day: date, at: str, calendar: Calendar) -> str:
    plan = given.line.plan
    if units < 0:
        return "negative"
    if plan.unit is Unit.HOUR and units > 24 * (1 if at != "total" else len(active_days(plan, given.week)) or 7):
        return "over-24-hours"
    if at != "total" and not plan.covers(day):
        return "outside-line"
    if units % (given.line.hour_step if plan.unit is Unit.HOUR else 1):
        return "wrong-step"
    return "future-date" if day > calendar.today else "before-portal-start"


def _asked(given: WeekIn, kept: KeptWeek, wanted: Wanted, *, same_figures: bool) -> Iterator[Found]:
    """Yield why a week is not written unless somebody ticks it."""
    is_older = given.version is not None and given.version != kept.version
    if not kept.is_money and not is_older:
        return
    where = f"{given.line.name}, week of {uk_date(given.week)}"
    there, here = kept.delivered, wanted.total
    both = f"({there:.2f} there, {here:.2f} in the file)" if there != here else _by_day(given, kept, wanted.figures)
    if kept.is_money:
        yield Found(
            FindingKind.LOCKED, "locked", given.places[0], "", "",
            f"{where}, is on an invoice {both}.", "correct the invoiced week", *given.key,
        )  # fmt: skip
    else:
        yield Found(
            FindingKind.CONFLICT, "conflict", given.places[0], "", "",
            f"{where}, was changed in the portal after you downloaded the file {both}.", "use the file", *given.key,
        )  # fmt: skip


def _by_day(given: WeekIn, kept: KeptWeek, figures: tuple[Decimal, ...]) -> str:
    """Say in which days two weeks of the same total differ."""
    if given.is_weekly or figures == kept.days:
        return "(another reason or comment in the file)"
    pairs = zip(DAY_NAMES, kept.days, figures, strict=True)
    words = [f"{name} {there:.2f} there, {here:.2f} in the file" for name, there, here in pairs if there != here]
    return f"({'; '.join(words)})"


def _over(given: WeekIn, in_force: LevelInForce, planned: Decimal, payable: Decimal) -> Found | None:
    payable += given.aborted_payable
    if not is_over(planned, payable, in_force.level):
        return None
    above, unit = payable - planned, given.line.plan.unit
    allowed = allowance(planned, in_force.level)
    return Found(
        FindingKind.WARNING, "over-level", given.places[0], "", "",
        f"{given.line.name}, week of {uk_date(given.week)}: {above:.2f} {unit_words(unit, above)} over plan,"
        f" allowance {allowed:.2f}. The week will be held.", "", *given.key,
    )  # fmt: skip


def _pounds(given: WeekIn, figures: tuple[Decimal, ...], payable: Decimal) -> Decimal:
    if not payable:
        return NOTHING
    line = given.line
    if (rate := line.rate_all_week(given.week)) is not None:
        return round2(payable * rate)
    try:
        return amount_of(price_week(line.plan, given.week, payable, seven_days(figures), line.rates))
    except (NoRate, ValueError):
        # Aborted visits belong to days that are not looked at here: the price of the week's first day is near enough.
        rate = line.rate_on(max(given.week, line.plan.start))
        return round2(payable * rate) if rate else NOTHING
