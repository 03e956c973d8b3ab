"""Confirming all weeks of a period that nobody has started, with their plan, and undoing it until they are invoiced.

What a batch is, the versions of its weeks remember: all were saved at one moment by one person, from one source.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from models import Actual, ActualVersion, LineItem, Person, PortalUser, db
from models.scoped import scope
from rules.actual import derive
from rules.money import NOTHING
from rules.plan import plan_of_week
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ActualState, PlanKind, label
from workflows.actuals.save import Saved, as_planned, confirm_as_planned
from workflows.weeks.claimed_days import ClaimedWeeks, take_turns
from workflows.weeks.entry import calendar_now
from workflows.weeks.level import store_checks
from workflows.weeks.line_week import LineWeek, seven_days
from workflows.weeks.price import UnstoredFigures, price_of
from workflows.weeks.read import read_weeks
from workflows.weeks.write import Change, to_check, write_changes

CHANGED = Problem(
    Code.CHANGED_MEANWHILE,
    "What would be confirmed has changed since you opened this page.",
    "Check the figures below again, then confirm.",
)


@dataclass(frozen=True)
class WeekToConfirm:
    """What confirming would do to a week: its Monday, how many lines, and their pounds; `unpriced` have no rate yet."""

    monday: date
    lines: int
    pounds: Decimal
    unpriced: int


@dataclass(frozen=True)
class ToConfirm:
    """The weeks with lines to confirm; `seen` is a short word that is the same exactly for the same lines and figures.

    `claimed` counts those left out because an absence claim covers what is planned.
    """

    weeks: list[WeekToConfirm]
    claimed: int
    seen: str

    @property
    def lines(self) -> int:
        """How many weeks of lines would be confirmed."""
        return sum(week.lines for week in self.weeks)

    @property
    def pounds(self) -> Decimal:
        """What they come to."""
        return sum((week.pounds for week in self.weeks), NOTHING)


@dataclass(frozen=True)
class ConfirmedBatch:
    """Weeks that were confirmed together: when, by whom, their Mondays, how many, and how many can still be undone."""

    at: datetime
    by: str
    weeks: list[date]
    confirmed: int
    open: int


@dataclass(frozen=True)
class NotUndone:
    """A week of a batch that was left as it is: its line's person and reference, and what became of it since."""

    person: str
    reference: str
    week: date
    why: str


@dataclass(frozen=True)
class Undone:
    """What undoing a batch did: how many weeks are not started again, and which were left."""

    weeks: int
    left: list[NotUndone]


def foresee(weeks: Sequence[date]) -> ToConfirm:
    """Return what confirming these weeks (Mondays) as planned would do, for the organisation in scope."""
    found: dict[date, list[Decimal | None]] = {}
    digest, claimed = hashlib.blake2s(digest_size=8), ClaimedWeeks.of(weeks)
    refused = 0
    for change in _planned(weeks, claimed):
        if claimed.refuse(change):
            refused += 1
            continue
        found.setdefault(change.stored.week, []).append(_pounds(change))
        digest.update(f"{change.stored.key}{change.figures}".encode())
    return ToConfirm(
        [
            WeekToConfirm(week, len(pounds), sum((each or NOTHING for each in pounds), NOTHING), pounds.count(None))
            for week, pounds in found.items()
        ],
        refused,
        digest.hexdigest(),
    )


def confirm_together(weeks: Sequence[date], user: PortalUser | None, seen: str) -> Saved:
    """Confirm every week that nobody has started with its plan, as `foresee` showed it. Commits.

    Raises Refused where other lines or figures would be confirmed than those that were seen.
    """
    take_turns(int(scope()))
    if foresee(weeks).seen != seen:
        raise Refused(CHANGED)
    return confirm_as_planned(weeks, user, source=Actual.TOGETHER)


def batches(weeks: Sequence[date]) -> list[ConfirmedBatch]:
    """Return what was confirmed together in these weeks (Mondays), latest first, of which something can be undone."""
    still = func.count().filter(_unchanged())
    rows = db.session.execute(
        select(
            ActualVersion.saved_at,
            func.max(func.concat_ws(" ", PortalUser.first_name, PortalUser.last_name)),
            func.array_agg(Actual.week_starting.distinct()),
            func.count(),
            still,
        )
        .join(Actual, Actual.id == ActualVersion.actual_id)
        .outerjoin(PortalUser, PortalUser.id == ActualVersion.saved_by_id)
        .where(ActualVersion.source.in_(Actual.AS_PLANNED), Actual.week_starting.in_(weeks))
        .group_by(ActualVersion.saved_at)
        .having(still > 0)
        .order_by(ActualVersion.saved_at.desc())
    )
    return [
        ConfirmedBatch(at, by or "the portal", sorted(mondays), count, open_) for at, by, mondays, count, open_ in rows
    ]


def batch_of(at: datetime, weeks: Sequence[date]) -> ConfirmedBatch | None:
    """Return what was confirmed together at a moment, if these weeks (Mondays) hold something of it to undo."""
    return next((batch for batch in batches(weeks) if batch.at == at), None)


def undo(at: datetime, user: PortalUser | None) -> Undone:
    """Make the weeks of a batch not started again, those that nobody changed since and that are on no invoice. Commits.

    `at` is the moment of the batch. Each week keeps its history, in which the undoing is a version.
    """
    take_turns(int(scope()))
    of_batch = (
        select(Actual.line_item_id, Actual.week_starting)
        .join(ActualVersion, ActualVersion.actual_id == Actual.id)
        .where(ActualVersion.source.in_(Actual.AS_PLANNED), ActualVersion.saved_at == at, _unchanged())
    )
    keys = {(line_id, week) for line_id, week in db.session.execute(of_batch)}
    weeks = sorted({week for _, week in keys})
    stored = [each for each in read_weeks(weeks, LineItem.id.in_({line for line, _ in keys})) if each.key in keys]
    changes = [change for each in stored if (change := _not_started(each))]
    written = write_changes(changes, user)
    store_checks(to_check(change, id_) for change, id_ in written)
    left = _left(at, {change.stored.key for change, _ in written})
    db.session.commit()
    return Undone(len(written), left)


def _unchanged() -> ColumnElement[bool]:
    """Return the condition that a week is as its version says: nobody saved it since, and it is on no invoice."""
    return and_(
        Actual.version == ActualVersion.version,
        Actual.source == ActualVersion.source,
        Actual.state == ActualState.CONFIRMED,
    )


def _planned(weeks: Sequence[date], claimed: ClaimedWeeks) -> Iterator[Change]:
    calendar = calendar_now()
    for stored in read_weeks(weeks):
        if change := as_planned(stored, claimed.shown(stored, calendar), calendar):
            yield change


def _pounds(change: Change) -> Decimal | None:
    stored = change.stored
    delivered = sum(change.figures, NOTHING)
    payable = derive(plan_of_week(stored.plan, stored.week), delivered, *stored.aborted).payable
    return price_of(stored.line, stored.week, UnstoredFigures(payable, seven_days(change.figures)), {}).amount


def _not_started(stored: LineWeek) -> Change | None:
    """Return the change that takes back everything that was entered for a week; its figures are its plan's."""
    actual = stored.actual
    if actual is None:
        return None
    figures = (actual.delivered,) if stored.plan.kind is PlanKind.WEEKLY else actual.days
    return Change(stored, figures, "", "", ActualState.DRAFT, source=Actual.UNDONE)


def _left(at: datetime, undone: set[tuple[int, date]]) -> list[NotUndone]:
    """Return the weeks of a batch that were not undone, by person and week."""
    rows = db.session.execute(
        select(Actual, LineItem, Person, PortalUser)
        .join(ActualVersion, ActualVersion.actual_id == Actual.id)
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .join(Person, Person.id == LineItem.person_id)
        .outerjoin(PortalUser, PortalUser.id == Actual.changed_by_id)
        .where(
            ActualVersion.source.in_(Actual.AS_PLANNED),
            ActualVersion.saved_at == at,
            tuple_(Actual.line_item_id, Actual.week_starting).not_in(undone),
        )
        .order_by(Person.reference, Actual.week_starting)
    )
    return [
        NotUndone(person.initials, line.reference, actual.week_starting, _why(actual, who))
        for actual, line, person, who in rows
    ]


def _why(actual: Actual, who: PortalUser | None) -> str:
    if actual.state in (ActualState.INVOICED, ActualState.PAID):
        return f"it is {label(actual.state).lower()}"
    return f"{who or 'somebody'} changed it since"
