"""What the columns of a provider's own tables are is remembered by their headings; a file keeps which match read it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None

SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
STATES = ("waiting", "checking", "columns to match", "checked", "applying", "done", "refused", "failed")
# Colleagues share a match, also those who are limited to services: it says nothing of anybody in care.
RIGHTS = """
ALTER TABLE column_match ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON column_match TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON column_match TO portal_council USING (true);
GRANT SELECT, INSERT, UPDATE ON column_match TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON column_match TO portal_council;
GRANT USAGE ON SEQUENCE column_match_id_seq TO portal_web, portal_council;
"""


def upgrade() -> None:
    """Add the table, and to a file what its own table looks like and which match read it."""
    kind = sa.Enum("visit", "day", "week", name="rowkind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "column_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("row_kind", kind, nullable=False),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in ("headings", "columns", "words")),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_by_id", sa.Integer()),
        sa.Column("forgotten_at", sa.DateTime(timezone=True)),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_column_match_named")),
        sa.CheckConstraint("char_length(name) <= 80", name=op.f("ck_column_match_name_length")),
        sa.ForeignKeyConstraint(["made_by_id"], ["ab_user.id"], name=op.f("fk_column_match_made_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_column_match_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_match")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_column_match_organisation_id_id")),
    )
    op.create_index(op.f("ix_column_match_organisation_id"), "column_match", ["organisation_id"])
    op.create_index(
        "uq_column_match_in_force", "column_match", ["organisation_id", "fingerprint"], unique=True,
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )  # fmt: skip
    op.execute(RIGHTS)
    for change, rows in SEES.items():
        op.execute(
            f"CREATE TRIGGER column_match_audit_{change} AFTER {change} ON column_match REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
        )
    op.add_column("upload", sa.Column("own_table", postgresql.JSONB()))
    op.add_column("upload", sa.Column("match_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_upload_organisation_id_match_id"), "upload", "column_match",
        ["organisation_id", "match_id"], ["organisation_id", "id"],
    )  # fmt: skip
    op.create_index(op.f("ix_upload_match_id"), "upload", ["match_id"])
    _set_states(STATES)


def _set_states(states: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_upload_uploadstate"), "upload")
    words = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_upload_uploadstate"), "upload", f"state IN ({words})")


def downgrade() -> None:
    """Forget all matches; a file that waits for one is refused, as before there were any."""
    op.execute("UPDATE upload SET state = 'refused' WHERE state = 'columns to match'")
    _set_states(tuple(state for state in STATES if state != "columns to match"))
    op.drop_column("upload", "match_id")
    op.drop_column("upload", "own_table")
    op.drop_table("column_match")
