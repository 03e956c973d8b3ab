"""Announcements have an audience, may tell of a widespread problem, are ended at once, and are put away once read.

A provider's login sees those that are for its organisation; signing in sees those of widespread problems alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

AUDIENCES = ("everybody", "sector", "organisations", "staff")
FILL = """
INSERT INTO announcement_organisation (announcement_id, organisation_id)
SELECT id, organisation_id FROM announcement WHERE organisation_id IS NOT NULL;
UPDATE announcement SET audience = CASE WHEN organisation_id IS NOT NULL THEN 'organisations'
                                        WHEN sector_id IS NOT NULL THEN 'sector' ELSE 'everybody' END;
"""
RIGHTS = """
GRANT SELECT ON announcement_organisation TO portal_web;
GRANT SELECT, INSERT ON announcement_read TO portal_web;
GRANT SELECT ON announcement TO portal_sign_in;
GRANT SELECT, INSERT, UPDATE, DELETE ON announcement_organisation, announcement_read TO portal_council;
GRANT USAGE ON SEQUENCE announcement_organisation_id_seq TO portal_council;
GRANT USAGE ON SEQUENCE announcement_read_id_seq TO portal_web, portal_council;
ALTER TABLE announcement_organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE announcement_read ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON announcement_organisation TO portal_council USING (true);
CREATE POLICY every_row ON announcement_read TO portal_council USING (true);
CREATE POLICY own_rows ON announcement_organisation TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY own_rows ON announcement_read TO portal_web USING (organisation_id = (SELECT app_organisation()));
-- Of organisations a provider's login sees its own alone, and so of the sectors and of the lists.
CREATE POLICY own_rows ON announcement FOR SELECT TO portal_web USING (
  audience = 'everybody'
  OR (audience = 'sector' AND EXISTS (SELECT FROM organisation WHERE organisation.sector_id = announcement.sector_id))
  OR (audience = 'organisations'
      AND EXISTS (SELECT FROM announcement_organisation AS of WHERE of.announcement_id = announcement.id)));
CREATE POLICY widespread ON announcement FOR SELECT TO portal_sign_in USING (widespread);
"""


def upgrade() -> None:
    audience = sa.Enum(*AUDIENCES, name="audience", native_enum=False, create_constraint=True, length=40)
    op.add_column("announcement", sa.Column("audience", audience, server_default="everybody", nullable=False))
    for name in ("widespread", "for_staff", "by_email"):
        op.add_column("announcement", sa.Column(name, sa.Boolean(), server_default="false", nullable=False))
    op.add_column("announcement", sa.Column("ended_at", sa.DateTime(timezone=True)))
    _make("announcement_organisation", sa.Column("organisation_id", sa.Integer(), nullable=False))
    _make(
        "announcement_read",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_announcement_read_user_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_announcement_read_user_id"), "announcement_read", ["user_id"])
    op.create_unique_constraint(
        op.f("uq_announcement_organisation_announcement_id_organisation_id"), "announcement_organisation",
        ["announcement_id", "organisation_id"],
    )  # fmt: skip
    op.create_unique_constraint(
        op.f("uq_announcement_read_announcement_id_user_id_organisation_id"), "announcement_read",
        ["announcement_id", "user_id", "organisation_id"], postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.execute(FILL)
    op.execute("DROP POLICY own_rows ON announcement")
    op.drop_constraint(op.f("ck_announcement_one_audience"), "announcement")
    op.drop_column("announcement", "organisation_id")
    op.create_check_constraint(
        op.f("ck_announcement_of_sector"), "announcement", "(audience = 'sector') = (sector_id IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_announcement_widespread_is_for_everybody"), "announcement", "NOT widespread OR audience = 'everybody'"
    )
    op.execute(RIGHTS)


def _make(table: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f(f"fk_{table}_announcement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f(f"fk_{table}_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])


def downgrade() -> None:
    for policy in ("own_rows", "widespread"):
        op.execute(f"DROP POLICY {policy} ON announcement")
    op.execute("REVOKE SELECT ON announcement FROM portal_sign_in")
    op.add_column("announcement", sa.Column("organisation_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_announcement_organisation_id"), "announcement", "organisation", ["organisation_id"], ["id"]
    )
    op.create_index(op.f("ix_announcement_organisation_id"), "announcement", ["organisation_id"])
    # What was for several, or for officers alone, has no place any more.
    op.execute(
        "UPDATE announcement SET organisation_id = (SELECT min(organisation_id) FROM announcement_organisation"
        " WHERE announcement_id = announcement.id)"
    )
    op.execute(
        "DELETE FROM announcement WHERE audience = 'staff' OR (audience = 'organisations' AND organisation_id IS NULL)"
    )
    op.drop_table("announcement_read")
    op.drop_table("announcement_organisation")
    for name in ("ck_announcement_of_sector", "ck_announcement_widespread_is_for_everybody"):
        op.drop_constraint(name, "announcement")
    for column in ("audience", "widespread", "for_staff", "by_email", "ended_at"):
        op.drop_column("announcement", column)
    op.create_check_constraint(
        op.f("ck_announcement_one_audience"), "announcement", "num_nonnulls(sector_id, organisation_id) <= 1"
    )
    op.execute(
        "CREATE POLICY own_rows ON announcement TO portal_web"
        " USING ((organisation_id IS NULL OR organisation_id = (SELECT app_organisation())) AND (sector_id IS NULL"
        " OR EXISTS (SELECT FROM organisation WHERE organisation.sector_id = announcement.sector_id)))"
    )
