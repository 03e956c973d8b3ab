"""Recorded aborted visits paid anew because a setting changed from a past day (rules.md 4)."""

from datetime import date

from sqlalchemy import ColumnElement, select

from models import AbortedVisit, LineItem, PortalUser, db
from rules.aborted_visit import notice_of
from rules.period import monday_of
from workflows import policy
from workflows.aborted_visits.check import paid_for
from workflows.aborted_visits.weeks import lock_lines, pay_anew
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines


def pay_visits_again(since: date, officer: PortalUser | None, *of: ColumnElement[bool]) -> int:
    """Work out anew what is payable for the visits from `since` on, and give their weeks new versions where it changes.

    `of` are conditions on their lines. Weeks on an invoice are corrected: what they differ by comes with the next one.
    Returns how many visits changed. Does not commit. Raises Refused where a week is saved at this very moment.
    """
    own = select(LineItem.id).where(*of) if of else select(LineItem.id)
    recorded = select(AbortedVisit).where(AbortedVisit.visit_date >= since, AbortedVisit.line_item_id.in_(own))
    lock_lines(set(db.session.scalars(recorded.with_only_columns(AbortedVisit.line_item_id))))
    visits = db.session.scalars(recorded.order_by(AbortedVisit.id).execution_options(populate_existing=True)).all()
    lines = read_lines(LineItem.id.in_({visit.line_item_id for visit in visits}))
    changed = [visit for visit in visits if _pay(visit, lines[visit.line_item_id])]
    if changed:
        db.session.flush()
        pay_anew({(visit.line_item_id, monday_of(visit.visit_date)) for visit in changed}, officer)
    return len(changed)


def _pay(visit: AbortedVisit, line: Line) -> bool:
    """Write down what is payable for a visit by now; say whether that is another figure."""
    notice = notice_of(visit.visit_date, visit.planned_start, visit.told_at)
    payable, decided = paid_for(line, line.plan.unit, visit.visit_date, visit.planned_minutes, notice)
    if payable == visit.payable:
        return False
    visit.payable, visit.rule = payable, policy.rule_words(decided)
    return True
