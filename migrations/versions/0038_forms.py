"""Nothing typed is lost: a form that could not be saved is kept for a day; one that is sent again is not done again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0039"
branch_labels = None
depends_on = None

OWN = "organisation_id = (SELECT app_organisation())"
RIGHTS = f"""
-- What was typed is kept before anybody is known, and read by the pages of the person it is for; both through this login.
GRANT SELECT, INSERT, UPDATE (kept_at), DELETE ON kept_form TO portal_sign_in;
GRANT SELECT, INSERT, UPDATE, DELETE ON kept_form TO portal_council;
GRANT USAGE ON SEQUENCE kept_form_id_seq TO portal_sign_in, portal_council;
ALTER TABLE sent_form ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON sent_form TO portal_web USING ({OWN});
CREATE POLICY every_row ON sent_form TO portal_council USING (true);
GRANT SELECT, INSERT, UPDATE (location, notices), DELETE ON sent_form TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON sent_form TO portal_council;
GRANT USAGE ON SEQUENCE sent_form_id_seq TO portal_web, portal_council;
"""


def upgrade() -> None:
    _make("kept_form", ("page_hash", "digest", "sealed"), "kept_at", needs_user=False)
    op.create_unique_constraint(op.f("uq_kept_form_digest"), "kept_form", ["digest"])
    op.create_index("ix_kept_form_page_hash", "kept_form", ["page_hash"])
    _make("sent_form", ("fingerprint",), "sent_at", needs_user=True)
    op.add_column("sent_form", sa.Column("location", sa.Text(), server_default="", nullable=False))
    op.add_column("sent_form", sa.Column("notices", postgresql.JSONB(), server_default="[]", nullable=False))
    op.create_unique_constraint(op.f("uq_sent_form_fingerprint"), "sent_form", ["fingerprint"])
    op.create_index("ix_sent_form_sent_at", "sent_form", ["sent_at"])
    op.execute(RIGHTS)


def _make(table: str, texts: tuple[str, ...], at: str, *, needs_user: bool) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=not needs_user),
        sa.Column("organisation_id", sa.Integer()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column(at, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f(f"fk_{table}_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f(f"fk_{table}_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("user_id", "organisation_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    op.drop_table("sent_form")
    op.drop_table("kept_form")
