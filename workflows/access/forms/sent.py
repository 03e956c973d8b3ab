"""Forms are carried out once: the same form sent again gets the answer of the first."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from models import SentForm, db
from workflows.clock import now

LASTS = timedelta(days=7)
# How a form was answered waits for no disk: a crash within the next moment leaves it claimed, and its answer unknown.
NO_WAIT = func.set_config("synchronous_commit", "off", True)
# From a form's claim to its answer, where what it does is done and it was not ended in the middle.
ANSWERS_IN = timedelta(seconds=10)
_TABLE: Final = cast(Table, SentForm.__table__)
_SENT: Final = _TABLE.c.fingerprint == bindparam("sent")
# Put together once, as every form that is sent asks them: to do so each time took 1 of 14 ms of a small save.
_CLAIM: Final = (
    insert(_TABLE)
    .values({name: bindparam(name) for name in ("fingerprint", "user_id", "organisation_id", "sent_at")})
    .on_conflict_do_nothing(index_elements=["fingerprint"])
    .returning(_TABLE.c.id)
)
_ASK: Final = select(_TABLE.c.location, _TABLE.c.notices, _TABLE.c.sent_at).where(_SENT)
_ANSWER: Final = (
    update(_TABLE).where(_SENT).values(location=bindparam("to"), notices=bindparam("said")).returning(NO_WAIT)
)
_RELEASE: Final = delete(_TABLE).where(_SENT).returning(NO_WAIT)


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
    connection = db.session.connection()
    while connection.scalar(_CLAIM, row) is None:
        before = connection.execute(_ASK, {"sent": fingerprint}).first()
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
    given = {"sent": fingerprint, "to": location, "said": [list(each) for each in notices]}
    db.session.connection().execute(_ANSWER, given)
    db.session.commit()


def release(fingerprint: str) -> None:
    """Let a form that was refused be sent again. Commits."""
    db.session.rollback()
    db.session.connection().execute(_RELEASE, {"sent": fingerprint})
    db.session.commit()


def forget_old() -> int:
    """Delete what was sent more than a week ago: no page is open longer; return how many forms. Commits."""
    gone = db.session.execute(delete(SentForm).where(SentForm.sent_at < now() - LASTS))
    db.session.commit()
    return int(gone.rowcount)
