"""Staff imports: a file is checked, its findings are a page with an address, and confirming writes it."""

from collections.abc import Sequence

from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.upload_states import ImportState
from rules.words import counted
from views.access.permissions import may, permitted
from views.access.roles import BROKERAGE, PAYMENTS_OFFICER, PROCUREMENT
from views.page.file_transfer import AS_GIVEN, MOST_SHOWN, given_file, hand_out, hand_out_correction
from workflows.imports import steps as imports
from workflows.imports.kinds import KINDS, ImportKind

Answer = str | tuple[str, int] | Response

# Kinds whose rows change nothing before another officer has confirmed them.
PROPOSED = ("rate-uplifts", "one-off-payments")
BUSY = (ImportState.WAITING, ImportState.CHECKING, ImportState.APPLYING)


class ImportsView(BaseView):
    """`/staff/imports`: who may look sees every import; each kind is for the roles that own its records."""

    route_base = "/staff/imports"
    roles = {
        "can_view": (BROKERAGE, PROCUREMENT, PAYMENTS_OFFICER),
        "can_import": (BROKERAGE, PROCUREMENT, PAYMENTS_OFFICER),
        "can_import_contract_documents": (BROKERAGE,),
        "can_import_people": (BROKERAGE,),
        "can_import_paper_isos": (BROKERAGE,),
        "can_import_organisations": (PROCUREMENT,),
        "can_import_contacts": (PROCUREMENT,),
        "can_import_rate_uplifts": (BROKERAGE,),
        "can_import_one_off_payments": (PAYMENTS_OFFICER,),
    }

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what can be imported, and what was."""
        return _page(())

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("import")
    def check(self) -> Answer:
        """Keep a file and check it, a big one in the background; what is found is the next page."""
        kind = request.form.get("kind", "")
        if kind and not _may_import(kind):
            abort(403)
        try:
            kept = imports.store_import(kind, *given_file(), g.signed_in.user)
        except Refused as refused:
            return _page(refused.problems), 422
        if kept.state is ImportState.REFUSED and not kept.findings["problems"]:
            return _page(
                [Problem(Code.BROKEN_FILE, message, field="file") for message in kept.findings["notices"]]
            ), 422
        return redirect(url_for("ImportsView.show", import_id=kept.id))

    @expose("/<int:import_id>", methods=["GET"])
    @permitted("view")
    def show(self, import_id: int) -> str:
        """Show what was found in a file, how far its check is, or what became of it."""
        kept = imports.import_file(import_id)
        problems = imports.problems_of(kept)
        return render_template(
            "staff/import_check.html",
            kept=kept,
            kind=KINDS.get(kept.kind),
            busy=kept.state in BUSY,
            findings=kept.findings,
            problems=problems[:MOST_SHOWN],
            changes=kept.findings.get("changes", [])[:MOST_SHOWN],
            may_import=_may_import(kept.kind),
        )

    @expose("/<int:import_id>", methods=["POST"])
    @permitted("import")
    def confirm(self, import_id: int) -> Response:
        """Write the rows of a file that has no problem, those of a big one in the background."""
        if not _may_import(imports.import_file(import_id).kind):
            abort(403)
        try:
            kept = imports.ask_to_confirm(import_id, g.signed_in.user)
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "error")
        else:
            if kept.state is ImportState.DONE:
                written = kept.findings["new"] + kept.findings["changed"]
                waits = " Another officer confirms what they change." if kept.kind in PROPOSED else ""
                flash(f"{counted(written, 'row was', 'rows were')} imported.{waits}", "success")
        return redirect(url_for("ImportsView.show", import_id=import_id))

    @expose("/<int:import_id>/abandon", methods=["POST"])
    @permitted("import")
    def abandon(self, import_id: int) -> Response:
        """Leave a checked file without writing it."""
        if not _may_import(imports.import_file(import_id).kind):
            abort(403)
        try:
            kept = imports.abandon(import_id, g.signed_in.user)
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "error")
            return redirect(url_for("ImportsView.show", import_id=import_id))
        flash(f"{kept} is left. Nothing was written.", "success")
        return redirect(url_for("ImportsView.index"))

    @expose("/<int:import_id>/again", methods=["POST"])
    @permitted("import")
    def again(self, import_id: int) -> Response:
        """Check a file that was given before anew, as an import of its own."""
        if not _may_import(imports.import_file(import_id).kind):
            abort(403)
        kept = imports.check_again(import_id, g.signed_in.user)
        return redirect(url_for("ImportsView.show", import_id=kept.id))

    @expose("/<int:import_id>/progress", methods=["GET"])
    @permitted("view")
    def progress(self, import_id: int) -> Response:
        """Say whether a file is still being worked on in the background."""
        state = imports.import_file(import_id).state
        return jsonify(state=state.value, done=0, total=0, busy=state in BUSY)

    @expose("/<int:import_id>/correction.xlsx", methods=["GET"])
    @permitted("view")
    def correction(self, import_id: int) -> Response:
        """Hand out the rows that have a problem, as a workbook."""
        return hand_out_correction(imports.correction(import_id), imports.import_file(import_id).filename)

    @expose("/<int:import_id>/file", methods=["GET"])
    @permitted("view")
    def file(self, import_id: int) -> Response:
        """Hand out a file as it was given."""
        return hand_out(imports.content_of(import_id), imports.import_file(import_id).filename, AS_GIVEN)

    @expose("/template/<name>.xlsx", methods=["GET"])
    @permitted("view")
    def template(self, name: str) -> Response:
        """Hand out an empty workbook to fill in."""
        return hand_out(imports.template(name), f"{name}.xlsx")


def _may_import(kind: str) -> bool:
    """Say whether the officer's role owns the records of a kind of import."""
    return may(f"can_import_{kind.replace('-', '_')}", "ImportsView")


def _page(problems: Sequence[Problem]) -> str:
    own: list[ImportKind] = [kind for kind in KINDS.values() if _may_import(kind.name)]
    chosen = request.values.get("kind", "")
    return render_template(
        "staff/imports.html",
        kinds=own,
        all_kinds=KINDS,
        files=imports.recent_imports(),
        busy=BUSY,
        problems=problems,
        chosen=chosen if chosen or len(own) != 1 else own[0].name,
    )
