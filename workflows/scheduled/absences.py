"""Absences on lines paid every four weeks: reported by the provider, ended, withdrawn; they lower the payment."""

from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, lazyload

from models import AbsenceReport, ContractDocument, LineItem, PortalUser, db
from models.search import NAMES_OF_A_LINE, holding
from rules.absence_report import AbsenceEntry, problems_of_last_day, problems_of_report
from rules.agreement_states import DocumentState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import PaymentMethod
from workflows import policy
from workflows.clock import now, today
from workflows.page import Page, page_of
from workflows.upkeep.queue import Task, defer

SIZE = 25
PAID_ALREADY = Problem(
    Code.WRONG_STATE,
    "A payment that this absence lowers is fixed already, so it cannot be withdrawn.",
    "Enter its last day, or ask the Payments Team.",
)
NO_REASON = Problem(Code.REASON_NEEDED, "Choose why the person was away.", field="reason")
WITHDRAWN = Problem(Code.WRONG_STATE, "This absence was withdrawn already.")


def choices() -> list[LineItem]:
    """Return the lines of the organisation in scope on which an absence is reported, by person and reference."""
    found = db.session.scalars(_lines().where(LineItem.start <= today()).options(lazyload(LineItem.rates)))
    return sorted(found, key=lambda line: (line.person.reference, line.reference))


def reports_page(page: int, sought: str = "") -> Page[AbsenceReport]:
    """Return one page of what the organisation in scope reported: without a last day first, then the newest.

    `sought` is looked for in the line's reference, and the name and reference of the person.
    """
    about = select(LineItem.id).join(LineItem.person).where(holding(sought, *NAMES_OF_A_LINE))
    statement = (
        _with_line()
        .where(AbsenceReport.line_item_id.in_(about))
        .order_by(AbsenceReport.withdrawn_at.is_not(None), AbsenceReport.last_day.is_not(None), AbsenceReport.id.desc())
    )
    return page_of(statement, page, SIZE)


def get_report(report_id: int) -> AbsenceReport:
    """Return a report of the organisation in scope with its line. Raises Unknown."""
    statement = _with_line().where(AbsenceReport.id == report_id).execution_options(populate_existing=True)
    found: AbsenceReport | None = db.session.scalar(statement)
    if found is None:
        raise Unknown
    return found


def report_absence(entry: AbsenceEntry, user: PortalUser) -> AbsenceReport:
    """Keep a report, and have the payment worked out anew. Commits.

    Raises Unknown for a line that is none of theirs, Refused with everything that is wrong.
    """
    line = db.session.scalar(_lines().where(LineItem.id == entry.line_id))
    if line is None:
        raise Unknown
    problems = problems_of_report(entry, line.plan, today()) or _taken(entry)
    if problems:
        raise Refused(*problems)
    report = AbsenceReport(
        organisation_id=line.organisation_id, line_item_id=line.id, first_day=entry.first, last_day=entry.last,
        reason=entry.reason, notified_on=entry.notified_on, notified_to=entry.notified_to, comment=entry.comment,
        reported_at=now(), reported_by_id=user.id,
    )  # fmt: skip
    db.session.add(report)
    _keep(report)
    return report


def end_absence(report_id: int, last: date) -> AbsenceReport:
    """Give a report its last day, or another one, and have the payment worked out anew. Commits.

    What was paid already is put right with the next payment. Raises Unknown, Refused (field `last_day`).
    """
    report = get_report(report_id)
    if report.withdrawn_at:
        raise Refused(WITHDRAWN)
    if problems := problems_of_last_day(report.first_day, last, report.line_item.plan):
        raise Refused(*problems)
    report.last_day = last
    _keep(report)
    return report


def withdraw_absence(report_id: int, user: PortalUser) -> None:
    """Take a report back that was a mistake. Commits. Raises Unknown, and Refused once a payment was fixed with it."""
    report = get_report(report_id)
    if report.withdrawn_at:
        raise Refused(WITHDRAWN)
    report.withdrawn_at, report.withdrawn_by_id = now(), user.id
    _keep(report)


def _keep(report: AbsenceReport) -> None:
    organisation_id = report.organisation_id
    try:
        db.session.flush()
    except IntegrityError as broken:
        db.session.rollback()
        if "ex_absence_report_overlap" in str(broken.orig):
            raise Refused(_overlap("another absence of this line")) from None
        if _is_paid(broken):
            raise Refused(PAID_ALREADY) from None
        raise
    defer(Task.SCHEDULED_PREVIEW, organisation_id=organisation_id)
    db.session.commit()


def _is_paid(broken: IntegrityError) -> bool:
    """Say whether the database refused because a payment that an absence lowers is finalised."""
    return "a payment that it lowers has been finalised" in str(broken.orig)


def _taken(entry: AbsenceEntry) -> list[Problem]:
    other = db.session.scalar(
        select(AbsenceReport).where(
            AbsenceReport.line_item_id == entry.line_id, AbsenceReport.withdrawn_at.is_(None),
            or_(AbsenceReport.last_day.is_(None), AbsenceReport.last_day >= entry.first),
            AbsenceReport.first_day <= (entry.last or date.max),
        )
    )  # fmt: skip
    return [_overlap(f"an absence that is reported already ({other.days})")] if other else []


def _overlap(what: str) -> Problem:
    return Problem(
        Code.DAYS_TAKEN, f"These days are in {what}.", "Enter the last day of that one, or other days.", "first_day"
    )


def _lines() -> Select[tuple[LineItem]]:
    return (
        select(LineItem)
        .join(LineItem.document)
        .where(
            LineItem.payment_method == PaymentMethod.SCHEDULED,
            ContractDocument.state != DocumentState.DRAFT,
            LineItem.can_be_claimed(policy.claimed_since()),
        )
        .options(joinedload(LineItem.person), joinedload(LineItem.element))
    )


def _with_line() -> Select[tuple[AbsenceReport]]:
    item = joinedload(AbsenceReport.line_item)
    return select(AbsenceReport).options(item.joinedload(LineItem.person), item.joinedload(LineItem.element))
