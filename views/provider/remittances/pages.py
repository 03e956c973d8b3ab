"""Remittance advice: what was paid, person by person and line by line, and why each line is what it is."""

from typing import Final

from flask import render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from files.payments.remittance_file import more_was_paid
from models import limited_to
from rules.money import pounds
from rules.number import whole_number
from rules.paid import paid_called
from rules.period import WEEKDAYS, date_range, uk_date
from rules.remittance import CORRECTIONS, AdjustmentCode
from rules.states import InvoiceState
from views.access.permissions import permitted
from views.page.file_transfer import KINDS, hand_out
from views.page.paging import asked_page, asked_words, page_address
from views.provider.remittances.shown_lines import LinesInWords, minus
from views.provider.remittances.week_line import steps, way_to_bank, who_and_when
from workflows.clock import today
from workflows.page import slice_of
from workflows.remittances.explain import explain_line, remittances_page
from workflows.remittances.file import RemittanceFormat, remittance_file
from workflows.remittances.read import LineChoice, RemittanceByPerson, by_person, whole_remittance

# People on one page.
PEOPLE: Final = 100
SHOWN: Final = [
    ("", "Everything"),
    ("differs", "Only what differs from plan"),
    ("corrections", "Corrections"),
    ("absences", "Absences"),
]


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
        """Show one remittance with its lines by person, or those that were asked for."""
        found = by_person(whole_remittance(remittance_id), _choice())
        return _page(found)

    @expose("/<int(max=2147483647):remittance_id>.<any(pdf,xlsx,csv,json):kind>", methods=["GET"])
    @permitted("view")
    def file(self, remittance_id: int, kind: str) -> Response:
        """Hand out one remittance with all its lines."""
        whole = whole_remittance(remittance_id)
        name = f"{whole.remittance.number}.{kind}"
        return hand_out(remittance_file(whole, RemittanceFormat(kind)), name, KINDS[kind])

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
            ask=LinesInWords(story.remittance).ask_about(story.line),
        )


def _choice() -> LineChoice:
    show = request.args.get("show", "")
    return LineChoice(
        sought=asked_words(),
        service_id=whole_number(request.args.get("service", "")),
        show=show if show in dict(SHOWN) else "",
    )


def _page(found: RemittanceByPerson) -> str:
    whole, totals = found.whole, found.whole.totals
    words, shown = LinesInWords(whole.remittance), slice_of(found.people, asked_page(), PEOPLE)
    return render_template(
        "provider/remittance.html",
        found=found,
        remittance=whole.remittance,
        more_was_paid=more_was_paid(whole.remittance, ", here and in the files") if limited_to() else "",
        called=paid_called(InvoiceState.PAID, whole.remittance.pay_date, today()),
        pay_day=f"{WEEKDAYS[whole.remittance.pay_date.weekday()]} {uk_date(whole.remittance.pay_date)}",
        date_range=date_range,
        totals=totals,
        contributed=totals.adjustments.get(AdjustmentCode.CONTRIBUTION),
        corrected=sum(line.gross for line in whole.lines if line.kind in CORRECTIONS),
        minus=minus,
        people=words.people(shown.rows),
        others=words.lines(found.others),
        ask=words.ask_about(),
        opened=not found.choice.is_everything or request.args.get("open") == "all",
        shown=SHOWN,
        all_open=url_for("RemittancesView.show", remittance_id=whole.remittance.id, open="all"),
        shown_page=shown,
        address=page_address(),
        today=today(),
    )
