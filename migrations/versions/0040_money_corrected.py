"""What was finalised stays, asked once for a statement: for each line it took a third of writing a county's payments."""

from alembic import op

revision = "0040"
down_revision = "0034"
branch_labels = None
depends_on = None

LINE = "scheduled_payment_line"
# An update may neither change a line of a finalised payment nor move one there.
SEES = {
    "insert": ("INSERT", "NEW"),
    "changed": ("UPDATE", "OLD"),
    "moved": ("UPDATE", "NEW"),
    "delete": ("DELETE", "OLD"),
}
LINES_STAY = """
CREATE FUNCTION scheduled_lines_stay() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM scheduled_payment WHERE state <> 'preview'
      AND id IN (SELECT scheduled_payment_id FROM changed_rows)) THEN
    RAISE EXCEPTION 'the scheduled payment has been finalised' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
EACH_LINE_STAYS = """
CREATE TRIGGER scheduled_payment_line_stays BEFORE INSERT OR UPDATE OR DELETE ON scheduled_payment_line
  FOR EACH ROW EXECUTE FUNCTION scheduled_line_stays();
"""


def upgrade() -> None:
    """Look at many lines at once."""
    op.execute(f"DROP TRIGGER scheduled_payment_line_stays ON {LINE}")
    op.execute(LINES_STAY)
    for name, (change, rows) in SEES.items():
        op.execute(
            f"CREATE TRIGGER {LINE}_{name}_stays AFTER {change} ON {LINE} REFERENCING {rows} TABLE AS changed_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION scheduled_lines_stay()"
        )


def downgrade() -> None:
    """Look at each line."""
    for name in SEES:
        op.execute(f"DROP TRIGGER {LINE}_{name}_stays ON {LINE}")
    op.execute("DROP FUNCTION scheduled_lines_stay")
    op.execute(EACH_LINE_STAYS)
