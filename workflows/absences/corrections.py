"""Absence claims that were approved, corrected where a rate, a plan, a tier or the absence is another now (rules.md 8).

What is true is compared with what the lines of a claim and of its corrections hold. A correction is a claim of its own
that the portal makes: the old segments of a week with a minus, and the new ones after them. The next payment run pays
it, or takes it back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import ARRAY, Integer, any_, func, literal, select
from sqlalchemy.orm import aliased

from models import AbsenceClaim, AbsenceClaimLine, LineItem, db
from rules.absence_claim import ClaimSegment, price_claim
from rules.money import NOTHING
from rules.price import NoRate
from rules.scheduled import kind_of_change
from rules.states import ClaimState, LineKind, Unit, VatCode
from workflows.absences.claim_lines import new_line
from workflows.clock import now
from workflows.weeks.absent import claims_by_day
from workflows.weeks.judge_again import judge_absent
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines

# So many lines in one transaction of the nightly job.
TOGETHER: Final = 500
_OWED: Final = (ClaimState.APPROVED, ClaimState.IN_PART, ClaimState.PAID)
_UNTIL: Final = func.coalesce(AbsenceClaim.approved_last_day, AbsenceClaim.last_day)

# What a claim holds: the lines of it and of its corrections that none has taken back, by week.
Standing = Mapping[date, Sequence[AbsenceClaimLine]]


def correct_all(together: int = TOGETHER) -> int:
    """Correct every approved claim that is not right any more; return how many. Commits after so many lines.

    In the council's scope. It can end anywhere and be run again: what is right stays.
    """
    lines = select(AbsenceClaim.line_item_id).where(AbsenceClaim.state.in_(_OWED)).distinct()
    ids = list(db.session.scalars(lines.order_by(AbsenceClaim.line_item_id)))
    corrected = 0
    for first in range(0, len(ids), together):
        corrected += correct_claims(ids[first : first + together])
        db.session.commit()
    return corrected


def correct_claims(line_ids: Collection[int], since: date | None = None) -> int:
    """Correct the approved claims of some lines that have a day on or after `since`; return how many were wrong.

    In the council's scope. Locks the lines that have such claims, in order. Does not commit.
    """
    claims = _approved(line_ids, since)
    if not claims:
        return 0
    lines = read_lines(LineItem.id.in_({claim.line_item_id for claim in claims.values()}))
    vat_codes = _vat_codes(lines)
    standing = _standing(claims)
    corrected = 0
    for line, claim_id, days in claims_by_day(lines):
        if claim_id not in claims:
            continue
        try:
            wanted = price_claim(days)
        except NoRate:
            continue  # a rate that is missing takes nothing back
        corrected += _correct(claims[claim_id], line, standing[claim_id], wanted, vat_codes[line.id])
    return corrected


def _correct(claim: AbsenceClaim, line: Line, standing: Standing, wanted: Sequence[ClaimSegment], vat: VatCode) -> bool:
    """Write the correction of a claim where it needs one; whether it did. `vat` is the line's code."""
    by_week: dict[date, list[ClaimSegment]] = defaultdict(list)
    for segment in wanted:
        by_week[segment.monday].append(segment)
    correction = _new_correction(claim)
    lines: list[AbsenceClaimLine] = []
    for week in sorted({*standing, *by_week}):
        lines += _difference(correction, standing.get(week, ()), by_week[week], line.plan.unit, vat)
    if not lines:
        return False
    db.session.add(correction)
    db.session.flush()
    for number, each in enumerate(lines, 1):
        each.number, each.absence_claim_id = number, correction.id
    _total(correction, lines)
    db.session.add_all(lines)
    # The lines first: they belong to a claim that waits for its decision.
    db.session.flush()
    correction.state = ClaimState.APPROVED
    correction.decided_at = correction.submitted_at
    db.session.flush()
    judge_absent(claim.line_item_id, claim.first_day, claim.until)
    return True


def _difference(
    correction: AbsenceClaim,
    before: Sequence[AbsenceClaimLine],
    wanted: Sequence[ClaimSegment],
    unit: Unit,
    vat_code: VatCode,
) -> list[AbsenceClaimLine]:
    """Return what puts a week right: nothing where it is."""
    old = [(line.units, line.rate) for line in before]
    new = [new_line(correction, segment, unit, vat_code) for segment in wanted]
    now_ = [(line.units, line.rate) for line in new]
    if (old, [line.net for line in before]) == (now_, [line.net for line in new]):
        return []
    kind = kind_of_change(old, now_)
    for line in new:
        line.kind = kind
    return [*(_taken_back(line, kind) for line in before), *new]


def _taken_back(line: AbsenceClaimLine, kind: LineKind) -> AbsenceClaimLine:
    return AbsenceClaimLine(
        organisation_id=line.organisation_id, kind=kind, week_starting=line.week_starting, first_day=line.first_day,
        last_day=line.last_day, planned=line.planned, units=-line.units, unit=line.unit, rate=line.rate, net=-line.net,
        vat_code=line.vat_code, vat=-line.vat, gross=-line.gross, explained=line.explained, rule=line.rule,
        adjusts_id=line.id, takes_back=True,
    )  # fmt: skip


def _new_correction(claim: AbsenceClaim) -> AbsenceClaim:
    """Return a claim that corrects another, not stored yet: for the same days, of which it claims none."""
    return AbsenceClaim(
        organisation_id=claim.organisation_id, line_item_id=claim.line_item_id, corrects_id=claim.id,
        first_day=claim.first_day, last_day=claim.until, reason=claim.reason, state=ClaimState.SUBMITTED,
        submitted_at=now(), units=NOTHING, claimed_net=NOTHING, net=NOTHING, vat=NOTHING, gross=NOTHING,
    )  # fmt: skip


def _total(correction: AbsenceClaim, lines: Sequence[AbsenceClaimLine]) -> None:
    correction.units = _sum(line.units for line in lines)
    correction.net, correction.vat = _sum(line.net for line in lines), _sum(line.vat for line in lines)
    correction.gross = correction.net + correction.vat


def _sum(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, NOTHING)


def _approved(line_ids: Collection[int], since: date | None) -> dict[int, AbsenceClaim]:
    """Return the claims to look at, by id, once their lines are locked: nobody else decides or corrects meanwhile."""
    of_lines = AbsenceClaim.line_item_id == any_(literal(list(line_ids), ARRAY(Integer)))
    wanted = (
        of_lines,
        AbsenceClaim.state.in_(_OWED),
        AbsenceClaim.corrects_id.is_(None),
        (since or date.min) <= _UNTIL,
    )
    with_claims = select(AbsenceClaim.line_item_id).where(*wanted)
    lock = select(LineItem.id).where(LineItem.id.in_(with_claims)).order_by(LineItem.id)
    if not db.session.scalars(lock.with_for_update(key_share=True)).all():
        return {}
    statement = select(AbsenceClaim).where(*wanted).execution_options(populate_existing=True)
    return {claim.id: claim for claim in db.session.scalars(statement)}


def _standing(claim_ids: Collection[int]) -> Mapping[int, Standing]:
    line, correction = AbsenceClaimLine, aliased(AbsenceClaim)
    back = aliased(AbsenceClaimLine)
    original = func.coalesce(correction.corrects_id, correction.id)
    statement = (
        select(original, line)
        .join(correction, correction.id == line.absence_claim_id)
        .where(
            original == any_(literal(list(claim_ids), ARRAY(Integer))), ~line.takes_back,
            ~select(back.id).where(back.adjusts_id == line.id).exists(),
        )
        .order_by(line.id)
    )  # fmt: skip
    found: dict[int, dict[date, list[AbsenceClaimLine]]] = defaultdict(lambda: defaultdict(list))
    for claim_id, row in db.session.execute(statement):
        found[claim_id][row.week_starting].append(row)
    return found


def _vat_codes(line_ids: Collection[int]) -> dict[int, VatCode]:
    rows = db.session.execute(select(LineItem.id, LineItem.vat_code).where(LineItem.id.in_(list(line_ids))))
    return {row.id: row.vat_code for row in rows}
