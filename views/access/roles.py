"""The roles, as code: which role may do what on which page. Names end in `$`: the framework matches from the start."""

from rules.states import ProviderFunction
from views.access.permissions import ADMINISTRATOR, READ, WRITE, provider_role
from views.staff import RECORD_VIEWS

Permissions = list[list[str]]


def _on(*views: str, may: tuple[str, ...]) -> Permissions:
    return [[f"{view}$", f"{permission}$"] for view in views for permission in may]


def _pages(*views: str) -> Permissions:
    return _on(*views, may=("can_view",))


PROVIDER_ROLES: dict[str, Permissions] = {
    "Provider": _pages("HomeView"),
    provider_role(ProviderFunction.DOCUMENTS): _pages("ContractDocumentsView", "LineItemsView"),
    provider_role(ProviderFunction.ACTUALS): _pages(
        "ActualsView",
        "AbortedVisitsView",
        "ActualsDownloadView",
        "ActualsUploadView",
        "OverExceptionLevelView",
        "AbsenceClaimsView",
        "ConversationsView",
    ),
    provider_role(ProviderFunction.PAYMENTS): _pages("InvoicesView", "RemittancesView", "AbsenceClaimsView"),
    provider_role(ProviderFunction.ORGANISATION): [],
    provider_role(ProviderFunction.CONVERSATIONS): _on("ConversationsView", may=("can_view", "can_start")),
}

# Pages every officer has, and lists every officer may read to do their work.
EVERY_OFFICER = _pages("HomeView", "RecordsView") + _on(
    "OrganisationView", "ServiceView", "ContactView", "SectorView", "RolloutView", "ContractDocumentView",
    "LineItemView", "RateView", "ElementView", "PersonView", "HoldView", "ConversationView", "MessageView", "TeamView",
    "AnnouncementView", "PaymentPeriodView", "PolicySettingView",
    may=READ,
)  # fmt: skip
DELIVERED = (
    "ActualView",
    "ActualVersionView",
    "AbortedVisitView",
    "ExceptionCheckView",
    "AbsenceClaimView",
    "AbsenceClaimLineView",
)
PAID = (
    "InvoiceView", "InvoiceLineView", "ScheduledPaymentView", "ScheduledPaymentLineView", "OneOffPaymentView",
    "RecoveryView", "PaymentRunView", "PaymentSourceView", "RemittanceView", "RemittanceLineView",
)  # fmt: skip

ANSWERING = _on("StaffConversationsView", may=("can_view", "can_answer"))
IMPORTS = ("can_import_organisations", "can_import_contacts", "can_import_contract_documents")

STAFF: dict[str, Permissions] = {
    "Payments officer": EVERY_OFFICER
    + _on(*DELIVERED, *PAID, may=READ)
    + _on("HoldView", "OneOffPaymentView", may=WRITE)
    + _on("InvoiceView", may=("accept",))
    + _on("AbsenceDecisionsView", may=("can_view", "can_decide"))
    + _pages("ExceptionsView")
    + ANSWERING
    + _on("PaymentRunsView", may=("can_view", "can_prepare", "can_release")),
    "Payments approver": EVERY_OFFICER
    + _on(*DELIVERED, *PAID, may=READ)
    + _pages("ExceptionsView", "StaffConversationsView")
    + _on("PaymentRunsView", may=("can_view", "can_approve")),
    "Service Brokerage": EVERY_OFFICER
    + _on(*DELIVERED, "PaperOrderView", may=READ)
    + _on("ContractDocumentView", "LineItemView", "RateView", "PersonView", "ElementView", "PaperOrderView", may=WRITE)
    + _on("ContractDocumentView", may=("publish",))
    + _on("ExceptionsView", may=("can_view", "can_decide"))
    + ANSWERING
    + _on("ImportsView", may=("can_view", "can_import", "can_import_contract_documents")),
    "Procurement": EVERY_OFFICER
    + _on("OrganisationView", "ServiceView", "ContactView", "RolloutView", "SectorView", "AnnouncementView", may=WRITE)
    + _on("ContactView", may=("give_access",))
    + ANSWERING
    + _on("ImportsView", may=("can_view", "can_import", "can_import_organisations", "can_import_contacts")),
    "Auditor": _pages(
        "HomeView",
        "RecordsView",
        "ExceptionsView",
        "AbsenceDecisionsView",
        "StaffConversationsView",
        "PaymentRunsView",
        "ImportsView",
    )
    + _on(*(view.__name__ for view in RECORD_VIEWS), may=READ),
    ADMINISTRATOR: _pages("HomeView", "RecordsView")
    + _on("ImportsView", may=("can_view", "can_import", *IMPORTS))
    + _on("ExceptionsView", may=("can_view", "can_decide"))
    + _on("AbsenceDecisionsView", may=("can_view", "can_decide"))
    + ANSWERING
    + _on("PaymentRunsView", may=("can_view", "can_prepare", "can_approve", "can_release"))
    + [each for view in RECORD_VIEWS for each in _on(view.__name__, may=tuple(view.permissions()))],
}

ROLES: dict[str, Permissions] = PROVIDER_ROLES | STAFF
