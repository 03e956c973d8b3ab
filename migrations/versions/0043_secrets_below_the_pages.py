"""Whoever holds a provider's session reads no password of anybody; what signing in keeps has row-level security."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# What a provider's page may know of somebody who answered, or of a colleague.
KNOWN = (
    "id, first_name, last_name, username, email, active, council, must_change_password, given_until, code_kind,"
    " totp_last_step, approval_limit"
)
FRAMEWORKS = "last_login, login_count, fail_login_count, created_on, changed_on, created_by_fk, changed_by_fk"
SIGNING_IN = ("user_session", "sign_in", "password_reset", "recovery_code", "wrong_try", "kept_form",
              "policy_setting")
LINKS = "ALTER TABLE password_reset ADD COLUMN email_id integer CONSTRAINT fk_password_reset_email_id REFERENCES email (id)"


RESETS = """
ALTER TABLE ab_user ADD COLUMN reset_code text, ADD COLUMN reset_until timestamptz;
GRANT UPDATE (reset_code, reset_until) ON ab_user TO portal_sign_in;
"""
SECRETS = """
CREATE OR REPLACE FUNCTION without_secrets(record jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT record - ARRAY['password', 'security_code', 'totp_secret', 'totp_last_step', 'content',
    'failed_attempts', 'login_count', 'sealed'{more}]
$$;
"""


def upgrade() -> None:
    """Shut what stood open below the pages."""
    op.execute(RESETS)
    op.execute(SECRETS.format(more=", 'reset_code'"))
    op.execute("REVOKE SELECT ON ab_user FROM portal_web")
    op.execute(f"GRANT SELECT ({KNOWN}, {FRAMEWORKS}) ON ab_user TO portal_web")
    for table in SIGNING_IN:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY every_row ON {table} TO portal_council USING (true)")
        op.execute(f"CREATE POLICY who_may_come_in ON {table} TO portal_sign_in USING (true)")
    op.execute("CREATE POLICY own_rows ON policy_setting FOR SELECT TO portal_web USING (true)")
    op.execute(LINKS)
    op.execute("CREATE INDEX ix_password_reset_email_id ON password_reset (email_id)")


def downgrade() -> None:
    """Open it again."""
    op.execute(SECRETS.format(more=""))
    op.execute("ALTER TABLE ab_user DROP COLUMN reset_code, DROP COLUMN reset_until")
    op.execute("ALTER TABLE password_reset DROP COLUMN email_id")
    op.execute("DROP POLICY own_rows ON policy_setting")
    for table in SIGNING_IN:
        op.execute(f"DROP POLICY every_row ON {table}; DROP POLICY who_may_come_in ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE SELECT ({KNOWN}, {FRAMEWORKS}) ON ab_user FROM portal_web")
    op.execute("GRANT SELECT ON ab_user TO portal_web")
