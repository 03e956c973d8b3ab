"""Decisions about weeks over the exception level are rows; a version of a week holds its aborted visits by day.

A decision is tied to the version it was about and stays readable when the figures change: a check only names the one in
force. A version that knows what was payable for aborted visits on each day can be priced again, whatever became of the
visits since.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None

DECISIONS = "('approved as claimed', 'approved up to', 'refused')"
WHICH = ("actual_id", "id", "planned", "claimed")
CHECKS = {
    "decision": f"decision IN {DECISIONS}",
    "why": "reason <> ''",
    "reason_length": "char_length(reason) <= 7500",
    "units_given": "(decision = 'approved up to') = (units IS NOT NULL)",
    "units_between": "units >= planned AND units < claimed",
    "dates": '"end" >= start',
    **{f"{name}_is_a_number": f"{name} <> 'NaN'" for name in ("planned", "claimed", "units")},
}
COLUMNS = ("decision", "decided_units", "decision_reason", "decided_at", "decided_by_id")

# A version whose payable figure the decision made was saved with it, so the one before it was decided about. What an
# earlier decision was, before the figures changed, is known from the audit trail.
ROWS = """
INSERT INTO exception_decision (organisation_id, actual_id, actual_version, planned, claimed, decision, units, reason,
  start, "end", decided_at, decided_by_id)
SELECT actual.organisation_id, actual.id, coalesce(version.version, 1), coalesce(made.planned, version.planned),
  made.claimed, made.decision, made.units, made.reason, actual.week_starting, actual.week_starting + 6, made.decided_at,
  made.decided_by_id
FROM (
  SELECT actual_id, planned, claimed, decision, CASE WHEN decision = 'approved up to' THEN decided_units END AS units,
    decision_reason AS reason, decided_at, decided_by_id
  FROM exception_check WHERE decision IS NOT NULL
  UNION ALL
  SELECT exception_check.actual_id, NULL, (after ->> 'claimed')::numeric, after ->> 'decision',
    CASE WHEN after ->> 'decision' = 'approved up to' THEN (after ->> 'decided_units')::numeric END,
    after ->> 'decision_reason', (after ->> 'decided_at')::timestamptz, (after ->> 'decided_by_id')::integer
  FROM audit_event JOIN exception_check ON exception_check.id = record_id
  WHERE record = 'exception_check' AND after ->> 'decision' IS NOT NULL
    AND (after ->> 'decided_at')::timestamptz IS DISTINCT FROM exception_check.decided_at
) AS made
JOIN actual ON actual.id = made.actual_id
LEFT JOIN LATERAL (
  SELECT version, planned FROM actual_version
  WHERE actual_version.actual_id = actual.id AND saved_at < made.decided_at ORDER BY version DESC LIMIT 1
) AS version ON true
WHERE coalesce(made.planned, version.planned) IS NOT NULL
  AND (made.units IS NULL OR made.units >= coalesce(made.planned, version.planned) AND made.units < made.claimed)
ORDER BY made.decided_at, actual.id;
UPDATE exception_check SET decision_id = exception_decision.id FROM exception_decision
WHERE exception_decision.actual_id = exception_check.actual_id AND exception_check.decision IS NOT NULL
  AND exception_decision.decided_at = exception_check.decided_at;
"""
COLUMNS_AGAIN = """
UPDATE exception_check SET decision = made.decision, decided_units = made.units, decision_reason = made.reason,
  decided_at = made.decided_at, decided_by_id = made.decided_by_id
FROM exception_decision AS made WHERE made.id = decision_id
"""

# portal_web reads decisions; only the council's login makes one.
RIGHTS = """
CREATE TRIGGER exception_decision_stays BEFORE UPDATE OR DELETE ON exception_decision
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER exception_decision_audit_insert AFTER INSERT ON exception_decision REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
GRANT SELECT ON exception_decision TO portal_web;
GRANT SELECT, INSERT ON exception_decision TO portal_council;
GRANT USAGE ON SEQUENCE exception_decision_id_seq TO portal_council;
ALTER TABLE exception_decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON exception_decision TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON exception_decision TO portal_council USING (true);
CREATE POLICY own_services ON exception_decision AS RESTRICTIVE TO portal_web
  USING ((SELECT app_services()) IS NULL OR EXISTS (SELECT FROM actual WHERE actual.id = actual_id));
"""

DEFINER = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# That a decision came into force, or that a change of the figures voided it.
KEEP_DECISION = """
CREATE OR REPLACE FUNCTION keep_decision() {definer} SET enable_nestloop = off AS $$
BEGIN
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, after, why, from_address)
  SELECT nullif(current_setting('app.user', true), '')::integer, n.organisation_id, 'changed', TG_TABLE_NAME, n.id,
    jsonb_build_object({before}), jsonb_build_object({after}),
    coalesce(current_setting('app.why', true), ''), coalesce(current_setting('app.address', true), '')
  FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id
  WHERE ({old}) IS DISTINCT FROM ({new});
  RETURN NULL;
END $$
"""

FIGURES = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("delivered", "planned", "aborted", "aborted_payable", "payable", "reason", "comment"),
)
# By day, Monday first; a week for whose aborted visits nothing is payable has none.
ABORTED_DAYS = """
CREATE FUNCTION aborted_days(line integer, monday date) RETURNS numeric[] LANGUAGE sql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT array_agg(coalesce((SELECT sum(payable) FROM aborted_visit
    WHERE line_item_id = line AND visit_date = monday + day), 0) ORDER BY day) FROM generate_series(0, 6) AS day
$$;
REVOKE EXECUTE ON FUNCTION aborted_days FROM PUBLIC;
"""
KEEP_VERSIONS = """
CREATE OR REPLACE FUNCTION keep_versions() {definer} SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    {inserted}
  ELSE
    {updated}
  END IF;
  RETURN NULL;
END $$
"""
# Versions of before: the visits are known as they are now, so only a version that has as much payable of them.
DAYS_OF_BEFORE = """
ALTER TABLE actual_version DISABLE TRIGGER actual_version_stays;
UPDATE actual_version SET aborted_days = found.days
FROM (SELECT id, aborted_days(line_item_id, week_starting) AS days FROM actual
      WHERE id IN (SELECT actual_id FROM actual_version WHERE aborted_payable > 0)) AS found
WHERE found.id = actual_version.actual_id AND aborted_payable > 0
  AND aborted_payable = (SELECT sum(each) FROM unnest(found.days) AS each);
ALTER TABLE actual_version ENABLE TRIGGER actual_version_stays;
"""


def _row(of: str) -> str:
    return f"({', '.join(f'{of}.{name}' for name in FIGURES)})"


def _versions(days: bool) -> str:
    """Return the function that keeps versions, with the payable units of aborted visits by day or without."""

    def kept(saved_at: str, rows: str) -> str:
        column, value = (", aborted_days", ", CASE WHEN n.aborted_payable > 0 THEN aborted_days(n.line_item_id, n.week_starting) END")
        return f"""
    INSERT INTO actual_version (organisation_id, actual_id, version, state, {", ".join(FIGURES)}, source, saved_at, saved_by_id{column if days else ""})
    SELECT n.organisation_id, n.id, n.version, n.state, {", ".join(f"n.{name}" for name in FIGURES)},
      coalesce(nullif(n.source, ''), current_setting('app.why', true), ''), {saved_at},
      coalesce(nullif(current_setting('app.user', true), '')::integer, n.changed_by_id){value if days else ""}
    FROM {rows} ORDER BY n.id;"""

    differs = f"{_row('o')} IS DISTINCT FROM {_row('n')}"
    if days:
        # A visit that moved to another day, nothing else: its week was saved again, with the same totals.
        differs = f"""({differs} OR n.version > o.version AND n.aborted_payable > 0
      AND aborted_days(n.line_item_id, n.week_starting) IS DISTINCT FROM
        (SELECT last.aborted_days FROM actual_version AS last WHERE last.actual_id = n.id ORDER BY last.version DESC LIMIT 1))"""
    joined = f"new_rows AS n JOIN old_rows AS o ON o.id = n.id WHERE {differs}"
    moment = "CASE WHEN n.changed_at = o.changed_at THEN now() ELSE n.changed_at END"
    return KEEP_VERSIONS.format(definer=DEFINER, inserted=kept("n.changed_at", "new_rows AS n"), updated=kept(moment, joined))


def _audit(names: tuple[str, ...], compared: tuple[str, ...]) -> str:
    before, after = (", ".join(f"'{name}', {row}.{name}" for name in (*names, "claimed")) for row in "on")
    old, new = (", ".join(f"{row}.{name}" for name in compared) for row in "on")
    return KEEP_DECISION.format(definer=DEFINER, before=before, after=after, old=old, new=new)


def upgrade() -> None:
    _table()
    op.add_column("exception_check", sa.Column("decision_id", sa.Integer()))
    op.execute("DROP TRIGGER exception_check_audit ON exception_check")
    op.execute(ROWS)
    op.create_foreign_key(
        "fk_exception_check_actual_id_decision_id_planned_claimed", "exception_check", "exception_decision",
        ["actual_id", "decision_id", "planned", "claimed"], [*WHICH],
    )  # fmt: skip
    # What hangs on the columns goes with them: constraints and indexes.
    for column in COLUMNS:
        op.drop_column("exception_check", column)
    op.execute("DROP INDEX IF EXISTS ix_exception_check_held")
    op.execute("CREATE INDEX ix_exception_check_held ON exception_check (organisation_id, actual_id) WHERE over AND decision_id IS NULL")
    op.execute("CREATE INDEX ix_exception_check_decided ON exception_check (organisation_id, actual_id) WHERE decision_id IS NOT NULL")
    op.execute(_audit(("decision_id",), ("decision_id",)))
    _trigger()
    op.execute(RIGHTS)
    op.add_column("actual_version", sa.Column("aborted_days", sa.ARRAY(sa.Numeric(10, 2))))
    op.execute("ALTER TABLE actual_version ADD CONSTRAINT ck_actual_version_aborted_days CHECK (cardinality(aborted_days) = 7)")
    op.execute(ABORTED_DAYS)
    op.execute(_versions(days=True))
    op.execute(DAYS_OF_BEFORE)
    # Sevenths of a week, as on the lines of a claim.
    op.execute("ALTER TABLE absence_claim ALTER COLUMN units TYPE numeric(14, 6)")


def _table() -> None:
    table = "exception_decision"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("actual_id", sa.Integer(), nullable=False),
        sa.Column("actual_version", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Numeric(10, 2), nullable=False),
        sa.Column("claimed", sa.Numeric(10, 2), nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("units", sa.Numeric(10, 2)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint(*WHICH, name=f"uq_{table}_{'_'.join(WHICH)}"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"],
            name=f"fk_{table}_organisation_id_actual_id",
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=f"fk_{table}_decided_by_id"),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in CHECKS.items()),
    )  # fmt: skip
    op.create_index(f"ix_{table}_by_decision", table, ["decision", "id"])


def _trigger() -> None:
    op.execute(
        "CREATE TRIGGER exception_check_audit AFTER UPDATE ON exception_check REFERENCING OLD TABLE AS old_rows"
        " NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_decision()"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE absence_claim ALTER COLUMN units TYPE numeric(10, 2)")
    op.execute(_versions(days=False))
    op.execute("DROP FUNCTION aborted_days")
    op.drop_column("actual_version", "aborted_days")
    op.execute("DROP TRIGGER exception_check_audit ON exception_check")
    op.execute(
        "ALTER TABLE exception_check ADD decision varchar(40), ADD decided_units numeric(10, 2),"
        " ADD decision_reason text NOT NULL DEFAULT '', ADD decided_at timestamptz, ADD decided_by_id integer"
    )
    op.execute(COLUMNS_AGAIN)
    op.drop_column("exception_check", "decision_id")
    op.drop_table("exception_decision")
    for name, condition in {
        "decision": f"decision IN {DECISIONS}",
        "decided_when": "(decision IS NULL) = (decided_at IS NULL)",
        "decided_why": "decision IS NULL OR decision_reason <> ''",
        "decided_units_between": "decision IS DISTINCT FROM 'approved up to'"
        " OR (decided_units >= planned AND decided_units < claimed)",
        "decided_units_is_a_number": "decided_units <> 'NaN'",
        "decision_reason_length": "char_length(decision_reason) <= 7500",
    }.items():
        op.execute(f"ALTER TABLE exception_check ADD CONSTRAINT ck_exception_check_{name} CHECK ({condition})")
    op.create_foreign_key("fk_exception_check_decided_by_id", "exception_check", "ab_user", ["decided_by_id"], ["id"])
    op.execute("CREATE INDEX ix_exception_check_decision ON exception_check (decision, id) WHERE decision IS NOT NULL")
    op.execute("CREATE INDEX ix_exception_check_held ON exception_check (organisation_id, actual_id) WHERE over AND decision IS NULL")
    op.execute(_audit(COLUMNS, COLUMNS[:3]))
    _trigger()
