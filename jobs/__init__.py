"""Jobs: what the portal does by itself. Each module here is one job; the scheduler process runs them at their times."""

from collections.abc import Callable, Mapping
from datetime import date

from jobs import emails, periods

JOBS: Mapping[str, Callable[[date], str]] = {"periods": periods.run, "emails": emails.run}
