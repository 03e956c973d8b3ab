"""Every letter that the portal sends, by its name, under the headings of the page where staff reword them."""

from typing import Final

from rules.letter import Letter
from rules.letters_about_access import ACCESS, BEFORE_GO_LIVE, ORGANISATION
from rules.letters_about_work import CARE, CONVERSATIONS, MONEY

GROUPS: Final[dict[str, dict[str, Letter]]] = {
    "Signing in": ACCESS,
    "Invitations and contacts": BEFORE_GO_LIVE,
    "Details of organisations": ORGANISATION,
    "Contract documents and actuals": CARE,
    "Payments": MONEY,
    "Conversations, announcements and the digest": CONVERSATIONS,
}
LETTERS: Final[dict[str, Letter]] = {name: letter for group in GROUPS.values() for name, letter in group.items()}
