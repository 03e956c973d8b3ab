"""Absence claims, made and decided as people do."""

from datetime import date
from typing import Any

from models import AbsenceClaim, LineItem, PortalUser, acting_for, db
from rules.absence_refusal import ClaimEntry
from rules.states import AbsenceReason
from workflows.absences import claim as claims


def nov(day: int) -> date:
    """A day of November 2017."""
    return date(2017, 11, day)


FIRST, LAST = nov(2), nov(12)


def entry(line: LineItem, first: date = FIRST, last: date = LAST, **more: Any) -> ClaimEntry:
    """The claim of the rule's example: in hospital from Thursday 2 to Sunday 12 November 2017."""
    return ClaimEntry(line.id, first, last, **{"reason": AbsenceReason.HOSPITAL} | more)


def make(line: LineItem, user: PortalUser, first: date = FIRST, last: date = LAST, **more: Any) -> AbsenceClaim:
    """Send a claim as its provider."""
    with acting_for(line.organisation_id):
        wanted = entry(line, first, last, **more)
        claim = claims.submit(wanted, user, seen=claims.foresee(wanted).seen).claim
        claim_id = claim.id
    return stored(claim_id)


def stored(claim_id: int) -> AbsenceClaim:
    """The claim as it is in the database now."""
    found: AbsenceClaim = db.session.get_one(AbsenceClaim, claim_id, populate_existing=True)
    return found
