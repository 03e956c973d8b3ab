"""What is counted on every page, and the list each count leads to: it holds as many rows as the count says."""

from collections.abc import Mapping
from typing import Any, Final

from flask import g, url_for

from rules.agreement_states import DocumentState, ProposalKind
from views.access.permissions import may
from views.access.roles import kinds_confirmed_by
from workflows import counts
from workflows.absences.read import ClaimsShown
from workflows.clock import today
from workflows.conversations.read import Folder
from workflows.conversations.teams import officers_teams
from workflows.invoices.queue import DeskShown
from workflows.organisations.change_request_list import RequestsShown
from workflows.payments.run_read import RunsShown
from workflows.scheduled.read import PaymentsShown

# A draft that nobody has sent to be published, among the states that documents are sought by.
TO_SEND: Final = "to-send"

# Of every count the page of its list, and what is chosen there.
OF_PROVIDER: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "to_accept": ("ContractDocumentsView.index", {"status": DocumentState.PUBLISHED}),
    "held": ("OverExceptionLevelView.index", {}),
    "to_read": ("ConversationsView.index", {"show": Folder.TO_READ}),
    "payments_to_check": ("ScheduledPaymentsView.index", {"show": PaymentsShown.TO_CHECK}),
    "late": ("LateWeeksView.index", {}),
    "to_confirm": ("ActualsView.week", {}),
    "to_invoice": ("InvoicesView.choose", {}),
    "refused_claims": ("AbsenceClaimsView.index", {"show": ClaimsShown.REFUSED}),
    "draft_claims": ("AbsenceClaimsView.index", {"show": ClaimsShown.DRAFTS}),
}
OF_COUNCIL: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "to_publish": ("ContractDocumentView.list", {"_flt_0_state": TO_SEND}),
    "not_accepted": ("ContractDocumentView.list", {"_flt_0_state": DocumentState.PUBLISHED}),
    "proposals": ("ConfirmView.index", {}),
    "held": ("ExceptionsView.index", {}),
    "papers_to_review": ("PaperIsosView.index", {"show": "to-review"}),
    "papers_to_confirm": ("PaperIsosView.index", {"show": "to-confirm"}),
    "to_check": ("InvoiceDeskView.index", {}),
    "disputed_invoices": ("InvoiceDeskView.index", {"show": DeskShown.DISPUTED}),
    "late_invoices": ("InvoiceDeskView.index", {"show": DeskShown.LATE}),
    "to_decide": ("AbsenceDecisionsView.queue", {}),
    "runs": ("PaymentRunsView.list", {"show": RunsShown.WAITING}),
    "changes": ("ChangeRequestsView.index", {}),
    "to_call": ("ChangeRequestsView.index", {"show": RequestsShown.TO_CALL}),
    "to_pay": ("PaymentRunsView.list", {}),
    "to_approve": ("PaymentRunsView.list", {"show": RunsShown.TO_APPROVE}),
    "to_release": ("PaymentRunsView.list", {"show": RunsShown.TO_RELEASE}),
    "to_settle": ("PaymentRunsView.list", {"show": RunsShown.TO_SETTLE}),
    "named": ("GoLiveView.named", {}),
    "to_answer": ("StaffConversationsView.index", {"show": Folder.OWN}),
}
# What somebody has to be able to do, and where, for a count to be theirs: who only reads has nothing to do there.
DEEDS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "named": (("can_change", "GoLiveView"),),
    "to_publish": (("can_draft", "AgreementsView"),),
    "proposals": (("can_decide", "ConfirmView"),),
    "held": (("can_decide", "ExceptionsView"),),
    "papers_to_review": (("can_decide", "PaperIsosView"),),
    "to_check": (("can_decide", "InvoiceDeskView"),),
    "to_decide": (("can_decide", "AbsenceDecisionsView"),),
    "runs": (("can_approve", "PaymentRunsView"), ("can_release", "PaymentRunsView")),
    "to_approve": (("can_approve", "PaymentRunsView"),),
    "to_release": (("can_release", "PaymentRunsView"),),
    "changes": (("can_decide", "ChangeRequestsView"),),
    "to_answer": (("can_answer", "StaffConversationsView"),),
}

# Pages for lines that are paid by invoice, and for lines that are paid every four weeks without one.
OF_ACTUALS: Final = frozenset(
    {"ActualsView", "ActualsDownloadView", "ActualsUploadView", "OverExceptionLevelView", "AbsenceClaimsView",
     "InvoicesView"}
)  # fmt: skip
OF_SCHEDULED: Final = frozenset({"ScheduledPaymentsView", "AbsenceReportsView"})


def list_address(name: str, **asked: Any) -> str:
    """Return the address of the list a count leads to, for whoever is signed in."""
    endpoint, chosen = (OF_PROVIDER if "contact" in g else OF_COUNCIL)[name]
    return url_for(endpoint, **chosen, **asked)


def provider_counts() -> dict[str, Any]:
    """Return what waits for the organisation somebody acts for, counted once in a request."""
    found: dict[str, Any] | None = g.get("waiting")
    if found is None:
        found = g.waiting = counts.for_provider(g.signed_in.user_id, today())
    return found


def lacks_lines_for(endpoint: str) -> bool:
    """Say whether a page is about a way of being paid that no line of the organisation uses.

    A care home on scheduled payments has no actuals and no invoices. Who has no lines yet may come to need these.
    """
    counted = provider_counts()
    view = endpoint.split(".")[0]
    if view in OF_SCHEDULED:
        return not counted["on_schedule"]
    return view in OF_ACTUALS and bool(counted["on_schedule"]) and not counted["on_actuals"]


def can_act_on(name: str) -> bool:
    """Say whether the officer who is signed in can do what a count waits for."""
    return all(may(*deed) for deed in DEEDS[name])


def council_counts() -> dict[str, Any]:
    """Return what waits for the officer who is signed in, counted once in a request."""
    found: dict[str, Any] | None = g.get("waiting")
    if found is None:
        officer = g.signed_in.user
        found = g.waiting = counts.for_council(officers_teams(officer), officer.id, kinds_decided(), today())
    return found


def kinds_decided() -> tuple[ProposalKind, ...]:
    """Return which proposals the officer who is signed in confirms or sends back."""
    return kinds_confirmed_by(role.name for role in g.signed_in.user.roles)
