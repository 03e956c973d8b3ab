"""Days that have visits and whose figure somebody typed: noted by whatever writes weeks, and forgotten once they agree.

The figure of a day with visits is what its visits come to, unless a day is noted here with who typed over it and when
(rules.md 15); `check-money` holds every day to that.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import TextClause, text

from models import TypedOverDay, db
from workflows.weeks import typed_over_sql as sql
from workflows.weeks.line_week import WeekKey

_HAVE_VISITS, _NOTE, _FORGET = text(sql.HAVE_VISITS), text(sql.NOTE), text(sql.FORGET)


class TypedOver(NamedTuple):
    """Who typed over the visits of a day, and when."""

    who: str
    at: datetime


def note_typed_over(weeks: Collection[WeekKey]) -> None:
    """Note the days of weeks just written whose figure is not what their visits come to. Does not commit."""
    if _has_visits(weeks):
        _run(_NOTE, weeks)
        _run(_FORGET, weeks)


def forget_typed_over(weeks: Collection[WeekKey]) -> None:
    """Forget that days of weeks were typed over where their figure is what their visits come to. Does not commit."""
    if weeks:
        _run(_FORGET, weeks)


def typed_over(lines: Collection[int]) -> dict[tuple[int, date], TypedOver]:
    """Return by line and day what was typed over the visits of some lines; of a weekly line by the week's Monday."""
    noted = db.session.query(TypedOverDay).filter(TypedOverDay.line_item_id.in_(lines)).all() if lines else []
    return {(each.line_item_id, each.day): TypedOver(str(each.typed_by or "Somebody"), each.typed_at) for each in noted}


def _has_visits(weeks: Collection[WeekKey]) -> bool:
    return bool(weeks) and bool(db.session.scalar(_HAVE_VISITS, _named(weeks)))


def _run(statement: TextClause, weeks: Collection[WeekKey]) -> None:
    db.session.execute(statement, _named(weeks))


def _named(weeks: Collection[WeekKey]) -> dict[str, list[int] | list[date]]:
    return {"lines": [line_id for line_id, _ in weeks], "weeks": [week for _, week in weeks]}
