"""What was delivered: saving and confirming whole weeks at once (rules.md 2, 3 and 5)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from models import Actual, PortalUser, db
from models.scoped import scope
from rules.actual import NotAQuantity, before_portal, check_week, read_quantity
from rules.money import NOTHING
from rules.open_days import Calendar, first_open_day, is_over
from rules.period import DAY, uk_date
from rules.plan import active_days, plan_of_week
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import ActualState, PlanKind
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen
from workflows import policy
from workflows.clock import now
from workflows.weeks.claimed_days import ClaimedWeeks, take_turns
from workflows.weeks.entry import Entry, Refusal, Shown, calendar_now, fingerprint, seen_of
from workflows.weeks.level import store_checks
from workflows.weeks.line_week import LineWeek, seven_days
from workflows.weeks.read import read_weeks
from workflows.weeks.write import Change, to_check, write_changes

__all__ = ["Entry", "Refusal", "Saved", "as_planned", "confirm_as_planned", "save_week"]

PLAN_CHANGED = "The plan of this line has changed meanwhile."
CORRECTED_WITHOUT = Problem(
    Code.REASON_NEEDED, "This week is on an invoice.", "Choose the reason why it is corrected.", "reason"
)


@dataclass(frozen=True)
class Saved:
    """What became of a save: how many weeks were written, of them confirmed, held, and drafts again; and refusals.

    `corrected` are those that are on an invoice: what they differ by comes with the next one. `first_line` is the id of
    the line written that stands first on the page, None where none was. `together_at` is the moment by which what was
    confirmed as planned can be undone (`together.undo`), None where nothing was.
    """

    written: int
    confirmed: int
    held: int
    reopened: int
    refused: list[Refusal]
    corrected: int = 0
    first_line: int | None = None
    together_at: datetime | None = None


def save_week(
    week: date,
    entries: Iterable[Entry],
    user: PortalUser | None,
    *,
    confirm: bool = False,
    correct: Collection[int] | Literal[True] = (),
) -> Saved:
    """Save what was typed for a week, and with `confirm` confirm each of its lines that has nothing to put right.

    Only lines whose figures, reason, comment or state change are written; a line of another organisation is left alone,
    and one whose week is on an invoice too, unless its id is in `correct` (True: every line). A correction needs a
    reason, leaves the week on its invoice, and becomes a difference on the next one (rules.md 3 and 8). What is refused
    comes back with its messages. A line that lacks nothing but a reason is kept as a draft. Commits.
    """
    asked = _Asked(confirm=confirm, correct=correct)
    return _save([week], {(entry.line_id, week): entry for entry in entries}, user, asked)


def confirm_as_planned(
    weeks: Sequence[date],
    user: PortalUser | None,
    *,
    week: date | None = None,
    entries: Iterable[Entry] = (),
    only: Collection[int] | None = None,
    source: str = "",
) -> Saved:
    """Fill every line's week that is not started with its plan and confirm it, where all its days are over. Commits.

    What was typed for one `week` is saved with it: a line that departs from its plan becomes a draft. `only` names the
    lines to fill, where not all are meant. `source` is what the history of those says of where they come from.
    """
    typed = {(entry.line_id, week): entry for entry in entries if week}
    return _save(weeks, typed, user, _Asked(fill=True, only=only, source=source))


@dataclass(frozen=True)
class _Asked:
    """What a save is asked to do besides saving: confirm, fill with the plan (`only` these lines), correct."""

    confirm: bool = False
    fill: bool = False
    only: Collection[int] | None = None
    correct: Collection[int] | Literal[True] = ()
    source: str = ""

    def may_fill(self, line_id: int) -> bool:
        return self.fill and (self.only is None or line_id in self.only)

    def may_correct(self, line_id: int) -> bool:
        return self.correct is True or line_id in self.correct


def _save(
    weeks: Sequence[date],
    entries: Mapping[tuple[int, date], Entry],
    user: PortalUser | None,
    asked: _Asked,
) -> Saved:
    if scope().isdecimal():
        take_turns(int(scope()))
    calendar, claimed = calendar_now(), ClaimedWeeks.of(weeks)
    changes: list[Change] = []
    refused: list[Refusal] = []
    for stored in read_weeks(weeks):
        entry = entries.get(stored.key)
        shown = claimed.shown(stored, calendar)
        change, refusal = _judge(stored, shown, entry, calendar, asked) if entry else (None, None)
        if not change and not refusal and asked.may_fill(stored.line.id):
            change = as_planned(stored, shown, calendar, asked.source)
        if change and (problems := claimed.refuse(change)):
            refusal = _refusal(change, *problems)
        elif change:
            changes.append(change)
        refused += [refusal] if refusal else []
    at = now()
    written = write_changes(changes, user, at)
    done = {change.stored.key for change, _ in written}
    held = store_checks((to_check(change, id_) for change, id_ in written), absent=bool(claimed.among(done)))
    db.session.commit()
    return Saved(
        written=len(written),
        confirmed=sum(change.state is ActualState.CONFIRMED for change, _ in written),
        held=len(held),
        reopened=sum(_is_confirmed(change.stored) and change.state is ActualState.DRAFT for change, _ in written),
        refused=refused + [_lost(change) for change in changes if change.stored.key not in done],
        corrected=sum(change.stored.is_money for change, _ in written),
        first_line=next((change.stored.line.id for change in changes if change.stored.key in done), None),
        together_at=at if any(change.source in Actual.AS_PLANNED for change, _ in written) else None,
    )


def as_planned(stored: LineWeek, shown: Shown, calendar: Calendar, source: str = "") -> Change | None:
    """Return the change that confirms a week with its plan, None where it is started or not over."""
    is_open = is_over(stored.plan, stored.week, calendar.today) and first_open_day(stored.plan, stored.week, calendar)
    if not stored.not_started or not is_open:
        return None
    if not shown.reason and sum(shown.figures, NOTHING) != plan_of_week(stored.plan, stored.week):
        # The days before the portal began stay empty: that is why, and nobody has to type it for every line.
        shown = shown._replace(reason="OTHER", comment=f"Entered here from {uk_date(calendar.portal_start)} on")
    return Change(stored, *shown, ActualState.CONFIRMED, source=source)


def _judge(
    stored: LineWeek, shown: Shown, entry: Entry, calendar: Calendar, asked: _Asked
) -> tuple[Change | None, Refusal | None]:
    """Return what to write of an entry and what to refuse: either, neither, or both (a draft that lacks a reason)."""
    if stored.is_money and not asked.may_correct(stored.line.id):
        return None, None
    kept = shown.figures
    if len(entry.figures) != len(kept):
        entry = replace(entry, figures=tuple(f"{figure:.2f}" for figure in kept))
        return None, Refusal(entry, (Problem(Code.CHANGED_MEANWHILE, PLAN_CHANGED, "Look at it again."),))
    figures, problems = _read_figures(stored, entry)
    if problems:
        return None, Refusal(entry, problems)
    same = Shown(figures, entry.reason, entry.comment) == shown
    if entry.seen not in ("", seen_of(stored, shown)) and not same:
        untouched = entry.seen.endswith(f".{fingerprint(figures, entry.reason, entry.comment)}")
        return None, None if untouched and not asked.confirm else _conflict(stored, entry)
    if stored.is_money:
        return (None, None) if same else _correction(stored, entry, figures, calendar)
    problems = _problems(stored, entry, figures, calendar, confirming=False)
    if problems:
        return None, Refusal(entry, problems)
    stays = asked.confirm or (_is_confirmed(stored) and figures == kept)
    lacking = _problems(stored, entry, figures, calendar, confirming=True) if stays else ()
    change = Change(stored, figures, entry.reason, entry.comment, ActualState.DRAFT, entry)
    if stays and not lacking:
        change = replace(change, state=ActualState.CONFIRMED)
    refusal = Refusal(entry, lacking) if asked.confirm and lacking else None
    return (None if _is_idle(change, same=same) else change), refusal


def _correction(
    stored: LineWeek, entry: Entry, figures: tuple[Decimal, ...], calendar: Calendar
) -> tuple[Change | None, Refusal | None]:
    """Return a correction of a week that is on an invoice, or what has to be put right before it is one."""
    problems = _problems(stored, entry, figures, calendar, confirming=True)
    if not entry.reason:
        problems = (*(each for each in problems if each.field != "reason"), CORRECTED_WITHOUT)
    if problems or stored.actual is None:
        return None, Refusal(entry, problems)
    return Change(stored, figures, entry.reason, entry.comment, stored.actual.state, entry), None


def _is_idle(change: Change, *, same: bool) -> bool:
    """Say whether writing would change nothing: an untouched plan stays not started until it is confirmed."""
    actual = change.stored.actual
    if actual is None or change.stored.not_started:
        return same and change.state is ActualState.DRAFT
    planned = plan_of_week(change.stored.plan, change.stored.week)
    return same and actual.planned == planned and actual.state is change.state


def _is_confirmed(stored: LineWeek) -> bool:
    return stored.actual is not None and stored.actual.state is ActualState.CONFIRMED


def _read_figures(stored: LineWeek, entry: Entry) -> tuple[tuple[Decimal, ...], tuple[Problem, ...]]:
    weekly = stored.plan.kind is PlanKind.WEEKLY
    figures: list[Decimal] = []
    problems: list[Problem] = []
    for index, text in enumerate(entry.figures):
        try:
            figures.append(read_quantity(text))
        except NotAQuantity as error:
            problems.append(error.problem.at("total" if weekly else f"d{index}"))
    return tuple(figures), tuple(problems)


def _problems(
    stored: LineWeek, entry: Entry, figures: tuple[Decimal, ...], calendar: Calendar, *, confirming: bool
) -> tuple[Problem, ...]:
    """Return what has to be put right before a week is saved, or confirmed."""
    line, week = stored.line, stored.week
    weekly = line.plan.kind is PlanKind.WEEKLY
    aborted = stored.actual.aborted if stored.actual else NOTHING
    found = check_week(
        line.plan,
        week,
        figures[0] if weekly else seven_days(figures),
        entry.reason,
        calendar.today,
        calendar.portal_start,
        policy.of("hour_step", line, week).value,
        aborted=aborted,
        confirming=confirming,
    )
    last = active_days(line.plan, week)[-1]
    if confirming and not found and not is_over(line.plan, week, calendar.today):
        found = [Problem(Code.NOT_OVER, "This week is not over.", f"Confirm it on or after {uk_date(last + DAY)}.")]
    elif confirming and not found and last < calendar.portal_start:
        found = [before_portal(calendar.portal_start)]
    comment, what = entry.comment, "The comment"
    if wrong := refuse_unseen(comment, what) or refuse_longer(comment, LONGEST_COMMENT, what):
        found.append(wrong.at("comment"))
    return tuple(found)


def _conflict(stored: LineWeek, entry: Entry) -> Refusal:
    if stored.actual is None:
        problem = Problem(Code.CHANGED_MEANWHILE, PLAN_CHANGED, "Check your figures and save again.")
    else:
        who = stored.actual.changed_by or "Somebody else"
        saved = f"{who} saved this line after you opened it, {stored.actual.delivered:.2f} in the week."
        problem = Problem(Code.CONFLICT, saved, "The boxes hold what you typed: save again to keep yours.")
    return Refusal(entry, (problem,), conflict=True)


def _lost(change: Change) -> Refusal:
    saved = "Somebody else saved this line at the same moment."
    problem = Problem(Code.CONFLICT, saved, "Compare the figures and save again to keep yours.")
    return _refusal(change, problem, conflict=True)


def _refusal(change: Change, *problems: Problem, conflict: bool = False) -> Refusal:
    kept = tuple(f"{figure:.2f}" for figure in change.figures)
    return Refusal(change.entry or Entry(change.stored.line.id, kept), problems, conflict)
