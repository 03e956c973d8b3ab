"""About one week a team has one open conversation at most; when a provider last had a conversation open is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("read_at", sa.DateTime(timezone=True)))
    op.create_index(
        "uq_conversation_open_week",
        "conversation",
        ["actual_id", "team_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )


def downgrade() -> None:
    op.drop_index("uq_conversation_open_week", "conversation")
    op.drop_column("conversation", "read_at")
