"""Putting a checked file into the portal: all its good rows in one transaction, or none of them.

Each week is written over the version that the check saw, and no other: whoever saved it meanwhile is not overwritten,
and the file is checked again.
"""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from models import PortalUser, Upload, Visit, db
from models.row_set import row_set
from rules.states import ActualState
from workflows.exception import store_checks
from workflows.upload_lines import KeptWeek, OwnLine, kept_weeks, own_lines, stored_of
from workflows.upload_week import ZEROS
from workflows.week_change import Change, to_check, write_changes

Key = tuple[int, date]
# Where the figures came from, in the history of a week.
SOURCE = "Upload"


class Moved(Exception):
    """Weeks were changed since the file was checked; nothing was written. Carries how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} weeks changed since the check")
        self.count = count


def write_weeks(accepted: Iterable[list[Any]], ticked: Collection[Key], user: PortalUser | None) -> tuple[int, int]:
    """Write the weeks of a file, those that ask for it only where ticked; how many were written, and of them held.

    Raises Moved where a week is not as the check saw it. Does not commit.
    """
    rows = {(line_id, date.fromisoformat(week)): rest for line_id, week, *rest in accepted}
    rows = {key: row for key, row in rows.items() if not row[-1] or key in ticked}
    if not rows:
        return 0, 0
    lines = {line.id: line for line in own_lines((), (), {line_id for line_id, _ in rows}).by_reference.values()}
    kept = kept_weeks(rows)
    moved = [key for key, row in rows.items() if not _is_as_seen(lines.get(key[0]), key[1], row, kept.get(key))]
    if moved:
        raise Moved(len(moved))
    changes = [_change(lines[key[0]], key[1], row, kept.get(key)) for key, row in rows.items()]
    written = write_changes(changes, user)
    if len(written) < len(changes):
        raise Moved(len(changes) - len(written))
    held = store_checks(to_check(change, id_) for change, id_ in written)
    return len(written), len(held)


def _is_as_seen(line: OwnLine | None, week: date, row: list[Any], kept: KeptWeek | None) -> bool:
    if line is None or (kept.version if kept else 0) != row[0]:
        return False
    # A line that was shortened meanwhile: nothing goes onto days it no longer has.
    covered = [line.plan.covers(date.fromordinal(week.toordinal() + index)) for index in range(7)]
    figures = row[1]
    return any(covered) and (
        len(figures) == 1 or all(covers or not Decimal(units) for covers, units in zip(covered, figures, strict=True))
    )


def _change(line: OwnLine, week: date, row: list[Any], kept: KeptWeek | None) -> Change:
    figures = tuple(map(Decimal, row[1]))
    before = (kept.delivered,) if kept and len(figures) == 1 else kept.days if kept else ZEROS
    stays = kept is not None and kept.state is ActualState.CONFIRMED and figures == before
    state = ActualState.CONFIRMED if stays else ActualState.DRAFT
    if kept is not None and kept.is_money:
        state = kept.state  # a correction: the week stays on its invoice
    return Change(stored_of(line, week, kept), figures, row[2], row[3], state, source=SOURCE)


VISIT = (
    "line_item_id", "week", "day", "reference", "slot", "outcome", "planned_start", "planned_end", "actual_start",
    "actual_end", "carer", "minutes", "counted",
)  # fmt: skip


def store_visits(
    upload: Upload, visits: Iterable[list[Any]], accepted: Iterable[list[Any]], ticked: Collection[Key]
) -> None:
    """Store the visits of a file, but for those of weeks that ask for a tick and have none. Does not commit."""
    out = {(row[0], row[1]) for row in accepted if row[-1] and (row[0], date.fromisoformat(row[1])) not in ticked}
    own = {"organisation_id": upload.organisation_id, "upload_id": upload.id}
    rows = [own | dict(zip(VISIT, each, strict=True)) for each in visits if (each[0], each[1]) not in out]
    if not rows:
        return
    for row in rows:
        del row["week"]
    table = cast(Table, Visit.__table__)
    statement = insert(table).from_select(list(rows[0]), row_set(table, rows), include_defaults=False)
    new = statement.excluded
    key = ("organisation_id", "reference", "slot")
    db.session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=key, set_={name: new[name] for name in rows[0] if name not in key}
        )
    )


def forget_session() -> None:
    """Undo what was written, and read everything anew."""
    db.session.rollback()
    db.session.expunge_all()
