"""One line's week out of an uploaded file, judged: in, out, or in if somebody ticks it, and what it changes."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rules.actual import derive
from rules.money import NOTHING, round2
from rules.plan import plan_of_week
from rules.price import NoRate, pounds_of_week
from rules.states import FindingKind
from workflows.uploads.file_week import ZEROS, Wanted, WeekIn
from workflows.uploads.finding import Fate, Found
from workflows.uploads.reasons import asked_about, over_level, wrong_with
from workflows.uploads.staging import WeekOut, week_values
from workflows.weeks.line_week import Calendar, KeptWeek, seven_days


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


def judge(given: WeekIn, kept: KeptWeek | None, calendar: Calendar) -> Verdict:
    """Hold one week of a file against what is stored of it."""
    stored = _kept_figures(given, kept)
    before = _pounds(given, stored, kept.payable) if kept else NOTHING
    figures, reason, comment = _wanted(given, kept, stored)
    same_figures = kept is not None and figures == stored
    if _is_same(given, kept, reason, comment, same_figures=same_figures):
        return Verdict(Fate.UNCHANGED, before=before, after=before)
    wanted = Wanted(figures, reason, comment, sum(figures, NOTHING), plan_of_week(given.line.plan, given.week))
    found = wrong_with(given, kept, wanted, calendar)
    if found and any(each.kind is FindingKind.REJECTED for each in found):
        return Verdict(Fate.REJECTED, found, before, before)
    aborted, paid = (kept.aborted, kept.aborted_payable) if kept else (NOTHING, NOTHING)
    derived = derive(wanted.planned, wanted.total, aborted, paid)
    payable = kept.payable if kept and same_figures else derived.payable
    verdict = Verdict(Fate.CHANGED if kept else Fate.NEW, found, before, _pounds(given, figures, payable))
    in_force = given.line.level_in(given.week)
    if kept is not None:
        found += asked_about(given, kept, wanted, same_figures=same_figures)
    if found and any(each.kind is not FindingKind.WARNING for each in found):
        verdict.fate, verdict.after = Fate.ASKED, before
    elif not same_figures and (over := over_level(given, in_force, wanted.planned, derived.payable)):
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


def _pounds(given: WeekIn, figures: tuple[Decimal, ...], payable: Decimal) -> Decimal:
    if not payable:
        return NOTHING
    line = given.line
    try:
        return pounds_of_week(line.plan, given.week, payable, seven_days(figures), line.rates)
    except (NoRate, ValueError):
        # Aborted visits belong to days that are not looked at here: the price of the week's first day is near enough.
        rate = line.rate_on(max(given.week, line.plan.start))
        return round2(payable * rate) if rate else NOTHING
