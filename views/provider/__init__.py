"""Every page of a provider, in the order of the main menu."""

from views.account import AccountView
from views.home import HomeView
from views.provider.absence_claims import AbsenceClaimsView
from views.provider.absence_reports import AbsenceReportsView
from views.provider.actuals.aborted_visits import AbortedVisitsView
from views.provider.actuals.download import ActualsDownloadView
from views.provider.actuals.late import LateWeeksView
from views.provider.actuals.match import ActualsMatchView
from views.provider.actuals.together import ActualsTogetherView
from views.provider.actuals.upload import ActualsUploadView
from views.provider.actuals.week import ActualsView
from views.provider.contacts import ContactsView
from views.provider.contracts.documents import ContractDocumentsView
from views.provider.contracts.line_items import LineItemsView
from views.provider.contracts.missing_packages import MissingPackagesView
from views.provider.contracts.paper_orders import PaperOrdersView
from views.provider.conversations import ConversationsView
from views.provider.exceptions import OverExceptionLevelView
from views.provider.invoices import InvoicesView
from views.provider.organisation import OrganisationDetailsView
from views.provider.own_choices import OwnChoicesView
from views.provider.remittances.pages import RemittancesView
from views.provider.scheduled_payments import ScheduledPaymentsView

PROVIDER_VIEWS = (
    HomeView,
    AccountView,
    ContractDocumentsView,
    LineItemsView,
    MissingPackagesView,
    PaperOrdersView,
    ActualsView,
    LateWeeksView,
    ActualsTogetherView,
    AbortedVisitsView,
    AbsenceClaimsView,
    ActualsDownloadView,
    ActualsUploadView,
    ActualsMatchView,
    OverExceptionLevelView,
    InvoicesView,
    ScheduledPaymentsView,
    AbsenceReportsView,
    RemittancesView,
    ConversationsView,
    ContactsView,
    OrganisationDetailsView,
    OwnChoicesView,
)
