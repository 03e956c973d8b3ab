"""`/admin`: every list of records the person may see, in groups."""

from flask import render_template, url_for
from flask_appbuilder import BaseView, expose

from views.access.permissions import may, permitted
from views.access.roles import EVERY_OFFICER


class RecordsView(BaseView):
    """All records."""

    route_base = "/admin"
    roles = {"can_view": EVERY_OFFICER}

    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the lists the person may see: groups and lists in the order in which their views were registered."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for view in self.appbuilder.baseviews:
            if hasattr(view, "group") and may("can_list", view.endpoint):
                groups.setdefault(view.group, []).append((view.list_title, url_for(f"{view.endpoint}.list")))
        return render_template("staff/all_records.html", groups=list(groups.items()))
