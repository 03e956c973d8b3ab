"""Uplifts: Service Brokerage says which rates change from when, looks at what that does, and sends it."""

from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import ARRAY, Integer, func, literal, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from models import Proposal, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.plan import UNIT_WORDS
from rules.refusal import Problem, Refused, Unknown
from views.access.permissions import may, permitted
from views.access.readings import remember_list
from views.access.roles import BROKERAGE
from views.page.file_transfer import hand_out_list
from views.staff.agreements.proposed import details_of, uplift_shown
from workflows.agreements import uplifts
from workflows.agreements.uplift_reading import UPLIFT_FIELDS, ReadUplift, choices, read_uplift
from workflows.clock import today
from workflows.proposals import steps
from workflows.upkeep.trail import Subject

Answer = str | Response | tuple[str, int]

UNITS: Final = [("", "Any unit"), *((unit.value, many.capitalize()) for unit, (_, many) in UNIT_WORDS.items())]
MOST_RECENT: Final = 20


class UpliftsView(BaseView):
    """`/staff/uplifts`: proposed by Service Brokerage; another officer confirms."""

    route_base = "/staff/uplifts"
    roles = {"can_view": (BROKERAGE,), "can_propose": (BROKERAGE,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """Show the form and, once it is filled in, what that would do; below, the latest uplifts."""
        if not any(request.args.get(name) for name in UPLIFT_FIELDS):
            return _page(ReadUplift(dict.fromkeys(UPLIFT_FIELDS, "")))
        read = read_uplift(request.args)
        return _page(read) if read.uplift else (_page(read), 422)

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("propose")
    def propose(self) -> Answer:
        """Send what was looked at for confirmation."""
        read, reason = read_uplift(request.form), request.form.get("reason", "").replace("\r\n", "\n").strip()
        if read.uplift is None:
            return _page(read, reason=reason), 422
        seen = request.form.get("seen", "")
        try:
            proposal = uplifts.propose(read.uplift, g.signed_in.user, reason, seen, read.about)
        except Refused as refused:
            return _page(read, refused.problems, reason), 422
        flash("It was sent for confirmation. The rates change once another officer has confirmed it.", "success")
        return redirect(url_for("UpliftsView.show", proposal_id=proposal.id))

    @expose("/<int(max=2147483647):proposal_id>", methods=["GET"])
    @permitted("view")
    def show(self, proposal_id: int) -> str:
        """Show one uplift: what it would do while it waits, and what it was once it is decided."""
        proposal = steps.proposal_of(proposal_id)
        if proposal.kind is not ProposalKind.UPLIFT:
            raise Unknown
        return render_template(
            "staff/uplift.html",
            proposal=proposal,
            week_before=Decimal(proposal.payload["before"]),
            week_after=Decimal(proposal.payload["after"]),
            own=proposal.proposed_by_id == g.signed_in.user.id,
            **details_of(proposal),
        )

    @expose("/lines.xlsx", methods=["GET"])
    @permitted("view")
    def typed_lines(self) -> Response:
        """Hand out the lines that an uplift would change, as it is filled in."""
        read = read_uplift(request.args)
        if read.uplift is None:
            raise Unknown
        return _lines(uplifts.preview([read.uplift]))

    @expose("/<int(max=2147483647):proposal_id>/lines.xlsx", methods=["GET"])
    @permitted("view")
    def lines(self, proposal_id: int) -> Response:
        """Hand out the lines that an uplift which waits would change."""
        proposal = steps.proposal_of(proposal_id)
        if proposal.kind is not ProposalKind.UPLIFT or proposal.state is not ProposalState.PROPOSED:
            raise Unknown
        return _lines(uplifts.preview(uplifts.proposed(proposal)))

    @expose("/<int(max=2147483647):proposal_id>/withdraw", methods=["POST"])
    @permitted("propose")
    def withdraw(self, proposal_id: int) -> Response:
        """Take back one's own uplift before it is decided."""
        try:
            steps.withdraw(proposal_id, g.signed_in.user)
            flash("It was withdrawn. No rate has changed.", "success")
        except Refused as refused:
            flash(refused.problems[0].message, "error")
        return redirect(url_for("UpliftsView.show", proposal_id=proposal_id))


def _lines(seen: uplifts.UpliftPreview) -> Response:
    lines = uplifts.lines_of(seen, 1, seen.changed)
    in_file = select(func.unnest(literal([each.line_id for each in lines], ARRAY(Integer))).label("id"))
    remember_list("line_item", {Subject.LINE: in_file})
    return hand_out_list(f"uplift-{today():%Y-%m-%d}.xlsx", "Uplift", uplifts.HEADINGS, uplifts.rows_of(lines))


def _page(read: ReadUplift, problems: tuple[Problem, ...] = (), reason: str = "") -> str:
    seen = uplifts.preview([read.uplift]) if read.uplift else None
    elements, sectors = choices()
    return render_template(
        "staff/uplifts.html",
        typed=read.typed,
        about=read.about,
        words=uplifts.words_of(read.uplift) if read.uplift else "",
        problems=[*read.problems, *problems],
        reason=reason,
        elements=[("", "Any element"), *elements],
        sectors=[("", "Any sector"), *sectors],
        units=UNITS,
        recent=_recent(),
        may_propose=may("can_propose", "UpliftsView"),
        excel=f"{url_for('UpliftsView.typed_lines')}?{urlencode(read.typed)}" if seen else "",
        **(uplift_shown(seen) if seen else {}),
    )


def _recent() -> list[Proposal]:
    statement = select(Proposal).where(Proposal.kind == ProposalKind.UPLIFT).options(joinedload(Proposal.proposed_by))
    return list(db.session.scalars(statement.order_by(Proposal.id.desc()).limit(MOST_RECENT)))
