"""`/staff/people/<person_id>/subject-access`: everything about one person, for who asks by right."""

from flask import render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Person, db
from rules.refusal import Refused, Unknown
from views.access.permissions import permitted
from views.access.roles import NOBODY_ELSE
from views.page.file_transfer import hand_out
from workflows.upkeep.person_export import export_person


class SubjectAccessView(BaseView):
    """The form that asks why, and the archive it answers with; the reason stays in the audit trail."""

    route_base = "/staff/people"
    roles = {"can_take": NOBODY_ELSE}

    @expose("/<int(max=2147483647):person_id>/subject-access", methods=["GET"])
    @permitted("take")
    def ask(self, person_id: int) -> str:
        """Ask who wants to know, and why."""
        return _page(person_id)

    @expose("/<int(max=2147483647):person_id>/subject-access", methods=["POST"])
    @permitted("take")
    def take(self, person_id: int) -> Response | tuple[str, int]:
        """Hand out everything about the person as one archive, named by its record: no name in a file's name."""
        try:
            archive = export_person(person_id, request.form.get("why", "").replace("\r\n", "\n"), request.path)
        except Refused as refused:
            return _page(person_id, problems=refused.problems), 422
        return hand_out(archive, f"subject-access-{person_id}.zip", "application/zip")


def _page(person_id: int, **more: object) -> str:
    person = db.session.get(Person, person_id)
    if person is None:
        raise Unknown
    return render_template("staff/subject_access.html", person=person, why=request.form.get("why", ""), **more)
