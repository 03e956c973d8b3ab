"""Every page of council staff: generated records under `/admin`, workbenches under `/staff`."""

from views.generated.index import RecordsView
from views.staff.desks.absence_claims import AbsenceDecisionsView
from views.staff.desks.conversations import CONVERSATIONS, StaffConversationsView
from views.staff.desks.exceptions import ExceptionsView
from views.staff.desks.imports import ImportsView
from views.staff.desks.payment_run import PaymentRunsView
from views.staff.records.audit_and_jobs import OFFICE
from views.staff.records.contracts import CARE
from views.staff.records.delivered import ACTUALS
from views.staff.records.invoices import INVOICES
from views.staff.records.organisations import ORGANISATIONS
from views.staff.records.payments import PAYMENTS
from views.staff.records.settings import SETTINGS_VIEWS
from views.staff.records.users import USERS

RECORD_VIEWS = (
    *INVOICES,
    *ACTUALS,
    *CARE,
    *PAYMENTS,
    *CONVERSATIONS,
    *ORGANISATIONS,
    *SETTINGS_VIEWS,
    *OFFICE,
    *USERS,
)

STAFF_VIEWS: tuple[type, ...] = (
    *RECORD_VIEWS,
    RecordsView,
    AbsenceDecisionsView,
    ExceptionsView,
    PaymentRunsView,
    StaffConversationsView,
    ImportsView,
)
