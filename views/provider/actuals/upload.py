"""Upload actuals: a file is checked, its findings are a page with an address, and confirming puts it in."""

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from files.writing.record_list import csv_lines
from models import Upload
from rules.number import whole_number
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.upload_states import UploadState
from rules.words import counted
from views.access.permissions import permitted
from views.page.file_transfer import AS_GIVEN, given_file, hand_out, hand_out_correction, hand_out_lines
from views.provider.actuals.upload_page import BUSY, asked_place, check_page
from workflows.uploads import steps as uploads
from workflows.uploads.kept.rows import HEADINGS, result_rows
from workflows.uploads.results.correction_file import correction
from workflows.uploads.results.read import question_ids, ticked_weeks

Answer = str | tuple[str, int] | Response

ID = "<int(max=2147483647):upload_id>"


class ActualsUploadView(BaseView):
    """`/actuals/upload`, for contacts with the function Actuals."""

    route_base = "/actuals/upload"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show where a file is chosen, and what was sent before."""
        return _page(())

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("view")
    def check(self) -> Answer:
        """Keep a file and check it, a big one in the background; what is found is the next page."""
        filename, content = given_file()
        try:
            kept = uploads.store_upload(filename, content, g.signed_in.user, g.contact.organisation_id)
        except Refused as refused:
            return _page(refused.problems), 422
        if kept.state is UploadState.REFUSED:
            return _page([Problem(Code.BROKEN_FILE, message, field="file") for message in kept.notices]), 422
        return redirect(url_for("ActualsUploadView.show", upload_id=kept.id))

    @expose(f"/{ID}", methods=["GET"])
    @permitted("view")
    def show(self, upload_id: int) -> Answer:
        """Show what was found in a file, how far its check is, or what became of it; or ask what its columns are."""
        kept = uploads.find_upload(upload_id, changes=True)
        if kept.state is UploadState.MATCHING:
            return redirect(url_for("ActualsMatchView.match", upload_id=upload_id))
        return check_page(kept)

    @expose(f"/{ID}", methods=["POST"])
    @permitted("view")
    def update(self, upload_id: int) -> Answer:
        """Put the good rows of a file into the portal, and those that were ticked."""
        try:
            done = uploads.ask_to_apply(upload_id, _ids("tick"), g.signed_in.user, _ids("shown"))
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "error")
        else:
            if done.state is UploadState.DONE:
                flash(_done_words(done), "success")
        return redirect(url_for("ActualsUploadView.show", upload_id=upload_id))

    @expose(f"/{ID}/ticks", methods=["POST"])
    @permitted("view")
    def ticks(self, upload_id: int) -> Response:
        """Keep what is ticked and show another part of a long page; or tick all that is asked, or none of it.

        `every` is "yes" or "no"; "yes.7" ticks all rows of the one question that the finding 7 belongs to.
        """
        every, _, of_one = request.form.get("every", "").partition(".")
        question = whole_number(of_one)
        shown, ticked = set(_ids("shown")), set(_ids("tick"))
        if every:
            asked = set(question_ids(upload_id, question))
            shown, ticked = shown | asked, ticked | asked if every == "yes" else ticked - asked
        try:
            uploads.store_ticks(upload_id, ticked, shown)
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "error")
        to = request.form.get("to") or request.form.get("at", "")
        return redirect(asked_place(uploads.find_upload(upload_id), to, question))

    @expose(f"/{ID}/progress", methods=["GET"])
    @permitted("view")
    def progress(self, upload_id: int) -> Response:
        """Say how far a check in the background is."""
        kept = uploads.find_upload(upload_id)
        return jsonify(state=kept.state.value, done=kept.rows_done, total=kept.rows_total, busy=kept.state in BUSY)

    @expose(f"/{ID}/correction.xlsx", methods=["GET"])
    @permitted("view")
    def correction(self, upload_id: int) -> Response:
        """Hand out the rejected rows, ready to be put right and sent again."""
        name = uploads.find_upload(upload_id).filename
        return hand_out_correction(correction(upload_id), name)

    @expose(f"/{ID}/result.csv", methods=["GET"])
    @permitted("view")
    def result(self, upload_id: int) -> Response:
        """Hand out what became of every row, for the system that the file comes from."""
        kept = uploads.find_upload(upload_id)
        name = f"{kept.filename.rpartition('.')[0] or kept.filename} result.csv"
        return hand_out_lines(csv_lines(HEADINGS, result_rows(kept, ticked_weeks(kept))), name)

    @expose(f"/{ID}/file", methods=["GET"])
    @permitted("view")
    def file(self, upload_id: int) -> Response:
        """Hand out a file as it was given."""
        name = uploads.find_upload(upload_id).filename
        return hand_out(uploads.content_of(upload_id), name, AS_GIVEN)


def _page(problems: tuple[Problem, ...] | list[Problem]) -> str:
    return render_template(
        "provider/actuals_upload.html", problems=problems, uploads=uploads.earlier_uploads(), busy=BUSY
    )


def _ids(name: str) -> list[int]:
    """Return the numbers that a form gives under a name; what is none is passed over."""
    return [key for each in request.form.getlist(name) if (key := whole_number(each)) is not None]


def _done_words(done: Upload) -> str:
    written, held = done.counts.get("written", 0), done.counts.get("held", 0)
    what = counted(written, "week is in the portal now, as a draft", "weeks are in the portal now, as drafts")
    words = [f"{what} to confirm."]
    if not written:
        words = ["Nothing had changed, so nothing was written."]
    if held:
        words.append(f"{counted(held, 'is', 'are')} over the exception level and held.")
    return " ".join(words)
