"""The first page after signing in: the provider's main menu, or the officer's Today."""

from flask import Response, g, jsonify, redirect, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response as Answer

from views.access.form_seal import opened
from views.access.permissions import permitted
from views.front_pages.main_menu import show_main_menu
from views.front_pages.today import show_today
from workflows.access.sessions import seconds_left
from workflows.clock import now
from workflows.front_pages import announced


class HomeView(BaseView):
    """`/`, for everybody who is signed in."""

    route_base = ""

    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what needs doing, and everything one can do."""
        if contact := g.get("contact"):
            return show_main_menu(contact)
        return show_today(g.signed_in.user)

    @expose("/still-here", methods=["GET"])
    @permitted("view")
    def still_here(self) -> Response:
        """Answer when the session ends: asking counts as being there, as a page does while somebody types into it."""
        idle, longest = seconds_left(g.signed_in, now())
        return jsonify(idle=idle, longest=longest)

    @expose("/announcements/<int:announcement_id>/read", methods=["POST"])
    @permitted("view")
    def put_away(self, announcement_id: int) -> Answer:
        """Show an announcement no more to who has read it, and the page it stood on again."""
        announced.put_away(announcement_id, g.signed_in.user_id, g.signed_in.organisation_id)
        found = opened()
        return redirect(found.page if found else url_for("HomeView.index"))

    @expose("/start-afresh", methods=["POST"])
    @permitted("view")
    def start_afresh(self) -> Answer:
        """Show a page as it is saved, without what was kept for it: that is forgotten when this form is answered."""
        found = opened()
        return redirect(found.page if found else url_for("HomeView.index"))
