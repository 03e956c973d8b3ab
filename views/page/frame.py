"""The frame around every page: whose portal, who is signed in, where one can go, and what waits there."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, request

import demonstration
from models import Contact
from rules.states import ProviderFunction
from workflows import counts as waiting
from workflows.conversations import teams


@dataclass(frozen=True)
class Council:
    """The council as pages name it."""

    name: str
    portal_name: str
    telephone: str
    email: str


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; `count` is what waits there, nothing where nothing does."""

    href: str
    text: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class SignIns:
    """Who can sign in to the demonstration: address and who they are, all with one password and one code."""

    password: str
    code: str
    people: list[tuple[str, str]]


@dataclass
class Frame:
    """What the layout shows around a page; `sign_ins` only to strangers, and only in the demonstration."""

    signed_in: bool = False
    organisation_name: str = ""
    person_name: str = ""
    role_name: str = ""
    can_change_organisation: bool = False
    demonstration: bool = False
    sign_ins: SignIns | None = None
    navigation: list[Place] = field(default_factory=list)


# address, words, function a contact needs (None: everybody), name of what is counted
PROVIDER_PLACES: tuple[tuple[str, str, ProviderFunction | None, str], ...] = (
    ("/", "Main menu", None, ""),
    ("/contract-documents", "Contract documents", ProviderFunction.DOCUMENTS, "documents"),
    ("/line-items", "Line items", ProviderFunction.DOCUMENTS, ""),
    ("/actuals", "Actuals", ProviderFunction.ACTUALS, ""),
    ("/exceptions", "Exceptions", ProviderFunction.ACTUALS, "held"),
    ("/invoices", "Invoices", ProviderFunction.PAYMENTS, ""),
    ("/remittances", "Payments", ProviderFunction.PAYMENTS, ""),
    ("/conversations", "Conversations", ProviderFunction.CONVERSATIONS, "answers"),
)

# address, words, view whose list permission it takes, name of what is counted
STAFF_PLACES: tuple[tuple[str, str, str, str], ...] = (
    ("/", "Today", "", ""),
    ("/admin/organisations/list/", "Providers", "OrganisationView", ""),
    ("/admin/contract-documents/list/", "Contract documents", "ContractDocumentView", "documents"),
    ("/admin/line-items/list/", "Line items", "LineItemView", ""),
    ("/admin/actuals/list/", "Actuals", "ActualView", ""),
    ("/staff/exceptions", "Exceptions", "ExceptionsView", "held"),
    ("/admin/invoices/list/", "Invoices", "InvoiceView", "invoices"),
    ("/staff/absence-claims", "Claims", "AbsenceDecisionsView", "claims"),
    ("/staff/payment-run", "Payment runs", "PaymentRunsView", "runs"),
    ("/staff/conversations", "Conversations", "StaffConversationsView", "conversations"),
    ("/staff/imports", "Imports", "ImportsView", ""),
    ("/admin", "All records", "RecordsView", ""),
)


def put_frame(app: Flask) -> None:
    """Give every template of `app` the council, the frame, and the links at the foot."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    council = Council(
        current_app.config["COUNCIL_NAME"],
        "Provider portal",
        current_app.config["COUNCIL_TELEPHONE"],
        current_app.config["COUNCIL_EMAIL"],
    )
    frame = Frame(demonstration=current_app.config["DEMONSTRATION"])
    if contact := g.get("contact"):
        _provider_frame(frame, contact)
    elif signed_in := g.get("signed_in"):
        frame.signed_in = True
        frame.person_name = str(signed_in.user)
        frame.role_name = ", ".join(role.name for role in signed_in.user.roles)
        frame.navigation = _staff_navigation()
    elif frame.demonstration:
        people = [(each.email, each.who) for each in demonstration.SIGN_INS]
        frame.sign_ins = SignIns(demonstration.PASSWORD, demonstration.CODE, people)
    return {"council": council, "frame": frame, "footer_links": []}


def _provider_frame(frame: Frame, contact: Contact) -> None:
    frame.signed_in = True
    frame.organisation_name = contact.organisation.name
    frame.person_name = contact.name
    counts = g.get("waiting") or waiting.for_provider(g.signed_in.user_id)
    frame.can_change_organisation = counts["organisations"] > 1
    frame.navigation = [
        Place(href, text, _is_current(href), counts.get(counted) or None)
        for href, text, function, counted in PROVIDER_PLACES
        if function is None or function in contact.functions
    ]


def _staff_navigation() -> list[Place]:
    may = current_app.appbuilder.sm.has_access  # type: ignore[attr-defined]
    counts = waiting.for_council(teams.officers_teams(g.signed_in.user))
    return [
        Place(href, text, _is_current(href), counts.get(counted) or None)
        for href, text, view, counted in STAFF_PLACES
        if not view or may("can_view", view) or may("can_list", view)
    ]


def _is_current(href: str) -> bool:
    if href in ("/", "/admin"):
        return request.path.rstrip("/") == href.rstrip("/")
    return request.path.startswith(href.removesuffix("list/"))
