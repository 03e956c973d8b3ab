"""What was delivered: saving and confirming whole weeks at once (rules.md 2, 3 and 5)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from models import PortalUser, db
from rules.actual import NotAQuantity, check_week, read_quantity
from rules.money import NOTHING
from rules.open_days import Calendar, first_open_day, is_over
from rules.period import DAY, uk_date
from rules.plan import active_days, plan_of_week
from rules.states import ActualState, PlanKind
from rules.text import LONGEST_COMMENT, refuse_unseen
from workflows import policy
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import Entry, Refusal, Shown, calendar_now, fingerprint, seen_of
from workflows.weeks.level import store_checks
from workflows.weeks.line_week import LineWeek, seven_days
from workflows.weeks.read import read_weeks
from workflows.weeks.write import Change, to_check, write_changes

__all__ = ["Entry", "Refusal", "Saved", "confirm_as_planned", "save_week"]


@dataclass(frozen=True)
class Saved:
    """What became of a save: how many weeks were written, of them confirmed, held, and drafts again; and refusals.

    `corrected` are those that are on an invoice: what they differ by comes with the next one.
    """

    written: int
    confirmed: int
    held: int
    reopened: int
    refused: list[Refusal]
    corrected: int = 0


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
) -> Saved:
    """Fill every line's week that is not started with its plan and confirm it, where all its days are over. Commits.

    What was typed for one `week` is saved with it: a line that departs from its plan becomes a draft. `only` names the
    lines to fill, where not all are meant.
    """
    typed = {(entry.line_id, week): entry for entry in entries if week}
    return _save(weeks, typed, user, _Asked(fill=True, only=only))


@dataclass(frozen=True)
class _Asked:
    """What a save is asked to do besides saving: confirm, fill with the plan (`only` these lines), correct."""

    confirm: bool = False
    fill: bool = False
    only: Collection[int] | None = None
    correct: Collection[int] | Literal[True] = ()

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
    calendar, claimed = calendar_now(), ClaimedWeeks.of(weeks)
    changes: list[Change] = []
    refused: list[Refusal] = []
    for stored in read_weeks(weeks):
        entry = entries.get(stored.key)
        shown = claimed.shown(stored, calendar)
        change, refusal = _judge(stored, shown, entry, calendar, asked) if entry else (None, None)
        if not change and not refusal and asked.may_fill(stored.line.id):
            change = _as_planned(stored, shown, calendar)
        if change and (words := claimed.refuse(change)):
            refusal = _refusal(change, words)
        elif change:
            changes.append(change)
        refused += [refusal] if refusal else []
    written = write_changes(changes, user)
    held = store_checks(to_check(change, id_) for change, id_ in written)
    db.session.commit()
    done = {change.stored.key for change, _ in written}
    return Saved(
        written=len(written),
        confirmed=sum(change.state is ActualState.CONFIRMED for change, _ in written),
        held=len(held),
        reopened=sum(_is_confirmed(change.stored) and change.state is ActualState.DRAFT for change, _ in written),
        refused=refused + [_lost(change) for change in changes if change.stored.key not in done],
        corrected=sum(change.stored.is_money for change, _ in written),
    )


def _as_planned(stored: LineWeek, shown: Shown, calendar: Calendar) -> Change | None:
    is_open = is_over(stored.plan, stored.week, calendar.today) and first_open_day(stored.plan, stored.week, calendar)
    if stored.actual or not is_open:
        return None
    return Change(stored, *shown, ActualState.CONFIRMED)


def _judge(
    stored: LineWeek, shown: Shown, entry: Entry, calendar: Calendar, asked: _Asked
) -> tuple[Change | None, Refusal | None]:
    """Return what to write of an entry and what to refuse: either, neither, or both (a draft that lacks a reason)."""
    if stored.is_money and not asked.may_correct(stored.line.id):
        return None, None
    kept = shown.figures
    if len(entry.figures) != len(kept):
        entry = replace(entry, figures=tuple(f"{figure:.2f}" for figure in kept))
        return None, Refusal(entry, {"": "The plan of this line has changed meanwhile. Look at it again."})
    figures, messages = _read_figures(stored, entry)
    if messages:
        return None, Refusal(entry, messages)
    same = Shown(figures, entry.reason, entry.comment) == shown
    if entry.seen not in ("", seen_of(stored, shown)) and not same:
        untouched = entry.seen.endswith(f".{fingerprint(figures, entry.reason, entry.comment)}")
        return None, None if untouched and not asked.confirm else _conflict(stored, entry)
    if stored.is_money:
        return (None, None) if same else _correction(stored, entry, figures, calendar)
    messages = _problems(stored, entry, figures, calendar, confirming=False)
    if messages:
        return None, Refusal(entry, messages)
    lacking = _problems(stored, entry, figures, calendar, confirming=True)
    stays = asked.confirm or (_is_confirmed(stored) and figures == kept)
    change = Change(stored, figures, entry.reason, entry.comment, ActualState.DRAFT, entry)
    if stays and not lacking:
        change = replace(change, state=ActualState.CONFIRMED)
    refusal = Refusal(entry, lacking) if asked.confirm and lacking else None
    return (None if _is_idle(change, same=same) else change), refusal


def _correction(
    stored: LineWeek, entry: Entry, figures: tuple[Decimal, ...], calendar: Calendar
) -> tuple[Change | None, Refusal | None]:
    """Return a correction of a week that is on an invoice, or what has to be put right before it is one."""
    messages = _problems(stored, entry, figures, calendar, confirming=True)
    if not entry.reason:
        messages["reason"] = "This week is on an invoice. Choose the reason why it is corrected."
    if messages or stored.actual is None:
        return None, Refusal(entry, messages)
    return Change(stored, figures, entry.reason, entry.comment, stored.actual.state, entry), None


def _is_idle(change: Change, *, same: bool) -> bool:
    """Say whether writing would change nothing: an untouched plan stays not started until it is confirmed."""
    actual = change.stored.actual
    if actual is None:
        return same and change.state is ActualState.DRAFT
    planned = plan_of_week(change.stored.plan, change.stored.week)
    return same and actual.planned == planned and actual.state is change.state


def _is_confirmed(stored: LineWeek) -> bool:
    return stored.actual is not None and stored.actual.state is ActualState.CONFIRMED


def _read_figures(stored: LineWeek, entry: Entry) -> tuple[tuple[Decimal, ...], dict[str, str]]:
    weekly = stored.plan.kind is PlanKind.WEEKLY
    figures: list[Decimal] = []
    messages: dict[str, str] = {}
    for index, text in enumerate(entry.figures):
        try:
            figures.append(read_quantity(text))
        except NotAQuantity as error:
            messages["total" if weekly else f"d{index}"] = str(error)
    return tuple(figures), messages


def _problems(
    stored: LineWeek, entry: Entry, figures: tuple[Decimal, ...], calendar: Calendar, *, confirming: bool
) -> dict[str, str]:
    """Return what has to be put right before a week is saved, or confirmed, by field."""
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
    messages = {problem.field: problem.message for problem in found}
    last = active_days(line.plan, week)[-1]
    if confirming and not messages and not is_over(line.plan, week, calendar.today):
        messages[""] = f"This week is not over. Confirm it on or after {uk_date(last + DAY)}."
    elif confirming and not messages and last < calendar.portal_start:
        start = uk_date(calendar.portal_start)
        messages[""] = f"Care before {start} cannot be entered here. Use the previous method for it."
    if unseen := refuse_unseen(entry.comment, "The comment"):
        messages["comment"] = unseen.message
    elif len(entry.comment) > LONGEST_COMMENT:
        messages["comment"] = f"Shorten the comment to {LONGEST_COMMENT:,} characters. It has {len(entry.comment):,}."
    return messages


def _conflict(stored: LineWeek, entry: Entry) -> Refusal:
    if stored.actual is None:
        message = "The plan of this line has changed meanwhile. Check your figures and save again."
    else:
        who = stored.actual.changed_by or "Somebody else"
        message = (
            f"{who} saved this line after you opened it, {stored.actual.delivered:.2f} in the week."
            " The boxes hold what you typed: save again to keep yours."
        )
    return Refusal(entry, {"": message}, conflict=True)


def _lost(change: Change) -> Refusal:
    message = "Somebody else saved this line at the same moment. Compare the figures and save again to keep yours."
    return _refusal(change, {"": message}, conflict=True)


def _refusal(change: Change, messages: dict[str, str], *, conflict: bool = False) -> Refusal:
    kept = tuple(f"{figure:.2f}" for figure in change.figures)
    return Refusal(change.entry or Entry(change.stored.line.id, kept), messages, conflict)
