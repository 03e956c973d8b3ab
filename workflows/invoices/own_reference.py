"""The provider's own reference: on one live invoice of the organisation, whatever its case and blanks (rules.md 8)."""

from sqlalchemy import select

from models import Invoice, db, same_key
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.text import LONGEST_REFERENCE, refuse_longer, refuse_unseen

FIELD = "own_reference"
UNIQUE = "uq_invoice_own_reference"


def why_not_kept(own_reference: str, organisation_id: int) -> Problem | None:
    """Return what is wrong with an organisation's own reference, at its field; one that is left out is fine."""
    what = "Your own reference"
    wrong = refuse_unseen(own_reference, what) or refuse_longer(own_reference, LONGEST_REFERENCE, what)
    wrong = wrong or (_taken(own_reference, organisation_id) if own_reference else None)
    return wrong.at(FIELD) if wrong else None


def _taken(own_reference: str, organisation_id: int) -> Problem | None:
    first: Invoice | None = db.session.scalar(
        select(Invoice)
        .where(Invoice.organisation_id == organisation_id, Invoice.live, Invoice.own_reference != "")
        .where(same_key(Invoice.own_reference) == same_key(own_reference))
    )
    if first is None or first.received_on is None:
        return None
    wrong = f"Invoice {first}, sent on {uk_date(first.received_on)}, already has your reference {first.own_reference}."
    return Problem(Code.TAKEN, wrong, "Enter another one, or leave it out.")
