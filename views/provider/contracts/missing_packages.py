"""Report a missing care package: the form, and what was reported before with what became of it."""

from collections.abc import Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.missing_package import MissingEntry
from rules.period import read_date
from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.page.form_reading import FormReading
from views.page.paging import asked_page, page_address
from workflows.contracts import missing_package as packages
from workflows.contracts.missing_package import MissingChoices

Answer = str | tuple[str, int] | Response

FIELDS = (
    "person_reference", "person_name", "born_on", "service", "element", "start", "plan", "agreed_with", "agreed_on",
    "paper_reference", "comment",
)  # fmt: skip
SIZE = 25


class MissingPackagesView(BaseView):
    """`/line-items/missing`, for contacts with the function Contract documents."""

    route_base = "/line-items/missing"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def form(self) -> str:
        """Show the form, and below it what was reported."""
        return _page({})

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("view")
    def report(self) -> Answer:
        """Report a care package."""
        typed = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
        offered = packages.choices()
        service_id, element_id = (
            _chosen(typed["service"], offered.services),
            _chosen(typed["element"], offered.elements),
        )
        try:
            packages.report(
                _entry(typed, offered, service_id, element_id), service_id or 0, element_id, g.signed_in.user
            )
        except Refused as refused:
            return _page(typed, refused.problems), 422
        flash("Your report has been sent. Service Brokerage will look for the care package and answer you.", "success")
        return redirect(url_for("MissingPackagesView.form"))


def _entry(
    typed: Mapping[str, str], offered: MissingChoices, service_id: int | None, element_id: int | None
) -> MissingEntry:
    """Read what was typed. Raises Refused with every date that cannot be read, beside what else is wrong."""
    reading = FormReading(typed)
    entry = MissingEntry(
        person_reference=typed["person_reference"],
        person_name=typed["person_name"],
        born_on=reading.read("born_on", read_date, None),
        service=offered.services.get(service_id or 0, ""),
        element=offered.elements.get(element_id or 0, ""),
        start=reading.read("start", read_date, None),
        plan=typed["plan"],
        agreed_with=typed["agreed_with"],
        agreed_on=reading.read("agreed_on", read_date, None),
        paper_reference=typed["paper_reference"],
        comment=typed["comment"],
    )
    if reading.problems:
        unread = {problem.field for problem in reading.problems}
        others = [each for each in packages.problems_of(entry) if each.field not in unread]
        raise Refused(*reading.problems, *others)
    return entry


def _chosen(typed: str, offered: Mapping[int, str]) -> int | None:
    return next((key for key in offered if str(key) == typed), None)


def _page(typed: Mapping[str, str], problems: tuple[Problem, ...] = ()) -> str:
    offered = packages.choices()
    services = list(offered.services.items())
    only = str(services[0][0]) if len(services) == 1 else ""
    return render_template(
        "provider/line_item_missing.html",
        typed={"service": only, **typed},
        services=[("", "Choose a service"), *services],
        elements=[("", "Not known"), *offered.elements.items()],
        found=packages.reported(asked_page(), SIZE),
        address=page_address(),
        problems=problems,
        may_read=may("can_view", "ConversationsView"),
    )
