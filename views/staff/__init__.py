"""Every page of council staff: generated records under `/admin`, workbenches under `/staff`."""

from views.generated.choices import RecordChoicesView
from views.generated.index import RecordsView
from views.staff.agreements.document_changes import DocumentChangesView
from views.staff.agreements.draft import AgreementsView
from views.staff.agreements.line_changes import LineChangesView
from views.staff.agreements.paper_isos import PaperIsosView
from views.staff.agreements.uplifts import UpliftsView
from views.staff.desks.absence_claims import AbsenceDecisionsView
from views.staff.desks.announcements import AnnouncementDesk
from views.staff.desks.change_requests import ChangeRequestsView
from views.staff.desks.code_resets import CodeResetsView
from views.staff.desks.confirm import ConfirmView
from views.staff.desks.contacts import StaffContactsView
from views.staff.desks.conversations import StaffConversationsView
from views.staff.desks.exceptions import ExceptionsView
from views.staff.desks.go_live import GoLiveView
from views.staff.desks.imports import ImportsView
from views.staff.desks.modulus_weights import ModulusWeightsView
from views.staff.desks.outbox import LettersView, OutboxView
from views.staff.desks.policy_in_force import PolicyInForceView
from views.staff.desks.seen_by import SeenByView
from views.staff.desks.subject_access import SubjectAccessView
from views.staff.payments.bank_files import BankFilesView
from views.staff.payments.bank_returns import BankReturnsView
from views.staff.payments.invoices import InvoiceDeskView
from views.staff.payments.one_offs import OneOffsView
from views.staff.payments.payment_run import PaymentRunsView
from views.staff.payments.recoveries import RecoveriesView
from views.staff.records import RECORD_VIEWS

STAFF_VIEWS: tuple[type, ...] = (
    *RECORD_VIEWS,
    RecordsView,
    RecordChoicesView,
    AbsenceDecisionsView,
    AnnouncementDesk,
    OutboxView,
    LettersView,
    CodeResetsView,
    ConfirmView,
    LineChangesView,
    DocumentChangesView,
    AgreementsView,
    ExceptionsView,
    GoLiveView,
    InvoiceDeskView,
    PaymentRunsView,
    BankFilesView,
    BankReturnsView,
    RecoveriesView,
    OneOffsView,
    PolicyInForceView,
    ModulusWeightsView,
    StaffConversationsView,
    PaperIsosView,
    StaffContactsView,
    ChangeRequestsView,
    ImportsView,
    SubjectAccessView,
    SeenByView,
    UpliftsView,
)
