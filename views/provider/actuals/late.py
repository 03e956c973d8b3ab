"""Weeks not confirmed in time: every one of them, the oldest first, each with the way to its sheet."""

from flask import redirect, render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from views.access.permissions import permitted
from views.page.line_name import person_of
from views.page.paging import asked_page, page_address
from workflows.actuals.late import late_weeks

SIZE = 25


class LateWeeksView(BaseView):
    """`/actuals/late`, for contacts with the function Actuals."""

    route_base = "/actuals/late"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str | Response:
        """List the weeks whose date has passed and that are not confirmed."""
        found = late_weeks(asked_page(), SIZE)
        if not found.rows and found.page > 1:
            return redirect(request.path + page_address().format(page=1))
        return render_template("provider/actuals_late.html", found=found, address=page_address(), person_of=person_of)
