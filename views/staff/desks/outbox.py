"""The outbox, and the words of its letters."""

from typing import Final

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.letter import PLACEHOLDERS
from rules.mail_states import EmailState
from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.access.roles import NOBODY_ELSE
from workflows.mail import desk, letters

Answer = str | Response | tuple[str, int]

TONES: Final = {
    EmailState.SENT: "ok", EmailState.WAITING: "info", EmailState.SENDING: "info", EmailState.FAILED: "bad",
    EmailState.UNCLEAR: "warn", EmailState.GATHERED: "grey", EmailState.LEFT_OUT: "grey",
}  # fmt: skip


class OutboxView(BaseView):
    """`/staff/outbox`: what was sent, what waits and what is stuck; the text of one shows what its reader gets."""

    route_base = "/staff/outbox"
    roles = {"can_view": NOBODY_ELSE, "can_send": NOBODY_ELSE}

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show how the outbox stands."""
        return render_template(
            "staff/outbox.html", found=desk.outbox(), states=EmailState, tones=TONES,
            by_mail=bool(current_app.config["MAIL_SERVER"]),
        )  # fmt: skip

    @expose("/<int:email_id>", methods=["GET"])
    @permitted("view")
    def show(self, email_id: int) -> str:
        """Show one e-mail; the text of one with a link or a password in it is for its reader alone."""
        email = desk.email(email_id)
        can_send_again = email.state in desk.STUCK and bool(email.body) and may("can_send", "OutboxView")
        return render_template("staff/email.html", email=email, tones=TONES, can_send_again=can_send_again)

    @expose("/<int:email_id>/again", methods=["POST"])
    @permitted("send")
    def again(self, email_id: int) -> Response:
        """Send a stuck e-mail again."""
        try:
            desk.send_again(email_id)
        except Refused as refused:
            flash(refused.problems[0].message, "error")
        else:
            flash("It is sent again within a minute.", "success")
        return redirect(url_for("OutboxView.index"))


class LettersView(BaseView):
    """`/staff/letters`: the words of the e-mails that the portal writes by itself."""

    route_base = "/staff/letters"
    roles = {"can_view": NOBODY_ELSE, "can_reword": NOBODY_ELSE}

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the letters."""
        return render_template("staff/letters.html", groups=letters.listed())

    @expose("/<name>", methods=["GET"])
    @permitted("view")
    def show(self, name: str) -> str:
        """Show one letter in a form."""
        letter = letters.one_letter(name)
        return _form(letter, {"subject": letter.subject, "body": letter.body}, letter.preview)

    @expose("/<name>", methods=["POST"])
    @permitted("reword")
    def save(self, name: str) -> Answer:
        """Show what typed words look like, keep them, or give the letter the portal's own words back."""
        do = request.form.get("do", "")
        if do == "restore":
            letters.restore(name)
            flash("The letter has the portal's own words again.", "success")
            return redirect(url_for("LettersView.index"))
        typed = {field: request.form.get(field, "") for field in ("subject", "body")}
        try:
            if do == "preview":
                return _form(letters.one_letter(name), typed, letters.try_words(name, **typed), is_saved=False)
            letters.reword(name, **typed)
        except Refused as refused:
            return _form(letters.one_letter(name), typed, None, refused.problems), 422
        flash("The letter is saved. E-mails written from now on have these words.", "success")
        return redirect(url_for("LettersView.index"))


def _form(
    letter: letters.LetterRow,
    typed: dict[str, str],
    preview: tuple[str, str] | None,
    problems: tuple[Problem, ...] = (),
    *,
    is_saved: bool = True,
) -> str:
    return render_template(
        "staff/letter.html", letter=letter, typed=typed, problems=problems, preview=preview, is_saved=is_saved,
        meanings={name: meaning for name, (meaning, _) in PLACEHOLDERS.items()},
    )  # fmt: skip
