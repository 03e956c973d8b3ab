"""A file of many people is one event of the trail with everybody in it: found again from any of them."""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find who is in a file by an index over what was exported alone: changes and readings pay nothing for it."""
    op.execute(
        "CREATE INDEX ix_audit_event_people ON audit_event USING gin ((after -> 'people') jsonb_path_ops)"
        " WHERE action = 'exported'"
    )


def downgrade() -> None:
    """Look through every export."""
    op.execute("DROP INDEX ix_audit_event_people")
