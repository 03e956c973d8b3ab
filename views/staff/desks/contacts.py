"""A contact as the council looks after it, by the same rules as the provider: added, changed, limited, ended."""

from collections.abc import Sequence

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Contact, Organisation
from rules.refusal import Problem, Refused
from views.access.permissions import permitted
from views.access.roles import PROCUREMENT
from views.page.contact_form import (
    Typed,
    contact_form,
    ending_page,
    entry_of,
    is_known,
    seen_form,
    typed_contact,
    typed_of,
)
from views.page.form_reading import read_key
from views.page.format import record_href
from workflows.clock import today
from workflows.organisations import contacts

Answer = str | Response | tuple[str, int]


class StaffContactsView(BaseView):
    """`/staff/contacts`: one contact at a time; the list is the generated one."""

    route_base = "/staff/contacts"
    roles = {"can_change": (PROCUREMENT,)}

    @expose("/new", methods=["GET"])
    @permitted("change")
    def new(self) -> str:
        """Show the form of a new contact of the organisation that the address names."""
        return _new_form(_organisation(), {"start": f"{today():%d/%m/%Y}"})

    @expose("/new", methods=["POST"])
    @permitted("change")
    def add(self) -> Answer:
        """Add a contact, who is invited by e-mail."""
        organisation, typed = _organisation(), typed_contact()
        try:
            added = contacts.add(organisation, entry_of(typed), g.signed_in.user)
        except Refused as refused:
            return _new_form(_organisation(), typed, refused.problems), 422
        flash(f"{added} has been added. An e-mail to {added.email} says how to sign in, within 7 days.", "success")
        return redirect(record_href(added) or url_for("HomeView.index"))

    @expose("/<int(max=2147483647):contact_id>", methods=["GET"])
    @permitted("change")
    def show(self, contact_id: int) -> str:
        """Show one contact in the form."""
        contact = contacts.get_contact(contact_id)
        return _form(typed_of(contact), contact)

    @expose("/<int(max=2147483647):contact_id>", methods=["POST"])
    @permitted("change")
    def change(self, contact_id: int) -> Answer:
        """Change one contact."""
        contact, typed = contacts.get_contact(contact_id), typed_contact()
        try:
            entry = entry_of(typed, contact.email)
            changed = contacts.change(contact_id, entry, g.signed_in.user, known=is_known(), seen=seen_form())
        except Refused as refused:
            return _form(typed, contacts.get_contact(contact_id), refused.problems), 422
        flash(f"The details of {changed} have been saved.", "success")
        return redirect(record_href(changed) or url_for("HomeView.index"))

    @expose("/<int(max=2147483647):contact_id>/end-access", methods=["GET"])
    @permitted("change")
    def ending(self, contact_id: int) -> str:
        """Say what happens when a contact's access is ended."""
        return _ending(contact_id)

    @expose("/<int(max=2147483647):contact_id>/end-access", methods=["POST"])
    @permitted("change")
    def end_access(self, contact_id: int) -> Answer:
        """End a contact's access now."""
        try:
            ended = contacts.end_access(contact_id, g.signed_in.user, known=is_known())
        except Refused as refused:
            return _ending(contact_id, refused.problems), 422
        flash(f"The access of {ended} has ended.", "success")
        return redirect(record_href(ended) or url_for("HomeView.index"))


def _organisation() -> Organisation:
    return contacts.get_organisation(read_key(request.args.get("organisation", "")))


def _new_form(organisation: Organisation, typed: Typed, problems: Sequence[Problem] = ()) -> str:
    back = organisation.name, record_href(organisation) or url_for("HomeView.index")
    return contact_form(typed, organisation.id, back=back, problems=problems)


def _form(typed: Typed, contact: Contact, problems: Sequence[Problem] = ()) -> str:
    return contact_form(
        typed,
        contact.organisation_id,
        back=_record(contact),
        contact=contact,
        end_address=url_for("StaffContactsView.ending", contact_id=contact.id),
        problems=problems,
    )


def _ending(contact_id: int, problems: Sequence[Problem] = ()) -> str:
    contact = contacts.get_contact(contact_id)
    return ending_page(contact, back=_record(contact), oneself=False, problems=problems)


def _record(contact: Contact) -> tuple[str, str]:
    return contact.name, record_href(contact) or url_for("HomeView.index")
