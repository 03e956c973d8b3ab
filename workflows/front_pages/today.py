"""What Today shows an officer: what waits for their roles, the next dates, and how the jobs went."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text

from models import PortalUser, db
from rules.period import date_range, uk_date
from workflows.clock import LONDON, today
from workflows.conversations.teams import officers_teams
from workflows.front_pages.main_menu import Card


@dataclass(frozen=True)
class Job:
    """How a job last ended, and when it began."""

    name: str
    state: str
    began: datetime
    result: str


@dataclass(frozen=True)
class Today:
    """The first page of one officer."""

    cards: list[Card]
    dates: list[tuple[str, str]]
    jobs: list[Job]


WAITING = text(
    """
    SELECT (SELECT count(*) FROM contract_document WHERE state = 'draft') AS drafts,
      (SELECT count(*) FROM contract_document WHERE state = 'published') AS unaccepted,
      (SELECT count(*) FROM exception_check WHERE over AND decision IS NULL) AS held,
      (SELECT min(coalesce(confirmed_at, checked_at)) FROM exception_check
        JOIN actual ON actual.id = exception_check.actual_id WHERE over AND decision IS NULL) AS held_since,
      (SELECT count(*) FROM invoice WHERE state = 'submitted') AS to_check,
      (SELECT count(*) FROM absence_claim WHERE state = 'submitted') AS claims,
      (SELECT min(submitted_at) FROM absence_claim WHERE state = 'submitted') AS claims_since,
      (SELECT count(*) FROM invoice WHERE state = 'accepted') AS to_pay,
      (SELECT count(*) FROM payment_run WHERE state = 'draft') AS to_approve,
      (SELECT count(*) FROM payment_run WHERE state = 'approved') AS to_release,
      (SELECT count(*) FROM conversation JOIN team ON team.id = team_id
        WHERE state = 'waiting for the council' AND (:everybodys OR team.name = ANY(:teams))) AS conversations,
      (SELECT count(*) FROM conversation JOIN team ON team.id = team_id
        WHERE state = 'waiting for the council' AND (:everybodys OR team.name = ANY(:teams))
        AND target_on < :today) AS overdue
    """
)
NEXT_DATES = text(
    """
    SELECT start, "end", submit_by, pay_on FROM payment_period WHERE pay_on >= :today AND "end" < :today
    UNION ALL (SELECT start, "end", submit_by, pay_on FROM payment_period WHERE "end" >= :today ORDER BY start LIMIT 1)
    ORDER BY start
    """
)
LAST_RUNS = text("SELECT DISTINCT ON (job) job, state, started_at, result FROM job_run ORDER BY job, started_at DESC")

# what waits, one, many, where, the roles whose work it is, tone
QUEUES = (
    (
        "drafts",
        "contract document to publish",
        "contract documents to publish",
        "/admin/contract-documents/list/?_flt_0_state=draft",
        ("Service Brokerage",),
        "",
    ),
    (
        "held",
        "week over the exception level",
        "weeks over the exception level",
        "/staff/exceptions",
        ("Service Brokerage",),
        "late",
    ),
    (
        "to_check",
        "invoice to check",
        "invoices to check",
        "/admin/invoices/list/?_flt_0_state=submitted",
        ("Payments officer",),
        "soon",
    ),
    (
        "claims",
        "absence claim to decide",
        "absence claims to decide",
        "/staff/absence-claims",
        ("Payments officer",),
        "soon",
    ),
    (
        "to_pay",
        "accepted invoice to pay",
        "accepted invoices to pay",
        "/staff/payment-run",
        ("Payments officer",),
        "good",
    ),
    (
        "to_approve",
        "payment run to approve",
        "payment runs to approve",
        "/staff/payment-run",
        ("Payments approver",),
        "soon",
    ),
    (
        "to_release",
        "payment run to release",
        "payment runs to release",
        "/staff/payment-run",
        ("Payments officer",),
        "soon",
    ),
    (
        "unaccepted",
        "document not accepted yet",
        "documents not accepted yet",
        "/admin/contract-documents/list/?_flt_0_state=published",
        ("Procurement", "Service Brokerage"),
        "",
    ),
    (
        "conversations",
        "conversation waiting for us",
        "conversations waiting for us",
        "/staff/conversations",
        ("Service Brokerage", "Payments officer", "Procurement"),
        "soon",
    ),
)
SEES_ALL = ("Administrator", "Auditor")


def for_officer(officer: PortalUser) -> Today:
    """Return Today for an officer: the queues of their roles (administrators and auditors see all that wait)."""
    teams = officers_teams(officer)
    asked = {"today": today(), "teams": list(teams), "everybodys": not teams}
    return Today(
        cards=_cards(db.session.execute(WAITING, asked).one(), {role.name for role in officer.roles}),
        dates=_dates(),
        jobs=[_job(row) for row in db.session.execute(LAST_RUNS)],
    )


def _cards(waiting: Row[tuple[object, ...]], roles: set[str]) -> list[Card]:
    ages = {
        "held": _age(waiting.held_since),
        "claims": _age(waiting.claims_since),
        "conversations": f"{waiting.overdue} overdue" if waiting.overdue else "",
    }
    return [
        Card(str(number), one if number == 1 else many, ages.get(name, ""), href, "Open", tone)
        for name, one, many, href, whose, tone in QUEUES
        if (number := getattr(waiting, name)) and roles & {*whose, *SEES_ALL}
    ]


def _age(since: datetime | None) -> str:
    """Return how long the oldest has waited, in words; nothing where nothing waits."""
    if since is None:
        return ""
    days = max(0, (today() - since.astimezone(LONDON).date()).days)
    return "Oldest today" if days == 0 else "Oldest 1 day" if days == 1 else f"Oldest {days} days"


def _dates() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for row in db.session.execute(NEXT_DATES, {"today": today()}):
        period = date_range(row.start, row.end)
        if row.submit_by >= today():
            found.append((uk_date(row.submit_by), f"actuals due for {period}"))
        found.append((uk_date(row.pay_on), f"payment for {period}"))
    return found


def _job(row: Row[tuple[object, ...]]) -> Job:
    return Job(row.job, row.state, row.started_at, row.result)
