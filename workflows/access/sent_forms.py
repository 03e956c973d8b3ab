"""Forms are carried out once: the same form sent again gets the answer of the first."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from models import SentForm, db
from workflows.clock import now

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Answered:
    """Where the first sending of a form led (empty: its answer was never known), and what it said there."""

    location: str
    notices: list[tuple[str, str]]


def claim(fingerprint: str, user_id: int, organisation_id: int | None) -> Answered | None:
    """Claim a form for this request, or return how it was answered before; waits for one that is being carried out.

    Commits nothing: the claim is part of what the form does, and goes with it where that is rolled back.
    """
    row = {"fingerprint": fingerprint, "user_id": user_id, "organisation_id": organisation_id, "sent_at": now()}
    new = insert(SentForm).values(row).on_conflict_do_nothing(index_elements=["fingerprint"]).returning(SentForm.id)
    if db.session.scalar(new) is not None:
        return None
    before = db.session.execute(
        select(SentForm.location, SentForm.notices).where(SentForm.fingerprint == fingerprint)
    ).first()
    return Answered(before[0], [(kind, words) for kind, words in before[1]]) if before else Answered("", [])


def answer(fingerprint: str, location: str, notices: list[tuple[str, str]]) -> None:
    """Note how a form was answered; nothing is noted where what it did was rolled back. Commits."""
    # What the form did has committed itself; whatever else is open was not meant to stay.
    db.session.rollback()
    given = {"location": location, "notices": [list(each) for each in notices]}
    db.session.execute(update(SentForm).where(SentForm.fingerprint == fingerprint).values(given))
    db.session.commit()


def release(fingerprint: str) -> None:
    """Let a form that was refused be sent again. Commits."""
    db.session.rollback()
    db.session.execute(delete(SentForm).where(SentForm.fingerprint == fingerprint))
    db.session.commit()


def forget_old() -> int:
    """Delete what was sent more than a week ago: no page is open longer; return how many forms. Commits."""
    gone = db.session.execute(delete(SentForm).where(SentForm.sent_at < now() - LASTS))
    db.session.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined]
