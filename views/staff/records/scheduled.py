"""What decides a scheduled payment beside plans and rates: absences that were reported, and what is deducted."""

from models import AbsenceReport, Deduction
from views.access.roles import PAYMENTS_AND_BROKERAGE
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords


class AbsenceReportView(RecordView):
    """Absences that providers reported on scheduled lines."""

    datamodel = StaffRecords(AbsenceReport)
    route_base = "/admin/absence-reports"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Absence reports", "Absence report"
    list_columns = ["line_item", "organisation", "first_day", "last_day", "reason", "reported_at", "withdrawn_at"]
    search_columns = ["line_item", "organisation", "reason"]
    base_order = ("id", "desc")
    show_columns = [
        "line_item", "organisation", "first_day", "last_day", "reason", "notified_on", "notified_to", "comment",
        "reported_at", "reported_by", "withdrawn_at", "withdrawn_by",
    ]  # fmt: skip
    labels = {
        "first_day": "First day", "last_day": "Last day", "reported_at": "Reported", "withdrawn_at": "Withdrawn",
        "notified_on": "Council was told on", "notified_to": "Told to",
    }  # fmt: skip


class DeductionView(RecordView):
    """Contributions and top-ups that changed while their line went on."""

    datamodel = StaffRecords(Deduction)
    route_base = "/admin/deductions"
    group = "Care"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Deductions", "Deduction"
    list_columns = ["line_item", "organisation", "start", "contribution", "top_up", "reason"]
    search_columns = ["line_item", "organisation", "start"]
    base_order = ("id", "desc")
    show_columns = [*list_columns, "proposal"]
    labels = {
        "contribution": "Person’s contribution a week", "top_up": "Third-party top-up a week",
        "proposal": "Confirmed as",
    }  # fmt: skip
