"""What was delivered: the sheet of a week, and saving and confirming whole weeks at once (rules.md 2, 3 and 5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from models import DAYS, Actual, PortalUser, db
from rules.actual import Derived, NotAQuantity, check_week, derive, read_quantity
from rules.money import NOTHING
from rules.period import uk_date
from rules.plan import active_days, plan_of_week
from rules.states import ActualState, PlanKind, Unit
from workflows import policy
from workflows.clock import now
from workflows.exception import WeekToCheck, level_of, store_checks
from workflows.line_week import (
    Calendar,
    Entry,
    Refusal,
    Stored,
    calendar_now,
    figures_of,
    fingerprint,
    opening,
    read_weeks,
    seen_of,
    seven_days,
)
from workflows.sheet_row import SheetRow, build_row

__all__ = ["Entry", "Refusal", "Saved", "SheetRow", "WeekSheet", "confirm_as_planned", "save_week", "sheet"]

LONGEST_COMMENT = 1000
_TABLE = cast(Table, Actual.__table__)


@dataclass(frozen=True)
class WeekSheet:
    """One week of one organisation: a row for each line that is active in it and paid on actuals."""

    week: date
    rows: list[SheetRow]


@dataclass(frozen=True)
class Saved:
    """What became of a save: how many weeks were written, of them confirmed, held, and drafts again; and refusals."""

    written: int
    confirmed: int
    held: int
    reopened: int
    refused: list[Refusal]


@dataclass(frozen=True)
class _Change:
    """A line's week as it will be written; `entry` is what was typed for it, if anything."""

    stored: Stored
    figures: tuple[Decimal, ...]
    reason: str
    comment: str
    state: ActualState
    entry: Entry | None = None


def sheet(week: date, refused: Iterable[Refusal] = ()) -> WeekSheet:
    """Return the sheet of the week that begins on a Monday, for the organisation in scope.

    What was typed for a line and `refused` is shown in place of what is stored.
    """
    by_line = {refusal.entry.line_id: refusal for refusal in refused}
    calendar = calendar_now()
    return WeekSheet(week, [build_row(stored, calendar, by_line.get(stored.line.id)) for stored in read_weeks([week])])


def save_week(week: date, entries: Iterable[Entry], user: PortalUser | None, *, confirm: bool = False) -> Saved:
    """Save what was typed for a week, and with `confirm` confirm each of its lines that has nothing to put right.

    Only lines whose figures, reason, comment or state change are written; a line of another organisation, or one that
    is on an invoice, is left alone. What is refused comes back with its messages. A line that lacks nothing but a
    reason is kept as a draft. Commits.
    """
    return _save([week], {(entry.line_id, week): entry for entry in entries}, user, confirm=confirm)


def confirm_as_planned(
    weeks: Sequence[date], user: PortalUser | None, *, week: date | None = None, entries: Iterable[Entry] = ()
) -> Saved:
    """Fill every line's week that is not started with its plan and confirm it, where all its days are over. Commits.

    What was typed for one `week` is saved with it: a line that departs from its plan becomes a draft.
    """
    typed = {(entry.line_id, week): entry for entry in entries if week}
    return _save(weeks, typed, user, fill=True)


def _save(
    weeks: Sequence[date],
    entries: Mapping[tuple[int, date], Entry],
    user: PortalUser | None,
    *,
    confirm: bool = False,
    fill: bool = False,
) -> Saved:
    calendar = calendar_now()
    changes: list[_Change] = []
    refused: list[Refusal] = []
    for stored in read_weeks(weeks):
        entry = entries.get(stored.key)
        change, refusal = _judge(stored, entry, calendar, confirm=confirm) if entry else (None, None)
        if fill and not change and not refusal:
            change = _as_planned(stored, calendar)
        changes += [change] if change else []
        refused += [refusal] if refusal else []
    written = _write(changes, user)
    held = store_checks(_to_check(change, id_) for change, id_ in written)
    db.session.commit()
    done = {change.stored.key for change, _ in written}
    return Saved(
        written=len(written),
        confirmed=sum(change.state is ActualState.CONFIRMED for change, _ in written),
        held=len(held),
        reopened=sum(_is_confirmed(change.stored) and change.state is ActualState.DRAFT for change, _ in written),
        refused=refused
        + [_lost(change) for change in changes if (change.stored.line.id, change.stored.week) not in done],
    )


def _as_planned(stored: Stored, calendar: Calendar) -> _Change | None:
    days = active_days(stored.line.plan, stored.week)
    if stored.actual or days[-1] > calendar.today or opening(stored.line, stored.week, calendar) is None:
        return None
    return _Change(stored, figures_of(stored, calendar), "", "", ActualState.CONFIRMED)


def _judge(stored: Stored, entry: Entry, calendar: Calendar, *, confirm: bool) -> tuple[_Change | None, Refusal | None]:
    """Return what to write of an entry and what to refuse: either, neither, or both (a draft that lacks a reason)."""
    if stored.is_money:
        return None, None
    kept = figures_of(stored, calendar)
    if len(entry.figures) != len(kept):
        entry = replace(entry, figures=tuple(f"{figure:.2f}" for figure in kept))
        return None, Refusal(entry, {"": "The plan of this line has changed meanwhile. Look at it again."})
    figures, messages = _read_figures(stored, entry)
    if messages:
        return None, Refusal(entry, messages)
    actual = stored.actual
    reason, comment = (actual.reason, actual.comment) if actual else ("", "")
    same = (figures, entry.reason, entry.comment) == (kept, reason, comment)
    if entry.seen not in ("", seen_of(stored, calendar)) and not same:
        untouched = entry.seen.endswith(f".{fingerprint(figures, entry.reason, entry.comment)}")
        return None, None if untouched and not confirm else _conflict(stored, entry)
    messages = _problems(stored, entry, figures, calendar, confirming=False)
    if messages:
        return None, Refusal(entry, messages)
    lacking = _problems(stored, entry, figures, calendar, confirming=True)
    asked = confirm or (_is_confirmed(stored) and figures == kept)
    change = _Change(stored, figures, entry.reason, entry.comment, ActualState.DRAFT, entry)
    if asked and not lacking:
        change = replace(change, state=ActualState.CONFIRMED)
    refusal = Refusal(entry, lacking) if confirm and lacking else None
    return (None if _is_idle(change, same=same) else change), refusal


def _is_idle(change: _Change, *, same: bool) -> bool:
    """Say whether writing would change nothing: an untouched plan stays not started until it is confirmed."""
    actual = change.stored.actual
    if actual is None:
        return same and change.state is ActualState.DRAFT
    planned = plan_of_week(change.stored.line.plan, change.stored.week)
    return same and actual.planned == planned and actual.state is change.state


def _is_confirmed(stored: Stored) -> bool:
    return stored.actual is not None and stored.actual.state is ActualState.CONFIRMED


def _read_figures(stored: Stored, entry: Entry) -> tuple[tuple[Decimal, ...], dict[str, str]]:
    weekly = stored.line.plan_kind is PlanKind.WEEKLY
    figures: list[Decimal] = []
    messages: dict[str, str] = {}
    for index, text in enumerate(entry.figures):
        try:
            figures.append(read_quantity(text))
        except NotAQuantity as error:
            messages["total" if weekly else f"d{index}"] = str(error)
    return tuple(figures), messages


def _problems(
    stored: Stored, entry: Entry, figures: tuple[Decimal, ...], calendar: Calendar, *, confirming: bool
) -> dict[str, str]:
    """Return what has to be put right before a week is saved, or confirmed, by field."""
    line, week = stored.line, stored.week
    weekly = line.plan_kind is PlanKind.WEEKLY
    aborted = stored.actual.aborted if stored.actual else NOTHING
    found = check_week(
        line.plan,
        week,
        figures[0] if weekly else seven_days(figures),
        entry.reason,
        calendar.today,
        calendar.portal_start,
        policy.for_line("hour_step", line, week).value,
        aborted=aborted,
        confirming=confirming,
    )
    messages = {problem.field: problem.message for problem in found}
    last = active_days(line.plan, week)[-1]
    if confirming and not messages and last > calendar.today:
        messages[""] = f"This week is not over. Confirm it on or after {uk_date(last)}."
    elif confirming and not messages and last < calendar.portal_start:
        start = uk_date(calendar.portal_start)
        messages[""] = f"Care before {start} cannot be entered here. Use the previous method for it."
    if len(entry.comment) > LONGEST_COMMENT:
        messages["comment"] = f"Shorten the comment to {LONGEST_COMMENT:,} characters. It has {len(entry.comment):,}."
    return messages


def _conflict(stored: Stored, entry: Entry) -> Refusal:
    if stored.actual is None:
        message = "The plan of this line has changed meanwhile. Check your figures and save again."
    else:
        who = stored.changed_by or "Somebody else"
        message = (
            f"{who} saved this line after you opened it, {stored.actual.delivered:.2f} in the week."
            " The boxes hold what you typed: save again to keep yours."
        )
    return Refusal(entry, {"": message}, conflict=True)


def _lost(change: _Change) -> Refusal:
    kept = tuple(f"{figure:.2f}" for figure in change.figures)
    entry = change.entry or Entry(change.stored.line.id, kept)
    message = "Somebody else saved this line at the same moment. Compare the figures and save again to keep yours."
    return Refusal(entry, {"": message}, conflict=True)


def _write(changes: Sequence[_Change], user: PortalUser | None) -> list[tuple[_Change, int]]:
    """Write every change in one statement; one whose row was saved by somebody else since it was read is left out."""
    if not changes:
        return []
    # In one order for everybody, so that two people who save at once never wait for each other.
    rows = [_row(change, user) for change in sorted(changes, key=lambda each: each.stored.key)]
    statement = insert(_TABLE)
    new = statement.excluded
    is_open = (_TABLE.c.state == ActualState.DRAFT) | (_TABLE.c.state == ActualState.CONFIRMED)
    fixed = ("organisation_id", "line_item_id", "week_starting")
    upsert = statement.on_conflict_do_update(
        index_elements=["line_item_id", "week_starting"],
        set_={name: new[name] for name in rows[0] if name not in fixed},
        where=(_TABLE.c.version == new.version - 1) & is_open,
    ).returning(_TABLE.c.id, _TABLE.c.line_item_id, _TABLE.c.week_starting)
    ids = {(line_id, week): id_ for id_, line_id, week in db.session.connection().execute(upsert, rows)}
    by_key = {change.stored.key: change for change in changes}
    return [(by_key[key], id_) for key, id_ in ids.items()]


def _derive(change: _Change) -> Derived:
    actual, line = change.stored.actual, change.stored.line
    aborted, payable = (actual.aborted, actual.aborted_payable) if actual else (NOTHING, NOTHING)
    return derive(plan_of_week(line.plan, change.stored.week), sum(change.figures, NOTHING), aborted, payable)


def _has_new_figures(change: _Change) -> bool:
    actual, line = change.stored.actual, change.stored.line
    if actual is None:
        return True
    kept = (actual.delivered,) if line.plan_kind is PlanKind.WEEKLY else actual.days
    return (change.figures, plan_of_week(line.plan, change.stored.week)) != (kept, actual.planned)


def _row(change: _Change, user: PortalUser | None) -> dict[str, Any]:
    stored, actual, line = change.stored, change.stored.actual, change.stored.line
    derived, at, by = _derive(change), now(), user.id if user else None
    # What Service Brokerage decided is payable stays so for as long as the figures do.
    confirmed: tuple[Any, Any] = (at, by) if change.state is ActualState.CONFIRMED else (None, None)
    if actual and actual.confirmed_at and change.state is ActualState.CONFIRMED:
        confirmed = (actual.confirmed_at, actual.confirmed_by_id)
    return {
        "organisation_id": line.organisation_id,
        "line_item_id": line.id,
        "week_starting": stored.week,
        "state": change.state,
        "in_hours": line.unit is Unit.HOUR,
        **dict(zip(DAYS, seven_days(change.figures), strict=True)),
        **{name: getattr(derived, name) for name in derived.__dataclass_fields__},
        "payable": actual.payable if actual and not _has_new_figures(change) else derived.payable,
        "reason": change.reason,
        "comment": change.comment,
        "version": actual.version + 1 if actual else 1,
        "changed_at": at,
        "changed_by_id": by,
        "confirmed_at": confirmed[0],
        "confirmed_by_id": confirmed[1],
    }


def _to_check(change: _Change, actual_id: int) -> WeekToCheck:
    line, derived = change.stored.line, _derive(change)
    level = level_of(line, change.stored.week)
    return WeekToCheck(
        line.organisation_id, actual_id, derived.planned, derived.payable, level, _has_new_figures(change)
    )
