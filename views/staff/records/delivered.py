"""What was delivered: actuals, aborted visits, checks against the exception level, absence claims. Read here only."""

from sqlalchemy import inspect

from models import (
    DAYS,
    AbortedVisit,
    AbsenceClaim,
    AbsenceClaimLine,
    Actual,
    ActualVersion,
    ColumnMatch,
    ExceptionCheck,
    ExceptionDecision,
    TypedOverDay,
)
from rules.aborted_visit import REASONS
from rules.actual import REASONS as WEEKS_REASONS
from views.access.roles import PAYMENTS_AND_BROKERAGE
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords
from views.staff.records.invoices import InvoiceLineView


def _reason(week: Actual | ActualVersion) -> str:
    """Return why a week differs from its plan, in words."""
    return WEEKS_REASONS.get(week.reason, week.reason)


class ExceptionCheckView(RecordView):
    """Checks of weeks against the exception level, with what was decided."""

    datamodel = StaffRecords(ExceptionCheck)
    route_base = "/admin/exception-checks"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Exception checks", "Exception check"
    list_columns = ["actual", "organisation", "planned", "claimed", "allowance", "over", "decided"]
    search_columns = ["over"]
    base_order = ("id", "desc")
    show_columns = [
        "actual", "organisation", "planned", "claimed", "percent", "least_units", "extras_allowed", "allowance", "over",
        "rule", "checked_at", "decided",
    ]  # fmt: skip
    labels = {
        "actual": "Week", "planned": "Planned units", "claimed": "Claimed units", "over": "Over the level",
        "allowance": "Allowance in units", "percent": "Per cent allowed",
        "least_units": "Units always allowed", "decided": "Decision in force",
    }  # fmt: skip


class ExceptionDecisionView(RecordView):
    """Every decision about a week over the exception level, those that a change of its figures voided among them."""

    datamodel = StaffRecords(ExceptionDecision)
    route_base = "/admin/exception-decisions"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Exception decisions", "Exception decision"
    list_columns = [
        "actual", "organisation", "actual_version", "planned", "claimed", "decision", "units", "decided_at",
        "decided_by",
    ]  # fmt: skip
    search_columns = ["decision"]
    base_order = ("id", "desc")
    show_columns = [
        "actual", "organisation", "actual_version", "planned", "claimed", "decision", "units", "reason", "start", "end",
        "decided_at", "decided_by",
    ]  # fmt: skip
    labels = {
        "actual": "Week", "actual_version": "Version decided about", "planned": "Planned units",
        "claimed": "Claimed units", "units": "Approved up to", "start": "Holds from", "end": "Holds until",
    }  # fmt: skip


class ActualVersionView(RecordView):
    """Every version of a week that was ever saved, corrections of invoiced weeks among them."""

    datamodel = StaffRecords(ActualVersion, worked_out={"reason": _reason})
    route_base = "/admin/actual-versions"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Versions of actuals", "Version of a week"
    list_columns = ["actual", "version", "organisation", "delivered", "payable", "state", "saved_at", "saved_by"]
    search_exclude_columns = [each.key for each in inspect(ActualVersion).attrs]  # found from their week
    base_order = ("id", "desc")
    show_columns = [
        "actual", "organisation", "version", "state", *DAYS, "delivered", "planned", "aborted", "aborted_payable",
        "payable", "reason", "comment", "source", "saved_at", "saved_by",
    ]  # fmt: skip
    labels = {
        "actual": "Week", "aborted": "Planned units of aborted visits",
        "aborted_payable": "Payable for aborted visits", "source": "Where the figures came from",
    }  # fmt: skip


class ActualView(RecordView):
    """Actuals by line item and week; providers enter them."""

    datamodel = StaffRecords(Actual, worked_out={"reason": _reason})
    route_base = "/admin/actuals"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Actuals", "Actuals of one week"
    list_columns = [
        "line_item", "organisation", "week_starting", "planned", "delivered", "missed", "extra", "payable", "state",
    ]  # fmt: skip
    search_columns = ["line_item", "organisation", "week_starting", "state"]
    base_order = ("week_starting", "desc")
    show_columns = [
        "line_item", "organisation", "week_starting", "state", *DAYS, "delivered", "planned", "aborted",
        "aborted_payable", "missed", "extra", "payable", "reason", "comment", "changed_at", "changed_by",
        "confirmed_at", "confirmed_by",
    ]  # fmt: skip
    labels = {
        "aborted": "Planned units of aborted visits", "aborted_payable": "Payable for aborted visits",
        "confirmed_at": "Confirmed",
    }  # fmt: skip
    related_views = [ActualVersionView, ExceptionCheckView, ExceptionDecisionView, InvoiceLineView]


class AbortedVisitView(RecordView):
    """Visits that could not take place, with what is payable for them."""

    datamodel = StaffRecords(AbortedVisit)
    route_base = "/admin/aborted-visits"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Aborted visits", "Aborted visit"
    list_columns = ["line_item", "organisation", "visit_date", "planned_minutes", "reason", "planned_units", "payable"]
    search_columns = ["line_item", "organisation", "visit_date", "reason"]
    vocabularies = {"reason": REASONS}
    base_order = ("visit_date", "desc")
    show_columns = [
        "line_item", "organisation", "visit_date", "planned_start", "planned_minutes", "told_at", "arrived_at",
        "waited_minutes", "informed", "reason", "comment", "planned_units", "payable", "rule", "recorded_at",
        "recorded_by",
    ]  # fmt: skip
    labels = {"informed": "Who was informed", "waited_minutes": "Minutes waited"}


class TypedOverDayView(RecordView):
    """Days that have visits out of files and whose figure somebody typed all the same."""

    datamodel = StaffRecords(TypedOverDay)
    route_base = "/admin/typed-over-days"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Days typed over", "Day typed over"
    list_columns = ["line_item", "organisation", "day", "units", "typed_by", "typed_at"]
    search_columns = ["line_item", "organisation", "day"]
    base_order = ("day", "desc")
    show_columns = ["line_item", "organisation", "day", "units", "typed_by", "typed_at"]
    labels = {"units": "Units typed", "typed_by": "Typed by", "typed_at": "Typed"}


class ColumnMatchView(RecordView):
    """How providers' own tables are read: what somebody said their columns are."""

    datamodel = StaffRecords(ColumnMatch)
    route_base = "/admin/column-matches"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Matched columns", "Match of columns"
    list_columns = ["name", "organisation", "row_kind", "made_by", "made_at", "forgotten_at"]
    search_columns = ["organisation", "row_kind"]
    base_order = ("id", "desc")
    show_columns = ["name", "organisation", "row_kind", "columns", "words", "made_by", "made_at", "forgotten_at"]
    labels = {
        "row_kind": "Each row is one", "made_by": "Matched by", "made_at": "Matched", "forgotten_at": "Forgotten",
        "columns": "What each column is", "words": "What words mean",
    }  # fmt: skip


class AbsenceClaimLineView(RecordView):
    """What was approved of absence claims, by week and rate."""

    datamodel = StaffRecords(AbsenceClaimLine)
    route_base = "/admin/absence-claim-lines"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Lines of absence claims", "Line of an absence claim"
    list_columns = ["absence_claim", "organisation", "number", "week_starting", "explained", "units", "rate", "net"]
    search_columns = ["absence_claim", "organisation", "week_starting"]
    base_order = ("id", "desc")
    show_columns = [
        "absence_claim", "organisation", "number", "week_starting", "first_day", "last_day", "planned", "units", "unit",
        "rate", "net", "vat_code", "vat", "gross", "explained", "rule", "kind", "takes_back", "adjusts",
    ]  # fmt: skip
    labels = {
        "number": "Line", "explained": "Days and percentage", "vat_code": "VAT treatment",
        "adjusts": "Line it takes back",
    }  # fmt: skip


class AbsenceClaimView(RecordView):
    """Unplanned absence claims of providers."""

    datamodel = StaffRecords(AbsenceClaim)
    route_base = "/admin/absence-claims"
    group = "Delivered"
    readers = PAYMENTS_AND_BROKERAGE
    list_title, show_title = "Absence claims", "Absence claim"
    list_columns = ["number", "organisation", "line_item", "first_day", "last_day", "state", "units", "net"]
    search_columns = ["number", "organisation", "line_item", "state"]
    base_order = ("number", "desc")
    show_columns = [
        "number", "organisation", "line_item", "first_day", "last_day", "approved_last_day", "reason",
        "notified_on", "notified_to", "comment", "state", "refused_reason", "claimed_net", "units", "net", "vat",
        "gross", "submitted_at", "submitted_by", "decided_at", "decided_by", "corrects",
    ]  # fmt: skip
    labels = {
        "corrects": "Claim it corrects", "refused_reason": "Why it was refused",
        "approved_last_day": "Approved until", "claimed_net": "Claimed",
        "notified_on": "Council told on", "notified_to": "Who was told",
    }  # fmt: skip
    related_views = [AbsenceClaimLineView]
