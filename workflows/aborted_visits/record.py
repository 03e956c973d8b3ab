"""Aborted visits: recording them, removing them, and reading them (rules.md 4).

A visit is known by its line, its day and its planned start. Everybody who writes visits of a line takes turns: the line
is locked first, so that two of them never use the same planned time twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select, text
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from models import AbortedVisit, Actual, ContractDocument, LineItem, Organisation, Person, PortalUser, db
from models.search import NAMES_OF_A_LINE, holding
from rules.aborted_visit import REASONS, REASONS_OF_WEEKS, VisitEntry, explain, notice_of
from rules.period import DAY, monday_of, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ActualState, PaymentMethod, Unit
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen
from workflows import policy
from workflows.aborted_visits.check import (
    Foreseen,
    JudgedVisit,
    fit_to_record,
    foresee,
    foreseen,
    judge,
    lines_of,
    week_after,
)
from workflows.aborted_visits.weeks import Correction, lock_lines, rederive
from workflows.clock import today
from workflows.weeks.line_week import WeekKey

__all__ = [
    "Foreseen", "JudgedVisit", "ListedVisit", "VisitEntry", "choices", "foresee", "foreseen", "judge", "line", "record",
    "record_many", "rederive", "remove", "sentence_of", "visit", "visits_of", "week_after",
]  # fmt: skip


@dataclass(frozen=True)
class ListedVisit:
    """A recorded visit with the sentence that says what is paid and why; one on an invoice cannot be removed."""

    visit: AbortedVisit
    sentence: str
    can_be_removed: bool


def record(
    entry: VisitEntry, user: PortalUser | None, *, take_off: bool = False, correct: bool = False
) -> AbortedVisit:
    """Record a visit and bring its week into line with it; a confirmed week becomes a draft again. Commits.

    With `take_off` its units are taken off what is entered as delivered on its day; with `correct` its week may be on
    an invoice, where it stays: what it changes comes with the next one. Raises Unknown for a line that is not there,
    and Refused for an entry with problems or a visit of the same line, day and planned start that is recorded already.
    """
    lock_lines([entry.line_id])
    (judged,) = judge([entry], correct=correct or ())
    correctable = {(entry.line_id, monday_of(entry.day))} if correct else set()
    (recorded,) = _write([fit_to_record(judged)], user)
    settle([judged], user, take_off=take_off, correct=correctable)
    db.session.commit()
    return recorded


def record_many(
    entries: Sequence[VisitEntry], user: PortalUser | None, correct: Collection[WeekKey] = ()
) -> list[JudgedVisit]:
    """Record every entry that is good and not there yet, and change those that are there with other values.

    Returns each entry as it was judged, in order; those with problems are not written. `correct` and what is raised are
    those of `write_many` and `settle`, which it does one after the other. Does not commit.
    """
    judged = write_many(entries, user, correct)
    settle(judged, user, correct=correct)
    return judged


def write_many(
    entries: Sequence[VisitEntry], user: PortalUser | None, correct: Collection[WeekKey] = ()
) -> list[JudgedVisit]:
    """Write the visits of entries that are good and not there yet or have other values, but not their weeks.

    The weeks in `correct` may be on an invoice. It belongs to the transaction of an upload, before its weeks, for a
    version of a week keeps the visits it was saved with. Returns each entry as it was judged. Does not commit.
    """
    lock_lines({entry.line_id for entry in entries})
    judged = judge(entries, correct=correct)
    _write([each for each in judged if not each.problems and not each.is_unchanged], user)
    return judged


def settle(
    judged: Sequence[JudgedVisit],
    user: PortalUser | None,
    *,
    take_off: bool = False,
    correct: Collection[WeekKey] = (),
) -> None:
    """Bring the weeks of visits that were written, those without problems, into line with them. Does not commit.

    The weeks in `correct` may be on an invoice, where they stay. Raises Refused where somebody else changed a week at
    the same moment; nothing may then be committed.
    """
    weeks = {(each.entry.line_id, monday_of(each.entry.day)): each for each in judged if not each.problems}
    rederive(
        weeks.keys(),
        user,
        take_off={key: {each.entry.day: each.units} for key, each in weeks.items()} if take_off else {},
        corrections={key: _correction(each.entry) for key, each in weeks.items() if key in correct},
    )


def remove(visit_id: int, user: PortalUser | None, reason: str) -> AbortedVisit:
    """Remove a recorded visit, as long as its week is on no invoice; the audit trail keeps it, and why. Commits.

    What was delivered in the week stays as it is. Raises Unknown and Refused (field `why`).
    """
    found = visit(visit_id)
    if not reason:
        raise Refused(Problem(Code.REASON_NEEDED, "Say why the visit is removed.", field="why"))
    if wrong := refuse_longer(reason, LONGEST_COMMENT) or refuse_unseen(reason):
        raise Refused(wrong.at("why"))
    lock_lines([found.line_item_id])
    week = monday_of(found.visit_date)
    if _on_invoice(found.line_item_id, week):
        locked = f"The week of {uk_date(week)} is on an invoice, so its aborted visits stay as they are."
        raise Refused(Problem(Code.LOCKED, locked))
    db.session.execute(text("SELECT set_config('app.why', :why, true)"), {"why": reason})
    gone = db.session.execute(delete(AbortedVisit).where(AbortedVisit.id == visit_id).returning(AbortedVisit.id))
    if gone.first() is None:
        raise Unknown  # deleted by a concurrent request
    rederive([(found.line_item_id, week)], user)
    db.session.commit()
    return found


def line(line_id: int) -> LineItem:
    """Return a line of the organisation in scope with its person and element. Raises Unknown."""
    found = lines_of({line_id}).get(line_id)
    if found is None:
        raise Unknown
    return found


def visit(visit_id: int) -> AbortedVisit:
    """Return a visit of the organisation in scope with its line. Raises Unknown."""
    statement = select(AbortedVisit).where(AbortedVisit.id == visit_id).options(*_with_line())
    found: AbortedVisit | None = db.session.scalars(statement).one_or_none()
    if found is None:
        raise Unknown
    return found


def visits_of(line_id: int | None, week: date, sought: str = "") -> list[ListedVisit]:
    """Return the visits of a line, or of every line, in the week that begins on a Monday, by line and time.

    `sought` is looked for in the line's reference, and the name and reference of the person.
    """
    about = select(LineItem.id).join(LineItem.person).where(holding(sought, *NAMES_OF_A_LINE))
    statement = (
        select(AbortedVisit, Actual.state)
        .outerjoin(Actual, Actual.of_line(AbortedVisit.line_item_id, week))
        .where(AbortedVisit.visit_date.between(week, week + 6 * DAY), AbortedVisit.line_item_id.in_(about))
        .where(AbortedVisit.line_item_id == line_id if line_id is not None else AbortedVisit.id.is_not(None))
        .options(*_with_line(), joinedload(AbortedVisit.recorded_by))
        .order_by(AbortedVisit.line_item_id, AbortedVisit.visit_date, AbortedVisit.planned_start)
    )
    return [
        ListedVisit(found, sentence_of(found), state not in (ActualState.INVOICED, ActualState.PAID))
        for found, state in db.session.execute(statement)
    ]


def sentence_of(found: AbortedVisit) -> str:
    """Return what is paid for a recorded visit and why, by the rule that is stored with it."""
    notice = notice_of(found.visit_date, found.planned_start, found.told_at)
    return explain(found.line_item.unit, found.payable, notice, code=found.rule)


def choices() -> list[LineItem]:
    """Return the lines a visit can be recorded on, by person and reference."""
    statement = (
        select(LineItem)
        .join(LineItem.document)
        .join(LineItem.person)
        .where(LineItem.payment_method == PaymentMethod.ACTUALS, LineItem.unit != Unit.WEEK)
        .where(LineItem.start <= today(), LineItem.can_be_claimed(policy.claimed_since()))
        .where(ContractDocument.takes_actuals)
        .options(contains_eager(LineItem.person), joinedload(LineItem.element))
        .order_by(Person.reference, LineItem.reference)
    )
    return list(db.session.scalars(statement))


def _write(judged: Sequence[JudgedVisit], user: PortalUser | None) -> list[AbortedVisit]:
    """Write entries that were found good."""
    rows = []
    for each in judged:
        assert each.line
        row = each.known or AbortedVisit(organisation_id=each.line.organisation_id)
        for column, value in _columns(each).items():
            setattr(row, column, value)
        row.recorded_by_id = user.id if user else None
        db.session.add(row)
        rows.append(row)
    db.session.flush()
    return rows


def _correction(entry: VisitEntry) -> Correction:
    """Return why a week is corrected because of a visit."""
    words = f"Aborted visit on {uk_date(entry.day)}: {REASONS[entry.reason]}"
    return Correction(REASONS_OF_WEEKS.get(entry.reason, "OTHER"), words)


def _columns(judged: JudgedVisit) -> dict[str, object]:
    entry = judged.entry
    return {
        "line_item_id": entry.line_id,
        "visit_date": entry.day,
        "planned_start": entry.planned_start,
        "planned_minutes": entry.planned_minutes,
        "told_at": entry.moment_told,
        "arrived_at": entry.arrived_at,
        "waited_minutes": entry.waited_minutes,
        "informed": entry.informed,
        "reason": entry.reason,
        "comment": entry.comment,
        "planned_units": judged.units,
        "payable": judged.payable,
        "rule": judged.rule,
    }


def _on_invoice(line_id: int, week: date) -> bool:
    statement = select(Actual.state).where(Actual.of_line(line_id, week))
    return db.session.scalar(statement) in (ActualState.INVOICED, ActualState.PAID)


def _with_line() -> tuple[ExecutableOption, ...]:
    line = joinedload(AbortedVisit.line_item)
    return (
        line.joinedload(LineItem.person),
        line.joinedload(LineItem.element),
        line.joinedload(LineItem.organisation).joinedload(Organisation.sector),
    )
