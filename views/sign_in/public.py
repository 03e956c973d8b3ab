"""Pages that are open to everybody, also before a sector's turn has come: help, status, accessibility, privacy."""

from typing import Final

from flask import Response, abort, render_template, request
from flask_appbuilder import BaseView, expose

from models import acting_for
from rules.mail_states import MailChoice
from views.sign_in.guides import GUIDES
from workflows.mail import digest
from workflows.organisations import calendar

# Mailboxes stop a digest by sending this form themselves, without a token of ours: the signed address stands for it.
SIGNED: Final = "views.sign_in.public.unsubscribe"


class PublicView(BaseView):
    """`/help`, `/status`, `/accessibility` and `/privacy`; and by their secret or signed address dates and digests."""

    route_base = ""

    @expose("/help", methods=["GET"])
    def help(self) -> str:
        """List the guides."""
        return render_template("public/help.html", guides=GUIDES.values())

    @expose("/help/<slug>", methods=["GET"])
    def guide(self, slug: str) -> str:
        """Show one guide."""
        if slug not in GUIDES:
            abort(404)
        return render_template("public/guide.html", guide=GUIDES[slug])

    @expose("/status", methods=["GET"])
    def status(self) -> str:
        """Say that the portal is up, what is wrong all over it, and whom to telephone; the frame shows the problems."""
        return render_template("public/status.html")

    @expose("/accessibility", methods=["GET"])
    def accessibility(self) -> str:
        """Say how accessible the portal is, and whom to tell where it is not."""
        return render_template("public/accessibility.html")

    @expose("/privacy", methods=["GET"])
    def privacy(self) -> str:
        """Say what the portal keeps about people, and why."""
        return render_template("public/privacy.html")

    @expose("/calendar/<token>.ics", methods=["GET"])
    def calendar(self, token: str) -> Response:
        """Answer with an organisation's dates, for whoever has their secret address."""
        try:
            dates = calendar.read(token)
        except calendar.TooOften:
            abort(429)
        return Response(
            dates, mimetype="text/calendar", headers={"Content-Disposition": 'inline; filename="dates.ics"'}
        )

    @expose("/unsubscribe/<token>", methods=["GET", "POST"])
    def unsubscribe(self, token: str) -> str:
        """Ask whether somebody wants no digests any more, and stop them where the form is sent."""
        found = digest.read_token(token)
        if found is None:
            abort(404)
        contact_id, organisation_id = found
        if request.method == "POST":
            with acting_for(organisation_id):
                digest.choose(contact_id, MailChoice.NONE)
        return render_template("public/unsubscribe.html", done=request.method == "POST")
