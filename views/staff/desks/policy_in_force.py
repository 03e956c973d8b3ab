"""`/staff/policy-in-force`: the council's own figures as they stand today."""

from flask import render_template
from flask_appbuilder import BaseView, expose

from views.access.permissions import may, permitted
from views.access.roles import EVERY_OFFICER
from workflows.clock import today
from workflows.invoices.due import base_rate_to_enter
from workflows.upkeep.policy_in_force import settings_today


class PolicyInForceView(BaseView):
    """Every setting, its value today, where it comes from, and what comes next."""

    route_base = "/staff/policy-in-force"
    roles = {"can_list": EVERY_OFFICER}
    # Where "All records" lists it, as what.
    group, list_title = "Rules", "Policy in force"

    @expose("", methods=["GET"])
    @permitted("list")
    def list(self) -> str:
        """Show the settings under their headings."""
        may_add = may("can_add", "PolicySettingView")
        return render_template(
            "staff/policy_in_force.html",
            headings=settings_today(),
            on=today(),
            may_add=may_add,
            base_rate_of=base_rate_to_enter(),
        )
