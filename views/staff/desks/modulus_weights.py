"""`/staff/modulus-weights`: the table that bank accounts are checked by."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem
from rules.words import counted
from views.access.permissions import may, permitted
from views.access.roles import NOBODY_ELSE
from views.page.file_transfer import given_file
from workflows.organisations import bank_details

NO_FILE = Problem(Code.MISSING, "Choose a file.", field="file")


class ModulusWeightsView(BaseView):
    """When the table was loaded, by whom, how many lines it has, and the form that loads another."""

    route_base = "/staff/modulus-weights"
    roles = {"can_list": NOBODY_ELSE, "can_load": NOBODY_ELSE}
    # Where "All records" lists it, as what.
    group, list_title = "Rules", "Modulus weights"

    @expose("", methods=["GET"])
    @permitted("list")
    def list(self) -> str:
        """Show what is loaded."""
        return _page()

    @expose("", methods=["POST"])
    @permitted("load")
    def load(self) -> tuple[str, int] | Response:
        """Replace the table by that of a file."""
        _name, content = given_file()
        if not content:
            return _page((NO_FILE,)), 422
        try:
            lines = bank_details.load_weights(content.decode(errors="replace"))
        except NotUnderstood as error:
            return _page((error.problem.at("file"),)), 422
        flash(f"The new table is loaded: {counted(lines, 'line')}.", "success")
        return redirect(url_for("ModulusWeightsView.list"))


def _page(problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "staff/modulus_weights.html",
        loaded=bank_details.loaded_weights(),
        may_load=may("can_load", "ModulusWeightsView"),
        problems=problems,
    )
