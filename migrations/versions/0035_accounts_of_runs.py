"""A payment run finds who has no bank account, and nobody can look that away.

It was found out when the bank's file was fetched, after the release.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STOPS = ("no call-back", "on hold", "in dispute")
OTHERS = (
    "over the level", "not accepted", "duplicate", "overlap", "after the end", "after a death", "sudden jump",
    "one account",
)  # fmt: skip
NEW = "no bank account"


def _hold_to(stops: tuple[str, ...]) -> None:
    every = ", ".join(f"'{each}'" for each in (*stops, *OTHERS))
    named = ", ".join(f"'{each}'" for each in stops)
    for name, condition in (
        ("ck_run_finding_runcheck", f"kind IN ({every})"),
        ("ck_run_finding_stops", f"looked_at IS NULL OR kind NOT IN ({named})"),
    ):
        op.execute(f"ALTER TABLE run_finding DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE run_finding ADD CONSTRAINT {name} CHECK ({condition})")


def upgrade() -> None:
    """Let a run find it."""
    _hold_to((NEW, *STOPS))


def downgrade() -> None:
    """Let no run find it."""
    op.execute(f"DELETE FROM run_finding WHERE kind = '{NEW}'")
    _hold_to(STOPS)
