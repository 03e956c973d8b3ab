"""Who gave which officer which role, and who took it away, stands in the audit trail.

A role is a row between two tables that says nothing by itself: the trail keeps the name of the role, under the officer.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION keep_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  who integer := nullif(current_setting('app.user', true), '')::integer;
  because text := coalesce(current_setting('app.why', true), '');
  address text := coalesce(current_setting('app.address', true), '');
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO audit_event (user_id, action, record, record_id, before, why, from_address)
    SELECT who, 'deleted', TG_TABLE_NAME, o.user_id, jsonb_build_object('role', coalesce(ab_role.name, o.role_id::text)),
      because, address
    FROM old_rows AS o LEFT JOIN ab_role ON ab_role.id = o.role_id WHERE o.user_id IS NOT NULL ORDER BY o.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO audit_event (user_id, action, record, record_id, after, why, from_address)
    SELECT who, 'added', TG_TABLE_NAME, n.user_id, jsonb_build_object('role', coalesce(ab_role.name, n.role_id::text)),
      because, address
    FROM new_rows AS n LEFT JOIN ab_role ON ab_role.id = n.role_id WHERE n.user_id IS NOT NULL ORDER BY n.id;
  END IF;
  RETURN NULL;
END $$
"""
SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    op.execute(FUNCTION)
    # Nobody hangs it on a table of their own (0007).
    op.execute("REVOKE EXECUTE ON FUNCTION keep_roles() FROM PUBLIC")
    for change, rows in SEES.items():
        op.execute(
            f"CREATE TRIGGER ab_user_role_audit_{change} AFTER {change} ON ab_user_role REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_roles()"
        )


def downgrade() -> None:
    op.execute("DROP FUNCTION keep_roles() CASCADE")
