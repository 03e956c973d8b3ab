"""Drafting an agreement on one page: a contract document with its lines, plans and first rates."""

from typing import Any, Final

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import ContractDocument, LineItem
from rules.document_content import EXTRAS_HEADING
from rules.money import pounds
from rules.number import whole_number
from rules.period import uk_date
from rules.plan import UNIT_WORDS, unit_words
from rules.refusal import Problem, Refused
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode, label
from rules.words import counted
from views.access.permissions import permitted
from views.access.roles import BROKERAGE
from views.page.format import record_href
from views.page.kept.form import kept_values
from views.staff.records.line_forms import EXTRAS_CHOICES
from workflows.agreements import draft as drafts
from workflows.agreements.draft_effect import DraftEffect, LineEffect, Overlap, effect_of_draft, next_reference
from workflows.agreements.draft_reading import LINE_FIELDS, MOST_LINES, TypedAgreement, line_field, typed_of
from workflows.proposals import steps

Answer = str | Response | tuple[str, int]

PAID: Final = [(method.value, label(method)) for method in PaymentMethod]
VAT: Final = {
    VatCode.EXEMPT.value: "Exempt",
    VatCode.STANDARD.value: "Standard 20%",
    VatCode.REDUCED.value: "Reduced 5%",
    VatCode.ZERO.value: "Zero",
    VatCode.OUTSIDE.value: "Outside VAT",
}
BASIS: Final = {
    PaymentBasis.GROSS.value: "In full (gross)",
    PaymentBasis.NET.value: "Less both of these (net)",
}
UNITS: Final = [(unit.value, many.capitalize()) for unit, (_, many) in UNIT_WORDS.items()]


class AgreementsView(BaseView):
    """`/staff/agreements`: Service Brokerage drafts, and sends what another officer confirms."""

    route_base = "/staff/agreements"
    roles = {"can_draft": (BROKERAGE,)}

    @expose("/new", methods=["GET"])
    @permitted("draft")
    def new(self) -> str:
        """Show the form of a new agreement, with what the page it was opened from knows, or what was typed before."""
        if kept := kept_values():
            return _form(typed_of(kept))
        asked = {name: request.args.get(name, "") for name in ("organisation", "service", "person")}
        typed = typed_of(asked)
        typed.document["reference"] = next_reference(ContractDocument, "ISO-0")
        return _form(_with_line(typed))

    @expose("/new", methods=["POST"])
    @permitted("draft")
    def make(self) -> Answer:
        """Keep a new agreement, or change its lines on the page."""
        return _take(typed_of(request.form))

    @expose("/<int(max=2147483647):document_id>", methods=["GET"])
    @permitted("draft")
    def show(self, document_id: int) -> Answer:
        """Show a draft in its form, with a further line where one was asked for."""
        draft = drafts.draft_of(document_id)
        if why := drafts.why_not_here(draft.line_items):
            flash(why, "info")
            return redirect(record_href(draft) or url_for("ContractDocumentView.list"))
        if kept := kept_values():
            return _form(typed_of(kept), draft)
        typed = drafts.typed_of_draft(draft, request.args)
        return _form(_with_line(typed) if "line" in request.args or not typed.lines else typed, draft)

    @expose("/<int(max=2147483647):document_id>", methods=["POST"])
    @permitted("draft")
    def change(self, document_id: int) -> Answer:
        """Keep a draft as it was typed, or change its lines on the page."""
        return _take(typed_of(request.form), drafts.draft_of(document_id))

    @expose("/<int(max=2147483647):document_id>/withdraw", methods=["POST"])
    @permitted("draft")
    def withdraw(self, document_id: int) -> Response:
        """Take back one's own proposal to publish a draft, so that it can be changed."""
        try:
            if waiting := drafts.waiting_publication(document_id):
                steps.withdraw(waiting.id, g.signed_in.user)
                flash("It was withdrawn. You can change it and send it again.", "success")
        except Refused as refused:
            flash(refused.problems[0].message, "error")
        return redirect(url_for("AgreementsView.show", document_id=document_id))

    @expose("/cost", methods=["POST"])
    @permitted("draft")
    def cost(self) -> Response:
        """Answer what an agreement comes to as far as it is typed, for the script of the form."""
        typed = typed_of(request.form)
        effect = effect_of_draft(typed)
        lines = {number: _cost_words(effect.lines.get(number)) for number in range(1, len(typed.lines) + 1)}
        return jsonify(lines=lines, whole=_whole_words(effect))


def _take(typed: TypedAgreement, draft: ContractDocument | None = None) -> Answer:
    """Do what the pressed button says; what is refused comes back in the form, with everything that was typed."""
    do, _, place = request.form.get("do", "save").partition("-")
    document_id = draft.id if draft else None
    if do in ("copy", "remove"):
        return _form(_changed(typed, do, place), draft, notice=_notice(do, place, typed))
    try:
        if do == "send":
            proposal = drafts.send(typed, g.signed_in.user, document_id)
            flash(f"{typed.document['reference']} was saved and sent. Another officer confirms it.", "success")
            return redirect(url_for("AgreementsView.show", document_id=proposal.document_id))
        kept = drafts.save(typed, document_id, to_be_continued=do == "add")
    except Refused as refused:
        return _form(typed, _as_it_is(draft), problems=refused.problems), 422
    flash(f"{kept} is kept as a draft. Nobody else sees it before it is sent and confirmed.", "success")
    if do != "add":
        return redirect(url_for("AgreementsView.show", document_id=kept.id))
    new = len(kept.line_items) + 1
    days: dict[str, Any] = {name: typed.document[name] for name in ("start", "end")}
    return redirect(
        url_for("AgreementsView.show", document_id=kept.id, line="new", **days, _anchor=line_field(new, "reference"))
    )


def _as_it_is(draft: ContractDocument | None) -> ContractDocument | None:
    """Return a draft as it is after what was refused has been rolled back."""
    return drafts.draft_of(draft.id) if draft else None


def _changed(typed: TypedAgreement, do: str, place: str) -> TypedAgreement:
    index = (whole_number(place) or len(typed.lines)) - 1
    if not 0 <= index < len(typed.lines):
        return typed
    lines = list(typed.lines)
    if do == "copy":
        return _with_line(typed, {**lines[index], "id": ""})
    del lines[index]
    return typed.__class__(typed.document, lines) if lines else _with_line(TypedAgreement(typed.document, []))


def _with_line(typed: TypedAgreement, like: dict[str, str] | None = None) -> TypedAgreement:
    """Return what was typed with one more line, empty or like another, under the next free CPLI."""
    if len(typed.lines) >= MOST_LINES:
        return typed
    empty = {"unit": Unit.HOUR.value, "plan_kind": PlanKind.TIMETABLED.value}
    line = dict.fromkeys(LINE_FIELDS, "") | (like or empty)
    line["reference"] = next_reference(LineItem, "48000", [each["reference"] for each in typed.lines])
    return TypedAgreement(typed.document, [*typed.lines, line])


def _notice(do: str, place: str, typed: TypedAgreement) -> str:
    number = place or str(len(typed.lines))
    return f"Line {number} was {'copied below' if do == 'copy' else 'removed'}. Save to keep that."


def _form(
    typed: TypedAgreement,
    draft: ContractDocument | None = None,
    *,
    problems: tuple[Problem, ...] = (),
    notice: str = "",
) -> str:
    effect = effect_of_draft(typed, draft)
    waiting = drafts.waiting_publication(draft.id) if draft else None
    return render_template(
        "staff/agreement.html",
        typed=typed.document,
        lines=[(number, line, effect.lines.get(number)) for number, line in enumerate(typed.lines, 1)],
        draft=draft,
        effect=effect,
        problems=problems,
        notice=notice,
        waiting=waiting,
        own=waiting is not None and waiting.proposed_by_id == g.signed_in.user_id,
        choices=_choices(effect),
        field=line_field,
        extras_heading=EXTRAS_HEADING,
        cost_words=_cost_words,
        whole_words=_whole_words(effect),
        overlap_words=_overlap_words,
    )


def _choices(effect: DraftEffect) -> dict[str, list[tuple[Any, str]]]:
    return {
        "elements": [("", "Choose"), *effect.elements.items()],
        "units": UNITS, "paid": PAID, "vat": list(VAT.items()), "basis": list(BASIS.items()),
        "extras": EXTRAS_CHOICES,
    }  # fmt: skip


def _cost_words(line: LineEffect | None) -> str:
    """Return what a line comes to: "6.50 hours a week, £127.92"."""
    if line is None or line.units is None or line.fields.unit is None:
        return ""
    each = (
        "" if line.fields.unit is Unit.WEEK else f"{line.units:.2f} {unit_words(line.fields.unit, line.units)} a week"
    )
    if line.cost is None:
        return each
    return f"{each}, {pounds(line.cost)}" if each else f"{pounds(line.cost)} a week"


def _whole_words(effect: DraftEffect) -> str:
    priced = [line for line in effect.lines.values() if line.cost is not None]
    if not priced:
        return ""
    return f"{counted(len(priced), 'line')}, {pounds(effect.cost)} a week, {pounds(4 * effect.cost)} in four weeks."


def _overlap_words(overlap: Overlap) -> str:
    """Return what two lines have in common, and the way out."""
    line = overlap.line
    ends = f"ends on {uk_date(line.end)}" if line.end else "has no end date"
    common = counted(overlap.days, "day") if overlap.days else "every day from then on"
    way = f"End it on {uk_date(overlap.could_end)}, or the" if overlap.could_end else "The"
    return (
        f"{line}, {line.element}, {ends}: {common} in common. {way} officer who confirms must tick why both are meant."
    )
