"""Organisation details: addresses the organisation changes itself, and what it asks the council to change."""

from collections.abc import Callable, Mapping, Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Organisation, Service
from rules.bank_account import BankDetails, read_account_number, read_sort_code
from rules.email_address import read_email
from rules.refusal import Problem, Refused, Unknown
from rules.states import ChangeKind, ChangeState
from rules.telephone import read_telephone
from rules.vat_number import read_vat_number
from views.access.permissions import permitted
from views.access.step_up import passkey_origin, prove_again
from views.page.form_reading import FormReading
from workflows.organisations import change_requests, details
from workflows.organisations.details import Details

Answer = str | Response | tuple[str, int]
Typed = Mapping[str, str]

# What can be asked for, as its address says.
KINDS = {
    "legal-name": ChangeKind.LEGAL_NAME,
    "vat-number": ChangeKind.VAT_NUMBER,
    "bank-details": ChangeKind.BANK_DETAILS,
}
# What its pages call a field that was changed.
FIELD_WORDS = {"address": "Address", "postcode": "Postcode", "phone": "Phone", "email": "E-mail"}


class OrganisationDetailsView(BaseView):
    """`/organisation`, for contacts with the function Contacts and organisation."""

    route_base = "/organisation"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what the council knows of the organisation, what was asked for, and what was changed before."""
        organisation = g.contact.organisation
        own_services = [each for each in organisation.services if details.may_change(each)]
        asked = change_requests.requests_of(organisation.id)
        return render_template(
            "provider/organisation.html",
            organisation=organisation,
            services=own_services,
            may_change_all=details.may_change(organisation),
            kinds=[
                (
                    kind,
                    change_requests.current_value(organisation, kind),
                    url_for("OrganisationDetailsView.ask", what=what),
                )
                for what, kind in KINDS.items()
            ],
            requests=[each for each in asked if each.state is not ChangeState.REPLACED],
            to_call=next((each for each in asked if each.to_call), None),
            changes=details.changes_of(organisation.id),
            field_words=FIELD_WORDS,
        )

    @expose("/details", methods=["GET"])
    @permitted("view")
    def details(self) -> str:
        """Show the form of the organisation's own address, telephone and e-mail."""
        return _details_page(g.contact.organisation)

    @expose("/details", methods=["POST"])
    @permitted("view")
    def change_details(self) -> Answer:
        """Change them."""
        return _change(g.contact.organisation)

    @expose("/services/<int(max=2147483647):service_id>", methods=["GET"])
    @permitted("view")
    def service(self, service_id: int) -> str:
        """Show the form of a service's address, telephone and e-mail."""
        return _details_page(details.get_service(service_id))

    @expose("/services/<int(max=2147483647):service_id>", methods=["POST"])
    @permitted("view")
    def change_service(self, service_id: int) -> Answer:
        """Change them."""
        return _change(details.get_service(service_id))

    @expose("/ask", methods=["GET"])
    @permitted("view")
    def ask(self) -> str:
        """Show the form that asks for another legal name, VAT number or account."""
        details.refuse_others(g.contact.organisation)
        return _ask_form(_kind(), {})

    @expose("/ask", methods=["POST"])
    @permitted("view")
    def send(self) -> Answer:
        """Ask for it."""
        details.refuse_others(g.contact.organisation)
        kind = _kind()
        typed = {name: request.form.get(name, "").strip() for name in ("wanted", "name", "sort_code", "account_number")}
        try:
            wanted = _bank_details(typed) if kind is ChangeKind.BANK_DETAILS else _words(kind, typed)
            if kind is ChangeKind.BANK_DETAILS:
                prove_again()
            change_requests.ask(g.contact.organisation, kind, wanted, g.signed_in.user)
        except Refused as refused:
            return _ask_form(kind, typed, refused.problems), 422
        flash(f"You have asked the council to change your {kind.value}. Two officers will look at it first.", "success")
        return redirect(url_for("OrganisationDetailsView.index"))

    @expose("/requests/<int(max=2147483647):request_id>/withdraw", methods=["POST"])
    @permitted("view")
    def withdraw(self, request_id: int) -> Response:
        """Withdraw what was asked for."""
        try:
            change_requests.withdraw(request_id)
            flash("You have withdrawn your request. Nothing was changed.", "success")
        except Refused as refused:
            flash(refused.problems[0].message, "error")
        return redirect(url_for("OrganisationDetailsView.index"))


def _kind() -> ChangeKind:
    what = request.args.get("what", "legal-name")
    if what not in KINDS:
        raise Unknown
    return KINDS[what]


def _details_page(of: Organisation | Service) -> str:
    details.refuse_others(of)
    return _details_form(of, {name: getattr(of, name) for name in details.FIELDS})


def _change(of: Organisation | Service) -> Answer:
    details.refuse_others(of)
    typed = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in details.FIELDS}
    reading = FormReading(typed)
    wanted = Details(
        address=typed["address"],
        postcode=typed["postcode"].upper(),
        phone=reading.read("phone", read_telephone, ""),
        email=reading.read("email", read_email, ""),
    )
    try:
        if reading.problems:
            raise Refused(*reading.problems)
        told = of.email and of.email != wanted.email
        details.change_details(of, wanted)
    except Refused as refused:
        return _details_form(of, typed, refused.problems), 422
    written = " We have written to the old e-mail address." if told else ""
    flash(f"The details of {of.name} have been saved.{written}", "success")
    return redirect(url_for("OrganisationDetailsView.index"))


def _details_form(of: Organisation | Service, typed: Typed, problems: Sequence[Problem] = ()) -> str:
    # A home and its organisation often have one name.
    kind = "organisation" if isinstance(of, Organisation) else "service"
    return render_template("provider/organisation_details.html", of=of, kind=kind, typed=typed, problems=problems)


def _ask_form(kind: ChangeKind, typed: Typed, problems: Sequence[Problem] = ()) -> str:
    if kind is ChangeKind.BANK_DETAILS:
        passkey_origin()
    return render_template(
        "provider/organisation_ask.html",
        kind=kind,
        was=change_requests.current_value(g.contact.organisation, kind),
        typed=typed,
        problems=problems,
    )


def _words(kind: ChangeKind, typed: Typed) -> str:
    reading = FormReading(typed)
    reader: Callable[[str], str] = read_vat_number if kind is ChangeKind.VAT_NUMBER else str
    wanted = reading.read("wanted", reader, "", f"Enter the new {kind.value}.")
    if reading.problems:
        raise Refused(*reading.problems)
    return wanted


def _bank_details(typed: Typed) -> BankDetails:
    reading = FormReading(typed)
    found = BankDetails(
        name=reading.read("name", str, "", "Enter the name on the account."),
        sort_code=reading.read("sort_code", read_sort_code, "", "Enter the sort code."),
        account_number=reading.read("account_number", read_account_number, "", "Enter the account number."),
    )
    if reading.problems:
        raise Refused(*reading.problems)
    return found
