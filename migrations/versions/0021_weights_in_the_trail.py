"""When the table of modulus weights was loaded, by whom, and how many lines it has stands in the audit trail.

One event for a load, not one for each of its thousand lines.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION keep_load() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO audit_event (user_id, action, record, record_id, after, why, from_address)
  SELECT nullif(current_setting('app.user', true), '')::integer, 'added', TG_TABLE_NAME, min(id),
    jsonb_build_object('lines', count(*)), coalesce(current_setting('app.why', true), ''),
    coalesce(current_setting('app.address', true), '')
  FROM new_rows HAVING count(*) > 0;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    # Nobody hangs it on a table of their own (0007).
    op.execute("REVOKE EXECUTE ON FUNCTION keep_load() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER modulus_weight_audit_insert AFTER INSERT ON modulus_weight REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_load()"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION keep_load() CASCADE")
