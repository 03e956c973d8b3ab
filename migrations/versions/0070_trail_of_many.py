"""The trail of a file of many people, and of many documents published at once, takes half the time, and says the same.

Whose organisation a reader acts for was worked out anew for each person of a file: 5 of 7 ms at 500 of them. And each
version of a document was made JSON with its text, which the trail leaves out.
"""

from alembic import op

revision = "0070"
down_revision = "0067"
branch_labels = None
depends_on = None

NOTED = """
CREATE OR REPLACE FUNCTION note_in_trail(what text, of_record text, ids integer[], whereof jsonb, because text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF what NOT IN ('read', 'exported', 'signed in', 'signed out', 'sign-in refused')
    OR session_user = 'portal_web' AND what NOT IN ('read', 'exported') THEN
    RAISE EXCEPTION '% is noted by nobody but the database', what USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, after, why, from_address)
  SELECT CASE WHEN what IN ('signed in', 'signed out') THEN each.id
              ELSE nullif(current_setting('app.user', true), '')::integer END, {organisation}, what, of_record, each.id, whereof,
    because, coalesce(current_setting('app.address', true), '')
  FROM unnest(ids) AS each (id);
END $$;
"""
# As keep_audit, which is for every table: a test holds the columns to those of the table.
VERSIONS = """
CREATE FUNCTION keep_audit_of_versions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off AS $$
DECLARE
  who integer := nullif(current_setting('app.user', true), '')::integer;
  because text := coalesce(current_setting('app.why', true), '');
  address text := coalesce(current_setting('app.address', true), '');
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, after, why, from_address)
    SELECT who, organisation_id, 'added', TG_TABLE_NAME, id, to_jsonb(n), because, address
    FROM (SELECT {columns} FROM new_rows) AS n;
  ELSE
    INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, after, why, from_address)
    SELECT who, organisation_id, 'changed', TG_TABLE_NAME, id, changed.before, changed.after, because, address
    FROM (SELECT n.organisation_id, n.id, to_jsonb(o) AS was, to_jsonb(n) AS is_now
          FROM (SELECT {columns} FROM new_rows) AS n JOIN (SELECT {columns} FROM old_rows) AS o ON o.id = n.id
          OFFSET 0) AS each
    CROSS JOIN LATERAL (SELECT jsonb_object_agg(key, was -> key) AS before, jsonb_object_agg(key, value) AS after
      FROM jsonb_each(is_now) WHERE was -> key IS DISTINCT FROM value) AS changed
    WHERE was <> is_now AND changed.after IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION keep_audit_of_versions FROM PUBLIC;
"""
COLUMNS = (
    "id, document_id, number, state, digest, published_at, proposal_id, answered_at, answered_by_id, signed_digest,"
    " rejected_reason, organisation_id"
)
# What each has to look at.
ROWS = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}


def upgrade() -> None:
    """Ask for the organisation once, and leave the text out before anything is made of it."""
    op.execute(NOTED.format(organisation="(SELECT app_organisation())"))
    op.execute(VERSIONS.format(columns=COLUMNS))
    _hang("keep_audit_of_versions")


def downgrade() -> None:
    """Do as before."""
    _hang("keep_audit")
    op.execute("DROP FUNCTION keep_audit_of_versions")
    op.execute(NOTED.format(organisation="app_organisation()"))


def _hang(function: str) -> None:
    for event, rows in ROWS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER document_version_audit_{event} AFTER {event.upper()} ON document_version"
            f" REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
