"""What a checked file holds is poured in by COPY; keys that others imply are no longer looked at row by row.

A row whose key to its parent holds the organisation needs no second key to the organisation itself.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IMPLIED = ("actual_version", "exception_check", "upload_finding", "visit")
SAVED_AGAIN = ("actual", "exception_check")
PACKED = ("weeks", "visits")


def upgrade() -> None:
    for table in IMPLIED:
        op.drop_constraint(f"fk_{table}_organisation_id", table, type_="foreignkey")
        op.drop_index(f"ix_{table}_organisation_id", table)
    # A week is saved several times, and its check with it: room for another beside each row spares the indexes.
    for table in SAVED_AGAIN:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")
    # The unique key begins with the line: an index of the line alone finds nothing that it does not.
    op.drop_index("ix_actual_line_item_id", "actual")
    op.drop_column("upload", "accepted")
    for column in PACKED:
        op.add_column("upload", sa.Column(column, sa.LargeBinary()))
        # Written once and read once: to compress it would take longer than to store it.
        op.execute(f"ALTER TABLE upload ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.add_column("upload", sa.Column("aborted", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("upload", sa.Column("held_against", sa.Text(), nullable=False, server_default=""))
    op.alter_column("upload", "aborted", server_default=None)
    # What was packed the old way is checked again.
    op.execute("UPDATE upload SET state = 'waiting', attempts = 0 WHERE state IN ('checked', 'applying')")
    op.execute(
        "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO portal_web', current_database()); END $$"
    )


def downgrade() -> None:
    op.execute("UPDATE upload SET state = 'waiting', attempts = 0 WHERE state IN ('checked', 'applying')")
    op.drop_column("upload", "held_against")
    op.drop_column("upload", "aborted")
    for column in PACKED:
        op.drop_column("upload", column)
    op.add_column("upload", sa.Column("accepted", sa.LargeBinary()))
    op.create_index("ix_actual_line_item_id", "actual", ["line_item_id"])
    for table in SAVED_AGAIN:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
    for table in IMPLIED:
        op.create_index(f"ix_{table}_organisation_id", table, ["organisation_id"])
        op.create_foreign_key(f"fk_{table}_organisation_id", table, "organisation", ["organisation_id"], ["id"])
