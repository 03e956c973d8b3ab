"""What people say about recoveries and findings of a payment run has a length."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

CHECKS = (("recovery", "reason"), ("recovery", "paused_reason"), ("run_finding", "looked_reason"))
MOST = 7500


def upgrade() -> None:
    """Hold each to its length."""
    for table, column in CHECKS:
        name = f"ck_{table}_{column}_length"
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (char_length({column}) <= {MOST})")


def downgrade() -> None:
    """Let them be as long as they like."""
    for table, column in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}_length")
