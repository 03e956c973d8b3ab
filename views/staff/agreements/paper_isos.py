"""Paper ISOs of a downtime: confirmed, migrated, and reviewed one after the other by Service Brokerage."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import PaperOrder
from rules.agreement_states import PaperState
from rules.money import short_rate
from rules.paper_order import compare, plan_words
from rules.refusal import Problem, Refused
from rules.scan import MIME_TYPES
from rules.words import counted, plural
from views.access.permissions import may, permitted
from views.access.roles import BROKERAGE
from views.page.conversation_form import text_of
from views.page.file_transfer import given_file, hand_out
from views.page.paging import asked_page, asked_size, page_address
from workflows import policy
from workflows.paper_isos import answers, register
from workflows.paper_isos.answers import Review
from workflows.paper_isos.match import PaperVerdict, judge_papers
from workflows.paper_isos.migration import last_runs, migrate_now
from workflows.paper_isos.register import Counted

Answer = str | Response | tuple[str, int]

SAME: Final = re.compile("same-([0-9]{1,9})")
NEW, NOTHING = "new", "nothing"


class PapersShown(StrEnum):
    """Which paper ISOs the list shows."""

    TO_CONFIRM = "to-confirm"
    TO_MIGRATE = "to-migrate"
    TO_REVIEW = "to-review"
    SETTLED = "settled"


WORDS: Final = {
    PapersShown.TO_CONFIRM: "To confirm",
    PapersShown.TO_MIGRATE: "To migrate",
    PapersShown.TO_REVIEW: "To review",
    PapersShown.SETTLED: "Settled",
}
WHICH: Final[dict[PapersShown, Callable[[], Any]]] = {
    PapersShown.TO_CONFIRM: PaperOrder.to_confirm,
    PapersShown.TO_MIGRATE: PaperOrder.to_migrate,
    PapersShown.TO_REVIEW: lambda: PaperOrder.state == PaperState.REVIEW,
    PapersShown.SETTLED: lambda: PaperOrder.state.in_((PaperState.REPLACED, PaperState.MIGRATED, PaperState.CANCELLED)),
}


class PaperIsosView(BaseView):
    """`/staff/paper-isos`, for Service Brokerage."""

    route_base = "/staff/paper-isos"
    roles = {"can_view": (BROKERAGE,), "can_decide": (BROKERAGE,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """Show the paper ISOs that wait for something, with what would become of each."""
        return _listed()

    @expose("/confirm", methods=["POST"])
    @permitted("decide")
    def confirm(self) -> Answer:
        """Confirm those that are ticked."""
        ids = [int(each) for each in request.form.getlist("rowid") if re.fullmatch("[0-9]{1,9}", each)]
        seen = {each: request.form.get(f"seen-{each}", "") for each in ids}
        try:
            count = register.confirm_papers(seen, g.signed_in.user)
        except Refused as refused:
            return _listed(refused.problems), 422
        flash(register.confirmed_words(count), "success")
        return redirect(url_for("PaperIsosView.index", show=PapersShown.TO_MIGRATE))

    @expose("/migrate", methods=["POST"])
    @permitted("decide")
    def migrate(self) -> Response:
        """Take what is confirmed, without waiting for the next hour."""
        report, left = migrate_now()
        flash(str(report), "error" if report.failed else "success")
        if left:
            flash(f"{counted(left, 'paper ISO is', 'paper ISOs are')} left, and taken in the background.", "success")
        show = PapersShown.TO_REVIEW if report.review else PapersShown.SETTLED
        return redirect(url_for("PaperIsosView.index", show=show))

    @expose("/<int(max=2147483647):paper_id>", methods=["GET"])
    @permitted("view")
    def show(self, paper_id: int) -> str:
        """Show one paper ISO beside the lines that it may be."""
        return _page(paper_id)

    @expose("/<int(max=2147483647):paper_id>", methods=["POST"])
    @permitted("decide")
    def save(self, paper_id: int) -> Answer:
        """Take the answer, and go to the next one."""
        following = answers.review_of(paper_id).next
        try:
            said = _answer(paper_id)
        except Refused as refused:
            return _page(paper_id, refused.problems), 422
        flash(said, "success")
        if following is None:
            return redirect(url_for("PaperIsosView.index", show=PapersShown.TO_REVIEW))
        return redirect(url_for("PaperIsosView.show", paper_id=following))

    @expose("/<int(max=2147483647):paper_id>/ask", methods=["GET"])
    @permitted("decide")
    def ask(self, paper_id: int) -> str:
        """Show the form of a question to the provider."""
        review = answers.review_of(paper_id)
        return _asked(review, answers.usual_question(review))

    @expose("/<int(max=2147483647):paper_id>/ask", methods=["POST"])
    @permitted("decide")
    def send(self, paper_id: int) -> Answer:
        """Open the conversation."""
        try:
            paper = answers.ask_provider(paper_id, text_of("message"), g.signed_in.user)
        except Refused as refused:
            return _asked(answers.review_of(paper_id), text_of("message"), refused.problems), 422
        flash(f"{paper.organisation} is asked about {paper}. The paper ISO waits here meanwhile.", "success")
        return redirect(url_for("PaperIsosView.show", paper_id=paper_id))

    @expose("/<int(max=2147483647):paper_id>/scan", methods=["GET"])
    @permitted("view")
    def scan(self, paper_id: int) -> Response:
        """Hand out the scan of the signed paper."""
        scan = register.scan_of(paper_id)
        return hand_out(scan.content, scan.filename, MIME_TYPES[scan.kind])

    @expose("/<int(max=2147483647):paper_id>/scan", methods=["POST"])
    @permitted("decide")
    def attach(self, paper_id: int) -> Answer:
        """Attach the scan of the signed paper."""
        try:
            scan = register.attach_scan(paper_id, *given_file(), g.signed_in.user)
        except Refused as refused:
            return _page(paper_id, refused.problems), 422
        flash(f"{scan} is attached.", "success")
        return redirect(url_for("PaperIsosView.show", paper_id=paper_id))


def _answer(paper_id: int) -> str:
    """Do what the form says a paper ISO is, and return the words that say it is done. Raises Refused."""
    answer, note, officer = request.form.get("answer", ""), text_of("note"), g.signed_in.user
    if same := SAME.fullmatch(answer):
        paper = answers.say_same(paper_id, int(same[1]), note, officer)
        return f"{paper} is replaced by {paper.document}."
    if answer == NEW:
        proposal = answers.propose_new(paper_id, note, officer)
        return f"Sent for confirmation: {proposal}. Another officer confirms it under To confirm."
    if answer == NOTHING:
        return f"{answers.say_nothing(paper_id, note, officer)} is not an agreement."
    raise Refused(answers.CHOOSE)


def _asked(review: Review, message: str, problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "staff/paper_ask.html",
        paper=review.paper,
        message=message,
        problems=problems,
        most=policy.for_council("message_length"),
    )


def _page(paper_id: int, problems: tuple[Problem, ...] = ()) -> str:
    review = answers.review_of(paper_id)
    paper = review.paper
    waits = paper.state is PaperState.REVIEW and not register.is_answered(paper)
    return render_template(
        "staff/paper.html",
        review=review,
        paper=paper,
        columns=review.candidates or [None],
        rows=_rows(review),
        answers=_answers(review),
        waits=waits,
        can_decide=may("can_decide", "PaperIsosView"),
        can_correct=register.why_kept(paper) is None and may("can_edit", "PaperOrderView"),
        problems=problems,
        typed=request.form,
        would=_would(review.verdict),
        Shown=PapersShown,
    )


def _rows(review: Review) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    """Return each field: its name, what the paper says, and what every candidate does, with whether that differs."""
    own = compare(review.verdict.paper, review.verdict.paper)
    beside = [candidate.fields for candidate in review.candidates]
    return [
        (row.field, row.paper, [(fields[index].line, fields[index].differs) for fields in beside])
        for index, row in enumerate(own)
    ]


def _answers(review: Review) -> list[tuple[str, str, str]]:
    """Return what the paper may be: the value of the answer, its words, and what it does."""
    found = []
    for candidate in review.candidates:
        line = candidate.line
        weeks = counted(line.weeks, "week")
        stays = plural(line.weeks, "stays", "stay")
        kept = f" Nothing is paid twice: {weeks} of actuals {stays} on {line.reference}." if line.weeks else ""
        replaced = f"The paper is replaced by {line.document}.{kept}"
        found.append((f"same-{line.id}", f"The same as line {line.reference}", replaced))
    made = "Made from the fields of the paper, which you can correct first. Another officer confirms it."
    neither = "Neither: a new ISO and line" if found else "A new ISO and line"
    return [
        *found,
        (NEW, neither, made),
        (NOTHING, "Not an agreement", "Cancelled by the council, or issued twice. Say why."),
    ]


def _would(verdict: PaperVerdict) -> str:
    """Return what the next run would make of a paper ISO, in words."""
    if verdict.outcome is PaperState.REPLACED:
        line = verdict.same[0]
        return f"Is line {line.reference}: will be replaced by {line.document}."
    if verdict.outcome is PaperState.MIGRATED:
        return "Will become a new ISO and line."
    more = len(verdict.reasons) - 1
    others = f" And {counted(more, 'other reason')}." if more else ""
    return f"Will need review: {verdict.reasons[0]}{others}"


def _listed(problems: tuple[Problem, ...] = ()) -> str:
    counts = register.count_papers()
    show = _asked_list(counts)
    for_two = show is PapersShown.TO_CONFIRM
    which, others = register.to_confirm(g.signed_in.user, asked_size()) if for_two else (WHICH[show](), None)
    found = register.papers_where(which, asked_page(), asked_size())
    listed = [*found.rows, *(others.rows if others else [])]
    judged = judge_papers(listed) if show in (PapersShown.TO_CONFIRM, PapersShown.TO_MIGRATE) and listed else {}
    return render_template(
        "staff/paper_isos.html",
        counts=counts,
        show=show,
        tabs=_tabs(counts, show),
        found=found,
        would={paper_id: _would(verdict) for paper_id, verdict in judged.items()},
        plans={paper_id: plan_words(verdict.paper) for paper_id, verdict in judged.items()},
        price=short_rate,
        seen=register.registration_of,
        is_answered=register.is_answered,
        others=others,
        can_decide=may("can_decide", "PaperIsosView"),
        can_register=may("can_add", "PaperOrderView"),
        runs=last_runs(),
        problems=problems,
        ticked=set(request.form.getlist("rowid")),
        address=page_address(),
        Shown=PapersShown,
    )


def _asked_list(counts: Counted) -> PapersShown:
    """Return the list that is asked for; otherwise the first in which somebody has something to do."""
    if request.method == "POST":
        return PapersShown.TO_CONFIRM
    asked = request.args.get("show", "")
    if asked in list(PapersShown):
        return PapersShown(asked)
    waits = (
        (PapersShown.TO_REVIEW, counts.review),
        (PapersShown.TO_CONFIRM, counts.to_confirm),
        (PapersShown.TO_MIGRATE, counts.to_migrate),
    )
    return next((show for show, count in waits if count), PapersShown.SETTLED)


def _tabs(counts: Counted, current: PapersShown) -> list[dict[str, Any]]:
    numbers = {
        PapersShown.TO_CONFIRM: counts.to_confirm,
        PapersShown.TO_MIGRATE: counts.to_migrate,
        PapersShown.TO_REVIEW: counts.review,
        PapersShown.SETTLED: counts.replaced + counts.migrated + counts.cancelled,
    }
    return [
        {
            "href": url_for("PaperIsosView.index", show=show),
            "text": WORDS[show],
            "note": f"{number:,}",
            "current": show is current,
        }
        for show, number in numbers.items()
    ]
