"""Today in words: the queues of an officer's roles, the next dates, and how the jobs went."""

from datetime import date, datetime
from typing import Final

from flask import render_template, url_for

from models import PaymentPeriod, PortalUser
from rules.period import date_range, uk_date
from rules.words import counted, plural
from views.access.permissions import may
from views.access.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BROKERAGE,
    EVERY_OFFICER,
    PAYMENTS_APPROVER,
    PAYMENTS_OFFICER,
    PROCUREMENT,
)
from views.front_pages.card import Card
from views.front_pages.charts import drawn
from views.page.counted import council_counts, list_address
from workflows.clock import london_day, today
from workflows.conversations.teams import officers_teams
from workflows.front_pages import today as today_page
from workflows.front_pages.today import CouncilWaiting
from workflows.upkeep.queue import Task

# what waits, one, many, the roles whose work it is, tone
QUEUES: Final = (
    ("to_publish", "contract document to publish", "contract documents to publish", (BROKERAGE,), ""),
    ("proposals", "proposal to confirm", "proposals to confirm", EVERY_OFFICER, "soon"),
    ("held", "week over the exception level", "weeks over the exception level", (BROKERAGE,), "late"),
    ("papers_to_review", "paper ISO to review", "paper ISOs to review", (BROKERAGE,), "soon"),
    ("papers_to_confirm", "paper ISO to confirm", "paper ISOs to confirm", (BROKERAGE,), "soon"),
    ("to_check", "invoice to check", "invoices to check", (PAYMENTS_OFFICER,), "soon"),
    (
        "late_invoices",
        "invoice unpaid after its due date",
        "invoices unpaid after their due date",
        (PAYMENTS_OFFICER, PAYMENTS_APPROVER),
        "late",
    ),
    ("disputed_invoices", "invoice in dispute", "invoices in dispute", (PAYMENTS_OFFICER,), "soon"),
    ("to_decide", "absence claim to decide", "absence claims to decide", (PAYMENTS_OFFICER,), "soon"),
    ("to_pay", "accepted invoice to pay", "accepted invoices to pay", (PAYMENTS_OFFICER,), "good"),
    ("to_approve", "payment run to approve", "payment runs to approve", (PAYMENTS_APPROVER,), "soon"),
    ("to_release", "payment run to release", "payment runs to release", (PAYMENTS_OFFICER,), "soon"),
    ("to_settle", "payment run to settle", "payment runs to settle", (PAYMENTS_OFFICER,), ""),
    (
        "to_call",
        "changed account to call back about",
        "changed accounts to call back about",
        (PAYMENTS_OFFICER, PAYMENTS_APPROVER, PROCUREMENT),
        "late",
    ),
    (
        "changes",
        "change request to decide or call back about",
        "change requests to decide or call back about",
        (PAYMENTS_OFFICER, PAYMENTS_APPROVER, PROCUREMENT),
        "soon",
    ),
    ("named", "person named as a contact to confirm", "people named as contacts to confirm", (PROCUREMENT,), "soon"),
    (
        "not_accepted",
        "document not accepted yet",
        "documents not accepted yet",
        (PROCUREMENT, BROKERAGE),
        "",
    ),
    (
        "to_answer",
        "conversation waiting for us",
        "conversations waiting for us",
        (BROKERAGE, PAYMENTS_OFFICER, PROCUREMENT),
        "soon",
    ),
)
SEES_ALL: Final = (ADMINISTRATOR, AUDITOR)


def show_today(officer: PortalUser) -> str:
    """Return the page: the queues of the officer's roles; administrators and auditors see all that wait."""
    found = today_page.for_officer(officer, officers_teams(officer))
    roles = {role.name for role in officer.roles}
    return render_template(
        "staff/today.html",
        cards=[*_cards(found.waiting, roles), *_base_rate_card(found.base_rate_of, roles)],
        dates=[each for period in found.periods for each in _dates(period)],
        jobs=[(Task(run.job).heading, run) for run in found.jobs],
        sent_back=found.sent_back,
        median_days=found.median_days,
        charts=list(drawn(found.charts)),
        charts_at=found.charts.at,
        may_times=may("can_view", "InvoiceDeskView"),
    )


def _cards(waiting: CouncilWaiting, roles: set[str]) -> list[Card]:
    counts = council_counts() | {
        "to_pay": waiting.to_pay,
        "to_settle": waiting.to_settle,
        "not_accepted": waiting.not_accepted,
        "disputed_invoices": waiting.disputed_invoices,
        "late_invoices": waiting.late_invoices,
        "to_call": waiting.to_call,
    }
    ages = {
        "held": _age(_day(waiting.held_since)),
        "to_decide": _age(_day(waiting.claim_since)),
        "to_check": _age(waiting.invoice_since),
        "to_call": _age(_day(waiting.call_since)),
        "to_answer": f"{waiting.late_answers} overdue" if waiting.late_answers else "",
    }
    return [
        Card(str(count), plural(count, one, many), ages.get(name, ""), list_address(name), "Open", tone)
        for name, one, many, whose, tone in QUEUES
        if (count := counts[name]) and roles & {*whose, *SEES_ALL}
    ]


def _base_rate_card(day: date | None, roles: set[str]) -> list[Card]:
    if day is None or not roles & set(SEES_ALL):
        return []
    href = url_for("PolicyInForceView.list", _anchor="base-rate")
    return [Card("1", "base rate to enter", f"That of {uk_date(day)}", href, "Open", "soon")]


def _day(moment: datetime | None) -> date | None:
    return london_day(moment) if moment else None


def _age(since: date | None) -> str:
    """Return how long the oldest has waited, in words; nothing where nothing waits."""
    if since is None:
        return ""
    days = max(0, (today() - since).days)
    return f"Oldest {counted(days, 'day')}" if days else "Oldest today"


def _dates(period: PaymentPeriod) -> list[tuple[str, str]]:
    words = date_range(period.start, period.end)
    due = [(uk_date(period.submit_by), f"actuals due for {words}")] if period.submit_by >= today() else []
    return [*due, (uk_date(period.pay_on), f"payment for {words}")]
