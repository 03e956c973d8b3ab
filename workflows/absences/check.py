"""Absence claims before they are sent or decided: what each day is worth, and what keeps a day out (rules.md 7)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from models import AbortedVisit, AbsenceClaim, Actual, ContractDocument, LineItem, Organisation, db
from models.unpriced import UNPRICED
from rules.absence_claim import ClaimDay, ClaimSegment, days_of_claim, net_of, price_claim, units_of
from rules.absence_refusal import ClaimEntry, Recorded, check_dates, name_refused, refused_days
from rules.agreement_states import DocumentState
from rules.money import NOTHING, vat_of
from rules.period import DAY, weeks_of
from rules.price import NoRate
from rules.problem_codes import Code
from rules.refusal import Problem, Unknown
from rules.states import ClaimState, PaymentMethod, PlanKind
from workflows import policy
from workflows.clock import today
from workflows.weeks.absent import before_claim, tiers_on

SCHEDULED = Problem(
    Code.NO_ACTUALS,
    "This line is paid every four weeks without an invoice: an absence on it is reported to the council and reduces"
    " that payment.",
    "Nothing is claimed for it.",
    "line",
)
NOT_IN_FORCE = Problem(
    Code.NOT_IN_FORCE,
    "The contract document of this line is not in force, so nothing can be claimed for it.",
    field="line",
)
NOT_ACCEPTED = Problem(
    Code.NOT_ACCEPTED,
    "The contract document of this line is not accepted.",
    "Accept it, then make the claim.",
    "line",
)
WORTH_NOTHING = Problem(Code.NOTHING_PAYABLE, "Nothing is payable for these days.", field="first_day")


@dataclass(frozen=True)
class JudgedClaim:
    """What a claim comes to, day by day and by week, and what is wrong with it.

    `refused` says why a day cannot be claimed, `problems` what has to be put right, the refused days among it.
    """

    entry: ClaimEntry
    line: LineItem
    days: list[ClaimDay] = field(default_factory=list)
    segments: list[ClaimSegment] = field(default_factory=list)
    refused: dict[date, Problem] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def net(self) -> Decimal:
        """Pounds without VAT."""
        return net_of(self.segments)

    @property
    def vat(self) -> Decimal:
        """Pounds of VAT by the line's code, rounded once for each segment."""
        return sum((vat_of(segment.net, self.line.vat_code) for segment in self.segments), NOTHING)

    @property
    def units(self) -> Decimal:
        """Units of the line, unrounded."""
        return units_of(self.segments)

    @property
    def seen(self) -> str:
        """What a form says of the figures it showed, so that nothing is sent that nobody has seen."""
        shown = [(each.monday, each.rate, each.units, each.net) for each in self.segments]
        text = f"{self.line.id} {self.entry.first} {self.entry.last} {shown}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def judge(
    entry: ClaimEntry, line: LineItem, claim_id: int | None = None, others: Sequence[AbsenceClaim] | None = None
) -> JudgedClaim:
    """Return what the days of an entry come to; `claim_id` is the claim they stand in already, if they do.

    `others` are the line's other live claims in these days, where they were read already.
    """
    if line.payment_method is PaymentMethod.SCHEDULED:
        return JudgedClaim(entry, line, problems=(SCHEDULED,))
    if wrong := check_dates(entry.first, entry.last):
        return JudgedClaim(entry, line, problems=tuple(wrong))
    plan = line.plan
    before = before_claim(line.id, entry.first, entry.last, claim_id)
    dates = (entry.first, entry.last)
    days = days_of_claim(plan, line.rate_versions, dates, lambda day: tiers_on(line, day), before)
    if others is None:
        others = other_claims(line.id, *dates, claim_id)
    refused = refused_days(plan, days, _recorded(line, *dates, claimed_days(others, *dates)))
    problems = [*_document_problems(line, entry.first), *name_refused(refused)]
    segments: list[ClaimSegment] = []
    try:
        segments = price_claim(days)
    except NoRate as missing:
        problems.append(missing.problem.at("first_day"))
    if not problems and not net_of(segments):
        problems.append(WORTH_NOTHING)
    return JudgedClaim(entry, line, days, segments, refused, tuple(problems))


def line_of(line_id: int) -> LineItem:
    """Return a line of the organisation in scope, live or ended within the claim window. Raises Unknown."""
    found: LineItem | None = db.session.scalar(
        select(LineItem)
        .join(LineItem.document)
        .where(
            LineItem.id == line_id,
            ContractDocument.state != DocumentState.DRAFT,
            LineItem.can_be_claimed(policy.claimed_since()),
        )
        .options(*LINE)
    )
    if found is None:
        raise Unknown
    return found


# What is needed of a line to judge a claim on it and to name it.
LINE = (
    joinedload(LineItem.person),
    joinedload(LineItem.element),
    joinedload(LineItem.document),
    joinedload(LineItem.organisation).joinedload(Organisation.sector),
)


def choices() -> list[LineItem]:
    """Return the lines a claim can be made on, by person and reference."""
    found = db.session.scalars(
        select(LineItem)
        .join(LineItem.document)
        .where(
            LineItem.payment_method == PaymentMethod.ACTUALS,
            LineItem.start <= today(),
            LineItem.can_be_claimed(policy.claimed_since()),
        )
        .where(ContractDocument.takes_actuals)
        .options(joinedload(LineItem.person), joinedload(LineItem.element), *UNPRICED)
    )
    return sorted(found, key=lambda line: (line.person.reference, line.reference))


def other_claims(line_id: int, first: date, last: date, claim_id: int | None = None) -> list[AbsenceClaim]:
    """Return the other live claims of a line that have a day from `first` to `last`, in order."""
    statement = (
        select(AbsenceClaim)
        .where(AbsenceClaim.line_item_id == line_id, AbsenceClaim.state != ClaimState.REFUSED)
        .where(AbsenceClaim.corrects_id.is_(None))
        .where(AbsenceClaim.first_day <= last, AbsenceClaim.last_day >= first)
        .where(or_(AbsenceClaim.approved_last_day.is_(None), AbsenceClaim.approved_last_day >= first))
        .where(AbsenceClaim.id != (claim_id or 0))
        .order_by(AbsenceClaim.first_day)
    )
    return list(db.session.scalars(statement))


def claimed_days(claims: Iterable[AbsenceClaim], first: date, last: date) -> dict[date, str]:
    """Return the days from `first` to `last` that are in one of these claims, and its number."""
    return {
        day: claim.number
        for claim in claims
        for offset in range((last - first).days + 1)
        if claim.first_day <= (day := first + offset * DAY) <= claim.until
    }


def lock_line(line_id: int) -> None:
    """Take turns with everybody else who makes or decides claims of a line; saving its weeks goes on meanwhile."""
    db.session.execute(select(LineItem.id).where(LineItem.id == line_id).with_for_update(key_share=True))


def _document_problems(line: LineItem, first: date) -> list[Problem]:
    if not line.document.takes_actuals:
        return [NOT_IN_FORCE]
    if policy.of("acceptance_required", line, first).value and line.document.accepted_at is None:
        return [NOT_ACCEPTED]
    return []


def _recorded(line: LineItem, first: date, last: date, claimed: dict[date, str]) -> Recorded:
    weeks = weeks_of(first, last)
    weekly = line.plan_kind is PlanKind.WEEKLY
    delivered: dict[date, Decimal] = {}
    by_week: dict[date, Decimal] = {}
    for actual in db.session.scalars(
        select(Actual)
        .where(Actual.line_item_id == line.id, Actual.week_starting.in_(weeks))
        .execution_options(populate_existing=True)
    ):
        if weekly:
            by_week[actual.week_starting] = actual.delivered + actual.aborted
        else:
            delivered |= {actual.week_starting + index * DAY: units for index, units in enumerate(actual.days)}
    aborted = db.session.scalars(
        select(AbortedVisit.visit_date)
        .where(AbortedVisit.line_item_id == line.id, AbortedVisit.visit_date.between(first, last))
    )  # fmt: skip
    start = policy.for_council("portal_start")
    return Recorded(today(), start, delivered, by_week, frozenset(aborted), claimed)
