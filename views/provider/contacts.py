"""Contacts: who of the organisation may use what, looked after by itself and looked through every quarter."""

from collections.abc import Sequence

from flask import flash, g, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Contact, limited_to
from rules.refusal import Problem, Refused
from rules.states import ProviderFunction
from views.access.permissions import permitted
from views.page.contact_form import (
    Typed,
    access_words,
    contact_form,
    ending_page,
    entry_of,
    is_known,
    seen_form,
    typed_contact,
    typed_of,
)
from workflows.clock import london_day, today
from workflows.organisations import contacts

Answer = str | Response | tuple[str, int]


class ContactsView(BaseView):
    """`/contacts`, for contacts with the function Contacts and organisation."""

    route_base = "/contacts"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the organisation's contacts, with their last sign-in."""
        found = contacts.contacts_page(g.contact.organisation_id)
        return render_template(
            "provider/contacts.html",
            found=found,
            review_is_due=found.review_due <= today(),
            reviewed_on=london_day(found.review.reviewed_at) if found.review else None,
            access_words=lambda contact: access_words(contact, today()),
            every_function=len(ProviderFunction),
        )

    @expose("/review", methods=["POST"])
    @permitted("view")
    def review(self) -> Response:
        """Record that the contacts were looked through and are right."""
        contacts.review(g.contact.organisation, g.signed_in.user)
        flash("Thank you. It is recorded that you checked your contacts today.", "success")
        return redirect(url_for("ContactsView.index"))

    @expose("/new", methods=["GET"])
    @permitted("view")
    def new(self) -> str:
        """Show the form of a new contact."""
        return _form({"start": f"{today():%d/%m/%Y}", "services": sorted(limited_to())})

    @expose("/new", methods=["POST"])
    @permitted("view")
    def add(self) -> Answer:
        """Add a contact, who is invited by e-mail."""
        typed = typed_contact()
        try:
            added = contacts.add(g.contact.organisation, entry_of(typed), g.signed_in.user)
        except Refused as refused:
            return _form(typed, problems=refused.problems), 422
        flash(f"{added} has been added. An e-mail to {added.email} says how to sign in, within 7 days.", "success")
        return redirect(url_for("ContactsView.index"))

    @expose("/<int(max=2147483647):contact_id>", methods=["GET"])
    @permitted("view")
    def show(self, contact_id: int) -> str:
        """Show one contact in the form."""
        contact = contacts.get_contact(contact_id)
        return _form(typed_of(contact), contact=contact)

    @expose("/<int(max=2147483647):contact_id>", methods=["POST"])
    @permitted("view")
    def change(self, contact_id: int) -> Answer:
        """Change one contact."""
        contact, typed = contacts.get_contact(contact_id), typed_contact()
        try:
            entry = entry_of(typed, contact.email)
            changed = contacts.change(contact_id, entry, g.signed_in.user, known=is_known(), seen=seen_form())
        except Refused as refused:
            return _form(typed, contact=contacts.get_contact(contact_id), problems=refused.problems), 422
        flash(f"The details of {changed} have been saved.", "success")
        shut_out = changed.id == g.contact.id and not changed.may_organisation
        return redirect(url_for("HomeView.index" if shut_out else "ContactsView.index"))

    @expose("/<int(max=2147483647):contact_id>/end-access", methods=["GET"])
    @permitted("view")
    def ending(self, contact_id: int) -> str:
        """Say what happens when a contact's access is ended."""
        return _ending(contact_id)

    @expose("/<int(max=2147483647):contact_id>/end-access", methods=["POST"])
    @permitted("view")
    def end_access(self, contact_id: int) -> Answer:
        """End a contact's access now."""
        try:
            ended = contacts.end_access(contact_id, g.signed_in.user, known=is_known())
        except Refused as refused:
            return _ending(contact_id, refused), 422
        flash(f"The access of {ended} has ended.", "success")
        return redirect(url_for("ContactsView.index"))


def _form(typed: Typed, *, contact: Contact | None = None, problems: Sequence[Problem] = ()) -> str:
    return contact_form(
        typed,
        g.contact.organisation_id,
        back=("Contacts", url_for("ContactsView.index")),
        contact=contact,
        end_address=url_for("ContactsView.ending", contact_id=contact.id) if contact else "",
        problems=problems,
    )


def _ending(contact_id: int, refused: Refused | None = None) -> str:
    contact = contacts.get_contact(contact_id)
    return ending_page(
        contact,
        back=(contact.name, url_for("ContactsView.show", contact_id=contact_id)),
        oneself=contact.id == g.contact.id,
        problems=refused.problems if refused else (),
    )
