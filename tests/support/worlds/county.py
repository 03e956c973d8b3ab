"""A small county, which keeps every promise that the full size has to keep."""

from demonstration import county
from models import db

SMALL = county.County(organisations=12, lines=120, periods=4)


def load_county(owner: county.Owner, size: county.County = SMALL) -> None:
    """Load a county into the database of `owner`. Commits."""
    for step in county.steps(owner, size):
        step.work()
    db.session.rollback()
