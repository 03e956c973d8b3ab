"""Typed fields have a length, references are plain and unique whatever their case and blanks, an administrator stays.

Names of three thousand letters, references like =1+1 and two that differed by a blank could be stored. Where such a
record is there already, bringing the database up stops with a sentence that names it; nothing has been changed then.
"""

from alembic import op
from sqlalchemy import text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# table: its columns, each with its most characters
LENGTHS = {
    "organisation": "reference 40 name 200 address 500 postcode 10 phone 40 email 254",
    "service": "name 200 service_type 500 address 500 postcode 10 phone 40 cqc_location 40",
    "contact": "name 200 job 200 phone 40 email 254",
    "person": "reference 40 name 200",
    "element": "name 200",
    "sector": "name 200",
    "team": "name 200 email 254 phone 40",
    "contract_document": "reference 40 terms 50000 rejected_reason 7500",
    "line_item": "reference 40",
    "document_version": "rejected_reason 7500",
    "plan": "reason 500",
    "rate": "reason 500",
    "proposal": "note 7500 reason 7500",
    "hold": "reason 500",
    "paper_order": "reference 40 service_name 200 person_reference 40 person_name 200 element_name 200",
    "one_off_payment": "reason 500",
    "announcement": "title 200 body 7500",
    "policy_setting": "value 7500 why 500",
    "invoice": "own_reference 500 rejected_reason 7500 dispute_reason 7500",
    "absence_claim": "notified_to 500 comment 7500 refused_reason 7500",
    "aborted_visit": "informed 500 reason 7500 comment 7500",
    "actual": "reason 7500 comment 7500",
    "exception_check": "decision_reason 7500",
    "conversation": "subject 500 closed_reason 7500",
    "message": "body 100000",
}
PLAIN = (
    ("organisation", "reference"), ("service", "cqc_location"), ("person", "reference"),
    ("contract_document", "reference"), ("line_item", "reference"), ("paper_order", "reference"),
    ("paper_order", "person_reference"),
)  # fmt: skip
# Two of these with the same words are the same record, whatever their case and blanks.
ALIKE = (
    ("organisation", "reference"), ("person", "reference"), ("contract_document", "reference"),
    ("line_item", "reference"), ("paper_order", "reference"), ("element", "name"), ("sector", "name"), ("team", "name"), ("service", "name"),
)  # fmt: skip

SAME_KEY = """
CREATE FUNCTION same_key(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT lower(regexp_replace(words, '[[:space:]]+', '', 'g'))
$$
"""

INDEXES = (
    "CREATE INDEX ix_audit_event_by_at ON audit_event (at, id)",
    "CREATE INDEX ix_organisation_reference_begins ON organisation (folded(reference) text_pattern_ops)",
    "CREATE INDEX ix_service_name_parts ON service USING gin (folded(name) gin_trgm_ops)",
    "CREATE INDEX ix_ab_user_last_name_parts ON ab_user USING gin (folded(last_name) gin_trgm_ops)",
    "CREATE INDEX ix_ab_user_email_parts ON ab_user USING gin (folded(email) gin_trgm_ops)",
)

# Changes of teams left no trace.
TEAM = tuple(
    f"CREATE TRIGGER team_audit_{change} AFTER {change} ON team REFERENCING {rows} FOR EACH STATEMENT"
    " EXECUTE FUNCTION keep_audit()"
    for change, rows in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    )
)

# When the transaction ends, so that somebody's roles can be changed in any order.
ADMINISTRATOR = """
CREATE FUNCTION an_administrator_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  administrators integer := (SELECT id FROM ab_role WHERE name = 'Administrator');
BEGIN
  IF TG_TABLE_NAME = 'ab_user_role' THEN
    IF OLD.role_id IS DISTINCT FROM administrators THEN RETURN NULL; END IF;
  ELSIF NOT EXISTS (SELECT FROM ab_user_role WHERE user_id = OLD.id AND role_id = administrators) THEN
    RETURN NULL;
  END IF;
  -- One at a time: of two administrators who switch each other off, each would still see the other.
  PERFORM pg_advisory_xact_lock(21772);
  IF NOT EXISTS (SELECT FROM ab_user JOIN ab_user_role ON ab_user_role.user_id = ab_user.id
                 WHERE role_id = administrators AND active AND council) THEN
    RAISE EXCEPTION 'nobody would be left who manages users'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'last_administrator';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ab_user_role_administrator AFTER UPDATE OR DELETE ON ab_user_role
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION an_administrator_stays();
CREATE CONSTRAINT TRIGGER ab_user_administrator AFTER UPDATE OF active, council ON ab_user
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.active AND OLD.council AND NOT (NEW.active AND NEW.council))
  EXECUTE FUNCTION an_administrator_stays();
"""

CONTACT = """
CREATE FUNCTION contact_signed_in() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM ab_user WHERE id = OLD.user_id AND last_login IS NOT NULL) THEN
    RAISE EXCEPTION 'somebody who has signed in is ended, never deleted'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'contact_signed_in';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER contact_signed_in_stays BEFORE DELETE ON contact FOR EACH ROW
  WHEN (OLD.user_id IS NOT NULL) EXECUTE FUNCTION contact_signed_in();
"""


def upgrade() -> None:
    """Hold typed fields to their rules."""
    op.execute(SAME_KEY)
    if conflicts := [*_alike(), *_against_a_rule()]:
        raise RuntimeError("These records have to be changed first; nothing has been done. " + " ".join(conflicts))
    for table, column in ALIKE:
        within = "organisation_id, " if table == "service" else ""
        op.execute(
            f"CREATE UNIQUE INDEX uq_{table}_{column}_alike ON {table} ({within}same_key({column}))"
        )
    for table, column, check, condition in _checks():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column}_{check} CHECK ({condition})")
    for statement in (*INDEXES, *TEAM, ADMINISTRATOR, CONTACT):
        op.execute(statement)


def _checks() -> list[tuple[str, str, str, str]]:
    lengths = [
        (table, column, "length", f"char_length({column}) <= {most}")
        for table, columns in LENGTHS.items()
        for column, most in zip(columns.split()[::2], columns.split()[1::2], strict=True)
    ]
    return [*lengths, *((table, column, "plain", f"{column} !~ '^[-=+@]|[[:space:]]'") for table, column in PLAIN)]


def _alike() -> list[str]:
    """Return a sentence for each few records that would be the same."""
    found = []
    for table, column in ALIKE:
        within = "organisation_id, " if table == "service" else ""
        query = f"SELECT string_agg({column}, ' and ' ORDER BY id) FROM {table} GROUP BY {within}same_key({column}) HAVING count(*) > 1"
        found += [
            f"{table}.{column} differs only by case or blanks: {words}."
            for words in op.get_bind().execute(text(query)).scalars()
        ]
    return found


def _against_a_rule() -> list[str]:
    """Return a sentence for each field in which something stands that no longer can; by id: names are personal."""
    found = []
    for table, column, check, condition in _checks():
        query = text(f"SELECT string_agg(id::text, ', ' ORDER BY id) FROM {table} WHERE NOT ({condition})")
        if ids := op.get_bind().execute(query).scalar():
            wrong = "is too long" if check == "length" else "has a blank in it, or begins with = + - or @"
            found.append(f"{table}.{column} {wrong} in the records with these ids: {ids}.")
    return found


def downgrade() -> None:
    """Let everything stand in a field again."""
    for function in ("contact_signed_in", "an_administrator_stays"):
        op.execute(f"DROP FUNCTION {function} CASCADE")
    for statement in TEAM:
        op.execute(f"DROP TRIGGER {statement.split()[2]} ON team")
    for statement in INDEXES:
        op.execute(f"DROP INDEX {statement.split()[2]}")
    for table, column, check, _ in _checks():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}_{check}")
    for table, column in ALIKE:
        op.execute(f"DROP INDEX uq_{table}_{column}_alike")
    op.execute("DROP FUNCTION same_key")
