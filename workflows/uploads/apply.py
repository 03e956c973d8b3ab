"""Putting a checked file into the portal: all its good rows in one transaction, or none of them.

Each week is written over the version that the check saw, and no other, and only while its line and the settings are
those of the check: whoever saved it meanwhile is not overwritten, and the file is checked again.
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Select,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from models import Actual, ExceptionCheck, PortalUser, TypedOverDay, Upload, UploadFinding, Visit, db
from rules.period import uk_date
from rules.upload_states import FindingKind
from workflows.clock import now
from workflows.uploads.check import check_content
from workflows.uploads.matches import matches_for, readings
from workflows.uploads.own_lines import states_now
from workflows.uploads.staging import CHECK, VISIT, WEEK, held_against, staged_visits, staged_weeks
from workflows.uploads.visits.choices import tick_of
from workflows.weeks.absent import absent_units
from workflows.weeks.level import upsert_checks
from workflows.weeks.typed_over import forget_typed_over, note_typed_over
from workflows.weeks.write import upsert_weeks

Key = tuple[int, date]
# Where the figures came from, in the history of a week.
SOURCE = "Upload"
_ACTUAL, _CHECK, _VISIT = (cast(Table, each.__table__) for each in (Actual, ExceptionCheck, Visit))


class Moved(Exception):
    """Weeks were changed since the file was checked; nothing was written. Carries how many, 0 where nobody knows.

    Or a tick cannot go in, and `why` says so.
    """

    def __init__(self, count: int, why: str = "") -> None:
        super().__init__(why or f"{count} weeks changed since the check")
        self.count, self.why = count, why


def take_choices(upload: Upload, left_out: Collection[Key]) -> set[Key]:
    """Let a file go in with what was ticked for single visits of it; the weeks that were named with the ticks.

    The file is checked again, with the ticks, for what a week comes to depends on them. Raises Moved where the portal
    is not as the first check saw it, and where a tick cannot go in. Changes only what the upload holds packed.
    """
    chosen = _ticks(upload)
    if not chosen:
        return set()
    matches = readings(matches_for(upload))
    plain = check_content(upload.filename, upload.content, matches=matches, foretold=False)
    first = (upload.weeks, upload.visits, upload.aborted, upload.held_against)
    if (plain.weeks, plain.visits, plain.aborted, plain.held_against) != first:
        raise Moved(0)
    asked = {tick: place for question in plain.choices.asked.values() for tick, place in question.rows.items()}
    if not chosen <= asked.keys():
        raise Moved(0)
    checked = check_content(upload.filename, upload.content, chosen=chosen, matches=matches, foretold=False)
    # A tick that another makes needless is no matter; a row about which a tick leads to another question is.
    ticked = {asked[tick] for tick in chosen}
    for each in checked.found:
        if each.kind is FindingKind.CONFLICT and each.place in ticked and each.choice:
            raise Moved(1, ASKED_AGAIN.format(each.place.row, each.wrong))
        if each.kind is FindingKind.REJECTED and each.place in checked.choices.places:
            raise Moved(1, f"Row {each.place.row} cannot go in as ticked: {each.wrong} {each.remedy}")
    if unticked := checked.choices.weeks.intersection(left_out):
        raise Moved(1, WITH_ITS_WEEK.format(uk_date(min(week for _, week in unticked))))
    upload.weeks, upload.visits, upload.aborted = checked.weeks, checked.visits, checked.aborted
    upload.held_against = checked.held_against
    # The page of the file and the result of its rows say what went in with the ticks.
    upload.changes, upload.rows, upload.counts = checked.changes, checked.rows, checked.counts
    upload.pounds_before, upload.pounds_after = checked.before, checked.after
    return checked.choices.weeks


def _ticks(upload: Upload) -> frozenset[str]:
    if not upload.ticked:
        return frozenset()
    query = select(UploadFinding.code, UploadFinding.sheet, UploadFinding.row, UploadFinding.wrong).where(
        UploadFinding.upload_id == upload.id, UploadFinding.id.in_(upload.ticked), UploadFinding.choice != ""
    )
    return frozenset(tick_of(*found) for found in db.session.execute(query))


ASKED_AGAIN = "Row {} cannot go in as ticked: {} Leave it unticked, or correct the file and send it again."
WITH_ITS_WEEK = "A visit that you ticked belongs to the week of {}, which you did not tick. Tick both, or neither."


def write_weeks(upload: Upload, ticked: Collection[Key], user: PortalUser | None) -> tuple[int, int]:
    """Write the weeks of a file, those that ask for it only where ticked; how many were written, and of them held.

    Raises Moved where a week, or what it was held against, is not as the check saw it. Does not commit.
    """
    if not upload.weeks:
        return 0, 0
    staged = staged_weeks(upload.weeks)
    goes_in = _goes_in(staged, ticked)
    connection = db.session.connection()
    weeks = [
        (line_id, week) for line_id, week in connection.execute(select(staged.c.line_item_id, staged.c.week_starting))
    ]
    if held_against(states_now(select(staged.c.line_item_id)), weeks) != upload.held_against:
        raise Moved(0)
    wanted = connection.scalar(select(func.count()).select_from(staged).where(goes_in)) or 0
    statement = upsert_weeks(_weeks(staged, upload, user).where(goes_in)).execution_options(preserve_rowcount=True)
    written = connection.execute(statement).rowcount
    if written < wanted:
        raise Moved(wanted - written)
    held = _store_checks(staged, goes_in)
    if not upload.visits:
        note_typed_over(weeks)
    return written, held


def _goes_in(staged: Table, ticked: Collection[Key]) -> ColumnElement[bool]:
    """Return the condition that a staged row needs no tick, or has it."""
    if not ticked:
        return ~staged.c.asked
    return or_(~staged.c.asked, tuple_(staged.c.line_item_id, staged.c.week_starting).in_(ticked))


def _weeks(staged: Table, upload: Upload, user: PortalUser | None) -> Select[Any]:
    named = [staged.c[name] for name in WEEK if name not in ("asked", "changed")]
    at, by = literal(now(), DateTime(timezone=True)), literal(user.id if user else None, Integer)
    # In one order for everybody, so that two who save at once never wait for each other.
    return select(
        literal(upload.organisation_id).label("organisation_id"),
        *named,
        literal(SOURCE).label("source"),
        at.label("changed_at"),
        by.label("changed_by_id"),
        at.label("confirmed_at"),
        by.label("confirmed_by_id"),
    ).order_by(staged.c.line_item_id, staged.c.week_starting)


def _store_checks(staged: Table, goes_in: ColumnElement[bool]) -> int:
    """Store the check of each week against its exception level; how many are held."""
    same = and_(_ACTUAL.c.line_item_id == staged.c.line_item_id, _ACTUAL.c.week_starting == staged.c.week_starting)
    connection = db.session.connection()
    changed = select(_ACTUAL.c.id).join(staged, same).where(staged.c.changed, goes_in)
    absent = absent_units(Actual.id.in_(select(_ACTUAL.c.id).join(staged, same).where(goes_in)))
    left = _left_of(staged, absent)
    checks = select(
        _ACTUAL.c.organisation_id,
        _ACTUAL.c.id.label("actual_id"),
        left.label("planned"),
        *(staged.c[name] for name in CHECK if name != "over"),
        (staged.c.claimed - left > staged.c.allowance).label("over"),
        literal(now(), DateTime(timezone=True)).label("checked_at"),
    )
    upsert = upsert_checks(checks.join(staged, same).where(goes_in), _CHECK.c.actual_id.in_(changed))
    stored = upsert.returning(_CHECK.c.over, _CHECK.c.decision_id).cte()
    held = select(func.count()).select_from(stored).where(stored.c.over, stored.c.decision_id.is_(None))
    return connection.scalar(held) or 0


def _left_of(staged: Table, absent: Mapping[int, Decimal]) -> ColumnElement[Decimal]:
    """Return the SQL of what is left of the plan of each staged week beside the units claimed for absences in it."""
    if not absent:
        return staged.c.planned
    units = case(absent, value=_ACTUAL.c.id, else_=0)
    return func.greatest(staged.c.planned - units, 0)


def store_visits(upload: Upload, left_out: Collection[Key]) -> None:
    """Store the visits of a file, but for those of the weeks that are left out. Does not commit.

    Raises Moved where a visit is not as the check saw it.
    """
    if not upload.visits:
        return
    staged, connection = staged_visits(upload.visits), db.session.connection()
    goes_in = tuple_(*_week_of(staged)).not_in(left_out) if left_out else true()
    is_known = and_(_VISIT.c.id == staged.c.stored_id, _VISIT.c.upload_id == staged.c.stored_in)
    weeks = union(select(*_week_of(staged)), select(*_week_of(_VISIT)).where(is_known))
    # Nearly nobody types over visits: adding up which weeks these are takes 25 of 850 ms for 42,000, make bench.
    noted = db.session.scalar(select(TypedOverDay.id).limit(1)) is not None
    touched = [(line_id, week) for line_id, week in connection.execute(weeks)] if noted else []
    change = update(_VISIT).where(is_known, goes_in)
    change = change.values({"upload_id": upload.id} | {name: staged.c[name] for name in VISIT})
    named = (literal(upload.organisation_id), literal(upload.id), *(staged.c[name] for name in VISIT))
    rows = select(*named).where(staged.c.stored_id.is_(None), goes_in)
    add = insert(_VISIT).from_select(["organisation_id", "upload_id", *VISIT], rows, include_defaults=False)
    known = connection.scalar(select(func.count(staged.c.stored_id)).where(goes_in)) or 0
    try:
        # What changes makes room first. Somebody else may have stored the same visits since the check.
        changed = connection.execute(change.execution_options(preserve_rowcount=True)).rowcount
        connection.execute(add)
    except IntegrityError:
        raise Moved(1) from None
    if changed < known:
        raise Moved(known - changed)
    forget_typed_over(touched)


def _week_of(visits: Table) -> tuple[ColumnElement[int], ColumnElement[date]]:
    return visits.c.line_item_id, cast_to(func.date_trunc("week", visits.c.day), Date)


def forget_session() -> None:
    """Undo what was written, and read everything anew."""
    db.session.rollback()
    db.session.expunge_all()
