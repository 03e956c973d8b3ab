"""Forms are carried out once: the same form sent again gets the answer of the first."""

import time
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from models import SentForm, db
from workflows.clock import now

LASTS = timedelta(days=7)
# How a form was answered waits for no disk: a crash within the next moment leaves it claimed, and its answer unknown.
NO_WAIT = func.set_config("synchronous_commit", "off", True)
# From a form's claim to its answer, where what it does is done and it was not ended in the middle.
ANSWERS_IN = timedelta(seconds=10)


@dataclass(frozen=True)
class FirstAnswer:
    """Where the first sending of a form led (empty: its answer was never known), and what it said there."""

    location: str
    notices: list[tuple[str, str]]


def claim(fingerprint: str, user_id: int, organisation_id: int | None) -> FirstAnswer | None:
    """Claim a form for this request, or return how it was answered before; waits for one that is being carried out.

    Commits nothing: the claim is part of what the form does, and goes with it where that is rolled back.
    """
    row = {"fingerprint": fingerprint, "user_id": user_id, "organisation_id": organisation_id, "sent_at": now()}
    new = insert(SentForm).values(row).on_conflict_do_nothing(index_elements=["fingerprint"]).returning(SentForm.id)
    asked = select(SentForm.location, SentForm.notices, SentForm.sent_at).where(SentForm.fingerprint == fingerprint)
    while db.session.scalar(new) is None:
        before = db.session.execute(asked).first()
        if before is None:
            continue  # it was refused just now
        if before.location or now() - before.sent_at > ANSWERS_IN:
            return FirstAnswer(before.location, [(kind, words) for kind, words in before.notices])
        # What it did is stored already, and its answer is being written.
        time.sleep(0.02)
    return None


def answer(fingerprint: str, location: str, notices: list[tuple[str, str]]) -> None:
    """Note how a form was answered; nothing is noted where what it did was rolled back. Commits."""
    # What the form did has committed itself; whatever else is open was not meant to stay.
    db.session.rollback()
    given = {"location": location, "notices": [list(each) for each in notices]}
    db.session.execute(update(SentForm).where(SentForm.fingerprint == fingerprint).values(given).returning(NO_WAIT))
    db.session.commit()


def release(fingerprint: str) -> None:
    """Let a form that was refused be sent again. Commits."""
    db.session.rollback()
    db.session.execute(delete(SentForm).where(SentForm.fingerprint == fingerprint).returning(NO_WAIT))
    db.session.commit()


def forget_old() -> int:
    """Delete what was sent more than a week ago: no page is open longer; return how many forms. Commits."""
    gone = db.session.execute(delete(SentForm).where(SentForm.sent_at < now() - LASTS))
    db.session.commit()
    return int(gone.rowcount)
