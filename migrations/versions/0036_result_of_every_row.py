"""The weeks a file changes and the result of each of its rows are kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

PACKED = ("changes", "rows")


def upgrade() -> None:
    """Add both; a file that was checked before has neither until it is checked again."""
    for column in PACKED:
        op.add_column("upload", sa.Column(column, sa.LargeBinary()))
        # Compressed already: the database is not to try again.
        op.execute(f"ALTER TABLE upload ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Forget them."""
    for column in PACKED:
        op.drop_column("upload", column)
