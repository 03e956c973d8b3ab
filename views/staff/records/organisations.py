"""Organisations with their services, contacts and holds; sectors and the dates on which they get the portal."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder.actions import action
from sqlalchemy.orm import joinedload

from models import Contact, Hold, Organisation, Rollout, Sector, Service
from rules.in_force import in_force_on
from rules.organisation_standing import Standing
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.words import counted
from views.access.roles import EVERY_OFFICER, PAYMENTS_OFFICER, PROCUREMENT
from views.generated.hanging import Hanging
from views.generated.lists.listing import ReadyList
from views.generated.pages import ListPage
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.page.form_reading import read_key
from views.staff.records.contracts import ContractDocumentView
from views.staff.records.conversations import ConversationView
from views.staff.records.delivered import AbsenceClaimView
from views.staff.records.invoices import InvoiceView
from views.staff.records.payments import RemittanceView
from workflows.clock import today
from workflows.organisations import invitations
from workflows.organisations.standing import standing_now, standings

SIGNED_IN = (
    "{} has signed in, and what they did stays theirs. Edit the contact and give their access a last day instead."
)
READABLE = "What was commissioned has to stay readable: leave this record."


class ServiceView(RecordView):
    """Services: homes, branches and offices of organisations."""

    datamodel = StaffRecords(Service)
    route_base = "/admin/services"
    group = "Providers"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PROCUREMENT,)
    list_title, show_title, add_title = "Services", "Service", "Add a service"
    list_columns = ["name", "organisation", "service_type", "postcode", "phone", "cqc_location"]
    search_columns = ["name", "organisation", "service_type", "postcode", "cqc_location"]
    base_order = ("name", "asc")
    show_columns = ["name", "organisation", "service_type", "address", "postcode", "phone", "cqc_location"]
    add_columns = ["organisation", "name", "service_type", "address", "postcode", "phone", "cqc_location"]
    edit_columns = ["name", "service_type", "address", "postcode", "phone", "cqc_location"]
    related_views = [ContractDocumentView]
    instead = READABLE


class ContactView(RecordView):
    """Contacts: named people at organisations, and what they may do in the portal."""

    datamodel = StaffRecords(Contact, worked_out={"can_sign_in": lambda contact: contact.user_id is not None})
    route_base = "/admin/contacts"
    group = "Providers"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PROCUREMENT,)
    action_roles = {"invite": (PROCUREMENT,), "end_access": (PROCUREMENT,)}
    list_title, show_title, add_title = "Contacts", "Contact", "Add a contact"
    list_columns = ["name", "organisation", "job", "email", "start", "end", "functions", "can_sign_in", "invited_at"]
    search_columns = ["name", "organisation", "email"]
    base_order = ("name", "asc")
    show_columns = [
        "name", "organisation", "job", "email", "phone", "functions", "limits", "start", "end", "ended_by",
        "can_sign_in", "invited_at",
    ]  # fmt: skip
    add_columns = [
        "organisation", "name", "job", "email", "phone", "may_documents", "may_actuals", "may_payments",
        "may_organisation", "may_conversations", "start", "end",
    ]  # fmt: skip
    edit_columns = add_columns[1:]
    labels = {
        "may_documents": "Contract documents", "may_actuals": "Actuals", "may_payments": "Invoices and payments",
        "may_organisation": "Contacts and organisation", "may_conversations": "Conversations", "invited_at": "Invited",
        "limits": "Services",
    }  # fmt: skip

    needs = ("user",)

    def why_not_deleted(self, item: Contact, hanging: Sequence[Hanging]) -> str:
        """Keep whoever has signed in: what they did stays theirs."""
        return SIGNED_IN.format(item) if item.user and item.user.last_login else super().why_not_deleted(item, hanging)

    def makes_sense(self, action: str, item: Contact) -> bool:
        """Offer an invitation to those who have not signed in, and an end to those whose access has not ended."""
        if action == "end_access":
            return item.in_force(today())
        return item.user is None or item.user.must_change_password

    def _add(self) -> Any:
        # From an organisation's record: the form that limits a contact to services, and invites at once.
        if request.method == "GET" and (of := request.args.get("_flt_0_organisation")):
            abort(redirect(url_for("StaffContactsView.new", organisation=of)))
        return super()._add()

    def _edit(self, pk: Any) -> Any:
        # The form of the council asks what the organisation loses, and limits a contact to services.
        abort(redirect(url_for("StaffContactsView.show", contact_id=read_key(str(pk)))))

    @action("end_access", "End access", "The next page says what happens.")
    def end_access(self, contacts: list[Contact]) -> Any:
        """Lead to the page that says what happens when a contact's access is ended; one at a time."""
        if len(contacts) > 1:
            flash("Tick one contact only: the next page says what its organisation loses.", "danger")
            return redirect(self.get_default_url())
        return redirect(url_for("StaffContactsView.ending", contact_id=contacts[0].id))

    @action("invite", "Invite", "Each is sent an e-mail with a password to begin with, which works for seven days.")
    def invite(self, contacts: list[Contact]) -> Any:
        """Have contacts sent an e-mail that lets them sign in."""
        try:
            invitations.invite_contacts(contacts, g.signed_in.user)
            flash(f"{counted(len(contacts), 'invitation')} on the way.", "success")
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "danger")
        return redirect(self.get_default_url())


class HoldView(RecordView):
    """Reasons why something is not paid for now."""

    datamodel = StaffRecords(Hold, worked_out={"now": lambda hold: in_force_on(hold.start, hold.end, today())})
    route_base = "/admin/holds"
    group = "Providers"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PAYMENTS_OFFICER,)
    list_title, show_title, add_title = "Holds", "Hold", "Add a hold"
    list_columns = ["reason", "organisation", "document", "line_item", "now", "start", "end"]
    search_columns = ["organisation", "line_item", "reason"]
    labels = {"now": "Today"}
    base_order = ("start", "desc")
    show_columns = list_columns
    add_columns = ["organisation", "document", "line_item", "reason", "start", "end"]
    edit_columns = ["reason", "start", "end"]
    description_columns = {
        "document": "To hold one contract document: its reference.",
        "line_item": "To hold one line item: its reference.",
    }
    kept_by = ("change_request_id",)

    def kept(self, item: Hold) -> str:
        """Keep a hold of new bank details: no form ends it, the recorded call-back does."""
        return "It ends when the call-back about the new bank details is recorded." if item.change_request_id else ""

    def pre_add(self, item: Hold) -> None:
        """Refuse a document or line of another organisation."""
        for name in ("document", "line_item"):
            record = getattr(item, name)
            if record and record.organisation_id != item.organisation.id:
                raise Refused(Problem(Code.NOT_FOUND, f"{record} is not one of {item.organisation}.", field=name))


def _standing(organisation: Organisation) -> Standing | None:
    """Return where an organisation stands; of a list they are known, of a file all are read, of a page it is loaded."""
    if request.endpoint == "OrganisationView.show":
        return standing_now(organisation)
    if "standings" not in g:
        g.standings = standings()
    found: Standing | None = g.standings.get(organisation.id)
    return found


class OrganisationView(RecordView):
    """Care providers the council contracts with."""

    datamodel = StaffRecords(Organisation, worked_out={"standing": _standing}, of_key=("standing",))
    route_base = "/admin/organisations"
    group = "Providers"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PROCUREMENT,)
    list_title, show_title, add_title = "Organisations", "Organisation", "Add an organisation"
    list_columns = ["name", "reference", "sector", "standing", "postcode", "phone"]
    search_columns = ["name", "reference", "sector", "state", "postcode"]
    base_order = ("name", "asc")
    add_columns = ["name", "reference", "sector", "state", "address", "postcode", "phone", "email"]
    show_columns = ["standing", *add_columns]
    labels = {"standing": "Today", "state": "State set by the council"}
    related_views = [
        ServiceView, ContactView, ContractDocumentView, HoldView, InvoiceView, AbsenceClaimView, RemittanceView,
        ConversationView,
    ]  # fmt: skip
    instead = "Edit it and set it to “Ended” instead."

    def _init_properties(self) -> None:
        super()._init_properties()
        self.datamodel.show_with(
            joinedload(Organisation.sector).joinedload(Sector.rollout),
            joinedload(Organisation.contacts).joinedload(Contact.user),
        )

    def ready(self, found: ListPage, *args: Any, **kwargs: Any) -> ReadyList:
        """Return the list; where its organisations stand is read for all rows at once."""
        g.standings = standings([each.id for each in found.rows])
        return super().ready(found, *args, **kwargs)


class RolloutView(RecordView):
    """The dates on which sectors get the portal."""

    datamodel = StaffRecords(Rollout, worked_out={"now": lambda rollout: in_force_on(rollout.opens_on, None, today())})
    route_base = "/admin/roll-out"
    group = "Providers"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PROCUREMENT,)
    list_title, show_title, add_title = "Roll-out", "Roll-out", "Add a roll-out date"
    edit_title = "Edit roll-out date"
    list_columns = show_columns = ["sector", "now", "opens_on"]
    add_columns = ["sector", "opens_on"]
    search_columns = ["sector"]
    labels = {"now": "Today"}
    base_order = ("opens_on", "asc")


class SectorView(RecordView):
    """Kinds of care."""

    datamodel = StaffRecords(Sector)
    route_base = "/admin/sectors"
    group = "Providers"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PROCUREMENT,)
    list_title, show_title, add_title = "Sectors", "Sector", "Add a sector"
    list_columns = show_columns = ["name", "rollout"]
    add_columns = search_columns = ["name"]
    base_order = ("name", "asc")
    labels = {"rollout": "Roll-out"}
    related_views = [OrganisationView]
