"""A conversation can be about a line; a care package that a provider does not find is reported and found again."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
# What was reported stays as it was written, but for the person's reference, by which it is found.
PROMISES = """
CREATE TRIGGER missing_package_stays BEFORE UPDATE ON missing_package FOR EACH ROW
  WHEN (to_jsonb(OLD) - ARRAY['person_reference', 'state', 'line_item_id', 'found_at']
    IS DISTINCT FROM to_jsonb(NEW) - ARRAY['person_reference', 'state', 'line_item_id', 'found_at']
    OR OLD.state = 'found')
  EXECUTE FUNCTION stays_as_it_is();
ALTER TABLE missing_package ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON missing_package TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON missing_package TO portal_council USING (true);
GRANT SELECT, INSERT ON missing_package TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing_package TO portal_council;
GRANT USAGE ON SEQUENCE missing_package_id_seq TO portal_web, portal_council;
"""


def upgrade() -> None:
    op.add_column("conversation", sa.Column("line_item_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_conversation_organisation_id_line_item_id"), "conversation", "line_item",
        ["organisation_id", "line_item_id"], ["organisation_id", "id"],
    )  # fmt: skip
    op.create_index(op.f("ix_conversation_line_item_id"), "conversation", ["line_item_id"])
    _make_missing_package()
    op.execute(PROMISES)
    for change, rows in SEES.items():
        op.execute(
            f"CREATE TRIGGER missing_package_audit_{change} AFTER {change} ON missing_package REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
        )


def _make_missing_package() -> None:
    table = "missing_package"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("person_name", sa.Text(), server_default="", nullable=False),
        sa.Column("born_on", sa.Date()),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Integer()),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("agreed_with", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("paper_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum("reported", "found", name="missingstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reported_by_id", sa.Integer()),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer()),
        sa.Column("found_at", sa.DateTime(timezone=True)),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "person_reference <> '' OR (person_name <> '' AND born_on IS NOT NULL)",
            name=op.f("ck_missing_package_person_is_known_by_something"),
        ),
        sa.CheckConstraint("(state = 'found') = (line_item_id IS NOT NULL)", name=op.f("ck_missing_package_found_as_what")),
        sa.CheckConstraint("(state = 'found') = (found_at IS NOT NULL)", name=op.f("ck_missing_package_found_when")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, other in (("organisation_id", "organisation"), ("element_id", "element"), ("reported_by_id", "ab_user"))
        ),
        *(
            sa.ForeignKeyConstraint(
                ["organisation_id", column], [f"{other}.organisation_id", f"{other}.id"],
                name=op.f(f"fk_{table}_organisation_id_{column}"),
            )
            for column, other in (("service_id", "service"), ("line_item_id", "line_item"), ("conversation_id", "conversation"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )  # fmt: skip
    for column in ("organisation_id", "service_id", "element_id", "conversation_id", "line_item_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_index(
        "uq_missing_package_waiting", table,
        ["organisation_id", sa.text("folded(person_reference)"), sa.text("folded(person_name)"),
         sa.text("coalesce(element_id, 0)")],
        unique=True, postgresql_where=sa.text("state = 'reported'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("missing_package")
    op.drop_column("conversation", "line_item_id")
