"""Every table, one noun at a time; the session; and who may see which rows."""

from models.aborted_visit import AbortedVisit
from models.absence_claim import AbsenceClaim, AbsenceClaimLine
from models.absence_report import AbsenceReport
from models.actual import Actual, ActualVersion
from models.announcement import Announcement, AnnouncementOrganisation, AnnouncementRead
from models.attachment import Attachment
from models.audit_event import AuditEvent
from models.audit_seal import AuditSeal
from models.bank_return import BankReturn
from models.base import DAYS, Tenanted, close_pools, db, metadata
from models.calendar_feed import CalendarFeed
from models.change_request import ChangeRequest, DetailChange
from models.column_match import ColumnMatch
from models.contact import Contact, ContactReview, ContactService
from models.contacts_form import ContactsForm
from models.contract_document import ContractDocument
from models.conversation import Conversation, Message
from models.conversation_note import ConversationNote
from models.deduction import Deduction
from models.document_version import DocumentVersion
from models.email import Email
from models.exception_check import ExceptionCheck
from models.exception_decision import ExceptionDecision
from models.form import KeptForm, SentForm
from models.hold import Hold
from models.import_file import ImportFile
from models.invitation import Invitation, InvitationWave
from models.invoice import Invoice, InvoiceLine
from models.isolation import acting_for, enter, limit_to_services, limited_to, request_id, say_who, who_acts
from models.job_run import JobRun
from models.journal import JournalEntry, JournalEvent
from models.ledger_column import LedgerColumn
from models.letter_wording import LetterWording
from models.line_item import Element, LineItem, Rate
from models.list_indexes import folded
from models.missing_package import MissingPackage
from models.modulus_weight import ModulusWeight
from models.one_off_payment import OneOffPayment
from models.organisation import Organisation, Service
from models.paper_order import PaperOrder
from models.paper_scan import PaperScan
from models.passkey import Passkey, PasskeyChallenge
from models.payment_period import PaymentPeriod
from models.payment_run import PaymentRun, PaymentSource
from models.person import Person
from models.plan import Plan
from models.policy_setting import PolicySetting
from models.proposal import Proposal
from models.proposed_contact import ProposedContact
from models.rate_count import RateCount
from models.record_rules import NO_TWO_ALIKE, same_key
from models.recovery import Recovery
from models.reminder import Reminder
from models.remittance import Remittance, RemittanceLine
from models.run_finding import RunFinding
from models.scheduled_payment import ScheduledPayment, ScheduledPaymentLine
from models.scoped import COUNCIL, NOTHING, SIGN_IN, scope
from models.sector import Rollout, Sector
from models.session import SignIn, UserSession
from models.team import Team
from models.upload import Upload, UploadFinding
from models.user import PasswordReset, PortalUser, RecoveryCode
from models.visit import TypedOverDay, Visit
from models.wrong_try import WrongTry

__all__ = [
    "COUNCIL",
    "DAYS",
    "NOTHING",
    "NO_TWO_ALIKE",
    "SIGN_IN",
    "AbortedVisit",
    "AbsenceClaim",
    "AbsenceClaimLine",
    "AbsenceReport",
    "Actual",
    "ActualVersion",
    "Announcement",
    "AnnouncementOrganisation",
    "AnnouncementRead",
    "Attachment",
    "AuditEvent",
    "AuditSeal",
    "BankReturn",
    "CalendarFeed",
    "ChangeRequest",
    "ColumnMatch",
    "Contact",
    "ContactReview",
    "ContactService",
    "ContactsForm",
    "ContractDocument",
    "Conversation",
    "ConversationNote",
    "Deduction",
    "DetailChange",
    "DocumentVersion",
    "Element",
    "Email",
    "ExceptionCheck",
    "ExceptionDecision",
    "Hold",
    "ImportFile",
    "Invitation",
    "InvitationWave",
    "Invoice",
    "InvoiceLine",
    "JobRun",
    "JournalEntry",
    "JournalEvent",
    "KeptForm",
    "LedgerColumn",
    "LetterWording",
    "LineItem",
    "Message",
    "MissingPackage",
    "ModulusWeight",
    "OneOffPayment",
    "Organisation",
    "PaperOrder",
    "PaperScan",
    "Passkey",
    "PasskeyChallenge",
    "PasswordReset",
    "PaymentPeriod",
    "PaymentRun",
    "PaymentSource",
    "Person",
    "Plan",
    "PolicySetting",
    "PortalUser",
    "Proposal",
    "ProposedContact",
    "Rate",
    "RateCount",
    "Recovery",
    "RecoveryCode",
    "Reminder",
    "Remittance",
    "RemittanceLine",
    "Rollout",
    "RunFinding",
    "ScheduledPayment",
    "ScheduledPaymentLine",
    "Sector",
    "SentForm",
    "Service",
    "SignIn",
    "Team",
    "Tenanted",
    "TypedOverDay",
    "Upload",
    "UploadFinding",
    "UserSession",
    "Visit",
    "WrongTry",
    "acting_for",
    "close_pools",
    "db",
    "enter",
    "folded",
    "limit_to_services",
    "limited_to",
    "metadata",
    "request_id",
    "same_key",
    "say_who",
    "scope",
    "who_acts",
]
