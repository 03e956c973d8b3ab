"""Changes of live lines: a rate, a plan, a last day; each proposed, then live when confirmed (rules.md 2 and 14).

Weeks that are on an invoice keep their figures. Every confirmed change publishes the next version of the document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from models import DAYS, LineItem, Plan, PortalUser, Proposal, Rate, db
from rules.agreement_states import ProposalKind
from rules.period import DAY, monday_of, uk_date
from rules.plan import PlanVersion, plan_of_week
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.unusual import Unusual, unusual_plan, unusual_rates, unusual_start
from workflows.absences.corrections import correct_claims
from workflows.agreements.change_checks import refuse, why_no_change, why_no_end, why_no_plan, why_no_rate
from workflows.agreements.change_payload import end_in, plan_in, rate_in
from workflows.clock import now, today
from workflows.contracts.overlaps import LineSpan, overlaps_among
from workflows.contracts.publication import median_rates
from workflows.contracts.versions import publish_versions
from workflows.proposals import steps
from workflows.proposals.steps import About, about_document, about_line
from workflows.weeks.replan import replan_weeks, with_plan, with_rate


@dataclass(frozen=True)
class AgreementChange:
    """What somebody wants to change, judged: it can be proposed as it is. `payload` is JSON, `reason` among it."""

    kind: ProposalKind
    title: str
    payload: dict[str, Any]
    about: About
    unusual: list[Unusual]
    two_officers: bool = False

    @property
    def officers(self) -> int:
        """How many officers it takes: two where it always does, or as the policy says of its kind."""
        return 2 if self.two_officers else steps.officers_for(self.kind)

    @property
    def line_item_id(self) -> int | None:
        """The line it is about, None where it is about a document."""
        return self.about.line_item_id

    @property
    def document_id(self) -> int | None:
        """The document it is about."""
        return self.about.document_id


def live_line(line_id: int, *, lock: bool = False) -> LineItem:
    """Return a line that was published, with plans and rates. Raises Unknown for a draft's or none."""
    found = next(iter(_lines(LineItem.id == line_id, lock=lock)), None)
    if found is None or found.document.version == 0:
        raise Unknown
    return found


def live_lines(document_id: int, *, lock: bool = False) -> list[LineItem]:
    """Return the lines of a document that was published, by reference. Raises Unknown for a draft or none."""
    found = _lines(LineItem.document_id == document_id, lock=lock)
    if not found or found[0].document.version == 0:
        raise Unknown
    return found


def rate_change(line_id: int, start: date, rate: Decimal, reason: str) -> AgreementChange:
    """Judge that a line costs `rate` pounds per unit from `start` on. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_change(line.document, reason), why_no_rate(line, start, rate))
    last, medians, limits = line.rate_on(start), median_rates([line.element_id]), steps.limits()
    unusual = unusual_rates(line.reference, rate, last, medians.get(line.element_id), limits)
    unusual += unusual_start(line.reference, start, today(), limits)
    payload = {"start": start.isoformat(), "rate": str(rate), "reason": reason.strip()}
    title = f"Change rate of line {line} from {uk_date(start)}"
    return AgreementChange(ProposalKind.CHANGE_RATE, title, payload, about_line(line), unusual)


def plan_change(line_id: int, version: PlanVersion, reason: str) -> AgreementChange:
    """Judge what a line commissions from the version's start on. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_change(line.document, reason), why_no_plan(line, version))
    monday, limits = monday_of(version.start), steps.limits()
    week = monday if version.start == monday else monday + 7 * DAY
    before, after = (plan._replace(end=None) for plan in (line.plan, with_plan(line.plan, version)))
    unusual = unusual_plan(line.reference, plan_of_week(after, week), plan_of_week(before, week), limits)
    unusual += unusual_start(line.reference, version.start, today(), limits)
    payload = {
        "start": version.start.isoformat(), "days": [str(units) for units in version.days],
        "weekly": str(version.weekly), "reason": reason.strip(),
    }  # fmt: skip
    title = f"Change plan of line {line} from {uk_date(version.start)}"
    return AgreementChange(ProposalKind.CHANGE_PLAN, title, payload, about_line(line), unusual)


def line_end(line_id: int, last: date | None, reason: str) -> AgreementChange:
    """Judge the last day of a line, or that it has none. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_change(line.document, reason), why_no_end(line, last))
    title = f"End line {line} on {uk_date(last)}" if last else f"Line {line} has no end date"
    return _end(title, about_line(line), [line], last, reason)


def document_end(document_id: int, last: date, reason: str) -> AgreementChange:
    """Judge the last day of a document: of all its lines that go on longer. Raises Unknown, Refused."""
    lines = live_lines(document_id)
    document = lines[0].document
    going_on = longer_than(lines, last)
    problems = [problem.about(f"Line {line}") for line in going_on for problem in why_no_end(line, last)]
    if not going_on:
        same = f"No line of {document} goes on after {uk_date(last)}."
        problems = [Problem(Code.SAME_AS_BEFORE, same, field="end")]
    refuse(why_no_change(document, reason), problems)
    return _end(f"End {document} on {uk_date(last)}", about_document(document), going_on, last, reason)


def longer_than(lines: Sequence[LineItem], last: date) -> list[LineItem]:
    """Return the lines that have no end, or one after a day."""
    return [line for line in lines if line.end is None or line.end > last]


def propose(change: AgreementChange, officer: PortalUser) -> Proposal:
    """Propose a judged change, for another officer to confirm. Commits. Raises Refused where one waits already."""
    try:
        proposal = put_forward(change, officer)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return proposal


def put_forward(change: AgreementChange, officer: PortalUser) -> Proposal:
    """Store the proposal of a judged change, flushed. Does not commit. Raises Refused where one waits already."""
    return steps.propose(
        change.kind, change.title, change.payload, officer, about=change.about, unusual=change.unusual,
        note=change.payload["reason"], officers=change.officers,
    )  # fmt: skip


def apply_rate(proposal: Proposal) -> None:
    """Let a confirmed rate hold from its day on; the one before ends the day before. Raises Refused. No commit."""
    line, change = line_of(proposal), rate_in(proposal.payload)
    steps.refuse_newly_unusual(proposal, rate_change(line.id, change.start, change.rate, reason_of(proposal)).unusual)
    wanted = with_rate(line.rate_versions, change.rate, change.start)
    until = next(each.end for each in wanted if each.start == change.start)
    for before in line.rates:
        if before.start == change.start:
            before.replaced_at = now()
        elif before.start < change.start and (before.end is None or before.end >= change.start):
            before.end = change.start - DAY
    db.session.flush()
    db.session.add(
        Rate(
            organisation_id=line.organisation_id, line_item_id=line.id, rate=change.rate, start=change.start,
            end=until, reason=reason_of(proposal), proposal_id=proposal.id,
        )
    )  # fmt: skip
    publish_changed([line], proposal)


def apply_plan(proposal: Proposal) -> None:
    """Let a confirmed plan hold from its day on, and work out anew what is on no invoice. Raises Refused. No commit."""
    line, version = line_of(proposal), plan_in(proposal.payload)
    steps.refuse_newly_unusual(proposal, plan_change(line.id, version, reason_of(proposal)).unusual)
    values = dict(zip(DAYS, version.days, strict=True)) | {
        "weekly_quantity": version.weekly, "reason": reason_of(proposal), "proposal_id": proposal.id,
    }  # fmt: skip
    same_day = next((each for each in line.plans if each.start == version.start), None)
    if same_day:
        for name, value in values.items():
            setattr(same_day, name, value)
    else:
        db.session.add(Plan(organisation_id=line.organisation_id, line_item_id=line.id, start=version.start, **values))
    db.session.flush()
    replan_weeks(line.id, version.start, db.session.get(PortalUser, proposal.decided_by_id))
    publish_changed([line], proposal)


def apply_end(proposal: Proposal) -> None:
    """Let a line, or all lines of a document, have their confirmed last day, and work out their last weeks anew.

    Raises Refused. No commit.
    """
    last = end_in(proposal.payload)
    if proposal.line_item_id is None:
        assert proposal.document_id is not None
        assert last is not None
        lines = longer_than(live_lines(proposal.document_id, lock=True), last)
        change = document_end(proposal.document_id, last, reason_of(proposal))
    else:
        lines = [line_of(proposal)]
        change = line_end(proposal.line_item_id, last, reason_of(proposal))
    steps.refuse_newly_unusual(proposal, change.unusual)
    for line in lines:
        since = min(day for day in (line.end, last) if day)
        line.end = last
        db.session.flush()
        replan_weeks(line.id, since, db.session.get(PortalUser, proposal.decided_by_id))
    publish_changed(lines, proposal)


def _end(title: str, about: About, lines: Sequence[LineItem], last: date | None, reason: str) -> AgreementChange:
    limits, unusual = steps.limits(), list[Unusual]()
    if last:
        unusual = [each for line in lines for each in unusual_start(line.reference, last, today(), limits)]
    # A line that goes on longer may come to stand beside another.
    longer = [LineSpan.of(line)._replace(start=line.end + DAY, end=last)
              for line in lines if line.end and (last is None or last > line.end)]  # fmt: skip
    unusual += overlaps_among(longer)
    payload = {"end": last.isoformat() if last else None, "reason": reason.strip()}
    return AgreementChange(ProposalKind.END_LINE, title, payload, about, unusual)


def reason_of(proposal: Proposal) -> str:
    """Return why somebody proposed a change."""
    return str(proposal.payload["reason"])


def publish_changed(lines: Sequence[LineItem], proposal: Proposal) -> None:
    """Publish the next version of the documents of lines that a confirmed proposal has changed. Does not commit.

    Absence claims that were approved on them are corrected.
    """
    db.session.flush()
    documents = {line.document_id for line in lines}
    for line in lines:
        db.session.expire(line)
    publish_versions(sorted(documents), proposal)
    correct_claims([line.id for line in lines])


def line_of(proposal: Proposal) -> LineItem:
    """Return the line that a proposal changes, locked. Raises Unknown."""
    assert proposal.line_item_id is not None
    return live_line(proposal.line_item_id, lock=True)


def _lines(*of: ColumnElement[bool], lock: bool) -> list[LineItem]:
    statement = (
        select(LineItem)
        .where(*of)
        .options(joinedload(LineItem.document), joinedload(LineItem.element), joinedload(LineItem.person))
        .options(selectinload(LineItem.plans), selectinload(LineItem.rates), selectinload(LineItem.deductions))
        .order_by(LineItem.reference)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement.with_for_update(of=LineItem) if lock else statement))
