"""What waits for somebody: the counts beside the navigation, each page's in one query.

Each is counted by the named condition of the list it stands for, so that list and count cannot differ.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Date, Integer, ScalarSelect, SQLColumnExpression, bindparam, exists, func, select

from models import (
    AbsenceClaim,
    Announcement,
    AnnouncementRead,
    ChangeRequest,
    ContractDocument,
    Conversation,
    ExceptionCheck,
    Invoice,
    LineItem,
    PaperOrder,
    PaymentRun,
    Proposal,
    ProposedContact,
    ScheduledPayment,
    db,
)
from models.as_one import as_one
from models.written_out import WrittenOut
from rules.agreement_states import DocumentState, PaperState, ProposalKind
from rules.states import PaymentMethod, RunState


def count_of(table: type, *conditions: SQLColumnExpression[bool]) -> ScalarSelect[int]:
    """Return the number of rows of a mapped class that meet the conditions, as a column of another query."""
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


# As of the business date that is asked for with it.
_in_force = Announcement.in_force(cast(date, bindparam("today", type_=Date)))


def _to_read(user: str, *conditions: SQLColumnExpression[bool]) -> ScalarSelect[Any]:
    """Return the announcements in force that a person has not put away: id, title, text and whether widespread.

    Which of them are for an organisation the database sees to. Asked with the counts it costs no query of its own.
    """
    put_away = exists().where(
        AnnouncementRead.announcement_id == Announcement.id,
        AnnouncementRead.user_id == bindparam(user, type_=Integer),
    )
    shown = select(Announcement.id, Announcement.title, Announcement.body, Announcement.widespread)
    shown = shown.where(_in_force, ~put_away, *conditions)
    return as_one(shown.order_by(Announcement.widespread.desc(), Announcement.start.desc(), Announcement.id.desc()))


# Whether an organisation has lines that are paid by invoice, and lines that are paid every four weeks without one.
ON_ACTUALS = exists(LineItem.id).where(LineItem.payment_method == PaymentMethod.ACTUALS)
ON_SCHEDULE = exists(LineItem.id).where(LineItem.payment_method == PaymentMethod.SCHEDULED)

_PROVIDER: dict[str, Any] = {
    "to_accept": count_of(ContractDocument, ContractDocument.state == DocumentState.PUBLISHED),
    "held": count_of(ExceptionCheck, ExceptionCheck.held),
    "to_read": count_of(Conversation, Conversation.to_read()),
    "payments_to_check": count_of(ScheduledPayment, ScheduledPayment.to_check(bindparam("today", type_=Date))),
    "on_actuals": ON_ACTUALS,
    "on_schedule": ON_SCHEDULE,
    # Of another organisation a person sees no row: this one is counted by a function of the database.
    "organisations": func.organisations_of(bindparam("user", type_=Integer), bindparam("today", type_=Date)),
    "announcements": _to_read("user"),
}
# What waits for a provider, as columns for whoever asks for something else as well: `user` is the id of the person,
# `today` the business date.
OF_PROVIDER = tuple(_PROVIDER.values())
_OF_PROVIDER = select(*OF_PROVIDER)


def for_provider(user_id: int, today: date) -> dict[str, Any]:
    """Return what waits for the organisation in scope: documents to accept, weeks held, conversations to read,
    scheduled payments to check; whether it has lines on actuals and on schedule; of how many organisations the
    person is a contact on the business date; and the announcements they have not read yet.
    """
    return named(db.session.execute(_OF_PROVIDER, {"user": user_id, "today": today}).one())


def named(counts: Sequence[Any]) -> dict[str, Any]:
    """Return counts that were asked for as OF_PROVIDER, as `for_provider` does."""
    return dict(zip(_PROVIDER, counts, strict=True))


def for_council(teams: Sequence[str], officer_id: int, kinds: Sequence[ProposalKind], today: date) -> dict[str, Any]:
    """Return what waits for an officer: documents to publish, proposals to confirm, invoices to check, claims to
    decide, payment runs to approve or release, weeks held, paper ISOs to review or confirm, changes asked for,
    conversations to answer, people named as contacts to confirm; and the announcements they have not read yet.

    The conversations are those of the `teams` an officer answers for, of all teams where they answer for none; the
    proposals those of the `kinds` they decide; what they did the first half of waits for another officer, not for them.
    """
    return _of_council(tuple(teams), tuple(kinds)).named({"officer": officer_id, "today": today})


@lru_cache(maxsize=32)
def _of_council(teams: tuple[str, ...], kinds: tuple[ProposalKind, ...]) -> WrittenOut:
    officer = bindparam("officer", type_=Integer)
    counts = {
        "to_publish": count_of(ContractDocument, ContractDocument.to_send()),
        "proposals": count_of(Proposal, Proposal.waits_for(officer, kinds)),
        "to_check": count_of(Invoice, Invoice.to_check),
        "to_decide": count_of(AbsenceClaim, AbsenceClaim.to_decide),
        "runs": count_of(PaymentRun, PaymentRun.waits),
        "to_approve": count_of(PaymentRun, PaymentRun.state == RunState.DRAFT),
        "to_release": count_of(PaymentRun, PaymentRun.state == RunState.APPROVED),
        "held": count_of(ExceptionCheck, ExceptionCheck.held),
        "papers_to_review": count_of(PaperOrder, PaperOrder.state == PaperState.REVIEW),
        "papers_to_confirm": count_of(PaperOrder, PaperOrder.to_confirm_by(officer)),
        "changes": count_of(ChangeRequest, ChangeRequest.waits_for(officer)),
        "to_answer": count_of(Conversation, Conversation.waits_for_teams(teams)),
        "named": count_of(ProposedContact, ProposedContact.waits),
        "announcements": _to_read("officer", Announcement.of_officers),
    }
    return WrittenOut(select(*(count.label(name) for name, count in counts.items())))
