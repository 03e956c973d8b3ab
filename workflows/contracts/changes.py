"""Changes of a live line: its rate, its plan, its last day; each proposed, then live when confirmed (rules.md 2, 14).

Weeks that are on an invoice keep their figures. Every confirmed change publishes the next version of the document.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models import DAYS, LineItem, Plan, PortalUser, Proposal, Rate, db
from rules.period import DAY, monday_of, uk_date
from rules.plan import PlanVersion, plan_of_week
from rules.refusal import Unknown
from rules.states import ProposalKind
from rules.unusual import Unusual, unusual_plan, unusual_rates, unusual_start
from workflows.clock import today
from workflows.contracts.change_checks import (
    refuse,
    why_no_change,
    why_no_end,
    why_no_plan,
    why_no_rate,
    why_no_reason,
)
from workflows.contracts.change_effect import day_of, proposed_plan
from workflows.contracts.publication import median_rates
from workflows.contracts.versions import publish_versions
from workflows.proposals import steps
from workflows.proposals.steps import about_line
from workflows.weeks.replan import replan_weeks, with_plan, with_rate


def live_line(line_id: int, *, lock: bool = False) -> LineItem:
    """Return a line that was published, with plans and rates. Raises Unknown for a draft's or none."""
    statement = (
        select(LineItem)
        .where(LineItem.id == line_id)
        .options(joinedload(LineItem.document), joinedload(LineItem.element), joinedload(LineItem.person))
        .options(selectinload(LineItem.plans), selectinload(LineItem.rates))
        .execution_options(populate_existing=True)
    )
    found: LineItem | None = db.session.scalar(statement.with_for_update(of=LineItem) if lock else statement)
    if found is None or found.document.version == 0:
        raise Unknown
    return found


def propose_rate(line_id: int, start: date, rate: Decimal, officer: PortalUser, reason: str) -> Proposal:
    """Propose that a line costs `rate` pounds per unit from `start` on. Commits. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_change(line, reason), why_no_rate(line, start, rate))
    last, medians, limits = line.rate_on(start), median_rates([line.element_id]), steps.limits()
    unusual = unusual_rates(line.reference, rate, last, medians.get(line.element_id), limits)
    unusual += unusual_start(line.reference, start, today(), limits)
    payload = {"start": start.isoformat(), "rate": str(rate), "reason": reason.strip()}
    title = f"Change rate of line {line} from {uk_date(start)}"
    return _proposed(ProposalKind.CHANGE_RATE, title, payload, officer, line, unusual)


def propose_plan(line_id: int, version: PlanVersion, officer: PortalUser, reason: str) -> Proposal:
    """Propose what a line commissions from the version's start on. Commits. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_change(line, reason), why_no_plan(line, version))
    monday, limits = monday_of(version.start), steps.limits()
    week = monday if version.start == monday else monday + 7 * DAY
    changed = with_plan(line.plan, version)
    unusual = unusual_plan(line.reference, plan_of_week(changed, week), plan_of_week(line.plan, week), limits)
    unusual += unusual_start(line.reference, version.start, today(), limits)
    payload = {
        "start": version.start.isoformat(), "days": [str(units) for units in version.days],
        "weekly": str(version.weekly), "reason": reason.strip(),
    }  # fmt: skip
    title = f"Change plan of line {line} from {uk_date(version.start)}"
    return _proposed(ProposalKind.CHANGE_PLAN, title, payload, officer, line, unusual)


def propose_end(line_id: int, last: date | None, officer: PortalUser, reason: str) -> Proposal:
    """Propose the last day of a line, or that it has none. Commits. Raises Unknown, Refused."""
    line = live_line(line_id)
    refuse(why_no_reason(reason), why_no_end(line, last))
    payload = {"end": last.isoformat() if last else None, "reason": reason.strip()}
    title = f"End line {line} on {uk_date(last)}" if last else f"Line {line} has no end date"
    unusual = unusual_start(line.reference, last, today(), steps.limits()) if last else []
    return _proposed(ProposalKind.END_LINE, title, payload, officer, line, unusual)


def apply_rate(proposal: Proposal) -> None:
    """Let a confirmed rate hold from its day on; the one before ends the day before. Raises Refused. No commit."""
    line, start, rate = _line_of(proposal), day_of(proposal, "start"), Decimal(proposal.payload["rate"])
    refuse(why_no_rate(line, start, rate))
    wanted = with_rate(line.rate_versions, rate, start)
    until = next(each.end for each in wanted if each.start == start)
    for before in [each for each in line.rates if each.start < start and (each.end is None or each.end >= start)]:
        before.end = start - DAY
    same_day = next((each for each in line.rates if each.start == start), None)
    db.session.flush()
    if same_day:
        same_day.rate, same_day.reason, same_day.proposal_id = rate, proposal.payload["reason"], proposal.id
    else:
        db.session.add(
            Rate(
                organisation_id=line.organisation_id, line_item_id=line.id, rate=rate, start=start, end=until,
                reason=proposal.payload["reason"], proposal_id=proposal.id,
            )
        )  # fmt: skip
    _publish(line, proposal)


def apply_plan(proposal: Proposal) -> None:
    """Let a confirmed plan hold from its day on, and work out anew what is on no invoice. Raises Refused. No commit."""
    line, version = _line_of(proposal), proposed_plan(proposal)
    refuse(why_no_plan(line, version))
    values = dict(zip(DAYS, version.days, strict=True)) | {
        "weekly_quantity": version.weekly, "reason": proposal.payload["reason"], "proposal_id": proposal.id,
    }  # fmt: skip
    same_day = next((each for each in line.plans if each.start == version.start), None)
    if same_day:
        for name, value in values.items():
            setattr(same_day, name, value)
    else:
        db.session.add(Plan(organisation_id=line.organisation_id, line_item_id=line.id, start=version.start, **values))
    db.session.flush()
    replan_weeks(line.id, version.start, db.session.get(PortalUser, proposal.decided_by_id))
    _publish(line, proposal)


def apply_end(proposal: Proposal) -> None:
    """Let a line have its confirmed last day, and work out its last weeks anew. Raises Refused. No commit."""
    line = _line_of(proposal)
    end = proposal.payload["end"]
    last = date.fromisoformat(end) if end else None
    refuse(why_no_end(line, last))
    since = min(day for day in (line.end, last) if day)
    line.end = last
    db.session.flush()
    replan_weeks(line.id, since, db.session.get(PortalUser, proposal.decided_by_id))
    _publish(line, proposal)


def _proposed(
    kind: ProposalKind,
    title: str,
    payload: dict[str, Any],
    officer: PortalUser,
    line: LineItem,
    unusual: Iterable[Unusual],
) -> Proposal:
    proposal = steps.propose(kind, title, payload, officer, about=about_line(line), unusual=unusual)
    db.session.commit()
    return proposal


def _publish(line: LineItem, proposal: Proposal) -> None:
    db.session.flush()
    db.session.expire(line)
    publish_versions([line.document_id], proposal)


def _line_of(proposal: Proposal) -> LineItem:
    assert proposal.line_item_id is not None
    return live_line(proposal.line_item_id, lock=True)
