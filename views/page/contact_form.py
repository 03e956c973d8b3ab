"""The form of a contact and the page that ends one, the same for an organisation itself and for the council."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import render_template, request

from models import Contact
from rules.contact import ContactEntry, check_contact
from rules.email_address import read_email
from rules.period import read_date
from rules.refusal import Problem, Refused
from rules.states import ProviderFunction
from rules.telephone import read_telephone
from views.page.form_reading import FormReading, read_key
from workflows.clock import today
from workflows.organisations import contacts
from workflows.organisations.contacts import KNOWN

Typed = Mapping[str, Any]

TEXTS = ("name", "job", "email", "phone", "start", "end")
# What each function lets a contact do, as the form explains it.
EXPLAINED = {
    ProviderFunction.DOCUMENTS: "Reads, accepts and rejects contract documents; sees line items",
    ProviderFunction.ACTUALS: "Records the care delivered, asks about weeks over the exception level, claims absences",
    ProviderFunction.PAYMENTS: "Creates and sends invoices, reads remittance advice, gets e-mails about payments",
    ProviderFunction.ORGANISATION: "Adds and ends contacts, changes addresses, asks for new bank details",
    ProviderFunction.CONVERSATIONS: "Asks the council’s teams and reads their answers",
}


def typed_contact() -> dict[str, Any]:
    """Return what the form that was sent holds."""
    texts = {name: request.form.get(name, "").strip() for name in TEXTS}
    return texts | {"functions": request.form.getlist("functions"), "services": request.form.getlist("services")}


def typed_of(contact: Contact) -> dict[str, Any]:
    """Return what the form of a contact holds before anything is typed."""
    return {
        "name": contact.name,
        "job": contact.job,
        "email": contact.email,
        "phone": contact.phone,
        "start": f"{contact.start:%d/%m/%Y}",
        "end": f"{contact.end:%d/%m/%Y}" if contact.end else "",
        "functions": list(contact.functions),
        "services": [limit.service_id for limit in contact.limits],
    }


def entry_of(typed: Typed, email: str = "") -> ContactEntry:
    """Return what was typed, read; `email` is that of a contact who is changed, whose address stays.

    Raises Refused with everything that cannot be read, Unknown for what is no service.
    """
    reading = FormReading(typed)
    entry = ContactEntry(
        name=reading.read("name", str, "", "Enter the name of the contact."),
        job=typed["job"],
        email=email or reading.read("email", read_email, "", "Enter the e-mail address they sign in with."),
        phone=reading.read("phone", read_telephone, ""),
        functions=frozenset(ProviderFunction(each) for each in typed["functions"] if each in list(ProviderFunction)),
        services=frozenset(map(read_key, typed["services"])),
        start=reading.read("start", read_date, today()),
        end=reading.read("end", read_date, None),
    )
    if reading.problems:
        raise Refused(*reading.problems, *check_contact(entry))
    return entry


def contact_form(
    typed: Typed,
    organisation_id: int,
    *,
    back: tuple[str, str],
    contact: Contact | None = None,
    end_address: str = "",
    problems: Sequence[Problem] = (),
) -> str:
    """Return the page with the form; `back` is words and address of where one came from.

    A loss that has to be known is offered as a tick below it.
    """
    return render_template(
        "provider/contact_form.html",
        typed=typed,
        contact=contact,
        seen=contacts.fingerprint(contact) if contact else "",
        end_address=end_address,
        problems=problems,
        losses=[problem.wrong for problem in problems if problem.field == KNOWN],
        functions=[(each.value, each.value, EXPLAINED[each]) for each in ProviderFunction],
        services=[(each.id, each.name) for each in contacts.services_of(organisation_id)],
        back=back,
    )


def ending_page(contact: Contact, *, back: tuple[str, str], oneself: bool, problems: Sequence[Problem] = ()) -> str:
    """Return the page that says what happens when a contact's access is ended."""
    return render_template(
        "provider/contact_end.html",
        contact=contact,
        losses=[problem.wrong for problem in contacts.losses(contact, None)],
        problems=problems,
        oneself=oneself,
        back=back,
    )


def seen_form() -> str:
    """Return the fingerprint of the contact as it was when the form that was sent was opened."""
    return request.form.get("seen", "")


def is_known() -> bool:
    """Say whether the form that was sent has the tick: I know what the organisation loses."""
    return bool(request.form.get(KNOWN))


def access_words(contact: Contact, day: date) -> str:
    """Return whether a contact has access on a day, in one word."""
    if contact.in_force(day):
        return "Has access"
    return "Begins later" if contact.start > day and not contact.ended_at else "Ended"
