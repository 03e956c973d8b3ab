"""Absence claims as they are read: a provider's list, one claim with its days, and the officers' queue (rules.md 7)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, true
from sqlalchemy.orm import joinedload

from models import AbsenceClaim, AbsenceClaimLine, Hold, LineItem, PaymentSource, Remittance, db
from models.search import NAMES_OF_A_LINE, holding
from models.unpriced import UNPRICED
from rules.period import DAY
from rules.states import ClaimState
from workflows.absences.check import JudgedClaim, other_claims
from workflows.absences.claim import get_claim
from workflows.absences.decide import judge_claim
from workflows.clock import LONDON, today
from workflows.page import Page, page_of

SIZE = 25
OPEN = (ClaimState.DRAFT, ClaimState.SUBMITTED)
# Claims that were decided and are not paid yet.
TO_PAY = (ClaimState.APPROVED, ClaimState.IN_PART)
# So many days a refusal that was not claimed again is news.
REFUSED_LATELY = 14


class ClaimsShown(StrEnum):
    """Which of a provider's claims a list holds: all, those that were not sent, those refused lately."""

    ALL = ""
    DRAFTS = "drafts"
    REFUSED = "refused"


@dataclass(frozen=True)
class ClaimPage:
    """One claim and where it is: until it is decided what its days come to now, then the priced lines of its approval.

    `adjoining` are other live claims of the line that touch it: their days may be one absence with these. `holds` are
    the reasons why an approved claim is not paid for now. `corrections` were made of it since, the oldest first.
    """

    claim: AbsenceClaim
    judged: JudgedClaim | None
    lines: list[AbsenceClaimLine]
    remittance: Remittance | None
    adjoining: list[AbsenceClaim]
    holds: list[str]
    corrections: list[AbsenceClaim]

    @property
    def comes_to(self) -> Decimal:
        """What the claim and its corrections come to together, in pounds with VAT."""
        return sum((each.gross for each in self.corrections), self.claim.gross)


@dataclass(frozen=True)
class WaitingClaims:
    """A claim that waits for a decision, and for how many days it has."""

    claim: AbsenceClaim
    days: int


def shown(show: ClaimsShown, lately: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition of the claims a list holds; what was refused after `lately` is news."""
    if show is ClaimsShown.DRAFTS:
        return AbsenceClaim.state == ClaimState.DRAFT
    return AbsenceClaim.refused_after(lately) if show is ClaimsShown.REFUSED else true()


def lately() -> datetime:
    """Return since when a refusal is news: the beginning of a day."""
    return datetime.combine(today() - timedelta(days=REFUSED_LATELY), time(), tzinfo=LONDON)


def claims_page(page: int, show: ClaimsShown = ClaimsShown.ALL, sought: str = "") -> Page[AbsenceClaim]:
    """Return one page of the claims of the organisation in scope: drafts first, then the newest.

    `sought` is looked for in the claim's number, the line's reference, and the name and reference of the person.
    """
    drafts_first = case((AbsenceClaim.state == ClaimState.DRAFT, 0), else_=1)
    return page_of(
        _listed().where(shown(show, lately()), _about(sought)).order_by(drafts_first, AbsenceClaim.id.desc()),
        page,
        SIZE,
    )


def queue_page(page: int) -> Page[WaitingClaims]:
    """Return one page of the claims that wait for a decision, the longest waiting first."""
    submitted = _listed().where(AbsenceClaim.to_decide)
    found = page_of(submitted.order_by(AbsenceClaim.submitted_at, AbsenceClaim.id), page, SIZE)
    return Page([WaitingClaims(claim, _age(claim)) for claim in found.rows], found.total, found.page, found.size)


def decided_lately() -> list[AbsenceClaim]:
    """Return the last ten claims that were decided, the latest first."""
    decided = _listed().where(AbsenceClaim.decided_at.is_not(None), AbsenceClaim.corrects_id.is_(None))
    return list(db.session.scalars(decided.order_by(AbsenceClaim.decided_at.desc(), AbsenceClaim.id.desc()).limit(10)))


def claim_page(claim_id: int) -> ClaimPage:
    """Return what a page shows of a claim. Raises Unknown."""
    claim = get_claim(claim_id)
    # A correction has the days of the claim it corrects.
    own = claim.corrects_id or claim.id
    near = other_claims(claim.line_item_id, claim.first_day - DAY, claim.until + DAY, own)
    holds = _holds(claim) if claim.state in TO_PAY else []
    if claim.state in OPEN:
        return ClaimPage(claim, judge_claim(claim, others=near), [], None, near, holds, [])
    return ClaimPage(claim, None, _lines(claim), _remittance(claim), near, holds, _corrections(claim))


def _corrections(claim: AbsenceClaim) -> list[AbsenceClaim]:
    statement = select(AbsenceClaim).where(AbsenceClaim.corrects_id == claim.id).order_by(AbsenceClaim.id)
    return list(db.session.scalars(statement))


def _lines(claim: AbsenceClaim) -> list[AbsenceClaimLine]:
    """Return what was approved of a claim, by week and rate."""
    lines = select(AbsenceClaimLine).where(AbsenceClaimLine.absence_claim_id == claim.id)
    return list(db.session.scalars(lines.order_by(AbsenceClaimLine.number)))


def _remittance(claim: AbsenceClaim) -> Remittance | None:
    """Return the remittance advice a claim was paid with, None where it is not paid yet."""
    paid = and_(PaymentSource.run_id == Remittance.run_id, PaymentSource.absence_claim_id == claim.id)
    remittances = select(Remittance).join(PaymentSource, paid).where(PaymentSource.bank_return_id.is_(None))
    found: Remittance | None = db.session.scalar(remittances.where(Remittance.organisation_id == claim.organisation_id))
    return found


def _about(sought: str) -> ColumnElement[bool]:
    return AbsenceClaim.line_item_id.in_(
        select(LineItem.id).join(LineItem.person).where(holding(sought, AbsenceClaim.number, *NAMES_OF_A_LINE))
    )


def _listed() -> Select[tuple[AbsenceClaim]]:
    item = joinedload(AbsenceClaim.line_item)
    return select(AbsenceClaim).options(
        item.joinedload(LineItem.person),
        item.joinedload(LineItem.element),
        item.options(*UNPRICED),
        joinedload(AbsenceClaim.organisation),
        joinedload(AbsenceClaim.decided_by),
        joinedload(AbsenceClaim.corrects),
    )


def _age(claim: AbsenceClaim) -> int:
    sent: date = claim.submitted_at.astimezone(LONDON).date() if claim.submitted_at else today()
    return max((today() - sent).days, 0)


def _holds(claim: AbsenceClaim) -> list[str]:
    line = claim.line_item
    return list(
        db.session.scalars(
            select(Hold.reason)
            .where(Hold.organisation_id == claim.organisation_id, Hold.in_force(today()))
            .where(or_(Hold.line_item_id == line.id, Hold.line_item_id.is_(None)))
            .where(or_(Hold.document_id == line.document_id, Hold.document_id.is_(None)))
        )
    )
