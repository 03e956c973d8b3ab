"""The demonstration with its past: three periods were delivered, invoiced and paid, and one is open."""

from collections import Counter
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

import demonstration
from models import (
    AbortedVisit,
    AbsenceClaim,
    Actual,
    Attachment,
    BankReturn,
    ChangeRequest,
    ColumnMatch,
    Contact,
    ContractDocument,
    Conversation,
    ConversationNote,
    Email,
    ExceptionCheck,
    ExceptionDecision,
    ImportFile,
    Invoice,
    Message,
    MissingPackage,
    Organisation,
    PaperOrder,
    PaymentPeriod,
    PaymentRun,
    PortalUser,
    Proposal,
    Remittance,
    ScheduledPayment,
    TypedOverDay,
    Upload,
    Visit,
    acting_for,
    db,
)
from rules.agreement_states import DocumentState, MissingState, PaperState, ProposalKind, ProposalState
from rules.mail_states import EmailState
from rules.states import (
    ActualState,
    ChangeState,
    ClaimState,
    ConversationState,
    InvoiceState,
    RunState,
    ScheduledState,
)
from rules.upload_states import ImportState, UploadState
from tests.support.second.bacs_reader import read_bacs
from tests.support.worlds.world import World
from workflows import counts
from workflows.actuals.sheet import sheet
from workflows.clock import today
from workflows.invoices.queue import desk_counts
from workflows.organisations.contacts import contacts_page
from workflows.payments.bank_file import bacs_file, ledger_file
from workflows.scheduled.changes import changes_since
from workflows.scheduled.read import payment_sheet


@pytest.fixture(scope="module")
def past(lasting: World) -> None:
    """The whole demonstration."""
    for step in demonstration.steps():
        step.work()


def test_invoices_and_runs_stand_in_each_state(past: None) -> None:
    # Beside those that were paid: one taken back, one that waits for an officer, one in dispute, one that came back.
    assert Counter(db.session.scalars(select(Invoice.state))) == {
        InvoiceState.PAID: 5,
        InvoiceState.WITHDRAWN: 1,
        InvoiceState.SUBMITTED: 1,
        InvoiceState.ACCEPTED: 2,
        InvoiceState.IN_RUN: 1,
    }
    assert list(desk_counts().values())[:3] == [1, 1, 2]
    states = db.session.scalars(select(PaymentRun.state).order_by(PaymentRun.id)).all()
    assert states == [RunState.SETTLED] * 2 + [RunState.RELEASED, RunState.APPROVED, RunState.DRAFT]


def test_what_was_paid_is_what_was_invoiced_claimed_and_scheduled(past: None) -> None:
    invoiced, paid = (
        db.session.scalar(select(func.sum(Invoice.gross)).where(Invoice.state == InvoiceState.PAID)),
        db.session.scalar(select(func.sum(Remittance.total))),
    )
    claimed = db.session.scalar(select(func.sum(AbsenceClaim.gross)).where(AbsenceClaim.state == ClaimState.PAID))
    scheduled = select(func.sum(ScheduledPayment.gross)).where(ScheduledPayment.state == ScheduledState.PAID)
    without_invoice = db.session.scalar(scheduled)
    assert invoiced is not None
    assert claimed is not None
    for run in db.session.scalars(select(PaymentRun).where(PaymentRun.released_at.is_not(None))):
        assert read_bacs(bacs_file(run.id).content.decode("ascii")).contra.pence == run.total * 100
        assert b",ASC001," in ledger_file(run.id).content
    assert without_invoice
    came_back = db.session.scalar(select(func.sum(BankReturn.amount))) or 0
    assert invoiced + claimed + without_invoice + came_back == paid


def test_a_payment_that_the_bank_sent_back_waits_to_be_paid_again(past: None) -> None:
    returned = db.session.scalars(select(BankReturn)).one()
    waits = select(Invoice).where(Invoice.state == InvoiceState.ACCEPTED, Invoice.disputed_on.is_(None))
    assert [each.organisation_id for each in db.session.scalars(waits)] == [returned.organisation_id]


def test_a_scheduled_payment_waits_to_be_looked_at_with_its_changes(past: None) -> None:
    (to_check,) = db.session.scalars(select(ScheduledPayment).where(ScheduledPayment.state == ScheduledState.PREVIEW))
    assert to_check.organisation.name == "Holt House"
    sheet_ = payment_sheet(to_check.id)
    words = " ".join(why for change in changes_since(sheet_) for why in change.why)
    assert [word for word in ("In hospital from", "New, from", "Ended on") if word not in words] == [], words


def test_claims_emails_and_exceptions_stand_in_each_state(past: None) -> None:
    assert set(db.session.scalars(select(AbsenceClaim.state))) == {*ClaimState}
    came_back = db.session.scalars(select(Email.recipient).where(Email.state != EmailState.SENT)).all()
    assert sorted(came_back) == ["former.manager@fenland-homecare.example", "office@beech-court.example"]
    decisions = db.session.scalars(
        select(ExceptionDecision.decision)
        .select_from(ExceptionCheck)
        .outerjoin(ExceptionCheck.decided)
        .where(ExceptionCheck.over)
    )
    assert sorted(str(each.value if each else "held") for each in decisions) == [
        "approved as claimed",
        "approved up to",
        "held",
        "held",
        "held",
        "refused",
    ]


def test_conversations_stand_in_each_state_and_one_is_overdue(past: None) -> None:
    states = Counter(db.session.scalars(select(Conversation.state)))
    # Approved as claimed, and a care package found; part of it, refused and asked back; a held week, a copy that was
    # asked for, and a care package that nobody has found yet. Beside them one that an officer has, one that moved, one
    # that nobody answered in time, one that was closed with a reason, and a document that was rejected.
    assert states == {
        ConversationState.CLOSED: 3,
        ConversationState.WAITING_FOR_PROVIDER: 3,
        ConversationState.WAITING_FOR_COUNCIL: 7,
    }
    assigned = select(Conversation.subject).where(Conversation.assigned_to_id.is_not(None))
    assert db.session.scalars(assigned).all() == ["Our rota for two short days"]
    assert [str(file) for file in db.session.scalars(select(Attachment))] == ["rota last week.csv"]
    assert db.session.scalars(select(Message.body).where(Message.moved)).all() == [
        "Moved from Payments to Service Brokerage."
    ]
    assert db.session.scalar(select(func.count(ConversationNote.id))) == 2
    overdue = select(Conversation.subject).where(Conversation.target_on < today())
    assert "Uplift for next April" in db.session.scalars(overdue).all()


def test_one_care_package_was_found_and_one_is_missing(past: None) -> None:
    assert Counter(db.session.scalars(select(MissingPackage.state))) == {
        MissingState.FOUND: 1,
        MissingState.REPORTED: 1,
    }


def test_weeks_of_the_open_period_are_as_far_as_somebody_would_be(past: None) -> None:
    last = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.number == 0)).one()
    open_weeks = select(Actual.state).where(Actual.week_starting >= last.start)
    assert set(db.session.scalars(open_weeks)) == {ActualState.CONFIRMED, ActualState.DRAFT, ActualState.INVOICED}
    with acting_for(
        db.session.scalars(select(Organisation.id).where(Organisation.name == "Fenland Homecare Ltd")).one()
    ):
        rows = sheet(last.start).rows
    assert len(rows) > 50


def test_visits_were_aborted_one_of_them_paid_and_one_told_in_time(past: None) -> None:
    visits = db.session.scalars(select(AbortedVisit)).all()
    assert {(each.reason, each.payable > 0) for each in visits} == {("NO_REPLY", True), ("AWAY", False)}


def test_files_of_a_rota_stand_in_each_state_that_waits_for_their_provider(past: None) -> None:
    uploads = {each.filename: each for each in db.session.scalars(select(Upload))}
    assert {name: each.state for name, each in uploads.items()} == {
        "rota.csv": UploadState.DONE,
        "rota again.csv": UploadState.CHECKED,
        "office.csv": UploadState.MATCHING,
        "time sheet.jpg": UploadState.REFUSED,
    }
    (match,) = db.session.scalars(select(ColumnMatch))
    assert (match.name, match.forgotten_at) == ("Rota", None)
    assert uploads["rota again.csv"].match_id == match.id
    assert uploads["rota again.csv"].counts["asked"] == 1
    (typed,) = db.session.scalars(select(TypedOverDay))
    visit = select(Visit).where(Visit.line_item_id == typed.line_item_id, Visit.day == typed.day)
    assert Decimal(db.session.scalars(visit).one().counted) / 60 == typed.units - Decimal("0.50")


# The states of each kind of record in which somebody has something to do, but for those that pass within seconds.
WAITING: dict[InstrumentedAttribute[Any], set[StrEnum]] = {
    AbsenceClaim.state: {ClaimState.DRAFT, ClaimState.SUBMITTED, ClaimState.REFUSED},
    Actual.state: {ActualState.DRAFT, ActualState.CONFIRMED},
    ChangeRequest.state: {ChangeState.ASKED, ChangeState.CHECKED, ChangeState.CONFIRMED, ChangeState.SENT_BACK},
    ContractDocument.state: {DocumentState.DRAFT, DocumentState.PUBLISHED, DocumentState.REJECTED},
    Conversation.state: {ConversationState.WAITING_FOR_COUNCIL, ConversationState.WAITING_FOR_PROVIDER},
    Email.state: {EmailState.FAILED},
    ImportFile.state: {ImportState.CHECKED, ImportState.REFUSED},
    Invoice.state: {InvoiceState.SUBMITTED, InvoiceState.ACCEPTED},
    MissingPackage.state: {MissingState.REPORTED},
    PaperOrder.state: {PaperState.WAITING, PaperState.REVIEW},
    PaymentRun.state: {RunState.DRAFT, RunState.APPROVED, RunState.RELEASED},
    Proposal.state: {ProposalState.PROPOSED, ProposalState.SENT_BACK},
    ScheduledPayment.state: {ScheduledState.PREVIEW},
    Upload.state: {UploadState.CHECKED, UploadState.MATCHING, UploadState.REFUSED},
}


@pytest.mark.parametrize("state", WAITING, ids=str)
def test_every_state_in_which_somebody_has_something_to_do_is_there(
    past: None, state: InstrumentedAttribute[Any]
) -> None:
    assert WAITING[state] - set(db.session.scalars(select(state).distinct())) == set()


def test_everything_that_is_counted_beside_the_navigation_waits_for_somebody(past: None) -> None:
    officer = db.session.scalars(select(PortalUser.id).where(PortalUser.email == "admin@council.example")).one()
    council = counts.for_council((), officer, tuple(ProposalKind), today())
    assert [name for name, count in council.items() if name != "announcements" and not count] == []
    providers: Counter[str] = Counter()
    for contact in db.session.scalars(select(Contact).where(Contact.may_payments, Contact.user_id.is_not(None))):
        with acting_for(contact.organisation_id):
            found = counts.for_provider(contact.user_id or 0, today())
        providers.update({name: int(bool(count)) for name, count in found.items()})
    assert [name for name, count in providers.items() if not count] == []


def test_contacts_are_due_to_be_looked_through_and_were_looked_through_lately(past: None) -> None:
    due = {}
    for name in ("Fenland Homecare Ltd", "Broadland Care CIC", "Holt House"):
        organisation = db.session.scalars(select(Organisation).where(Organisation.name == name)).one()
        with acting_for(organisation.id):
            page = contacts_page(organisation.id)
        due[name] = (page.review is not None, page.review_due <= today())
    assert due == {
        "Fenland Homecare Ltd": (False, True),
        "Broadland Care CIC": (True, False),
        "Holt House": (True, True),
    }
