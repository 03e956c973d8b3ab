"""Weeks not confirmed in time: every one of them, the oldest first, each with the way to its sheet."""

from flask import render_template
from flask_appbuilder import BaseView, expose

from views.access.permissions import permitted
from views.page.line_name import person_of
from views.page.paging import asked_page, asked_words, page_address
from workflows.actuals.late import late_weeks

SIZE = 25


class LateWeeksView(BaseView):
    """`/actuals/late`, for contacts with the function Actuals."""

    route_base = "/actuals/late"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the weeks whose date has passed and that are not confirmed."""
        return render_template(
            "provider/actuals_late.html",
            found=late_weeks(asked_page(), SIZE, asked_words()),
            sought=asked_words(),
            address=page_address(),
            person_of=person_of,
        )
