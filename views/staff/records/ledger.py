"""The ledger as the council reads it: events that made, paid or took back money, with their entries."""

from models import JournalEntry, JournalEvent
from views.access.roles import PAYMENTS
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords


class JournalEntryView(RecordView):
    """Entries of the ledger: one side of an event each."""

    datamodel = StaffRecords(JournalEntry)
    route_base = "/admin/journal-entries"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Ledger entries", "Ledger entry"
    list_columns = ["event", "organisation", "account", "element", "amount"]
    search_columns = ["account"]
    base_order = ("id", "desc")
    show_columns = [
        "event", "organisation", "account", "element", "amount", "invoice_line", "scheduled_payment_line",
        "absence_claim_line", "payment_source",
    ]  # fmt: skip
    labels = {"amount": "Debit, or credit below zero"}


class JournalEventView(RecordView):
    """Events of the ledger: what made, paid, took back or returned money."""

    datamodel = StaffRecords(JournalEvent)
    route_base = "/admin/journal-events"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Ledger", "Ledger event"
    list_columns = [
        "kind",
        "organisation",
        "invoice",
        "scheduled_payment",
        "absence_claim",
        "one_off_payment",
        "recovery",
        "run",
    ]
    search_columns = ["kind", "organisation"]
    base_order = ("id", "desc")
    show_columns = [
        "kind", "organisation", "invoice", "scheduled_payment", "absence_claim", "one_off_payment", "recovery", "run",
        "written_at",
    ]  # fmt: skip
    related_views = [JournalEntryView]
