"""Retention: what is past its time is emptied, kind by kind; a dry run does the same and takes it back."""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from sqlalchemy import text

from models import db
from rules.retention import KEPT, KeptFor
from workflows import policy

MOST_AT_ONCE: Final = 5_000
_FORGET: Final = text("SELECT forget(:kind, :gone_before, :most)")


class Forgotten(NamedTuple):
    """What became of one kind: what was past `before`, how many records were emptied (or would be)."""

    kept: KeptFor
    before: date
    number: int


def forget_all(on: date, *, dry_run: bool = False) -> list[Forgotten]:
    """Empty what is past its time on a day, every kind of KEPT; commits after each batch, in a dry run nothing.

    A dry run counts no more than one batch of 5,000 of each kind. To be called in the council's scope.
    """
    return [_forget(kept, _years_before(on, policy.for_council(kept.setting)), dry_run) for kept in KEPT]


def _forget(kept: KeptFor, before: date, dry_run: bool) -> Forgotten:
    total = 0
    while True:
        at = datetime(before.year, before.month, before.day, tzinfo=UTC)
        number = db.session.scalars(_FORGET, {"kind": kept.kind, "gone_before": at, "most": MOST_AT_ONCE}).one()
        total += number
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
        if dry_run or not number:
            return Forgotten(kept, before, total)


def _years_before(on: date, years: int) -> date:
    day = 28 if (on.month, on.day) == (2, 29) else on.day
    return date(on.year - years, on.month, day)
