"""The frame around every page: whose portal, who is signed in, where one can go, and what waits there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, url_for
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from sqlalchemy.exc import SQLAlchemyError

import demonstration
from models import Contact, db
from rules.states import ProviderFunction
from views.page.counted import can_act_on, council_counts, lacks_lines_for, list_address, provider_counts
from workflows.front_pages.announced import Notice, notices, seen_last


@dataclass(frozen=True)
class Council:
    """The council as pages name it."""

    name: str
    portal_name: str
    telephone: str
    email: str


@dataclass(frozen=True)
class NavigationEntry:
    """One entry of the navigation; `count` is what waits there, nothing where nothing does.

    While something waits, `href` leads to exactly that: the list has a link to the rest.
    """

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
    navigation: list[NavigationEntry] = field(default_factory=list)
    announcements: list[Notice] = field(default_factory=list)


# page, words, function a contact needs (None: everybody), name of what is counted
PROVIDER_PLACES: tuple[tuple[str, str, ProviderFunction | None, str], ...] = (
    ("HomeView.index", "Main menu", None, ""),
    ("ContractDocumentsView.index", "Contract documents", ProviderFunction.DOCUMENTS, "to_accept"),
    ("LineItemsView.index", "Line items", ProviderFunction.DOCUMENTS, ""),
    ("ActualsView.week", "Actuals", ProviderFunction.ACTUALS, ""),
    ("OverExceptionLevelView.index", "Exceptions", ProviderFunction.ACTUALS, "held"),
    ("InvoicesView.list", "Invoices", ProviderFunction.PAYMENTS, ""),
    ("ScheduledPaymentsView.index", "Scheduled payments", ProviderFunction.PAYMENTS, "payments_to_check"),
    ("RemittancesView.list", "Payments", ProviderFunction.PAYMENTS, ""),
    ("ConversationsView.index", "Conversations", ProviderFunction.CONVERSATIONS, "to_read"),
    ("ContactsView.index", "Contacts", ProviderFunction.ORGANISATION, ""),
    ("OrganisationDetailsView.index", "Organisation", ProviderFunction.ORGANISATION, ""),
)

# Their addresses begin those of other pages.
ALONE = ("HomeView.index", "RecordsView.index")

# Answers of error pages (views/page/errors.py).
BROKEN, DATABASE_AWAY = 500, 503

# At the foot of every page: open to everybody.
FOOT: tuple[tuple[str, str], ...] = (
    ("Help", "PublicView.help"),
    ("Is the portal working?", "PublicView.status"),
    ("Accessibility", "PublicView.accessibility"),
    ("Privacy", "PublicView.privacy"),
)

# page, words, name of what is counted (the first that the reader can act on); shown to whoever may view or list it
STAFF_PLACES: tuple[tuple[str, str, str], ...] = (
    ("HomeView.index", "Today", ""),
    ("OrganisationView.list", "Providers", ""),
    ("GoLiveView.index", "Go-live", "named"),
    ("ContractDocumentView.list", "Contract documents", "to_publish"),
    ("LineItemView.list", "Line items", ""),
    ("ConfirmView.index", "To confirm", "proposals"),
    ("ActualView.list", "Actuals", ""),
    ("ExceptionsView.index", "Exceptions", "held"),
    ("PaperIsosView.index", "Paper ISOs", "papers_to_review"),
    ("InvoiceDeskView.index", "Invoices", "to_check"),
    ("AbsenceDecisionsView.queue", "Claims", "to_decide"),
    ("PaymentRunsView.list", "Payment runs", "runs to_approve to_release"),
    ("ChangeRequestsView.index", "Change requests", "changes"),
    ("StaffConversationsView.index", "Conversations", "to_answer"),
    ("UpliftsView.index", "Uplifts", ""),
    ("ImportsView.index", "Imports", ""),
    ("AnnouncementDesk.index", "Announcements", ""),
    ("OutboxView.index", "Outbox", ""),
    ("RecordsView.index", "All records", ""),
)


def put_frame(app: Flask) -> None:
    """Give every template of `app` the council, the frame, and the links at the foot."""
    app.context_processor(_context)
    app.jinja_env.template_class = OwnTemplate


class OwnTemplate(Template):
    """A template that is given no globals of its own: its macros are made once.

    Jinja asks so at each import, of every global: 0.1 of 4 ms of a page with five imports.
    """

    def _get_default_module(self, _context: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


def _context() -> dict[str, Any]:
    council = Council(
        current_app.config["COUNCIL_NAME"],
        "Provider portal",
        current_app.config["COUNCIL_TELEPHONE"],
        current_app.config["COUNCIL_EMAIL"],
    )
    frame = Frame(demonstration=current_app.config["DEMONSTRATION"])
    if g.get("failed") == DATABASE_AWAY:
        frame.announcements = seen_last()
    elif contact := g.get("contact"):
        _provider_frame(frame, contact)
    elif signed_in := g.get("signed_in"):
        frame.signed_in = True
        frame.person_name = str(signed_in.user)
        frame.role_name = ", ".join(role.name for role in signed_in.user.roles)
        frame.navigation = _staff_navigation()
        frame.announcements = _notices(council_counts())
    else:
        _strangers_frame(frame)
    return {"council": council, "frame": frame, "footer_links": [(text, url_for(page)) for text, page in FOOT]}


def _strangers_frame(frame: Frame) -> None:
    if frame.demonstration:
        people = [(each.email, each.who) for each in demonstration.SIGN_INS]
        frame.sign_ins = SignIns(demonstration.PASSWORD, demonstration.CODE, people)
    if g.get("failed", 0) >= BROKEN:
        return  # what failed may be the very thing that would be asked for
    try:
        frame.announcements = notices()
    except SQLAlchemyError:
        db.session.rollback()
        frame.announcements = seen_last()


def _notices(counts: Mapping[str, Any]) -> list[Notice]:
    return [Notice(*each) for each in counts["announcements"]]


def _provider_frame(frame: Frame, contact: Contact) -> None:
    frame.signed_in = True
    frame.organisation_name = contact.organisation.name
    frame.person_name = contact.name
    counts = provider_counts()
    frame.announcements = _notices(counts)
    frame.can_change_organisation = counts["organisations"] > 1
    frame.navigation = [
        _place(endpoint, text, counted).entry(counts)
        for endpoint, text, function, counted in PROVIDER_PLACES
        if (function is None or function in contact.functions) and not lacks_lines_for(endpoint)
    ]


class NavigationPlace(NamedTuple):
    """A place of the navigation: its address, its words, what is counted there, and the address of the list of that."""

    href: str
    text: str
    counted: str
    counted_href: str
    alone: bool

    def entry(self, counts: Mapping[str, int]) -> NavigationEntry:
        """Return the place with what waits there."""
        count = counts.get(self.counted) or None
        current = _is_current(self.href, alone=self.alone)
        return NavigationEntry(self.counted_href if count else self.href, self.text, current, count)


def _staff_navigation() -> list[NavigationEntry]:
    """Return where the officer who is signed in can go; which places that are is known for each set of roles."""
    known: dict[Any, list[NavigationPlace]] = current_app.extensions.setdefault("staff_places", {})
    whose = request.script_root, current_app.appbuilder.sm.role_names()  # type: ignore[attr-defined]
    if whose not in known:
        known[whose] = _staff_places()
    counts = council_counts()
    return [place.entry(counts) for place in known[whose]]


def _staff_places() -> list[NavigationPlace]:
    may = current_app.appbuilder.sm.has_access  # type: ignore[attr-defined]
    return [
        _place(endpoint, text, next(filter(can_act_on, counted.split()), ""))
        for endpoint, text, counted in STAFF_PLACES
        if any(may(permission, endpoint.split(".")[0]) for permission in ("can_view", "can_list"))
    ]


def _place(endpoint: str, text: str, counted: str) -> NavigationPlace:
    """Return a place, put together once; providers and staff have none in common with the same words."""
    known: dict[Any, NavigationPlace] = current_app.extensions.setdefault("places", {})
    which = request.script_root, endpoint, text, counted
    if which not in known:
        counted_href = list_address(counted) if counted else ""
        known[which] = NavigationPlace(url_for(endpoint), text, counted, counted_href, endpoint in ALONE)
    return known[which]


def _is_current(href: str, *, alone: bool) -> bool:
    if alone:
        return request.path.rstrip("/") == href.rstrip("/")
    return request.path.startswith(href.removesuffix("list/"))
