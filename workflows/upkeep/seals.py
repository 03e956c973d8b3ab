"""The audit trail is sealed: a chain of SHA-256 hashes in which nothing can be altered, removed or reordered unseen.

Every minute a job seals what has been committed since: a save waits for nobody and pays for no hash. What happens
within that minute, before it is sealed, could still be altered by the owner of the database. Nor does a chain alone
show that its end was cut off, together with the events: the head is written to the log each time, and
`audit-verify --head` asks whether a head that was noted elsewhere is still in the chain.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import select, text

from models import AuditEvent, AuditSeal, db
from workflows.upkeep.queue import held
from workflows.upkeep.seals_sql import DIGESTS, NEVER_SEALED, UNSEALED

FIRST: Final = bytes(32)
MOST_IN_A_SEAL: Final = 10_000
# No transaction is open for longer: an event of one that was would be reported as never sealed.
LONGEST_OPEN: Final = timedelta(hours=6)
# The action under which retention writes down what events look like once their values are taken out.
EMPTIED: Final = "emptied"

log = logging.getLogger(__name__)


class Verified(NamedTuple):
    """What a look at the whole chain found: sentences of what is wrong, how much there is, and its head in hex."""

    wrong: list[str]
    seals: int
    events: int
    emptied: int
    head: str


def seal_events() -> int:
    """Seal every event that is committed and not sealed; how many. Raises Busy where that is being done. Commits."""
    sealed = 0
    with held("audit seal"):
        while number := _seal_some():
            sealed += number
    return sealed


def _seal_some() -> int:
    asked = {"longest_open": LONGEST_OPEN, "most": MOST_IN_A_SEAL}
    found = db.session.execute(text(UNSEALED), asked).all()
    if found:
        last = db.session.execute(select(AuditSeal.id, AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1)).first()
        number, before = (last.id + 1, bytes(last.hash)) if last else (1, FIRST)
        digests = b"".join(bytes(row.digest) for row in found)
        seal = AuditSeal(
            id=number, event_ids=[row.id for row in found], digests=digests, before=before,
            hash=_hash(number, before, digests),
        )  # fmt: skip
        db.session.add(seal)
        log.info("audit trail sealed: %s events, head %s", len(found), seal.hash.hex())
    db.session.commit()
    return len(found)


def _hash(number: int, before: bytes, digests: bytes) -> bytes:
    return hashlib.sha256(before + number.to_bytes(8, "big") + digests).digest()


def verify_seals(head: str = "") -> Verified:
    """Look at every seal and every event under it; `head` is one that has to be in the chain, in hex."""
    emptied, hashes = _emptied(), {FIRST.hex()}
    wrong: list[str] = []
    seals = events = 0
    before = FIRST
    for seal in db.session.scalars(select(AuditSeal).order_by(AuditSeal.id).execution_options(yield_per=50)):
        seals += 1
        events += len(seal.event_ids)
        wrong += _seal_is_wrong(seal, seals, before)
        wrong += _events_are_wrong(seal, emptied)
        before = bytes(seal.hash)
        hashes.add(before.hex())
        db.session.expunge(seal)
    never = db.session.scalars(text(NEVER_SEALED), {"longest_open": LONGEST_OPEN}).all()
    wrong += [f"Event {key} is under no seal: it was added afterwards, or its seal is gone." for key in never]
    if head and head.lower() not in hashes:
        wrong.append(f"The head {head} is not in the chain: its end was cut off, or it was written anew.")
    return Verified(wrong, seals, events, len(emptied), before.hex())


def _seal_is_wrong(seal: AuditSeal, number: int, before: bytes) -> Iterator[str]:
    if bytes(seal.before) != before:
        yield f"Seal {seal.id} does not follow the seal before it: one was removed, or their order was changed."
    elif seal.hash != _hash(seal.id, seal.before, seal.digests):
        yield f"Seal {seal.id} was altered."
    elif seal.id != number:
        yield f"Seal {seal.id} should be number {number}."


def _events_are_wrong(seal: AuditSeal, emptied: dict[int, str]) -> Iterator[str]:
    found = {row.id: bytes(row.digest) for row in db.session.execute(text(DIGESTS), {"ids": seal.event_ids})}
    for key, digest in seal.digest_of.items():
        if key not in found:
            yield f"Event {key} was removed (seal {seal.id}, of {seal.at:%Y-%m-%d %H:%M} UTC)."
        elif found[key] not in (digest, bytes.fromhex(emptied.get(key, ""))):
            yield f"Event {key} was altered (seal {seal.id}, of {seal.at:%Y-%m-%d %H:%M} UTC)."


def _emptied() -> dict[int, str]:
    """Return what events look like, as hashes in hex, that were emptied when their time was over: latest last."""
    events = select(AuditEvent.after).where(AuditEvent.action == EMPTIED).order_by(AuditEvent.id)
    return {int(key): digest for after in db.session.scalars(events) for key, digest in (after or {}).items()}
