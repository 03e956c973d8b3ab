"""One-off payments: what was paid once and why, and what waits for another officer."""

from flask import render_template
from flask_appbuilder import BaseView, expose

from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS
from views.page.paging import asked_page, page_address
from workflows.payments import one_off


class OneOffsView(BaseView):
    """`/staff/one-offs`: payments are proposed on their own form and confirmed under To confirm."""

    route_base = "/staff/one-offs"
    roles = {"can_view": PAYMENTS}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what waits to be confirmed, and every payment, the latest first."""
        return render_template(
            "staff/one_offs.html",
            found=one_off.payments_page(asked_page()),
            waiting=one_off.waiting(),
            address=page_address(),
            can_propose=may("can_add", "OneOffPaymentView"),
        )
