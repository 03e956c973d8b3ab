"""Remittance advice: what was paid, line by line, and why each line is what it is."""

from flask import render_template
from flask_appbuilder import BaseView, expose

from rules.money import pounds
from rules.plan import unit_words
from views.access.permissions import permitted
from views.page.paging import asked_page
from views.provider.remittances.week_line import steps, way_to_bank, who_and_when
from workflows.clock import today
from workflows.payments.remittance import explain_line, get_sheet, remittances_page


class RemittancesView(BaseView):
    """`/remittances`, for contacts with the function Invoices and payments."""

    route_base = "/remittances"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def list(self) -> str:
        """List the organisation's remittances, newest first."""
        return render_template("provider/remittances.html", found=remittances_page(asked_page()), today=today())

    @expose("/<int(max=2147483647):remittance_id>", methods=["GET"])
    @permitted("view")
    def show(self, remittance_id: int) -> str:
        """Show one remittance with its lines."""
        sheet = get_sheet(remittance_id, asked_page())
        return render_template("provider/remittance.html", sheet=sheet, today=today(), unit_words=unit_words)

    @expose("/<int(max=2147483647):remittance_id>/lines/<int(max=2147483647):number>", methods=["GET"])
    @permitted("view")
    def why(self, remittance_id: int, number: int) -> str:
        """Explain one line, from units and rate to the bank."""
        story = explain_line(remittance_id, number)
        return render_template(
            "provider/remittance_line.html",
            story=story,
            amount=pounds(story.line.gross),
            about=who_and_when(story),
            steps=steps(story),
            stops=way_to_bank(story),
        )
