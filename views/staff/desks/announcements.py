"""Announcements: write one, see whom it reaches and how it looks, publish it, and end it."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.announcement import Wording, problems_of
from rules.mail_states import Audience
from rules.number import whole_number
from rules.period import NotADate, read_date
from rules.record_fields import read_line, read_text
from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.access.roles import EVERY_OFFICER
from workflows.clock import today
from workflows.front_pages import announcements
from workflows.front_pages.announced import Notice

Answer = str | Response | tuple[str, int]

FIELDS = ("title", "body", "audience", "sector", "references", "start", "end")
TICKS = ("widespread", "for_staff", "by_email")


class AnnouncementDesk(BaseView):
    """`/staff/announcement`: every officer may publish, so that a widespread problem never waits for somebody."""

    route_base = "/staff/announcement"
    roles = {"can_view": EVERY_OFFICER, "can_publish": EVERY_OFFICER}

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the form, and what is announced."""
        return _page({"audience": Audience.EVERYBODY.value, "start": today().strftime("%d/%m/%Y")})

    @expose("", methods=["POST"])
    @permitted("publish")
    def write(self) -> Answer:
        """Show how an announcement looks and whom it reaches, or publish it."""
        typed = {name: request.form.get(name, "") for name in (*FIELDS, *TICKS)}
        wording, problems = _read(typed)
        if request.form.get("do") != "publish":
            if problems := [*problems, *problems_of(wording)]:
                return _page(typed, tuple(problems)), 422
            return _page(typed, preview=wording)
        try:
            published = announcements.publish(wording, problems)
        except Refused as refused:
            return _page(typed, refused.problems), 422
        flash(f"“{published}” is published.", "success")
        return redirect(url_for("AnnouncementDesk.index"))

    @expose("/<int:announcement_id>/end", methods=["POST"])
    @permitted("publish")
    def end(self, announcement_id: int) -> Response:
        """Take an announcement off the pages."""
        try:
            ended = announcements.end(announcement_id)
        except Refused as refused:
            flash(refused.problems[0].message, "error")
        else:
            flash(f"“{ended}” is ended. Nobody sees it any more.", "success")
        return redirect(url_for("AnnouncementDesk.index"))


def _read(typed: dict[str, str]) -> tuple[Wording, list[Problem]]:
    problems: list[Problem] = []
    widespread = bool(typed["widespread"])
    audience = (
        Audience.EVERYBODY if widespread else next((each for each in Audience if each == typed["audience"]), None)
    )
    named: tuple[int, ...] = ()
    if audience is Audience.ORGANISATIONS:
        named, problems = announcements.organisations_named(typed["references"])
    known = {each.id for each in announcements.sectors()}
    chosen = whole_number(typed["sector"])
    sector = chosen if chosen in known else None
    wording = Wording(
        title=read_line(typed["title"]), body=read_text(typed["body"]), audience=audience,
        sector_id=sector if audience is Audience.SECTOR else None, organisation_ids=named,
        start=_day(typed["start"], "start", problems) or today(), end=_day(typed["end"], "end", problems),
        widespread=widespread, for_staff=bool(typed["for_staff"]), by_email=bool(typed["by_email"]),
    )  # fmt: skip
    return wording, problems


def _day(text: str, field: str, problems: list[Problem]) -> date | None:
    if not text.strip():
        return None
    try:
        return read_date(text)
    except NotADate as error:
        problems.append(error.problem.at(field))
        return None


def _page(typed: dict[str, str], problems: tuple[Problem, ...] = (), preview: Wording | None = None) -> str:
    standing, over = announcements.listed()
    return render_template(
        "staff/announcement.html",
        typed=typed,
        problems=problems,
        standing=standing,
        over=over,
        sectors=[("", "Choose"), *((each.id, each.name) for each in announcements.sectors())],
        may_publish=may("can_publish", "AnnouncementDesk"),
        today=today(),
        preview=Notice(0, preview.title, preview.body, preview.widespread) if preview else None,
        reach=announcements.reach(preview) if preview else None,
        by_email=bool(preview and preview.by_email),
        starts_later=preview.start if preview and preview.start and preview.start > today() else None,
        hidden=[(name, typed[name]) for name in (*FIELDS, *TICKS)] if preview else [],
    )
