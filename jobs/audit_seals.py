"""Every minute: what the audit trail has got since is sealed."""

from datetime import date

from rules.words import counted
from workflows.upkeep.queue import Busy
from workflows.upkeep.seals import seal_events


def run(_due_on: date) -> str:
    """Seal what is not sealed; returns a sentence about it. The seals themselves say when it ran."""
    try:
        sealed = seal_events()
    except Busy:
        return "The audit trail is being sealed."
    return f"{counted(sealed, 'event')} sealed." if sealed else "Everything is sealed."
