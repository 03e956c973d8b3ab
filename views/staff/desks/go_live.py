"""Go-live: which sector gets the portal when, what each of its providers lacks, and who is invited."""

import re
from collections.abc import Sequence

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.agreement_states import NamingState
from rules.go_live import FormStage, Lack
from rules.period import short_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.words import counted
from views.access.permissions import may, permitted
from views.access.roles import PROCUREMENT
from views.page.file_transfer import hand_out_list
from views.page.form_reading import read_key
from views.page.format import label
from views.page.paging import asked_page, asked_size, page_address
from workflows.clock import today
from workflows.organisations import contacts_form, go_live, proposed_contacts, roll_out
from workflows.organisations import go_live_waves as waves
from workflows.organisations.go_live import Readiness, SectorReadiness
from workflows.page import slice_of

Answer = str | Response | tuple[str, int]

NOBODY_CHOSEN = Problem(Code.MISSING, "Choose at least one provider.", field="rowid")
# The columns of the list as a file.
HEADINGS = (
    "Provider", "Services", "Lacks", "Contacts form", "Payments contact", "Payments contact to confirm", "ISOs contact",
    "ISOs contact to confirm", "Switched on", "E-mail",
)  # fmt: skip
# What stands in the filter, in the order in which it is put right.
LACKS = (Lack.PAYMENTS, Lack.DOCUMENTS, Lack.ADDRESS, Lack.SWITCH, Lack.CONFIRMATION)


class GoLiveView(BaseView):
    """`/staff/go-live`: Procurement brings organisations to the portal; each button leads to a page that says whom it
    reaches."""

    route_base = "/staff/go-live"
    roles = {"can_view": (PROCUREMENT,), "can_change": (PROCUREMENT,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the sectors, and what the providers of one of them lack."""
        return _board()

    @expose("/list.xlsx", methods=["GET"])
    @permitted("view")
    def file(self) -> Response:
        """Hand out what the providers of a sector lack, as the page is filtered, as a workbook."""
        chosen = _asked_sector(go_live.sectors())
        rows = go_live.lacking(chosen.others, *_asked_filter())
        name = re.sub("[^a-z0-9]+", "-", chosen.sector.name.lower())
        title = f"Go-live {chosen.sector.name}"
        return hand_out_list(f"go-live-{name}-{today():%Y-%m-%d}.xlsx", title, HEADINGS, map(_cells, rows))

    @expose("/check", methods=["POST"])
    @permitted("change")
    def check(self) -> Answer:
        """Say whom a button reaches, before anything is sent or changed."""
        page, chosen = CHECKS.get(request.form.get("deed", "")), _chosen()
        if page is None:
            raise Unknown
        return page(chosen) if chosen else (_board((NOBODY_CHOSEN,)), 422)

    @expose("/confirm", methods=["GET"])
    @permitted("view")
    def named(self) -> Answer:
        """Show everybody whom organisations named and nobody has confirmed yet."""
        return _confirm_page()

    @expose("/remind", methods=["POST"])
    @permitted("change")
    def remind(self) -> Answer:
        """Send the contacts form, or a reminder of it."""
        sent = contacts_form.send(_chosen(), g.signed_in.user)
        flash(f"{counted(sent, 'e-mail')} on the way.", "success")
        return _back()

    @expose("/confirm", methods=["POST"])
    @permitted("change")
    def confirm(self) -> Answer:
        """Confirm people whom organisations named, or leave them out."""
        try:
            confirmed, left_out = proposed_contacts.decide(_decisions(), g.signed_in.user)
        except Refused as refused:
            return _confirm_page(_chosen() or None, refused.problems), 422
        flash(f"{counted(confirmed, 'contact')} confirmed, {left_out:,} left out.", "success")
        return _back()

    @expose("/switch-on", methods=["POST"])
    @permitted("change")
    def switch_on(self) -> Answer:
        """Switch organisations on."""
        flash(f"{counted(roll_out.switch_on(_chosen()), 'provider')} switched on.", "success")
        return _back()

    @expose("/invite/<int(max=2147483647):sector_id>", methods=["GET", "POST"])
    @permitted("change")
    def invite(self, sector_id: int) -> Answer:
        """Invite everybody at the providers of a sector that are ready, after a page that says whom."""
        chosen = _sector(sector_id)
        problems: tuple[Problem, ...] = ()
        if request.method == "POST":
            try:
                asked = waves.start(sector_id, chosen.ready, g.signed_in.user)
                flash(f"{counted(asked, 'invitation')} on the way.", "success")
                return redirect(url_for("GoLiveView.index", sector=sector_id))
            except Refused as refused:
                problems = refused.problems
        page = render_template(
            "staff/go_live/invite.html",
            chosen=chosen,
            reached=[row for row in chosen.ready if row.to_invite],
            people=sum(row.to_invite for row in chosen.ready),
            problems=problems,
            today=today(),
        )
        return (page, 422) if problems else page

    @expose("/stop/<int(max=2147483647):wave_id>", methods=["POST"])
    @permitted("change")
    def stop(self, wave_id: int) -> Answer:
        """Invite nobody else of a sector for now."""
        sector_id = waves.progress_of(wave_id).wave.sector_id
        left = waves.stop(wave_id)
        flash(f"Stopped. {counted(left, 'contact')} not invited; who was invited already stays invited.", "success")
        return redirect(url_for("GoLiveView.index", sector=sector_id))

    @expose("/progress/<int(max=2147483647):wave_id>", methods=["GET"])
    @permitted("view")
    def progress(self, wave_id: int) -> Response:
        """Say how far an invitation is, for the bar on the page."""
        found = waves.progress_of(wave_id)
        done = found.total - found.waiting
        return jsonify(state="sending", done=done, total=found.total, busy=found.running)


def _board(problems: Sequence[Problem] = ()) -> str:
    found = go_live.sectors()
    chosen = _asked_sector(found)
    lack, name = _asked_filter()
    rows = go_live.lacking(chosen.others, lack, name)
    size = len(rows) or 1 if request.args.get("rows") == "all" else asked_size()
    return render_template(
        "staff/go_live/board.html",
        sectors=found,
        chosen=chosen,
        found=slice_of(rows, asked_page(), size),
        address=page_address(),
        lack=lack,
        name=name,
        choices=[("", f"Anything ({len(chosen.others):,})"), *_choices(chosen)],
        lacking=_in_words(chosen),
        progress=waves.last_of(chosen.sector.id),
        to_invite=sum(row.to_invite for row in chosen.ready),
        can_change=may("can_change", "GoLiveView"),
        form_words=_form_words,
        bad=Lack.ADDRESS,
        problems=problems,
        ticked=set(request.form.getlist("rowid")),
        today=today(),
    )


def _asked_filter() -> tuple[Lack | None, str]:
    """Return what the list is narrowed to: who lacks a thing, whose name holds some letters."""
    lack = next((each for each in LACKS if each == request.args.get("lacks")), None)
    return lack, request.args.get("provider", "").strip()[:100]


def _asked_sector(found: list[SectorReadiness]) -> SectorReadiness:
    """Return the sector an address or a form asks for; else the next one whose turn comes, or the last that had it."""
    asked = request.values.get("sector", "")
    for each in found:
        if str(each.sector.id) == asked:
            return each
    coming = [each for each in found if not each.live]
    return coming[0] if coming else found[-1]


def _sector(sector_id: int) -> SectorReadiness:
    for each in go_live.sectors():
        if each.sector.id == sector_id:
            return each
    raise Unknown


def _choices(chosen: SectorReadiness) -> list[tuple[str, str]]:
    counts = [(lack, len(go_live.lacking(chosen.others, lack, ""))) for lack in LACKS]
    return [(lack.value, f"{lack.value[:1].upper()}{lack.value[1:]} ({count:,})") for lack, count in counts if count]


def _in_words(chosen: SectorReadiness) -> str:
    """Return how many lack which contact: each provider counts once."""
    both = len(go_live.lacking(chosen.others, Lack.BOTH, ""))
    payments = len(go_live.lacking(chosen.others, Lack.PAYMENTS, "")) - both
    documents = len(go_live.lacking(chosen.others, Lack.DOCUMENTS, "")) - both
    parts = ((payments, "the payments contact"), (documents, "the ISOs contact"), (both, "both"))
    return ", ".join(f"{count:,} {words}" for count, words in parts if count)


def _form_words(row: Readiness) -> str:
    if row.form is FormStage.SENT and row.form_sent_on:
        return f"Sent {short_date(row.form_sent_on)}"
    if row.form is FormStage.ANSWERED and row.answered_on:
        return f"Answered {short_date(row.answered_on)}"
    return f"{row.form.value[:1].upper()}{row.form.value[1:]}"


def _cells(row: Readiness) -> tuple[str | int | bool, ...]:
    return (
        row.name, row.services, label(row.lack), _form_words(row), row.payments, row.named_payments, row.documents,
        row.named_documents, row.switched_on, row.address,
    )  # fmt: skip


def _chosen() -> list[int]:
    typed = dict.fromkeys(request.form.getlist("rowid"))
    return [int(each) for each in typed if re.fullmatch("[0-9]{1,9}", each)]


def _remind_page(chosen: list[int]) -> str:
    reach = contacts_form.whom_it_reaches(chosen)
    return render_template("staff/go_live/remind.html", reach=reach, came_back=FormStage.CAME_BACK, **_carried(chosen))


def _confirm_page(chosen: list[int] | None = None, problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "staff/go_live/confirm.html",
        named=proposed_contacts.waiting_of(chosen),
        typed=request.form,
        can_change=may("can_change", "GoLiveView"),
        problems=problems,
        **_carried(chosen or []),
    )


def _switch_on_page(chosen: list[int]) -> str:
    return render_template(
        "staff/go_live/switch_on.html",
        waiting=roll_out.to_switch_on(chosen),
        lacks={row.organisation_id: row.lack for row in go_live.readiness(chosen)},
        **_carried(chosen),
    )


# What says whom a button reaches.
CHECKS = {"remind": _remind_page, "confirm": _confirm_page, "switch-on": _switch_on_page}


def _carried(chosen: list[int]) -> dict[str, object]:
    return {"chosen": chosen, "sector": request.form.get("sector", "")}


def _decisions() -> dict[int, NamingState]:
    states = {state.value: state for state in NamingState}
    return {
        read_key(field.removeprefix("decision-")): states[value]
        for field, value in request.form.items()
        if field.startswith("decision-") and value in states
    }


def _back() -> Response:
    return redirect(url_for("GoLiveView.index", sector=request.form.get("sector") or None))
