"""Changes of agreements in the demonstration: one of each kind, and in each state a proposal can be in."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from models import ContractDocument, LineItem, PortalUser, Proposal, db
from rules.agreement_states import DocumentState
from rules.period import DAY, WEEK, monday_of
from rules.plan import PlanVersion, version_on
from rules.states import PaymentMethod, PlanKind, PolicyScope
from workflows.agreements import changes
from workflows.agreements.changes import AgreementChange
from workflows.agreements.new_version import NewLine, new_version
from workflows.clock import story_at
from workflows.confirm import desk
from workflows.confirm.policy_values import NewValue, value_change
from workflows.contracts import publication
from workflows.proposals import steps

CAROL, RUTH = "brokerage@council.example", "brokerage.lead@council.example"
HELEN = "admin@council.example"
# Of the line that is added, well after the references that the story counts up.
EVENINGS = "48790"


def change_agreements(organisation_id: int, today: date) -> None:
    """Let Service Brokerage change a provider's lines; each change waits, or was decided in some way. Commits."""
    lines, monday = _lines(organisation_id), monday_of(today) - WEEK
    with story_at(today - 3 * DAY):
        _sent_back(changes.line_end(lines[0].id, today + 5 * WEEK, "She moves to her daughter"), "Which day is it?")
        _withdrawn(new_version(lines[1].document_id, lines[1].service_id, "To be agreed", [], "A first try"))
    with story_at(today - 2 * DAY):
        _confirmed(changes.plan_change(lines[2].id, _one_more(lines[2], monday + 2 * WEEK), "Review of her care plan"))
    with story_at(today - DAY, 15):
        dearer = (lines[3].rate_on(today) or Decimal(1)) * Decimal("1.32")
        _proposed(changes.rate_change(lines[3].id, monday, round(dearer, 2), "Two carers since the review"))
        _proposed(changes.plan_change(lines[4].id, _one_more(lines[4], monday - WEEK + 2 * DAY), "Back from hospital"))
        _proposed(changes.line_end(lines[5].id, today + 2 * WEEK, "He moves into residential care"))
        lift = f"{lines[6].document.terms}\n\nThe lift is out of order until the end of the month."
        _proposed(new_version(lines[6].document_id, lines[6].service_id, lift, [], "The lift"))


def add_evenings(line: LineItem, start: date) -> None:
    """Let a line have another beside it on its document, for evenings from a day on, as two officers agree. Commits."""
    half = Decimal("0.5")
    plan = PlanVersion(start, (half,) * 7, Decimal(0))
    evenings = NewLine(
        EVENINGS, line.element_id, line.unit, PlanKind.TIMETABLED, plan, line.rates[0].rate, None,
        PaymentMethod.ACTUALS, line.vat_code,
    )  # fmt: skip
    document = line.document
    _confirmed(new_version(document.id, document.service_id, document.terms, [evenings], "Help to bed as well"))


def publish_later(organisation_id: int) -> None:
    """Propose to publish the drafts of a provider, which another officer has not confirmed yet. Commits."""
    drafts = select(ContractDocument).where(
        ContractDocument.organisation_id == organisation_id, ContractDocument.state == DocumentState.DRAFT
    )
    found = db.session.scalars(drafts.order_by(ContractDocument.id)).all()
    for document in found:
        document.published_at = None
    publication.propose([document.id for document in found], _officer(CAROL))


def change_policy(today: date) -> None:
    """Propose another exception level for everybody, from the next month but one on. Commits."""
    start = (today.replace(day=1) + 63 * DAY).replace(day=1)
    why = "Cabinet decision: fewer weeks to look at"
    value = NewValue("exception_percent", "12.5", PolicyScope.COUNCIL, None, start, why)
    desk.submit(value_change(value), _officer(HELEN), ())


def _lines(organisation_id: int) -> Sequence[LineItem]:
    """Return lines that go on, are entered by the day and stand alone on an accepted document."""
    own = (
        select(LineItem)
        .join(LineItem.document)
        .where(LineItem.organisation_id == organisation_id, ContractDocument.state == DocumentState.ACCEPTED)
        .where(LineItem.plan_kind == PlanKind.TIMETABLED, LineItem.payment_method == PaymentMethod.ACTUALS)
        .where(LineItem.end.is_(None))
        .order_by(LineItem.id.desc())
    )
    found: Sequence[LineItem] = db.session.scalars(own).all()
    return found


def _one_more(line: LineItem, start: date) -> PlanVersion:
    """Return a line's plan with one unit more on Wednesdays, from a day on."""
    mon, tue, wed, thu, fri, sat, sun = version_on(line.plan, start).days
    return PlanVersion(start, (mon, tue, wed + 1, thu, fri, sat, sun), Decimal(0))


def _proposed(change: AgreementChange) -> Proposal:
    return changes.propose(change, _officer(CAROL))


def _confirmed(change: AgreementChange) -> None:
    desk.confirm(_proposed(change).id, _officer(RUTH), [each.code for each in change.unusual])


def _sent_back(change: AgreementChange, reason: str) -> None:
    desk.send_back(_proposed(change).id, _officer(RUTH), reason)


def _withdrawn(change: AgreementChange) -> None:
    steps.withdraw(_proposed(change).id, _officer(CAROL))


def _officer(email: str) -> PortalUser:
    found: PortalUser = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).one()
    return found
