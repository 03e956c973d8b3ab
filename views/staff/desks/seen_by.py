"""`/staff/people/<person_id>/seen`: who has seen a person's record, and who has taken it away in a file."""

from flask import render_template
from flask_appbuilder import BaseView, expose

from views.access.permissions import permitted
from views.access.roles import NOBODY_ELSE
from views.page.paging import asked_page, asked_size, page_address
from workflows.upkeep.seen_by import find_person, seen_by


class SeenByView(BaseView):
    """What the audit trail knows of who read or exported one person's record, for who may read the trail."""

    route_base = "/staff/people"
    roles = {"can_view": NOBODY_ELSE}

    @expose("/<int(max=2147483647):person_id>/seen", methods=["GET"])
    @permitted("view")
    def show(self, person_id: int) -> str:
        """Show who saw the record, the newest first."""
        return render_template(
            "staff/seen_by.html",
            person=find_person(person_id),
            found=seen_by(person_id, asked_page(), asked_size()),
            address=page_address(),
        )
