"""What the main menu shows a contact."""

from dataclasses import dataclass

from models import Contact


@dataclass(frozen=True)
class MainMenu:
    """The main menu of one contact."""

    contact: Contact


def for_contact(contact: Contact) -> MainMenu:
    """Return the main menu of a contact."""
    return MainMenu(contact)
