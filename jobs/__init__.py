"""Jobs: what the portal does by itself. The scheduler says when, the worker carries it out.

`emails`, `periods`, `reminders` and `tidy` are one job each; `tasks` is what a worker can be told to do.
"""

from collections.abc import Callable, Mapping
from datetime import date

from jobs import emails, periods, reminders, tidy

JOBS: Mapping[str, Callable[[date], str]] = {
    "periods": periods.run,
    "emails": emails.run,
    "reminders": reminders.run,
    "tidy": tidy.run,
}
