"""The roles, as code: who there is, and what each may do on which page.

A page of council staff says itself which officers may do what there, in its attribute `roles`:

    class PaymentRunsView(BaseView):
        roles = {"can_view": PAYMENTS, "can_prepare": (PAYMENTS_OFFICER,), "can_approve": (PAYMENTS_APPROVER,)}

The administrator may do everything on all of them but what the page names in `pays`, and the auditor may read all of
them, so neither is named there.
"""

from collections.abc import Iterable
from typing import Final

from rules import paying_roles
from rules.agreement_states import ProposalKind
from rules.states import ProviderFunction

Roles = tuple[str, ...]
Permissions = list[list[str]]

ADMINISTRATOR: Final = paying_roles.ADMINISTRATOR
PAYMENTS_OFFICER: Final = paying_roles.PAYMENTS_OFFICER
PAYMENTS_APPROVER: Final = paying_roles.PAYMENTS_APPROVER
BROKERAGE: Final = paying_roles.BROKERAGE
PROCUREMENT: Final = paying_roles.PROCUREMENT
AUDITOR: Final = "Auditor"

STAFF_ROLES: Final = {
    ADMINISTRATOR: "Everything, users and roles; not approve or release payment runs",
    PAYMENTS_OFFICER: "Actuals, claims, invoices, scheduled payments; prepares and releases payment runs",
    PAYMENTS_APPROVER: "Approves payment runs up to their limit",
    BROKERAGE: "Contract documents, line items, rates, paper ISOs, exceptions",
    PROCUREMENT: "Organisations, services, contacts, roll-out",
    AUDITOR: "Reads everything, changes nothing",
}

# Who is named in the `roles` of a page; beside them always the administrator and, to read, the auditor.
EVERY_OFFICER: Final[Roles] = (PAYMENTS_OFFICER, PAYMENTS_APPROVER, BROKERAGE, PROCUREMENT)
PAYMENTS: Final[Roles] = (PAYMENTS_OFFICER, PAYMENTS_APPROVER)
PAYMENTS_AND_BROKERAGE: Final[Roles] = (*PAYMENTS, BROKERAGE)
NOBODY_ELSE: Final[Roles] = ()

# Who confirms what another officer proposed (rules.md 14).
_CARE: Final[Roles] = (BROKERAGE, ADMINISTRATOR)
CONFIRMED_BY: Final[dict[ProposalKind, Roles]] = {
    ProposalKind.PUBLISH: _CARE,
    ProposalKind.CHANGE_RATE: _CARE,
    ProposalKind.CHANGE_PLAN: _CARE,
    ProposalKind.CHANGE_DEDUCTION: _CARE,
    ProposalKind.END_LINE: _CARE,
    ProposalKind.NEW_VERSION: _CARE,
    ProposalKind.UPLIFT: _CARE,
    ProposalKind.ONE_OFF: PAYMENTS,
    ProposalKind.POLICY_VALUE: (ADMINISTRATOR,),
    ProposalKind.ROLE: (ADMINISTRATOR,),
    ProposalKind.RECOVERY: PAYMENTS,
    ProposalKind.INSTALMENTS: PAYMENTS,
}

READ: Final = ("can_list", "can_show", "can_export")


def kinds_confirmed_by(roles: Iterable[str]) -> tuple[ProposalKind, ...]:
    """Return what officers with these roles confirm, always in the same order."""
    own = set(roles)
    return tuple(kind for kind, confirming in CONFIRMED_BY.items() if own & set(confirming))


def provider_role(function: ProviderFunction) -> str:
    """Return the role that goes with a function of a contact."""
    return f"Provider: {function.value}"


def _on(*views: str, may: Iterable[str] = ("can_view",)) -> Permissions:
    # The framework matches from the start of a name: without `$` RateView would open a RateViewOfOthers too.
    return [[f"{view}$", f"{permission}$"] for view in views for permission in may]


HOME: Final = _on("HomeView", "AccountView")

PROVIDER_ROLES: Final[dict[str, Permissions]] = {
    "Provider": HOME + _on("OwnChoicesView"),
    provider_role(ProviderFunction.DOCUMENTS): _on(
        "ContractDocumentsView",
        "LineItemsView",
        "MissingPackagesView",
        "PaperOrdersView",
    ),
    provider_role(ProviderFunction.ACTUALS): _on(
        "ActualsView",
        "LateWeeksView",
        "ActualsTogetherView",
        "AbortedVisitsView",
        "ActualsDownloadView",
        "ActualsUploadView",
        "ActualsMatchView",
        "OverExceptionLevelView",
        "AbsenceClaimsView",
        "AbsenceReportsView",
        "ConversationsView",
    ),
    provider_role(ProviderFunction.PAYMENTS): _on(
        "InvoicesView", "ScheduledPaymentsView", "RemittancesView", "AbsenceClaimsView", "AbsenceReportsView"
    ),
    provider_role(ProviderFunction.ORGANISATION): _on("ContactsView", "OrganisationDetailsView"),
    provider_role(ProviderFunction.CONVERSATIONS): _on("ConversationsView", may=("can_view", "can_start")),
}

ROLE_NAMES: Final = (*PROVIDER_ROLES, *STAFF_ROLES)


def all_permissions(staff_views: Iterable[type]) -> dict[str, Permissions]:
    """Return every role with its pairs of view and permission, as Flask-AppBuilder's `FAB_ROLES`.

    Raises TypeError where one of `staff_views` does not say who may do what there.
    """
    found = {role: list(HOME) for role in STAFF_ROLES}
    for view in staff_views:
        declared: dict[str, Roles] | None = getattr(view, "roles", None)
        if declared is None:
            raise TypeError(f"{view.__name__} does not say who may do what there: give it `roles`.")
        for permission, roles in declared.items():
            readers = (AUDITOR,) if permission in ("can_view", *READ) else ()
            # Who manages users pays nobody (rules.md 14).
            manager = () if permission in getattr(view, "pays", ()) else (ADMINISTRATOR,)
            for role in (*manager, *readers, *roles):
                found[role] += _on(view.__name__, may=(permission,))
    return PROVIDER_ROLES | found
