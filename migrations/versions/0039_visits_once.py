"""A visit is known by its line, its time and its carer, whatever its reference; who typed over its day is kept.

References come again: a system may number its rows anew in each file, and two carers share one. So no two visits are
alike in line, time, carer and slot, but for those of before, which are counted as twins: what was paid for them is not
changed here. Days whose figure is not what their visits come to were typed over by whoever saved their week last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0036"
branch_labels = None
depends_on = None

IDENTITY = ("line_item_id", "begins", "carer", "slot", "twin")
TWINS = """
UPDATE visit SET twin = alike.twin FROM (
  SELECT id, row_number() OVER (PARTITION BY line_item_id, begins, carer, slot ORDER BY id) - 1 AS twin FROM visit
) AS alike WHERE alike.id = visit.id AND alike.twin > 0
"""
TYPED_OVER = """
INSERT INTO typed_over_day (organisation_id, line_item_id, day, units, typed_at, typed_by_id)
SELECT actual.organisation_id, actual.line_item_id, sent.day, figure.units, actual.changed_at, actual.changed_by_id
FROM (
  SELECT line_item_id, date_trunc('week', day)::date AS week_starting,
    CASE plan_kind WHEN 'WEEKLY' THEN date_trunc('week', day)::date ELSE day END AS day, plan_kind, sum(units) AS units
  FROM (
    SELECT visit.line_item_id, visit.day, line_item.plan_kind,
      CASE WHEN line_item.unit = 'HOUR' THEN round(sum(counted) / 60.0, 2)
        WHEN line_item.unit IN ('DAY', 'NIGHT') THEN least(1, count(*) FILTER (WHERE outcome = 'DELIVERED'))
        ELSE count(DISTINCT (begins, CASE WHEN carer || slot = '' THEN visit.reference ELSE '' END))
          FILTER (WHERE outcome = 'DELIVERED') END AS units
    FROM visit JOIN line_item ON line_item.id = visit.line_item_id
    GROUP BY visit.line_item_id, visit.day, line_item.unit, line_item.plan_kind) AS by_day
  GROUP BY line_item_id, 2, 3, plan_kind) AS sent
JOIN actual ON actual.line_item_id = sent.line_item_id AND actual.week_starting = sent.week_starting
CROSS JOIN LATERAL (SELECT CASE WHEN sent.plan_kind = 'WEEKLY' THEN actual.delivered
  ELSE (ARRAY[mon, tue, wed, thu, fri, sat, sun])[sent.day - sent.week_starting + 1] END AS units) AS figure
WHERE figure.units <> sent.units
"""
# What a file of visits holds packed until it goes in is laid out in another way now.
CHECKED_BEFORE = """
UPDATE upload SET state = 'refused', weeks = NULL, visits = NULL,
  notices = '["The portal knows visits in a better way since this file was checked. Nothing of it went in: send it again."]'
WHERE visits IS NOT NULL AND state IN ('checked', 'applying')
"""
RIGHTS = """
ALTER TABLE typed_over_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON typed_over_day TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON typed_over_day TO portal_council USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON typed_over_day TO portal_web, portal_council;
GRANT USAGE ON SEQUENCE typed_over_day_id_seq TO portal_web, portal_council;
"""


def upgrade() -> None:
    """Know visits by what they are, and note which of their days were typed over."""
    begins = sa.Computed("coalesce(planned_start, actual_start)", persisted=True)
    op.add_column("visit", sa.Column("begins", sa.DateTime(), begins))
    op.add_column("visit", sa.Column("twin", sa.Integer(), server_default="0", nullable=False))
    op.execute(TWINS)
    op.drop_constraint("uq_visit_organisation_id_reference_slot", "visit", type_="unique")
    op.create_unique_constraint(
        op.f(f"uq_visit_{'_'.join(IDENTITY)}"), "visit", IDENTITY, deferrable=True, initially="IMMEDIATE"
    )
    op.create_index("ix_visit_reference", "visit", ["organisation_id", "reference"])
    op.create_index("ix_visit_carer", "visit", ["organisation_id", "day", "carer"])
    op.add_column("upload_finding", sa.Column("choice", sa.Text(), server_default="", nullable=False))
    _make_typed_over()
    op.execute(TYPED_OVER)
    op.execute(CHECKED_BEFORE)


def _make_typed_over() -> None:
    table = "typed_over_day"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("units", sa.Numeric(10, 2), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("typed_by_id", sa.Integer()),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f(f"ck_{table}_not_negative")),
        sa.CheckConstraint("units <> 'NaN'", name=op.f(f"ck_{table}_units_is_a_number")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"],
            name=op.f(f"fk_{table}_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["typed_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_typed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("line_item_id", "day", name=op.f(f"uq_{table}_line_item_id_day")),
    )  # fmt: skip
    op.create_index(op.f(f"ix_{table}_typed_by_id"), table, ["typed_by_id"])
    op.execute(RIGHTS)


def downgrade() -> None:
    """Know visits by their reference and slot again; the last of those that share both stays."""
    op.drop_table("typed_over_day")
    op.drop_column("upload_finding", "choice")
    for name in ("ix_visit_carer", "ix_visit_reference"):
        op.drop_index(name, "visit")
    op.drop_constraint(op.f(f"uq_visit_{'_'.join(IDENTITY)}"), "visit", type_="unique")
    op.execute(
        "DELETE FROM visit USING visit AS later WHERE later.organisation_id = visit.organisation_id"
        " AND later.reference = visit.reference AND later.slot = visit.slot AND later.id > visit.id"
    )
    op.create_unique_constraint(
        "uq_visit_organisation_id_reference_slot", "visit", ["organisation_id", "reference", "slot"]
    )
    op.drop_column("visit", "twin")
    op.drop_column("visit", "begins")
