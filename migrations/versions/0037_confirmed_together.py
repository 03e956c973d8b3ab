"""Weeks confirmed all together can be undone, and each of both stands in the history of its week."""

from alembic import op

revision = "0037"
down_revision = "0039"
branch_labels = None
depends_on = None

FIGURES = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("delivered", "planned", "aborted", "aborted_payable", "payable", "reason", "comment"),
)
UNDONE = "Confirmation undone"


def _row(of: str) -> str:
    return f"({', '.join(f'{of}.{name}' for name in FIGURES)})"


def _kept(saved_at: str, rows: str) -> str:
    return f"""
    INSERT INTO actual_version (organisation_id, actual_id, version, state, {", ".join(FIGURES)}, source, saved_at, saved_by_id, aborted_days)
    SELECT n.organisation_id, n.id, n.version, n.state, {", ".join(f"n.{name}" for name in FIGURES)},
      coalesce(nullif(n.source, ''), current_setting('app.why', true), ''), {saved_at},
      coalesce(nullif(current_setting('app.user', true), '')::integer, n.changed_by_id),
      CASE WHEN n.aborted_payable > 0 THEN aborted_days(n.line_item_id, n.week_starting) END
    FROM {rows} ORDER BY n.id;"""


def _keep_versions(also: str) -> str:
    """Return the function that keeps versions, with what else makes one though the figures are the same."""
    differs = f"""({_row("o")} IS DISTINCT FROM {_row("n")} OR n.version > o.version AND n.aborted_payable > 0
      AND aborted_days(n.line_item_id, n.week_starting) IS DISTINCT FROM
        (SELECT last.aborted_days FROM actual_version AS last WHERE last.actual_id = n.id ORDER BY last.version DESC LIMIT 1){also})"""
    joined = f"new_rows AS n JOIN old_rows AS o ON o.id = n.id WHERE {differs}"
    moment = "CASE WHEN n.changed_at = o.changed_at THEN now() ELSE n.changed_at END"
    return f"""
CREATE OR REPLACE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    {_kept("n.changed_at", "new_rows AS n")}
  ELSE
    {_kept(moment, joined)}
  END IF;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Keep a version where a confirmation is undone, and where the week is saved after that, with the same figures."""
    op.execute(_keep_versions(f" OR n.version > o.version AND '{UNDONE}' IN (o.source, n.source)"))


def downgrade() -> None:
    """Keep none where the figures stay the same."""
    op.execute(_keep_versions(""))
