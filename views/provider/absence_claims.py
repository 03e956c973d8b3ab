"""Unplanned absence claims: the list, the form that shows day by day what is payable, and one claim."""

from collections.abc import Mapping
from datetime import date

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import AbsenceClaim
from rules.absence_refusal import ClaimEntry, check_words
from rules.period import date_range, read_date, uk_date
from rules.refusal import Problem, Refused
from rules.states import AbsenceReason, ClaimState, label
from views.access.permissions import permitted
from views.page.claim_days import day_rows, line_rows, week_rows
from views.page.form_reading import FormReading, asked_day, read_key
from views.page.line_name import name_of, person_of
from views.page.paging import asked_page, asked_words, page_address
from workflows.absences import claim as claims
from workflows.absences.read import ClaimPage, ClaimsShown, claim_page, claims_page
from workflows.clock import LONDON, today

Answer = str | Response | tuple[str, int]
Typed = Mapping[str, str]

FIELDS = ("line", "first_day", "last_day", "reason", "notified_on", "notified_to", "comment", "shown")


class AbsenceClaimsView(BaseView):
    """`/absence-claims`, for contacts with the function Actuals or Invoices and payments."""

    route_base = "/absence-claims"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the organisation's claims, drafts first, then the newest; or only those not sent, or refused lately."""
        asked = request.args.get("show", "")
        show = ClaimsShown(asked) if asked in list(ClaimsShown) else ClaimsShown.ALL
        return render_template(
            "provider/absence_claims.html",
            found=claims_page(asked_page(), show, asked_words()),
            sought=asked_words(),
            show=show,
            address=page_address(),
            date_range=date_range,
            person_of=person_of,
        )

    @expose("/new", methods=["GET"])
    @permitted("view")
    def new(self) -> str:
        """Show the form, with the line and the first day it was opened from."""
        first = asked_day("first")
        return _form({"line": request.args.get("line", ""), "first_day": f"{first:%d/%m/%Y}" if first else ""})

    @expose("/new", methods=["POST"])
    @permitted("view")
    def make(self) -> Answer:
        """Show what is payable, keep the claim as a draft, or send it."""
        return _take(_typed())

    @expose("/payable", methods=["GET"])
    @permitted("view")
    def payable(self) -> Response:
        """Answer what is payable for what is typed so far, for the script of the form."""
        typed = {name: request.args.get(name, "").strip() for name in FIELDS}
        try:
            judged = claims.foresee(_entry(typed), _draft_id(request.args.get("claim", "")))
        except Refused:
            return jsonify(html="", shown="")
        page = render_template("provider/absence_claim_payable.html", **_shown(judged), problems=())
        return jsonify(html=page, shown="" if judged.problems else judged.seen)

    @expose("/<int(max=2147483647):claim_id>", methods=["GET"])
    @permitted("view")
    def show(self, claim_id: int) -> str:
        """Show one claim: a draft in its form, any other with its state and what is paid."""
        found = claim_page(claim_id)
        if found.claim.state is ClaimState.DRAFT:
            return _form(_typed_of(found.claim), draft=found.claim, judged=found.judged)
        return render_template(
            "provider/absence_claim.html",
            found=found,
            claim=found.claim,
            where=_where(found),
            name_of=name_of,
            date_range=date_range,
            days=day_rows(found.judged) if found.judged else [],
            weeks=week_rows(found.judged) if found.judged else line_rows(found.lines),
            day_of=lambda moment: uk_date(moment.astimezone(LONDON).date()),
        )

    @expose("/<int(max=2147483647):claim_id>", methods=["POST"])
    @permitted("view")
    def change(self, claim_id: int) -> Answer:
        """Do with a draft what can be done with a new claim."""
        draft = claims.get_claim(claim_id)
        return _take(_typed() | {"line": str(draft.line_item_id)}, draft)

    @expose("/<int(max=2147483647):claim_id>/withdraw", methods=["POST"])
    @permitted("view")
    def withdraw(self, claim_id: int) -> Response:
        """Throw a draft away."""
        try:
            claims.withdraw(claim_id)
        except Refused as refused:
            flash(refused.problems[0].message, "error")
            return redirect(url_for("AbsenceClaimsView.show", claim_id=claim_id))
        flash("The draft was withdrawn. Its days can be claimed again.", "success")
        return redirect(url_for("AbsenceClaimsView.index"))


def _take(typed: Typed, draft: AbsenceClaim | None = None) -> Answer:
    """Do what the pressed button says; what is refused comes back in the form, with everything that was typed."""
    draft_id = draft.id if draft else None
    do = request.form.get("do")
    try:
        entry = _entry(typed)
        if do == "save":
            kept = claims.save_draft(entry, draft_id)
            flash(f"{kept} has been kept as a draft. It has not been sent yet.", "success")
            return redirect(url_for("AbsenceClaimsView.show", claim_id=kept.id))
        if do == "submit":
            sent = claims.submit(entry, g.signed_in.user, seen=typed["shown"], claim_id=draft_id)
            flash(_sent_words(sent), "success" if sent.new else "info")
            return redirect(url_for("AbsenceClaimsView.show", claim_id=sent.claim.id))
    except claims.ClaimChanged as changed:
        return _form(typed, draft=draft, judged=claims.foresee(entry, draft_id), notice=changed.problems[0].message)
    except Refused as refused:
        return _form(typed, draft=draft, judged=_foreseen(typed, draft_id), problems=refused.problems), 422
    judged = claims.foresee(entry, draft_id)
    page = _form(typed, draft=draft, judged=judged, problems=judged.problems)
    return (page, 422) if judged.problems else page


def _sent_words(sent: claims.SentClaim) -> str:
    if sent.new:
        return f"Claim {sent.claim} was sent. The Payments Team decides, and your payments contacts get an e-mail."
    return f"Claim {sent.claim} was already sent. Nothing was sent twice."


def _form(
    typed: Typed,
    *,
    draft: AbsenceClaim | None = None,
    judged: claims.JudgedClaim | None = None,
    problems: tuple[Problem, ...] = (),
    notice: str = "",
) -> str:
    line = draft.line_item if draft else claims.line_of(read_key(typed["line"])) if typed.get("line") else None
    lines = {each.id: each for each in (*([line] if line else []), *claims.choices())}
    return render_template(
        "provider/absence_claim_form.html",
        typed=typed,
        draft=draft,
        line=line,
        lines=[("", "Choose a line"), *((each.id, name_of(each)) for each in lines.values())],
        name_of=name_of,
        reasons=[("", "Choose a reason"), *((each.value, label(each)) for each in AbsenceReason)],
        problems=problems,
        notice=notice,
        **_shown(judged),
    )


def _shown(judged: claims.JudgedClaim | None) -> dict[str, object]:
    """Return what the form shows of a claim's days; nothing is payable while something has to be put right."""
    if judged is None or not judged.days:
        return {"judged": None, "days": [], "weeks": []}
    return {"judged": judged, "days": day_rows(judged), "weeks": [] if judged.problems else week_rows(judged)}


def _where(found: ClaimPage) -> str:
    claim = found.claim
    if claim.state is ClaimState.SUBMITTED:
        return "The Payments Team decides about it."
    if claim.state is ClaimState.REFUSED:
        return "Nothing is paid for it. Its days can be claimed again."
    if claim.state is ClaimState.PAID and found.remittance:
        return f"Released for payment on {uk_date(found.remittance.pay_date)}."
    if found.holds:
        return f"Payment is on hold: {found.holds[0]}"
    return "It goes into the next payment run."


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}


def _typed_of(claim: AbsenceClaim) -> dict[str, str]:
    return {
        "line": str(claim.line_item_id),
        "first_day": f"{claim.first_day:%d/%m/%Y}",
        "last_day": f"{claim.last_day:%d/%m/%Y}",
        "reason": claim.reason.value,
        "notified_on": f"{claim.notified_on:%d/%m/%Y}" if claim.notified_on else "",
        "notified_to": claim.notified_to,
        "comment": claim.comment,
    }


def _foreseen(typed: Typed, draft_id: int | None) -> claims.JudgedClaim | None:
    """Return what the days come to, as far as they can be read."""
    try:
        return claims.foresee(_entry(typed), draft_id)
    except Refused:
        return None


def _entry(typed: Typed) -> ClaimEntry:
    """Read what was typed. Raises Refused with everything that cannot be read, and Unknown for the line."""
    reading = FormReading(typed)
    read = reading.read
    entry = ClaimEntry(
        read("line", read_key, 0, "Choose the line the person has."),
        read("first_day", read_date, date.min, "Enter the first day on which the person was away."),
        read("last_day", read_date, date.min, "Enter the last day on which the person was away."),
        _reason(typed.get("reason", "")),
        read("notified_on", read_date, None),
        typed.get("notified_to", ""),
        typed.get("comment", ""),
    )
    if reading.problems:
        whole = request.form.get("do") in ("save", "submit")
        raise Refused(*reading.problems, *(check_words(entry, today()) if whole else ()))
    return entry


def _reason(text: str) -> AbsenceReason | None:
    return AbsenceReason(text) if text in {each.value for each in AbsenceReason} else None


def _draft_id(text: str) -> int | None:
    return read_key(text) if text else None
