"""`/staff/code-resets/<user_id>`: a reset code for somebody who has lost their security code."""

from flask import abort, g, render_template, request
from flask_appbuilder import BaseView, expose

from models import PortalUser, db
from rules.refusal import Refused
from views.access.permissions import permitted
from views.access.roles import NOBODY_ELSE
from views.access.step_up import prove_again
from workflows.access import code_resets


class CodeResetsView(BaseView):
    """The form in which an officer says how they made sure who somebody is, and the code it gives, shown once."""

    route_base = "/staff/code-resets"
    roles = {"can_give": NOBODY_ELSE}

    @expose("/<int(max=2147483647):user_id>", methods=["GET", "POST"])
    @permitted("give")
    def give(self, user_id: int) -> str | tuple[str, int]:
        """Ask how the person was identified; give the code to who has done so and proves again who they are."""
        user, officer = db.session.get(PortalUser, user_id), g.signed_in.user
        if user is None or user.id == officer.id:
            abort(404)
        how = request.form.get("how", "")
        if request.method == "GET":
            return render_template("staff/code_reset.html", user=user, how=how)
        problems = code_resets.problems_of(user, officer, how)
        try:
            prove_again()
        except Refused as refused:
            problems += refused.problems
        if problems:
            return render_template("staff/code_reset.html", user=user, how=how, problems=problems), 422
        code = code_resets.give(user, officer, how)
        return render_template("staff/code_reset.html", user=user, code=code, until=user.reset_until)
