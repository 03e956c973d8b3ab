"""The main menu of a contact in words: cards of what waits, first steps, what they can do, and the dates ahead."""

from datetime import date
from decimal import Decimal
from typing import Final

from flask import render_template, url_for

from models import Contact, ScheduledPayment
from rules.contact import review_due
from rules.money import pounds
from rules.period import date_range, uk_date, weekday_date
from rules.states import ProviderFunction
from rules.words import plural
from views.front_pages.card import Card
from views.page.counted import lacks_lines_for, list_address, provider_counts
from workflows.actuals.period import PeriodWeeks
from workflows.clock import LONDON, london_day, today
from workflows.front_pages import main_menu
from workflows.front_pages.main_menu import MainMenu, ProviderWaiting
from workflows.scheduled.query import may_be_queried

Functions = list[ProviderFunction]

_DOCUMENTS: Final = {ProviderFunction.DOCUMENTS}
_ACTUALS: Final = {ProviderFunction.ACTUALS}
_PAYMENTS: Final = {ProviderFunction.PAYMENTS}
_CONVERSATIONS: Final = {ProviderFunction.CONVERSATIONS}
_ORGANISATION: Final = {ProviderFunction.ORGANISATION}
# Claims are made by who records care, and by who looks after the money.
_CLAIMS: Final = _ACTUALS | _PAYMENTS

# What a contact can do: the functions of which one opens it, page, words, note.
_ENTRIES: Final = (
    (_DOCUMENTS, "ContractDocumentsView.index", "Contract documents", "View, accept or reject ISOs"),
    (_DOCUMENTS, "LineItemsView.index", "Care package line items", "What is commissioned, at what rate"),
    (_ACTUALS, "ActualsView.week", "Actuals", "Record the care you delivered, week by week"),
    (_ACTUALS, "ActualsDownloadView.choose", "Download actuals", "Four weeks to Excel"),
    (_ACTUALS, "ActualsUploadView.index", "Upload actuals", "From Excel or your own system"),
    (
        _ACTUALS,
        "OverExceptionLevelView.index",
        "Over exception level",
        "Weeks that are held, and what Service Brokerage decides",
    ),
    (_CLAIMS, "AbsenceClaimsView.index", "Unplanned absence claims", "When planned care could not be given"),
    (_PAYMENTS, "InvoicesView.list", "Invoices", "Create, submit and follow"),
    (_PAYMENTS, "ScheduledPaymentsView.index", "Scheduled payments", "Check each payment before it is made"),
    (_PAYMENTS, "RemittancesView.list", "Remittance advice", "What was paid, line by line"),
    (_CONVERSATIONS, "ConversationsView.index", "Conversations", "Ask a council team, read its answers"),
    (_ORGANISATION, "ContactsView.index", "Contacts", "Who may use the portal, and for what"),
    (
        _ORGANISATION,
        "OrganisationDetailsView.index",
        "Organisation details",
        "Addresses, name, VAT, bank account",
    ),
    (
        set(ProviderFunction),
        "OwnChoicesView.index",
        "E-mails and calendar",
        "How the portal writes to you, and your dates in your own calendar",
    ),
)


def show_main_menu(contact: Contact) -> str:
    """Return the page, with only what the contact's functions open."""
    found, functions = main_menu.for_contact(contact), contact.functions
    return render_template(
        "provider/main_menu.html",
        cards=_payment_cards(found.unpaid) + _cards(found.waiting, found.period, functions),
        first_steps=_first_steps(found.waiting, functions),
        entries=[
            {"href": url_for(endpoint), "text": text, "note": note}
            for any_of, endpoint, text, note in _ENTRIES
            if any_of & set(functions) and not lacks_lines_for(endpoint)
        ],
        median_days=found.median_days,
        paid=[_bar(day, total) for day, total in found.paid] + [_bar_to_come(each) for each in _to_come(found)],
        to_come=[uk_date(payment.period.pay_on) for payment in _to_come(found)],
        tells_absences=found.waiting.on_schedule and bool(_CLAIMS & set(functions)),
        tells_missing=ProviderFunction.DOCUMENTS in functions,
        only_scheduled=found.period is None,
        dates=(_dates(found.period) if found.period else []) + _payment_dates(found),
    )


def _payment_cards(unpaid: list[ScheduledPayment]) -> list[Card]:
    """Return the card of the scheduled payment to check: its pounds, and both dates."""
    return [
        Card(
            pounds(payment.gross),
            f"payment to check, for {date_range(payment.period.start, payment.period.end)}",
            f"Check by {weekday_date(payment.period.amend_by)}; paid on {weekday_date(payment.period.pay_on)}",
            url_for("ScheduledPaymentsView.show", payment_id=payment.id),
            "Check the payment",
            "soon",
        )
        for payment in unpaid
        if may_be_queried(payment)
    ]


def _cards(waiting: ProviderWaiting, period: PeriodWeeks | None, functions: Functions) -> list[Card]:
    cards: list[Card] = []
    if (_PAYMENTS | _ORGANISATION) & set(functions):
        cards += _call_card(waiting, opens=ProviderFunction.ORGANISATION in functions)
    if ProviderFunction.ACTUALS in functions and period:
        cards += _week_cards(waiting, period)
    if ProviderFunction.DOCUMENTS in functions:
        cards += _document_cards(waiting)
    if _CLAIMS & set(functions):
        cards += _claim_cards(waiting)
    if ProviderFunction.PAYMENTS in functions and waiting.to_invoice:
        words = plural(waiting.to_invoice, "confirmed week to invoice", "confirmed weeks to invoice")
        when = "The invoice shows what can be paid now before you send it"
        cards.append(_card("to_invoice", waiting.to_invoice, words, when, "Create invoice", "good"))
    if ProviderFunction.CONVERSATIONS in functions and (answers := provider_counts()["to_read"]):
        words = plural(answers, "answer to read", "answers to read")
        cards.append(_card("to_read", answers, words, "From the council's teams", "Conversations", "soon"))
    if ProviderFunction.ORGANISATION in functions:
        cards += _review_card(waiting)
    return cards


def _call_card(waiting: ProviderWaiting, *, opens: bool) -> list[Card]:
    """Return the card of payments that wait for a call-back; who cannot open the details finds it on the payments."""
    if waiting.held_since is None:
        return []
    when = f"Since {uk_date(london_day(waiting.held_since))}: the council has to ring you about your new bank details"
    page = "OrganisationDetailsView" if opens else "InvoicesView"
    link, endpoint = ("Organisation details", "index") if opens else ("Invoices", "list")
    return [Card("Payments", "to you wait for a call", when, url_for(f"{page}.{endpoint}"), link, "late")]


def _review_card(waiting: ProviderWaiting) -> list[Card]:
    reviewed_on = london_day(waiting.reviewed_at) if waiting.reviewed_at else None
    due = review_due(reviewed_on, waiting.first_contact)
    if today() < due:
        return []
    when = f"Last checked on {uk_date(reviewed_on)}" if reviewed_on else "Nobody has checked them yet"
    return [Card("Contacts", "are they still right?", when, url_for("ContactsView.index"), "Check contacts", "soon")]


def _card(name: str, count: int | str, text: str, when: str, link: str, tone: str = "") -> Card:
    return Card(str(count), text, when, list_address(name), link, tone)


def _week_cards(waiting: ProviderWaiting, period: PeriodWeeks) -> list[Card]:
    cards = []
    if held := provider_counts()["held"]:
        words = plural(held, "week over the exception level", "weeks over the exception level")
        which = "Not" if waiting.not_asked == held else f"{waiting.not_asked} not"
        asked = f"{which} asked about yet" if waiting.not_asked else "Service Brokerage decides"
        when = f"{asked}; everything else can be invoiced"
        cards.append(_card("held", held, words, when, "Over exception level", "late"))
    if waiting.late:
        words = plural(waiting.late, "week not confirmed in time", "weeks not confirmed in time")
        when = "Their date has passed; confirm them now and they will be on your next invoice"
        cards.append(_card("late", waiting.late, words, when, "Late weeks", "late"))
    if period.confirmed < period.lines:
        days = (period.submit_by - today()).days
        when = f"Due in {days} days, {uk_date(period.submit_by)}" if days > 1 else f"Due {uk_date(period.submit_by)}"
        words = f"weeks confirmed for {date_range(period.start, period.end)}"
        href = list_address("to_confirm", week=period.start.isoformat())
        count = f"{period.confirmed} of {period.lines}"
        cards.append(Card(count, words, when, href, "Confirm actuals", "soon"))
    return cards


def _document_cards(waiting: ProviderWaiting) -> list[Card]:
    count = provider_counts()["to_accept"]
    if not count:
        return []
    words = plural(count, "contract document to accept", "contract documents to accept")
    oldest = waiting.oldest_document
    days = (today() - oldest.astimezone(LONDON).date()).days if oldest else 0
    return [
        _card("to_accept", count, words, f"Oldest waiting {days} days" if days > 1 else "New", "Contract documents")
    ]


def _claim_cards(waiting: ProviderWaiting) -> list[Card]:
    cards = []
    if count := waiting.refused_claims:
        words = plural(count, "absence claim refused", "absence claims refused")
        when = "The reason is on the claim"
        cards.append(_claim_card("refused_claims", count, waiting.refused_claim, words, when, "late"))
    if count := waiting.draft_claims:
        words = plural(count, "absence claim not sent", "absence claims not sent")
        when = "Kept as a draft: submit or withdraw it"
        cards.append(_claim_card("draft_claims", count, waiting.draft_claim, words, when, "soon"))
    return cards


def _claim_card(name: str, count: int, claim_id: int | None, words: str, when: str, tone: str) -> Card:
    """Return a card of claims; of a single one it leads to the claim itself."""
    if count > 1:
        return _card(name, count, words, when, "Open claims", tone)
    return Card("1", words, when, url_for("AbsenceClaimsView.show", claim_id=claim_id), "Open the claim", tone)


def _first_steps(waiting: ProviderWaiting, functions: Functions) -> list[tuple[str, str, bool]]:
    """Return words, address and whether it is done, in the council's order; nothing once all are done.

    A care home that is paid every four weeks has neither actuals nor invoices.
    """
    on_actuals, has_documents = waiting.on_actuals, waiting.has_documents
    reviewed = waiting.has_colleagues or waiting.reviewed_at is not None
    steps = (
        (_DOCUMENTS, has_documents, "View contract documents", "ContractDocumentsView.index", waiting.has_accepted),
        (_ORGANISATION, True, "Add contacts", "ContactsView.index", reviewed),
        (_ACTUALS, on_actuals, "Amend actuals", "ActualsView.week", waiting.has_actuals),
        (_PAYMENTS, on_actuals, "Create an invoice", "InvoicesView.choose", waiting.has_invoices),
    )
    own = [
        (words, url_for(endpoint), done)
        for any_of, needed, words, endpoint, done in steps
        if needed and any_of & set(functions)
    ]
    return [] if all(done for _, _, done in own) else own


def _dates(period: PeriodWeeks) -> list[tuple[str, str]]:
    return [
        (uk_date(period.submit_by), f"Actuals due for {date_range(period.start, period.end)}"),
        (uk_date(period.pay_on), "Payment for that period"),
    ]


def _payment_dates(found: MainMenu) -> list[tuple[str, str]]:
    """Return the dates of the next scheduled payments; pay days only where they do not stand beside those of weeks."""
    dates = []
    for each in found.periods:
        about = f"the payment for {date_range(each.start, each.end)}"
        if each.amend_by >= today():
            dates.append((each.amend_by, f"Last day to query {about}"))
        if found.period is None:
            dates.append((each.pay_on, f"P{about.removeprefix('the p')}"))
    return [(uk_date(day), what) for day, what in sorted(dates)]


def _to_come(found: MainMenu) -> list[ScheduledPayment]:
    """Return the scheduled payments whose pay day is still to come, where there is a chart to show them in."""
    return [payment for payment in found.unpaid if found.paid and payment.period.pay_on >= today()]


def _bar_to_come(payment: ScheduledPayment) -> tuple[str, Decimal, str, str, bool]:
    label, _, *words = _bar(payment.period.pay_on, payment.gross)
    return f"{label}, to come", payment.gross, str(words[0]), str(words[1]), True


def _bar(day: date, total: Decimal) -> tuple[str, Decimal, str, str, bool]:
    return f"{day:%-d %b}", total, pounds(total), f"£{total / 1000:,.1f}k", False
