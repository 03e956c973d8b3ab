"""The audit trail knows its requests, who read whose record and who signed in, and is sealed by a chain of hashes."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

REQUEST = "coalesce(current_setting('app.request', true), '')"
SAFE = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
LOGINS = "portal_web, portal_council, portal_sign_in"

# What reads or signs in has no trigger to note it; the trail itself stays shut to every login.
NOTE = f"""
ALTER TABLE audit_event ADD COLUMN request_id text NOT NULL DEFAULT {REQUEST};
CREATE FUNCTION note_in_trail(what text, of_record text, ids integer[], whereof jsonb, because text) RETURNS void {SAFE} AS $$
BEGIN
  IF what NOT IN ('read', 'exported', 'signed in', 'signed out', 'sign-in refused') THEN
    RAISE EXCEPTION '% is noted by nobody but the database', what USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, after, why, from_address)
  SELECT CASE WHEN what IN ('signed in', 'signed out') THEN each.id
              ELSE nullif(current_setting('app.user', true), '')::integer END, app_organisation(), what, of_record, each.id, whereof,
    because, coalesce(current_setting('app.address', true), '')
  FROM unnest(ids) AS each (id);
END $$;
REVOKE EXECUTE ON FUNCTION note_in_trail FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_in_trail TO {LOGINS};
"""

SEAL = """
CREATE TABLE audit_seal (
  id integer CONSTRAINT pk_audit_seal PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  event_ids integer[] NOT NULL,
  digests bytea NOT NULL,
  before bytea NOT NULL CONSTRAINT uq_audit_seal_before UNIQUE,
  hash bytea NOT NULL CONSTRAINT uq_audit_seal_hash UNIQUE,
  CONSTRAINT ck_audit_seal_digest_each CHECK (length(digests) = 32 * cardinality(event_ids) AND cardinality(event_ids) > 0)
);
CREATE INDEX ix_audit_seal_at ON audit_seal (at);
GRANT SELECT, INSERT ON audit_seal TO portal_council;
ALTER TABLE audit_seal ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON audit_seal TO portal_council USING (true);
CREATE TRIGGER audit_seal_stays BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER audit_seal_not_emptied BEFORE TRUNCATE ON audit_seal EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER audit_event_not_emptied BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION stays_as_it_is();
"""


def upgrade() -> None:
    """Note and seal from here on; what there is already is sealed as it is found."""
    op.execute(NOTE)
    op.execute(SEAL)


def downgrade() -> None:
    """Note changes alone."""
    op.execute("DROP TRIGGER audit_event_not_emptied ON audit_event")
    op.execute("DROP TABLE audit_seal")
    op.execute("DROP FUNCTION note_in_trail(text, text, integer[], jsonb, text)")
    op.execute("ALTER TABLE audit_event DROP COLUMN request_id")
