"""Three logins, each with just what it needs; an organisation's scope is shown by a pass that nobody can make up.

A policy that asks "the council, or the own organisation?" can use no index, and whoever could run SQL in a provider's
session could call itself the council, or another organisation, by one `set_config`. Now `portal_web` sees the rows of the
organisation whose pass it shows, `portal_council` sees everything, and `portal_sign_in`, before anybody is known, what
signing in takes. The pass is the organisation's id with a keyed digest; the key is readable by the owner alone.
"""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LOGINS = ("portal_web", "portal_council", "portal_sign_in")

MADE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
    CREATE ROLE {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO {login};
"""

# A nested digest under two keys (NMAC); 488 bits of chance.
PASS = """
CREATE TABLE scope_key (inner_key bytea NOT NULL, outer_key bytea NOT NULL);
CREATE UNIQUE INDEX uq_scope_key_one_row ON scope_key ((true));
INSERT INTO scope_key SELECT
  sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8')),
  sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8'));

CREATE FUNCTION app_pass(organisation integer) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT organisation || '.' || encode(sha256(outer_key || sha256(inner_key || convert_to(organisation::text, 'UTF8'))), 'hex')
  FROM scope_key
$$;
REVOKE EXECUTE ON FUNCTION app_pass FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_pass TO portal_council;

CREATE OR REPLACE FUNCTION app_organisation() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  shown text := current_setting('app.organisation', true);
  id text := substring(shown FROM '^([0-9]{1,9})\\.');
BEGIN
  RETURN CASE WHEN app_pass(id::integer) = shown THEN id::integer END;
END $$;
REVOKE EXECUTE ON FUNCTION app_organisation FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_organisation TO portal_web;
"""

COUNCIL = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_council;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal_council;
REVOKE INSERT, UPDATE, DELETE ON audit_event, actual_version, alembic_version FROM portal_council;
REVOKE UPDATE, DELETE ON absence_claim_line FROM portal_council;
REVOKE ALL ON scope_key FROM portal_council;
REVOKE ALL ON procrastinate_events, procrastinate_periodic_defers FROM portal_council;
GRANT SELECT, INSERT ON procrastinate_events TO portal_council;
GRANT SELECT, UPDATE ON procrastinate_periodic_defers TO portal_council;
"""
QUEUE = (
    "defer_jobs_v1",
    "fetch_job_v2",
    "finish_job_v1",
    "retry_job_v2",
    "register_worker_v1",
    "unregister_worker_v1",
    "update_heartbeat_v1",
    "prune_stalled_workers_v1",
)

# A provider's session reads who did what by name, and writes nothing about people who sign in, nor what the council sets.
NO_PROVIDERS = ("sign_in", "user_session", "password_reset", "recovery_code", "unknown_address", "audit_event",
                "import_file", "job_run")  # fmt: skip
READ_BY_PROVIDERS = (
    "organisation", "sector", "rollout", "team", "element", "person", "policy_setting", "payment_period", "announcement",
    "line_item", "rate", "hold", "service", "payment_run", "payment_source", "remittance", "remittance_line", "recovery",
    "one_off_payment", "scheduled_payment", "scheduled_payment_line", "paper_order", "alembic_version",
)  # fmt: skip
# A provider answers a document and asks for work to be done; the work itself is the council's.
NOT_FOR_PROVIDERS = """
REVOKE INSERT, DELETE ON contract_document FROM portal_web;
REVOKE UPDATE, DELETE ON email FROM portal_web;
REVOKE INSERT ON absence_claim_line FROM portal_web;
REVOKE UPDATE, DELETE ON procrastinate_jobs FROM portal_web;
REVOKE ALL ON procrastinate_workers, procrastinate_periodic_defers FROM portal_web;
-- To lock a row takes the right to change a column of it: the one that other tables' keys hold fast.
GRANT UPDATE (id) ON line_item TO portal_web;
"""
# Beside the own contacts a provider reads the names of the officers who answered.
USERS = """
ALTER TABLE ab_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON ab_user FOR SELECT TO portal_web
  USING (council OR EXISTS (SELECT FROM contact WHERE contact.user_id = ab_user.id));
CREATE POLICY every_row ON ab_user TO portal_council USING (true);
CREATE POLICY who_may_come_in ON ab_user TO portal_sign_in USING (true);
GRANT SELECT ON ab_user TO portal_web;
"""
# table: what signing in does with it beside reading; columns in brackets.
SIGN_IN_READS = ("ab_user", "ab_role", "ab_user_role", "contact", "organisation", "sector", "rollout", "policy_setting",
                 "user_session", "sign_in", "password_reset", "recovery_code", "unknown_address")  # fmt: skip
SIGN_IN_WRITES = {
    "user_session": "INSERT, UPDATE (last_seen_at, ended_at)",
    "sign_in": "INSERT, UPDATE (token_hash, step, at), DELETE",
    "password_reset": "INSERT, UPDATE (used_at)",
    "recovery_code": "INSERT, UPDATE (used_at), DELETE",
    "unknown_address": "INSERT, UPDATE, DELETE",
    "email": "INSERT, SELECT (id, written_at)",
    "ab_user": "UPDATE (password, must_change_password, code_kind, security_code, totp_secret, totp_last_step,"
    " failed_attempts, locked_until, last_login, login_count)",
}
SIGN_IN_SEQUENCES = ("user_session", "sign_in", "password_reset", "recovery_code", "unknown_address", "email")

POLICIES = "SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public' AND policyname = 'own_rows'"
COUNCIL_OR = "(( SELECT app_council() AS app_council) OR "


def upgrade() -> None:
    for login in LOGINS:
        op.execute(MADE.format(login=login))
    op.execute(PASS)
    for table, rule in _own_rows():
        op.execute(f"DROP POLICY own_rows ON {table}")
        if rule != "false":
            op.execute(f"CREATE POLICY own_rows ON {table} TO portal_web USING ({rule})")
        op.execute(f"CREATE POLICY every_row ON {table} TO portal_council USING (true)")
    op.execute("DROP FUNCTION app_council()")
    op.execute(COUNCIL)
    for function in QUEUE:
        op.execute(f"GRANT EXECUTE ON FUNCTION procrastinate_{function} TO portal_council")
    op.execute(
        "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO portal_council', current_database()); END $$"
    )
    op.execute(f"REVOKE ALL ON {', '.join((*NO_PROVIDERS, *_framework()))} FROM portal_web")
    op.execute(f"REVOKE INSERT, UPDATE, DELETE ON {', '.join(READ_BY_PROVIDERS)} FROM portal_web")
    op.execute(NOT_FOR_PROVIDERS)
    for function in QUEUE[1:]:
        op.execute(f"REVOKE EXECUTE ON FUNCTION procrastinate_{function} FROM portal_web")
    op.execute(USERS)
    _let_sign_in()
    op.execute("GRANT EXECUTE ON FUNCTION organisations_of TO portal_council")


def _own_rows() -> list[tuple[str, str]]:
    """Return each table's rule for an organisation, without the council beside it."""
    found = []
    for table, rule in op.get_bind().execute(text(POLICIES)):
        assert rule.startswith(COUNCIL_OR) and rule.endswith(")"), rule
        found.append((table, rule[len(COUNCIL_OR) : -1]))
    return found


def _framework() -> list[str]:
    """Return the tables of Flask-AppBuilder: who signs in, with which roles."""
    found = op.get_bind().execute(text("SELECT tablename FROM pg_tables WHERE starts_with(tablename, 'ab_')"))
    return list(found.scalars())


def _let_sign_in() -> None:
    op.execute(f"GRANT SELECT ON {', '.join(SIGN_IN_READS)} TO portal_sign_in")
    for table, rights in SIGN_IN_WRITES.items():
        op.execute(f"GRANT {rights} ON {table} TO portal_sign_in")
    op.execute(f"GRANT USAGE ON SEQUENCE {', '.join(f'{table}_id_seq' for table in SIGN_IN_SEQUENCES)} TO portal_sign_in")
    for table in ("contact", "organisation"):
        op.execute(f"CREATE POLICY who_may_come_in ON {table} FOR SELECT TO portal_sign_in USING (true)")
    # Its e-mails are links to choose a password: of no organisation.
    op.execute("CREATE POLICY of_nobody ON email FOR INSERT TO portal_sign_in WITH CHECK (organisation_id IS NULL)")
    # Its id is returned by the statement that writes it, and by no other.
    op.execute("CREATE POLICY just_written ON email FOR SELECT TO portal_sign_in USING (written_at = now())")


BEFORE = """
CREATE FUNCTION app_council() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('app.organisation', true) = '*', false)
$$;
CREATE OR REPLACE FUNCTION app_organisation() RETURNS integer LANGUAGE sql STABLE SECURITY INVOKER AS $$
  SELECT CASE WHEN current_setting('app.organisation', true) ~ '^[0-9]{1,9}$'
              THEN current_setting('app.organisation', true)::integer END
$$;
ALTER FUNCTION app_organisation() RESET search_path;
GRANT EXECUTE ON FUNCTION app_organisation TO PUBLIC;
DROP FUNCTION app_pass(integer);
DROP TABLE scope_key;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_web;
REVOKE INSERT, UPDATE, DELETE ON audit_event, actual_version, alembic_version FROM portal_web;
REVOKE UPDATE, DELETE ON absence_claim_line, procrastinate_events FROM portal_web;
REVOKE INSERT, DELETE ON procrastinate_periodic_defers FROM portal_web;
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM portal_council', current_database()); END $$;
"""


def downgrade() -> None:
    for table in ("contact", "organisation", "ab_user"):
        op.execute(f"DROP POLICY who_may_come_in ON {table}")
    op.execute("DROP POLICY own_rows ON ab_user; DROP POLICY every_row ON ab_user")
    op.execute("ALTER TABLE ab_user DISABLE ROW LEVEL SECURITY")
    op.execute("DROP POLICY of_nobody ON email; DROP POLICY just_written ON email")
    rules = dict(op.get_bind().execute(text(POLICIES)).all())
    everything = op.get_bind().execute(text(POLICIES.replace("own_rows", "every_row"))).all()
    op.execute(BEFORE)
    for table, _ in everything:
        op.execute(f"DROP POLICY every_row ON {table}")
        op.execute(f"DROP POLICY IF EXISTS own_rows ON {table}")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ((SELECT app_council()) OR ({rules.get(table, 'false')}))")
    for function in QUEUE:
        op.execute(f"GRANT EXECUTE ON FUNCTION procrastinate_{function} TO portal_web")
    for login in ("portal_council", "portal_sign_in"):
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {login}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {login}")
        op.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {login}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {login}")
