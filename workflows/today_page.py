"""What Today shows an officer."""

from dataclasses import dataclass

from models import PortalUser


@dataclass(frozen=True)
class Today:
    """The first page of one officer."""

    officer: PortalUser


def for_officer(officer: PortalUser) -> Today:
    """Return Today for an officer."""
    return Today(officer)
