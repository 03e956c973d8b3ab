"""Every page of council staff: generated records under `/admin`, workbenches under `/staff`."""

from views.staff.absence_claims import AbsenceDecisionsView
from views.staff.actuals import ACTUALS
from views.staff.all_records import RecordsView
from views.staff.care import CARE
from views.staff.conversations import CONVERSATIONS, StaffConversationsView
from views.staff.exceptions import ExceptionsView
from views.staff.imports import ImportsView
from views.staff.invoices import INVOICES
from views.staff.office import OFFICE
from views.staff.organisations import ORGANISATIONS
from views.staff.payment_run import PaymentRunsView
from views.staff.payments import PAYMENTS
from views.staff.settings import SETTINGS_VIEWS
from views.staff.users import USERS

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
