"""Verbs of a published contract document: a new version, withdraw it, end it with all its lines."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import literal, select, union_all

from models import ContractDocument, Element, Service, db
from rules.document_content import EXTRAS_HEADING
from rules.money import NOTHING
from rules.number import read_number, whole_number
from rules.period import read_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit
from views.access.permissions import permitted
from views.access.roles import BROKERAGE
from views.page.form_reading import FormReading
from views.page.format import record_href
from views.staff.agreements.change_form import Answer, page, read_day, read_plan, take, typed_form
from views.staff.agreements.draft import BASIS, PAID, UNITS
from views.staff.records.line_forms import EXTRAS_CHOICES
from workflows.agreements import changes, endings
from workflows.agreements.changes import AgreementChange
from workflows.agreements.draft_reading import EXTRAS_TYPED
from workflows.agreements.new_version import NewLine, document_of, new_version
from workflows.clock import today

MOST_LINES = 20
KINDS = [(PlanKind.TIMETABLED.value, "by day"), (PlanKind.WEEKLY.value, "by week")]


class DocumentChangesView(BaseView):
    """`/staff/contract-documents/<id>/…`, offered on the document's own record."""

    route_base = "/staff/contract-documents"
    roles = {"can_change": (BROKERAGE,)}

    @expose("/<int(max=2147483647):document_id>/end", methods=["GET", "POST"])
    @permitted("change")
    def end(self, document_id: int) -> Answer:
        """Set the last day of all lines that go on longer."""
        document = document_of(document_id, lock=False)
        shown = {"document": document, "back": _back(document)}

        def judge(reading: FormReading) -> AgreementChange:
            last = read_day(reading, "end", today(), "Enter the last day of care.")
            return changes.document_end(document_id, last, reading.typed.get("reason", ""))

        if request.method == "GET":
            return page("staff/end_document.html", {}, shown)
        return take("staff/end_document.html", typed_form(), judge, _back(document), shown)

    @expose("/<int(max=2147483647):document_id>/withdraw", methods=["GET", "POST"])
    @permitted("change")
    def withdraw(self, document_id: int) -> Answer:
        """Withdraw a document that was not accepted and of which no care is recorded; its provider is told."""
        document = document_of(document_id, lock=False)
        shown: dict[str, Any] = {"document": document, "back": _back(document), "typed": typed_form()}
        if request.method == "GET":
            problems = tuple(endings.why_not_withdrawn(document))
            return render_template("staff/withdraw_document.html", problems=(), refused=problems, **shown)
        try:
            endings.withdraw(document_id, shown["typed"].get("reason", ""))
        except Refused as refused:
            return render_template("staff/withdraw_document.html", problems=refused.problems, refused=(), **shown), 422
        flash(f"{document} is withdrawn. Its provider is told by e-mail.", "success")
        return redirect(_back(document))

    @expose("/<int(max=2147483647):document_id>/new-version", methods=["GET", "POST"])
    @permitted("change")
    def new_version(self, document_id: int) -> Answer:
        """Change the terms or the service, or add lines; what stays is not touched."""
        document = document_of(document_id, lock=False)
        if request.method == "GET":
            typed = {"service": str(document.service_id), "terms": document.terms}
            return page("staff/new_version.html", typed, _choices(document, 0))
        typed, number = _with_rows(typed_form())
        shown = _choices(document, number)

        def judge(reading: FormReading) -> AgreementChange:
            lines = [_read_line(reading, index, document) for index in range(number)]
            service_id = whole_number(typed.get("service", "")) or 0
            return new_version(document_id, service_id, typed.get("terms", ""), lines, typed.get("reason", ""))

        if typed.get("do") in ("add", "remove"):
            return page("staff/new_version.html", typed, shown)
        return take("staff/new_version.html", typed, judge, _back(document), shown)


def _with_rows(typed: dict[str, str]) -> tuple[dict[str, str], int]:
    """Return what was typed and how many new lines stand there, after a line was added or removed."""
    number = min(whole_number(typed.get("count", "")) or 0, MOST_LINES)
    do = typed.get("do", "")
    if do == "add":
        number = min(number + 1, MOST_LINES)
    elif (gone := _number_in("remove-", do)) is not None and gone < number:
        rows = {name: value for name, value in typed.items() if not name.startswith("line-")}
        for name, value in typed.items():
            _, index, field = (*name.split("-", 2), "", "")[:3]
            place = whole_number(index) if name.startswith("line-") else None
            if place is not None and place != gone:
                rows[f"line-{place - (place > gone)}-{field}"] = value
        return rows | {"do": "remove"}, number - 1
    return typed, number


def _number_in(prefix: str, text: str) -> int | None:
    return whole_number(text.removeprefix(prefix)) if text.startswith(prefix) else None


def _read_line(reading: FormReading, index: int, document: ContractDocument) -> NewLine:
    prefix = f"line-{index}-"
    typed = reading.typed
    start = read_day(reading, f"{prefix}start", today(), "Enter the first day.")
    kind = _word(reading, f"{prefix}kind", PlanKind, PlanKind.TIMETABLED)
    unit = _word(reading, f"{prefix}unit", Unit, Unit.HOUR)
    first, read = document.line_items[0], reading.read
    paid = _word(reading, f"{prefix}paid", PaymentMethod, PaymentMethod.ACTUALS)
    scheduled = paid is PaymentMethod.SCHEDULED  # only there something is deducted
    basis = _word(reading, f"{prefix}basis", PaymentBasis, PaymentBasis.GROSS) if scheduled else PaymentBasis.GROSS
    end: date | None = None
    if typed.get(f"{prefix}end"):
        end = read(f"{prefix}end", read_date, start)

    def deducted(field: str, called: str) -> Decimal:
        return read(f"{prefix}{field}", read_number, NOTHING, called=called) if scheduled else NOTHING

    return NewLine(
        reference=typed.get(f"{prefix}reference", ""),
        element_id=whole_number(typed.get(f"{prefix}element", "")) or 0,
        unit=unit,
        plan_kind=kind,
        plan=read_plan(reading, kind, start, prefix),
        rate=read(f"{prefix}rate", read_number, NOTHING, "Enter the first rate.", called="First rate"),
        end=end,
        payment_method=paid,
        vat_code=first.vat_code,
        payment_basis=basis,
        contribution=deducted("contribution", "Contribution a week"),
        top_up=deducted("top_up", "Top-up a week"),
        extras_allowed=EXTRAS_TYPED.get(typed.get(f"{prefix}extras", "")),
    )


def _word(reading: FormReading, field: str, vocabulary: Any, otherwise: Any) -> Any:
    typed = reading.typed.get(field, "")
    if typed in [word.value for word in vocabulary]:
        return vocabulary(typed)
    reading.problems.append(Problem(Code.NOT_ON_LIST, "Choose one of the list.", field=field))
    return otherwise


def _choices(document: ContractDocument, number: int) -> dict[str, Any]:
    own = Service.organisation_id == document.organisation_id
    named = union_all(
        select(literal("services").label("of"), Service.id, Service.name).where(own),
        select(literal("elements"), Element.id, Element.name),
    )
    found: dict[str, list[tuple[int, str]]] = {"services": [], "elements": []}
    for of, id_, name in db.session.execute(named.order_by("name")):
        found[of].append((id_, name))
    return {
        "document": document,
        "back": _back(document),
        "number": number,
        "services": found["services"],
        "elements": [("", "Choose"), *found["elements"]],
        "units": UNITS,
        "kinds": KINDS,
        "basis": list(BASIS.items()),
        "methods": PAID,
        "extras": EXTRAS_CHOICES,
        "extras_heading": EXTRAS_HEADING,
    }


def _back(document: ContractDocument) -> str:
    return record_href(document) or url_for("ContractDocumentView.list")
