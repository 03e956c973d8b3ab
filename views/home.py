"""The first page after signing in: the provider's main menu, or the officer's Today."""

from flask import g, render_template
from flask_appbuilder import BaseView, expose

from views.access.permissions import permitted
from workflows.front_pages import main_menu
from workflows.front_pages import today as today_page


class HomeView(BaseView):
    """`/`, for everybody who is signed in."""

    route_base = ""

    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what needs doing, and everything one can do."""
        if contact := g.get("contact"):
            menu = main_menu.for_contact(contact, g.get("waiting", {}).get("answers", 0))
            return render_template("provider/main_menu.html", menu=menu)
        return render_template("staff/today.html", today=today_page.for_officer(g.signed_in.user))

    @expose("/still-here", methods=["GET"])
    @permitted("view")
    def still_here(self) -> tuple[str, int]:
        """Answer nothing: asking is enough to count as seen, which a page does while somebody types into it."""
        return "", 204
