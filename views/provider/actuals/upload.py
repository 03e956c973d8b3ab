"""Upload actuals: a file is checked, its findings are a page with an address, and confirming puts it in."""

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Upload, UploadFinding
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import FindingKind, UploadState
from rules.words import counted
from views.access.permissions import permitted
from views.page.file_transfer import AS_GIVEN, MOST_SHOWN, given_file, hand_out, hand_out_correction
from workflows.uploads import steps as uploads

Answer = str | tuple[str, int] | Response

BUSY = (UploadState.WAITING, UploadState.CHECKING, UploadState.APPLYING)
ID = "<int(max=2147483647):upload_id>"
# What warnings are about, by their code: of one, and of many.
WARNINGS = {
    "over-level": (
        "week over its exception level: held until Service Brokerage decides",
        "weeks over their exception level: held until Service Brokerage decides",
    ),
    "reason-needed": (
        "week that differs from its plan without a reason: a draft until it has one",
        "weeks that differ from their plan without a reason: drafts until they have one",
    ),
    "duplicate-row": ("row that repeats another: skipped", "rows that repeat others: skipped"),
    "sent-before": ("visit sent before under another reference", "visits sent before under other references"),
    "numbered-anew": ("file numbers its rows anew", "files number their rows anew"),
    "not-in-file": ("notice about visits that the file does not name", "notices about visits that are not named"),
}


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
    def show(self, upload_id: int) -> str:
        """Show what was found in a file, how far its check is, or what became of it."""
        return _check_page(uploads.find_upload(upload_id))

    @expose(f"/{ID}", methods=["POST"])
    @permitted("view")
    def update(self, upload_id: int) -> Answer:
        """Put the good rows of a file into the portal, and those that were ticked."""
        ticked = [int(each) for each in request.form.getlist("tick") if each.isascii() and each.isdigit()]
        try:
            done = uploads.ask_to_apply(upload_id, ticked, g.signed_in.user)
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "error")
        else:
            if done.state is UploadState.DONE:
                flash(_done_words(done), "success")
        return redirect(url_for("ActualsUploadView.show", upload_id=upload_id))

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
        return hand_out_correction(uploads.correction(upload_id), name)

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


def _check_page(kept: Upload) -> str:
    return render_template(
        "provider/actuals_upload_check.html",
        kept=kept,
        counts=kept.counts,
        busy=kept.state in BUSY,
        rejected=uploads.findings(kept.id, FindingKind.REJECTED, most=MOST_SHOWN),
        rejected_count=uploads.rejected_count(kept.id),
        warnings=_warnings(kept.id),
        asked=uploads.findings(kept.id, FindingKind.CONFLICT, FindingKind.LOCKED),
        difference=kept.pounds_after - kept.pounds_before,
    )


def _warnings(upload_id: int) -> list[tuple[str, int, list[UploadFinding]]]:
    """Return the warnings by what they are about: in words, how many, and the first of them."""
    counts = uploads.warning_counts(upload_id)
    return [
        (counted(counts[code], one, many), counts[code],
         uploads.findings(upload_id, FindingKind.WARNING, code=code, most=MOST_SHOWN))
        for code, (one, many) in WARNINGS.items()
        if code in counts
    ]  # fmt: skip


def _done_words(done: Upload) -> str:
    written, held = done.counts.get("written", 0), done.counts.get("held", 0)
    what = counted(written, "week is in the portal now, as a draft", "weeks are in the portal now, as drafts")
    words = [f"{what} to confirm."]
    if not written:
        words = ["Nothing had changed, so nothing was written."]
    if held:
        words.append(f"{counted(held, 'is', 'are')} over the exception level and held.")
    return " ".join(words)
