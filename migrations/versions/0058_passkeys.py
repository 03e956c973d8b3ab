"""Passkeys as a second step of signing in; a changed password leaves a trace that says nothing of it.

The login of the sign-in pages sees and changes the passkeys of the person it acts for alone: who that is, the
transaction says, as it does for the trail.
"""

from alembic import op

revision = "0058"
down_revision = "0062"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE passkey (
  id serial CONSTRAINT pk_passkey PRIMARY KEY,
  user_id integer NOT NULL CONSTRAINT fk_passkey_user_id REFERENCES ab_user (id) ON DELETE CASCADE,
  name text NOT NULL,
  credential_id bytea NOT NULL CONSTRAINT uq_passkey_credential_id UNIQUE,
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL DEFAULT 0,
  added_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  CONSTRAINT ck_passkey_name_length CHECK (char_length(name) <= 200),
  CONSTRAINT ck_passkey_credential_id CHECK (length(credential_id) BETWEEN 1 AND 1023),
  CONSTRAINT ck_passkey_sign_count CHECK (sign_count >= 0)
);
CREATE INDEX ix_passkey_user_id ON passkey (user_id);
CREATE TABLE passkey_challenge (
  id serial CONSTRAINT pk_passkey_challenge PRIMARY KEY,
  user_id integer NOT NULL CONSTRAINT fk_passkey_challenge_user_id REFERENCES ab_user (id) ON DELETE CASCADE,
  sign_in_id integer CONSTRAINT fk_passkey_challenge_sign_in_id REFERENCES sign_in (id) ON DELETE CASCADE,
  session_id integer CONSTRAINT fk_passkey_challenge_session_id REFERENCES user_session (id) ON DELETE CASCADE,
  purpose varchar(40) NOT NULL,
  challenge bytea NOT NULL CONSTRAINT uq_passkey_challenge_challenge UNIQUE,
  made_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT ck_passkey_challenge_one_browser CHECK (num_nonnulls(sign_in_id, session_id) = 1),
  CONSTRAINT ck_passkey_challenge_passkeypurpose CHECK (purpose IN ('sign in', 'add a passkey', 'confirm a step'))
);
CREATE INDEX ix_passkey_challenge_user_id ON passkey_challenge (user_id);
CREATE INDEX ix_passkey_challenge_sign_in_id ON passkey_challenge (sign_in_id);
CREATE INDEX ix_passkey_challenge_session_id ON passkey_challenge (session_id);
"""
# An officer proves who they are again within the council's work, and takes passkeys away with a security code; the
# council makes none.
RIGHTS = """
GRANT SELECT, INSERT, UPDATE (sign_count, last_used_at), DELETE ON passkey TO portal_sign_in;
GRANT SELECT, INSERT, DELETE ON passkey_challenge TO portal_sign_in;
GRANT USAGE ON SEQUENCE passkey_id_seq, passkey_challenge_id_seq TO portal_sign_in;
GRANT SELECT, UPDATE (sign_count, last_used_at), DELETE ON passkey TO portal_council;
GRANT SELECT, DELETE ON passkey_challenge TO portal_council;
"""
ROWS = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON {table} TO portal_council USING (true);
CREATE POLICY own_person ON {table} TO portal_sign_in
  USING (user_id = nullif(current_setting('app.user', true), '')::integer);
"""
# How often a passkey was used is no change: so no trigger on that.
TRAIL = """
CREATE OR REPLACE FUNCTION without_secrets(record jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT record - ARRAY['password', 'security_code', 'totp_secret', 'totp_last_step', 'content',
    'failed_attempts', 'login_count', 'sealed', 'reset_code'{more}]
$$;
"""
TRIGGERS = """
CREATE TRIGGER passkey_audit_insert AFTER INSERT ON passkey REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
CREATE TRIGGER passkey_audit_delete AFTER DELETE ON passkey REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

CREATE FUNCTION keep_password() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO audit_event (user_id, action, record, record_id, why, from_address)
  VALUES (nullif(current_setting('app.user', true), '')::integer, 'password changed', TG_TABLE_NAME, NEW.id,
    coalesce(current_setting('app.why', true), ''), coalesce(current_setting('app.address', true), ''));
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION keep_password() FROM PUBLIC;
CREATE TRIGGER ab_user_audit_password AFTER UPDATE OF password ON ab_user FOR EACH ROW
  WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION keep_password();
"""


def upgrade() -> None:
    """Make room for passkeys, and keep the trace of passwords."""
    op.execute(TABLES)
    op.execute(RIGHTS)
    for table in ("passkey", "passkey_challenge"):
        op.execute(ROWS.format(table=table))
    op.execute(TRAIL.format(more=", 'credential_id', 'public_key', 'sign_count'"))
    op.execute(TRIGGERS)


def downgrade() -> None:
    """Everybody signs in with a code again."""
    op.execute("DROP FUNCTION keep_password() CASCADE")
    op.execute("DROP TABLE passkey_challenge; DROP TABLE passkey")
    op.execute(TRAIL.format(more=""))
