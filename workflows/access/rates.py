"""Requests are counted by account and network address, in the database: all web processes share the limit."""

from datetime import datetime, timedelta

from flask import g
from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert

from models import SIGN_IN, RateCount, acting_for, db
from rules.rates import RATES
from workflows.access.wrong_tries import network
from workflows.clock import now
from workflows.hashes import hash_token

FORGOTTEN_AFTER = timedelta(days=1)


class TooMany(Exception):
    """Somebody asked for more than their share; `wait` is after how many seconds they may go on."""

    def __init__(self, wait: int) -> None:
        """Keep how long to wait."""
        super().__init__(wait)
        self.wait = wait


def count_request(kind: str) -> None:
    """Count this request of whoever sends it and of where it comes from. Commits.

    Raises TooMany where that is more than `rules/rates.py` allows; it is counted all the same.
    """
    rate, session = RATES[kind], g.get("signed_in")
    counted = [(f"address {network(g.get('acting_address') or '')}", rate.from_address)]
    if session and rate.by_account:
        counted.append((f"account {session.user_id}", rate.by_account))
    _count_all(kind, counted)


def count_email(kind: str, email: str) -> None:
    """Count a request about an e-mail address, kept as a hash, as `count_request` does; whether anybody has it or not.

    Commits. Raises TooMany.
    """
    _count_all(kind, [(f"e-mail {hash_token(email)}", RATES[kind].by_account or 0)])


def _count_all(kind: str, counted: list[tuple[str, int]]) -> None:
    seconds, at = RATES[kind].seconds, now()
    with acting_for(SIGN_IN):
        db.session.execute(delete(RateCount).where(RateCount.began_at < at - FORGOTTEN_AFTER))
        # Always in one order: two requests at the same moment wait for each other instead of locking each other up.
        waits = [_count(kind, who, seconds, most, at) for who, most in sorted(counted)]
        db.session.commit()
    if wait := max(waits):
        raise TooMany(wait)


def _count(kind: str, who: str, seconds: int, most: int, at: datetime) -> int:
    """Return how many seconds are left to wait; 0 where there is no need to."""
    over = RateCount.began_at <= at - timedelta(seconds=seconds)
    requests, began_at = db.session.execute(
        insert(RateCount)
        .values(kind=kind, who=who, began_at=at, requests=1)
        .on_conflict_do_update(
            constraint="uq_rate_count_kind_who",
            set_={
                "requests": case((over, 1), else_=RateCount.requests + 1),
                "began_at": case((over, at), else_=RateCount.began_at),
            },
        )
        .returning(RateCount.requests, RateCount.began_at)
    ).one()
    if requests <= most:
        return 0
    return max(1, seconds - int((at - began_at).total_seconds()))
