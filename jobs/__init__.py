"""Jobs: what the portal does by itself. The scheduler says when, the worker carries it out.

`absence_corrections`, `audit_seals`, `documents`, `emails`, `paper_isos`, `periods`, `reminders`, `retention`,
`scheduled_payments`, `settle_runs` and `tidy` are one job each; `tasks` is what a worker can be told to do.
"""

from collections.abc import Callable, Mapping
from datetime import date

from jobs import (
    absence_corrections,
    audit_seals,
    documents,
    emails,
    paper_isos,
    periods,
    reminders,
    retention,
    scheduled_payments,
    settle_runs,
    tidy,
)

JOBS: Mapping[str, Callable[[date], str]] = {
    "periods": periods.run,
    "emails": emails.run,
    "reminders": reminders.run,
    "tidy": tidy.run,
    "paper-isos": paper_isos.run,
    "documents": documents.run,
    "absence-corrections": absence_corrections.run,
    "scheduled-payments": scheduled_payments.run,
    "settle-runs": settle_runs.run,
    "audit-seals": audit_seals.run,
    "retention": retention.run,
}
