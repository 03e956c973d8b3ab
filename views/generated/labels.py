"""What columns are called, where their own name is not what people say."""

from typing import Final

from models import DAYS
from rules.period import WEEKDAYS

# The words of the field, where a column's own name is not one.
LABELS: Final[dict[str, str]] = {
    "accepted_at": "Accepted", "accepted_by": "Accepted by", "approved_at": "Approved", "arrived_at": "Arrived at",
    "changed_at": "Last changed", "checked_at": "Checked", "closed_at": "Closed", "cqc_location": "CQC location",
    "created_at": "Created", "decided_at": "Decided", "disputed_on": "Disputed", "document": "Contract document",
    "email": "E-mail address", "end": "Ends", "finalise_on": "Finalised on", "finalised_at": "Finalised",
    "filename": "File", "in_hours": "Counted in hours", "issued_on": "Issued", "job": "Job", "line_item": "Line item",
    "net": "Net", "number": "Number", "opened_at": "Opened", "own_reference": "Provider’s own reference",
    "payable": "Payable units", "person": "Person reference", "phone": "Telephone", "plan_kind": "Plan",
    "prepared_at": "Prepared", "published_at": "Published", "rate": "Price per unit", "reason": "Reason",
    "recorded_at": "Recorded", "rejected_at": "Rejected", "released_at": "Released", "run": "Payment run",
    "sent_at": "Sent", "service_type": "Kind of service", "settled_at": "Settled", "start": "Starts",
    "submitted_at": "Submitted", "target_on": "Answer by", "told_at": "Provider was told", "top_up": "Top-up",
    "valid_from": "From", "vat": "VAT", "vat_code": "VAT", "week_starting": "Week starting", "why": "Why",
    "weekly_quantity": "Units a week", "written_at": "Written",
}  # fmt: skip
LABELS.update(zip(DAYS, WEEKDAYS, strict=True))
