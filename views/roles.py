"""The roles, as code: which role may do what on which page. Names end in `$`: the framework matches from the start."""

from rules.states import ProviderFunction
from views.access import ADMINISTRATOR, STAFF_ROLES, provider_role

Permissions = list[list[str]]


def _pages(*views: str) -> Permissions:
    return [[f"{view}$", "can_view$"] for view in views]


PROVIDER_ROLES: dict[str, Permissions] = {
    "Provider": _pages("HomeView"),
    provider_role(ProviderFunction.DOCUMENTS): _pages("ContractDocumentsView", "LineItemsView"),
    provider_role(ProviderFunction.ACTUALS): _pages("ActualsView"),
    provider_role(ProviderFunction.PAYMENTS): _pages("InvoicesView", "RemittancesView"),
    provider_role(ProviderFunction.ORGANISATION): [],
    provider_role(ProviderFunction.CONVERSATIONS): [],
}

ROLES: dict[str, Permissions] = PROVIDER_ROLES | {role: _pages("HomeView") for role in STAFF_ROLES}
ROLES[ADMINISTRATOR] += []
