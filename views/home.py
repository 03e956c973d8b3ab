"""The first page after signing in: the provider's main menu, or the officer's Today."""

from flask import g
from flask_appbuilder import BaseView, expose

from views.access.permissions import permitted
from views.front_pages.main_menu import show_main_menu
from views.front_pages.today import show_today


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
    def still_here(self) -> tuple[str, int]:
        """Answer nothing: asking is enough to count as seen, which a page does while somebody types into it."""
        return "", 204
