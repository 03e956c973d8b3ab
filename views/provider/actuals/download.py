"""Download actuals: the workbook of a period, to be filled in and uploaded again."""

from flask import Response, g, render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wsgi import wrap_file

from rules.period import date_range
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from views.access import readings
from views.access.permissions import permitted
from views.page.file_transfer import WORKBOOK
from views.page.form_reading import read_key
from workflows.actuals.download import choices, write_download
from workflows.upkeep.trail import Subject


class ActualsDownloadView(BaseView):
    """`/actuals/download`, for contacts with the function Actuals."""

    route_base = "/actuals/download"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def choose(self) -> str:
        """Ask for a period and services; the period that is due is chosen."""
        return _page()

    @expose("/workbook.xlsx", methods=["GET"])
    @permitted("view")
    def workbook(self) -> Response | tuple[str, int]:
        """Hand out the workbook, a piece at a time; where it would be empty, say so on the page."""
        period_id = read_key(request.args.get("period", ""))
        services = [read_key(each) for each in request.args.getlist("service")]
        if request.args.get("choose") and not services:
            return _page((Problem(Code.MISSING, "Choose at least one service.", field="service"),)), 422
        try:
            fill = bool(request.args.get("fill"))
            download = write_download(g.contact.organisation, period_id, services, fill=fill)
        except Refused as refused:
            return _page(refused.problems), 422
        readings.remember(Subject.SERVICE, services, readings.EXPORTED)
        answer = Response(wrap_file(request.environ, download.file), mimetype=WORKBOOK, direct_passthrough=True)
        answer.content_length = download.size
        answer.headers["Content-Disposition"] = f'attachment; filename="{download.name}"'
        return answer


def _page(problems: tuple[Problem, ...] = ()) -> str:
    offered = choices()
    asked = request.args.get("period", "")
    return render_template(
        "provider/actuals_download.html",
        periods=[(period.id, date_range(period.start, period.end)) for period in offered.periods],
        period=asked or (offered.chosen.id if offered.chosen else ""),
        services=[(service.id, service.name) for service in offered.services],
        chosen=request.args.getlist("service") if asked else [service.id for service in offered.services],
        fill=bool(request.args.get("fill")),
        problems=problems,
    )
