"""`/admin`: every list of records the person may see, in groups."""

from typing import Final

from flask import render_template, url_for
from flask_appbuilder import BaseView, expose

from views.access.permissions import may, permitted

GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Providers", ("OrganisationView", "ServiceView", "ContactView", "HoldView", "SectorView", "RolloutView")),
    (
        "Care",
        ("ContractDocumentView", "LineItemView", "RateView", "PaperOrderView", "PersonView", "ElementView"),
    ),
    (
        "Delivered",
        (
            "ActualView", "ActualVersionView", "AbortedVisitView", "ExceptionCheckView", "AbsenceClaimView",
            "AbsenceClaimLineView",
        ),
    ),
    ("Invoices", ("InvoiceView", "InvoiceLineView")),
    (
        "Payments",
        (
            "ScheduledPaymentView", "ScheduledPaymentLineView", "OneOffPaymentView", "PaymentRunView",
            "PaymentSourceView", "RemittanceView", "RemittanceLineView", "RecoveryView",
        ),
    ),
    ("Talking", ("ConversationView", "MessageView", "TeamView", "AnnouncementView")),
    ("Rules", ("PaymentPeriodView", "PolicySettingView")),
    ("The portal itself", ("UserView", "RoleView", "JobRunView", "EmailView", "ImportFileView", "AuditEventView")),
)  # fmt: skip


class RecordsView(BaseView):
    """All records."""

    route_base = "/admin"

    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the lists the person may see."""
        titles = {
            type(view).__name__: view.list_title for view in self.appbuilder.baseviews if hasattr(view, "list_title")
        }
        groups = [
            (heading, [(titles[name], url_for(f"{name}.list")) for name in names if may("can_list", name)])
            for heading, names in GROUPS
        ]
        return render_template("staff/all_records.html", groups=[group for group in groups if group[1]])
