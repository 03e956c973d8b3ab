"""Every table, one noun at a time; the session; and who may see which rows."""

from models.absence_claim import AbsenceClaim, AbsenceClaimLine
from models.actual import AbortedVisit, Actual, ActualVersion, ExceptionCheck
from models.base import DAYS, Tenanted, db, metadata
from models.care import ContractDocument, Element, LineItem, Person, Rate
from models.conversation import Announcement, Conversation, Message, Team
from models.invoice import Invoice, InvoiceLine
from models.isolation import COUNCIL, NOTHING, acting_for, enter, say_who, scope
from models.office import AuditEvent, Email, ImportFile, JobRun
from models.organisation import Contact, Hold, Organisation, Rollout, Sector, Service
from models.paper_order import PaperOrder
from models.payment_run import PaymentRun, PaymentSource, Remittance, RemittanceLine
from models.period import PaymentPeriod
from models.policy import PolicySetting
from models.scheduled_payment import OneOffPayment, Recovery, ScheduledPayment, ScheduledPaymentLine
from models.upload import Upload, UploadFinding, Visit
from models.user import PasswordReset, PortalUser, RecoveryCode, SignIn, UnknownAddress, UserSession

__all__ = [
    "COUNCIL",
    "DAYS",
    "NOTHING",
    "AbortedVisit",
    "AbsenceClaim",
    "AbsenceClaimLine",
    "Actual",
    "ActualVersion",
    "Announcement",
    "AuditEvent",
    "Contact",
    "ContractDocument",
    "Conversation",
    "Element",
    "Email",
    "ExceptionCheck",
    "Hold",
    "ImportFile",
    "Invoice",
    "InvoiceLine",
    "JobRun",
    "LineItem",
    "Message",
    "OneOffPayment",
    "Organisation",
    "PaperOrder",
    "PasswordReset",
    "PaymentPeriod",
    "PaymentRun",
    "PaymentSource",
    "Person",
    "PolicySetting",
    "PortalUser",
    "Rate",
    "Recovery",
    "RecoveryCode",
    "Remittance",
    "RemittanceLine",
    "Rollout",
    "ScheduledPayment",
    "ScheduledPaymentLine",
    "Sector",
    "Service",
    "SignIn",
    "Team",
    "Tenanted",
    "UnknownAddress",
    "Upload",
    "UploadFinding",
    "UserSession",
    "Visit",
    "acting_for",
    "db",
    "enter",
    "metadata",
    "say_who",
    "scope",
]
