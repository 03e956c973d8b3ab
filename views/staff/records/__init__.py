"""Every kind of record the council sees, in the order of "All records"; `group` of each says under which heading."""

from views.staff.records.audit_and_jobs import (
    AuditEventView,
    AuditSealView,
    EmailView,
    ImportFileView,
    JobRunView,
    ReminderView,
)
from views.staff.records.contracts import (
    ContractDocumentView,
    DocumentVersionView,
    PaperOrderView,
    PaperScanView,
    ProposalView,
)
from views.staff.records.conversations import (
    AnnouncementView,
    AttachmentView,
    ConversationNoteView,
    ConversationView,
    MessageView,
    TeamView,
)
from views.staff.records.delivered import (
    AbortedVisitView,
    AbsenceClaimLineView,
    AbsenceClaimView,
    ActualVersionView,
    ActualView,
    ColumnMatchView,
    ExceptionCheckView,
    ExceptionDecisionView,
    TypedOverDayView,
)
from views.staff.records.details import (
    ChangeRequestRecordView,
    ContactReviewView,
    ContactsFormView,
    DetailChangeView,
    InvitationView,
    InvitationWaveView,
    ProposedContactView,
)
from views.staff.records.invoices import InvoiceLineView, InvoiceView
from views.staff.records.ledger import JournalEntryView, JournalEventView
from views.staff.records.line_items import (
    AbsenceReportView,
    DeductionView,
    ElementView,
    LineItemView,
    PlanView,
    RateView,
)
from views.staff.records.organisations import (
    ContactView,
    HoldView,
    OrganisationView,
    RolloutView,
    SectorView,
    ServiceView,
)
from views.staff.records.payments import (
    BankReturnView,
    OneOffPaymentView,
    PaymentRunView,
    PaymentSourceView,
    RecoveryView,
    RemittanceLineView,
    RemittanceView,
    RunFindingView,
    ScheduledPaymentLineView,
    ScheduledPaymentView,
)
from views.staff.records.people import MissingPackageView, PersonView
from views.staff.records.settings import LedgerColumnView, PaymentPeriodView, PolicySettingView
from views.staff.records.users import RoleView, UserView

RECORD_VIEWS = (
    OrganisationView, ServiceView, ContactView, HoldView, SectorView, RolloutView,
    ContactsFormView, ProposedContactView, InvitationView, InvitationWaveView,
    ContactReviewView, ChangeRequestRecordView, DetailChangeView,
    ContractDocumentView, DocumentVersionView, LineItemView, PlanView, RateView, DeductionView,
    PaperOrderView, PaperScanView, ProposalView, MissingPackageView, PersonView, ElementView,
    ActualView, ActualVersionView, AbortedVisitView, ExceptionCheckView, ExceptionDecisionView, AbsenceClaimView,
    AbsenceClaimLineView, AbsenceReportView, TypedOverDayView, ColumnMatchView,
    InvoiceView, InvoiceLineView,
    ScheduledPaymentView, ScheduledPaymentLineView, OneOffPaymentView, PaymentRunView, PaymentSourceView,
    RemittanceView, RemittanceLineView, RecoveryView, RunFindingView, BankReturnView,
    JournalEventView, JournalEntryView,
    ConversationView, MessageView, AttachmentView, ConversationNoteView, TeamView, AnnouncementView,
    PaymentPeriodView, PolicySettingView, LedgerColumnView,
    UserView, RoleView, JobRunView, EmailView, ReminderView, ImportFileView, AuditEventView, AuditSealView,
)  # fmt: skip
