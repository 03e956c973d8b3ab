"""A calendar address that is made, renewed or ended leaves a trace, and can be ended."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# The table also counts how often an address is read, which is no change: so a row's trigger on the secret alone, which
# keeps no hash of it.
FEED = """
CREATE FUNCTION keep_feed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, after, why, from_address)
  SELECT nullif(current_setting('app.user', true), '')::integer, coalesce(NEW.organisation_id, OLD.organisation_id),
    CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'DELETE' THEN 'deleted' ELSE 'changed' END, TG_TABLE_NAME,
    coalesce(NEW.id, OLD.id), CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object('made_at', OLD.made_at) END,
    CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object('made_at', NEW.made_at) END,
    coalesce(current_setting('app.why', true), ''), coalesce(current_setting('app.address', true), '');
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION keep_feed() FROM PUBLIC;
CREATE TRIGGER calendar_feed_audit AFTER INSERT OR DELETE OR UPDATE OF token_hash ON calendar_feed
  FOR EACH ROW EXECUTE FUNCTION keep_feed();
GRANT DELETE ON calendar_feed TO portal_web;
"""


def upgrade() -> None:
    """Keep the trace."""
    op.execute(FEED)


def downgrade() -> None:
    """Keep none."""
    op.execute("REVOKE DELETE ON calendar_feed FROM portal_web")
    op.execute("DROP FUNCTION keep_feed() CASCADE")
