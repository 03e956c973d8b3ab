"""Every page of a provider, in the order of the main menu."""

from views.home import HomeView
from views.provider.aborted_visits import AbortedVisitsView
from views.provider.absence_claims import AbsenceClaimsView
from views.provider.actuals import ActualsView
from views.provider.actuals_download import ActualsDownloadView
from views.provider.actuals_upload import ActualsUploadView
from views.provider.contract_documents import ContractDocumentsView
from views.provider.conversations import ConversationsView
from views.provider.exceptions import OverExceptionLevelView
from views.provider.invoices import InvoicesView
from views.provider.line_items import LineItemsView
from views.provider.remittances import RemittancesView

PROVIDER_VIEWS = (
    HomeView,
    ContractDocumentsView,
    LineItemsView,
    ActualsView,
    AbortedVisitsView,
    AbsenceClaimsView,
    ActualsDownloadView,
    ActualsUploadView,
    OverExceptionLevelView,
    InvoicesView,
    RemittancesView,
    ConversationsView,
)
