"""Care package line items: the list, and one line with its plan, rates and weeks."""

from decimal import Decimal

from flask import g, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.money import short_rate
from rules.number import whole_number
from rules.plan import unit_words
from views.access import readings
from views.access.permissions import may, permitted
from views.page.file_transfer import hand_out
from views.page.paging import SIZES, asked_page, asked_size, asked_words, page_address
from views.provider.contracts.line_bands import draw
from workflows.clock import today
from workflows.contracts.line_items import LineFilter, line_items_workbook, lines_of
from workflows.contracts.line_life import is_scheduled, line_life
from workflows.upkeep.trail import Subject


class LineItemsView(BaseView):
    """`/line-items`, for contacts with the function Contract documents."""

    route_base = "/line-items"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str | Response:
        """List the organisation's lines."""
        chosen = _chosen()
        found = lines_of(chosen, page=asked_page(), size=asked_size())
        return render_template(
            "provider/line_items.html",
            found=found,
            chosen=chosen,
            sizes=[(size, str(size)) for size in SIZES],
            address=page_address(),
            workbook=f"{url_for('LineItemsView.workbook')}?{request.query_string.decode()}",
            today=today(),
        )

    @expose("/workbook.xlsx", methods=["GET"])
    @permitted("view")
    def workbook(self) -> Response:
        """Hand out the lines that the list would show, all pages of it."""
        readings.remember(Subject.SERVICE, [service] if (service := _asked_key("service")) else [], readings.EXPORTED)
        return hand_out(line_items_workbook(g.contact.organisation, _chosen()), f"line-items-{today()}.xlsx")

    @expose("/<int:line_id>", methods=["GET"])
    @permitted("view")
    def show(self, line_id: int) -> str:
        """Show one line: why it is not paid, its plans and rates, its weeks and what was written about it."""
        found = line_life(line_id, asked_page())
        plans, rates, versions = found.spans
        unit = unit_words(found.line.plan.unit, Decimal(1))
        words = unit_words(found.line.plan.unit, Decimal(0))
        rows = [
            ("Plan a week", [span._replace(shown=f"{span.shown} {words}") for span in plans]),
            (f"Rate per {unit}", [span._replace(shown=short_rate(Decimal(span.shown))) for span in rates]),
            ("Document", [span._replace(shown=f"v{span.shown}") for span in versions]),
        ]
        return render_template(
            "provider/line_item.html",
            found=found,
            scheduled=is_scheduled(found),
            bands=draw(rows, found.line.plan.start, found.line.plan.end, today()),
            address=page_address(),
            today=today(),
            now_is_today=found.shown_on == today(),
            may_actuals=may("can_view", "ActualsView"),
            may_claim=may("can_view", "AbsenceClaimsView"),
            may_invoice=may("can_view", "InvoicesView"),
            may_remit=may("can_view", "RemittancesView"),
            may_scheduled=may("can_view", "ScheduledPaymentsView"),
            may_read=may("can_view", "ConversationsView"),
            may_ask=may("can_start", "ConversationsView"),
        )


def _chosen() -> LineFilter:
    return LineFilter(
        _asked_key("service"),
        _asked_key("element"),
        request.args.get("historical") == "yes",
        asked_words(),
    )


def _asked_key(name: str) -> int | None:
    return whole_number(request.args.get(name, ""))
