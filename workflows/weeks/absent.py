"""The days of an absence in however many claims, and the units claimed for them in weeks (rules.md 5 and 7)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Integer, and_, any_, func, literal, select

from models import AbsenceClaim, Actual, LineItem, db
from rules.absence_claim import ClaimDay, ClaimedAbsence, Tiers, days_before, days_of_claim
from rules.money import NOTHING, round2
from rules.period import monday_of
from rules.states import ClaimState
from workflows import policy
from workflows.weeks.line_week import Line, WeekKey
from workflows.weeks.read import read_lines

# A draft keeps nobody from recording care, and counts for nothing: it is refused when it is sent.
SENT: Final = (ClaimState.SUBMITTED, ClaimState.APPROVED, ClaimState.IN_PART, ClaimState.PAID)
_UNTIL: Final = func.coalesce(AbsenceClaim.approved_last_day, AbsenceClaim.last_day)

_CLAIMED_WEEKS: Final = select(Actual.id, Actual.line_item_id, Actual.week_starting).join(
    AbsenceClaim,
    and_(
        AbsenceClaim.line_item_id == Actual.line_item_id,
        AbsenceClaim.corrects_id.is_(None),
        AbsenceClaim.state.in_(SENT),
        AbsenceClaim.first_day <= Actual.week_starting + 6,
        Actual.week_starting <= _UNTIL,
    ),
)


def before_claim(line_id: int, first: date, last: date, claim_id: int | None = None) -> int:
    """Return how many days of the same absence were counted before some days, which the claim `claim_id` may have."""
    claims = _claims([line_id])[line_id]
    own = claims.pop(claim_id, None) if claim_id else None
    sent_at = own.sent_at if own else None
    return days_before(ClaimedAbsence(first, last, sent_at, own.decided_at if own else None), claims.values())


def tiers_on(line: policy.Targeted, day: date) -> Tiers:
    """Return the tiers of absences in force for a line on a day."""
    resolved = policy.of("absence_tiers", line, day)
    return Tiers(resolved.value, policy.rule_words(resolved))


def absent_units(*of: ColumnElement[bool]) -> dict[int, Decimal]:
    """Return the units claimed for absences in the weeks whose actuals meet some conditions, by the actual's id.

    One query for nearly all weeks, which have none: those are not among them.
    """
    weeks = {(line_id, week): id_ for id_, line_id, week in db.session.execute(_CLAIMED_WEEKS.where(*of)).all()}
    if not weeks:
        return {}
    units = absent_by_week(read_lines(LineItem.id.in_({line_id for line_id, _ in weeks})))
    return {id_: units.get(key, NOTHING) for key, id_ in weeks.items()}


def absent_by_week(lines: Mapping[int, Line]) -> dict[WeekKey, Decimal]:
    """Return the units claimed for absences on lines as they are given, by line and week; those of the plan they have.

    For a line as it would be after a change, too. One query; weeks in which nothing is claimed are not among them.
    """
    units: dict[WeekKey, Decimal] = defaultdict(lambda: NOTHING)
    for line, _claim_id, days in claims_by_day(lines):
        for day in days:
            units[line.id, monday_of(day.day)] += day.units
    return {key: round2(each) for key, each in units.items()}


def claims_by_day(lines: Mapping[int, Line]) -> Iterator[tuple[Line, int, list[ClaimDay]]]:
    """Yield every claim of some lines that was sent: its line, its id, and what its days come to as things stand."""
    claims = _claims(lines)
    for line in lines.values():
        of_line = claims[line.id]
        for claim_id, claim in of_line.items():
            before = days_before(claim, [each for each in of_line.values() if each is not claim])
            tiers = partial(tiers_on, line)
            yield line, claim_id, days_of_claim(line.plan, line.rate_versions, (claim.first, claim.last), tiers, before)


def _claims(line_ids: Iterable[int]) -> dict[int, dict[int, ClaimedAbsence]]:
    """Return the claims of some lines that were sent, by line and by their id."""
    columns: tuple[Any, ...] = (AbsenceClaim.line_item_id, AbsenceClaim.id, AbsenceClaim.first_day, _UNTIL)
    statement = select(*columns, AbsenceClaim.submitted_at, AbsenceClaim.decided_at)
    found: dict[int, dict[int, ClaimedAbsence]] = defaultdict(dict)
    for line_id, claim_id, *claim in db.session.execute(
        statement.where(
            AbsenceClaim.line_item_id == any_(literal(list(line_ids), ARRAY(Integer))),
            AbsenceClaim.state.in_(SENT),
            AbsenceClaim.corrects_id.is_(None),
        ).order_by(AbsenceClaim.id)
    ):
        found[line_id][claim_id] = ClaimedAbsence(*claim)
    return found
