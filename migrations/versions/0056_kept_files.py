"""The files of a form that could not be saved are kept with it, for a day, encrypted: nobody chooses them again."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the files; signing in may forget those of older forms, so that nobody fills the disk."""
    op.execute("ALTER TABLE kept_form ADD COLUMN files bytea, ADD COLUMN refused boolean NOT NULL DEFAULT false")
    op.execute("GRANT UPDATE (files) ON kept_form TO portal_sign_in")


def downgrade() -> None:
    """Keep no files."""
    op.execute("DELETE FROM kept_form WHERE refused")
    op.execute("ALTER TABLE kept_form DROP COLUMN files, DROP COLUMN refused")
