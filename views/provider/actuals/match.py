"""Match columns: a file with headings of its own is matched once; what was matched can be renamed and forgotten."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import ColumnMatch
from rules.column_match import ROW_KINDS
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.upload_states import UploadState
from views.access.permissions import permitted
from views.provider.actuals.match_page import columns_in_words, match_page, read_draft
from workflows.uploads import matches
from workflows.uploads.matching.columns import NOT_WAITING, first_draft, save_match, table_of

Answer = str | tuple[str, int] | Response

ID = "/<int(max=2147483647):match_id>"
MORE_WORDS = Problem(Code.MISSING, "The file holds more words that nobody has matched yet.", "Say what they mean.")


class ActualsMatchView(BaseView):
    """`/actuals/matches`, for contacts with the function Actuals."""

    route_base = "/actuals/matches"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the organisation's matches."""
        return render_template("provider/actuals_matches.html", found=matches.list_matches(), kinds=ROW_KINDS)

    @expose("/file/<int(max=2147483647):upload_id>", methods=["GET"])
    @permitted("view")
    def match(self, upload_id: int) -> Answer:
        """Show the columns of a file that waits, with a first guess of what each is."""
        try:
            upload, table = table_of(upload_id)
        except Refused:
            return redirect(url_for("ActualsUploadView.show", upload_id=upload_id))
        return match_page(upload, table, first_draft(upload, table))

    @expose("/file/<int(max=2147483647):upload_id>", methods=["POST"])
    @permitted("view")
    def save(self, upload_id: int) -> Answer:
        """Remember what the columns are and check the file by it; or show the choices for other rows."""
        try:
            upload, table = table_of(upload_id)
        except Refused:
            flash(NOT_WAITING.message, "error")
            return redirect(url_for("ActualsUploadView.show", upload_id=upload_id))
        draft = read_draft(upload, table)
        if request.form.get("do") == "kind":
            return match_page(upload, table, draft)
        try:
            checked = save_match(upload_id, draft, g.signed_in.user)
        except Refused as refused:
            return match_page(upload, table, draft, refused.problems), 422
        if checked.state is UploadState.MATCHING:
            upload, table = table_of(upload_id)
            return match_page(upload, table, first_draft(upload, table), [MORE_WORDS]), 422
        return redirect(url_for("ActualsUploadView.show", upload_id=upload_id))

    @expose(ID, methods=["GET"])
    @permitted("view")
    def show(self, match_id: int) -> str:
        """Show what a match says, with its name to be changed."""
        match = matches.find_match(match_id)
        return _page(match, match.name)

    @expose(ID, methods=["POST"])
    @permitted("view")
    def rename(self, match_id: int) -> Answer:
        """Give a match another name."""
        typed = request.form.get("name", "")
        try:
            match = matches.rename_match(match_id, typed)
        except Refused as refused:
            return _page(matches.find_match(match_id), typed, refused.problems), 422
        flash(f"The match is now called “{match.name}”.", "success")
        return redirect(url_for("ActualsMatchView.index"))

    @expose(f"{ID}/forget", methods=["POST"])
    @permitted("view")
    def forget(self, match_id: int) -> Response:
        """Forget a match."""
        match = matches.forget_match(match_id)
        asks = "For the next file with its headings the portal asks what each column is."
        flash(f"“{match.name}” has been removed. {asks}", "success")
        return redirect(url_for("ActualsMatchView.index"))


def _page(match: ColumnMatch, typed: str, problems: tuple[Problem, ...] | list[Problem] = ()) -> str:
    columns = columns_in_words(match.row_kind, match.columns, match.headings)
    return render_template(
        "provider/actuals_matched.html", match=match, typed=typed, columns=columns, kinds=ROW_KINDS, problems=problems
    )
